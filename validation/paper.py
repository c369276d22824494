"""A paper as data: the tables of a claims file, edited field by field, written as TOML and read back."""

from __future__ import annotations

import json
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from branchpoint.publication.claims.reading import read_claims

if TYPE_CHECKING:
    from collections.abc import Mapping

    from branchpoint.publication.claims import Claims

__all__ = ["Field", "Paper", "Spread"]

Field = object
"""Text, truth, whole number, a list of these, or levels by variable: what a field of a claims file can hold."""


@dataclass(frozen=True, slots=True)
class Spread:
    """An estimate and its standard error, both in percent, before rounding."""

    estimate: float
    standard_error: float
    decimals: int


@dataclass(frozen=True, slots=True)
class Paper:
    """The claims of a synthetic paper.

    Attributes
    ----------
    study : mapping
        Fields of ``[study]``.
    variables, rules, populations : tuple of mapping
        Fields of each.
    claims : mapping of str to mapping
        Fields of each claim by its id, in the order of the paper.
    one_sided : mapping of str to str
        What each P value would print as, had the test been one-sided.
    spreads : mapping of str to Spread
        What each interval was computed from.
    """

    study: Mapping[str, Field]
    variables: tuple[Mapping[str, Field], ...]
    rules: tuple[Mapping[str, Field], ...]
    populations: tuple[Mapping[str, Field], ...]
    claims: Mapping[str, Mapping[str, Field]]
    one_sided: Mapping[str, str]
    spreads: Mapping[str, Spread]

    def edited(self, claim: str, **fields: str) -> Paper:
        """The paper with other printed fields in one claim; the fields must be there."""
        before = self.claims[claim]
        if missing := sorted(set(fields) - set(before)):
            raise KeyError(f"claim {claim!r} prints no {', '.join(missing)}")
        changed = {**self.claims, claim: MappingProxyType({**before, **fields})}
        return replace(self, claims=MappingProxyType(changed))

    @property
    def toml(self) -> str:
        """The text of a ``claims.toml`` of schema 2."""
        parts = ["schema = 2\n", _table("[study]", self.study)]
        for name, tables in (
            ("variable", self.variables),
            ("rule", self.rules),
            ("population", self.populations),
            ("claim", tuple(self.claims.values())),
        ):
            parts += [_table(f"[[{name}]]", table) for table in tables]
        return "\n".join(parts)

    def read(self) -> Claims:
        """The claims as the package reads them.

        Raises
        ------
        ClaimsError
            The reader refuses the paper.
        """
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "claims.toml"
            path.write_text(self.toml, encoding="utf-8")
            return read_claims(path)


def _table(header: str, fields: Mapping[str, Field]) -> str:
    return "\n".join([header, *(f"{name} = {_toml(value)}" for name, value in fields.items())]) + "\n"


def _toml(value: Field) -> str:
    match value:
        case bool():
            return str(value).lower()
        case str() | int() | float():
            return json.dumps(value, ensure_ascii=False)
        case list() | tuple():
            return f"[{', '.join(_toml(item) for item in value)}]"
        case dict():
            return "{ " + ", ".join(f"{name} = {_toml(item)}" for name, item in value.items()) + " }"
        case _:
            raise TypeError(f"no field of a claims file: {value!r}")
