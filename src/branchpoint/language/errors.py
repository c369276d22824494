"""The one error that a protocol raises while it is being written."""

from branchpoint.refused import Refused

__all__ = ["ProtocolError"]


class ProtocolError(Refused, ValueError):
    """A protocol, or a part of one, that cannot mean what it says.

    Parameters
    ----------
    where : str
        The rule, cell or declaration at fault, named as its author named it.
    what : str
        What is wrong with it.
    mend : str
        How to put it right.
    """

    def __init__(self, where: str, what: str, mend: str) -> None:
        super().__init__(f"{where}: {what}. {mend}")
        self.where = where
        self.what = what
        self.mend = mend
