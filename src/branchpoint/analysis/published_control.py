"""A published trial to compare with: its counts and means, read from a file that names the source of each."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from branchpoint.refused import Refused

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Control", "ControlMean", "ControlOutcome", "read_control"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlOutcome:
    """A count that was published.

    Parameters
    ----------
    id, label, source : str
    count, size : int
    baseline : bool
        Whether it describes patients before treatment, so that it is compared and never adjusted.
    printed : tuple of (int, int, float), optional
        What the later trial printed of itself: count, size, and P of the comparison.
    """

    id: str
    label: str
    count: int
    size: int
    source: str
    baseline: bool = False
    printed: tuple[int, int, float] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlMean:
    """A mean or share that patients can be matched on.

    Parameters
    ----------
    id, label, source : str
    column : str
        Of the courses with baseline.
    value : float
    equals : str, optional
        The category counted, where the column is one.
    size : int, optional
        In how many it was known, if not in all.
    """

    id: str
    label: str
    column: str
    value: float
    source: str
    equals: str | None = None
    size: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """A published trial.

    Parameters
    ----------
    name, title : str
    patients : int
    sources, caveats : tuple of str
        Caveats are printed with every comparison.
    outcomes : tuple of ControlOutcome
    means : tuple of ControlMean
    adjustments : tuple of (str, tuple of str)
        Sets of means by id, each under its name.
    """

    name: str
    title: str
    patients: int
    sources: tuple[str, ...]
    caveats: tuple[str, ...]
    outcomes: tuple[ControlOutcome, ...]
    means: tuple[ControlMean, ...]
    adjustments: tuple[tuple[str, tuple[str, ...]], ...]


def read_control(path: Path) -> Control:
    """Read a published trial.

    Raises
    ------
    Refused
        The file is no TOML, or lacks something or has what is not known.
    """
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
        control = Control(
            name=data["name"], title=data["title"], patients=data["patients"], sources=tuple(data["sources"]),
            caveats=tuple(data["caveats"]), outcomes=tuple(map(_outcome, data["outcomes"])),
            means=tuple(ControlMean(**mean) for mean in data["means"]),
            adjustments=tuple((one["name"], tuple(one["means"])) for one in data["adjustments"]),
        )  # fmt: skip
    except tomllib.TOMLDecodeError as wrong:
        raise Refused(f"{path}: found no TOML ({wrong}), expected a published trial") from None
    except KeyError as wrong:
        raise Refused(f"{path}: found no {wrong}, expected one") from None
    except TypeError as wrong:
        raise Refused(f"{path}: {wrong}") from None
    known = {mean.id for mean in control.means}
    for name, wanted in control.adjustments:
        if unknown := set(wanted) - known:
            raise Refused(f"{path}: adjustment {name!r} names {', '.join(sorted(unknown))}, expected ids of [[means]]")
    return control


def _outcome(data: dict[str, Any]) -> ControlOutcome:
    printed = data.pop("printed", None)
    if not 0 <= data["count"] <= data["size"]:
        raise TypeError(f"outcome {data['id']}: found {data['count']} of {data['size']}, expected a count of its size")
    return ControlOutcome(
        **data, printed=None if printed is None else (printed["count"], printed["size"], printed["p"])
    )  # fmt: skip
