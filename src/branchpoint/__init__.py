"""Branchpoint: one executable protocol for trials that branch on response.

The protocol of a trial is written once, in the words of `branchpoint.language`; the same definition
screens patients, judges response, decides where each goes next, and gives the trial's report. Importing
this package loads nothing else.
"""

__all__ = ["__version__"]


def __getattr__(name: str) -> str:
    """Look the version up when it is asked for, so that an import costs nothing."""
    if name == "__version__":
        from importlib.metadata import version

        return version("branchpoint")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
