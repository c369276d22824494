"""Pages: HTML from templates, always escaped, always in one file."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jinja2 import Environment

__all__ = ["render"]


@cache
def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    return Environment(
        loader=PackageLoader("branchpoint.reporting"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def render(template: str, **values: object) -> str:
    """Render a template of ``reporting/templates`` with values, which are escaped.

    Parameters
    ----------
    template : str
        File name.
    **values : object
        What the template shows; a name that it uses and that is not given is an error.
    """
    return _environment().get_template(template).render(**values)
