"""Where in a claims file each table and each of its fields stands, so that a problem can name its line."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

__all__ = ["Lines", "table_lines"]

_HEADER = re.compile(r"\s*\[\[?\s*([\w-]+)\s*(?:\.\s*([\w-]+)[^\]]*)?\]\]?\s*(?:#.*)?$")
_KEY = re.compile(r"""\s*["']?([\w-]+)["']?\s*(?:\.[^=]*)?=\s*(\"{3}|'{3})?""")


@dataclass(slots=True)
class Lines:
    """The line of a table's header, and the lines of its fields."""

    header: int | None = None
    fields: dict[str, int] = field(default_factory=dict)


def table_lines(text: str) -> dict[str, list[Lines]]:
    """Find the tables that have a header of their own, such as ``[[claim]]``, in a TOML file.

    This is no parser: a table that is written inline, or with a header in quotation marks, is not found.

    Parameters
    ----------
    text : str
        The file, with lines that end in a line feed.

    Returns
    -------
    dict of str to list of Lines
        By the name in the header, in the order of the file.
    """
    found: dict[str, list[Lines]] = {}
    current: Lines | None = None
    closing: str | None = None
    for number, line in enumerate(text.split("\n"), 1):
        if closing is not None:
            if closing in line:
                closing = None
        elif header := _HEADER.match(line):
            name, inner = header.groups()
            if inner is None:
                current = Lines(number)
                found.setdefault(name, []).append(current)
            else:
                # A table within a table, such as [claim.event], is a field of the last one.
                if name in found:
                    found[name][-1].fields.setdefault(inner, number)
                current = None
        elif key := _KEY.match(line):
            if current is not None:
                current.fields.setdefault(key[1], number)
            if key[2] and key[2] not in line[key.end() :]:
                closing = key[2]
    return found
