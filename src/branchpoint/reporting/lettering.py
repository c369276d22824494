"""Lettering: how wide text is in a picture, so that it can be wrapped before anyone draws it.

The widths are those of Helvetica, which Arial and Liberation Sans share; a margin covers fonts that run wider.

References
----------
.. [1] Adobe Systems. Adobe Font Metrics for the 14 core fonts: Helvetica and Helvetica-Bold.
"""

from __future__ import annotations

__all__ = ["FONTS", "text_width", "wrap"]

FONTS = "Helvetica, Arial, 'Liberation Sans', sans-serif"
_MARGIN = 1.06
_BOLD = 1.07
_UNKNOWN = 600

# Thousandths of the font size, by the characters that share a width.
_BY_WIDTH = {
    191: "'",
    222: "ijl‘’",
    260: "|",
    278: " \N{NO-BREAK SPACE}!,./:;I[]\\ft",
    333: "()-`r“”°²³¹⁰⁴⁵⁶⁷⁸⁹⁻",
    350: "●",
    389: "*",
    469: "^",
    500: "Jckvxyzs",
    556: "0123456789L_abdeghnopqu$?#–\N{MICRO SIGN}",
    584: "+<=>~≤≥×−",
    611: "FTZ",
    667: "ABEKPSVXY&",
    722: "CDHNRUw",
    778: "GOQ",
    833: "Mm",
    889: "%",
    944: "W",
    1000: "—→",
    1015: "@",
}
_WIDTHS = {character: width for width, characters in _BY_WIDTH.items() for character in characters}


def text_width(text: str, size: float, *, bold: bool = False) -> float:
    """Give the width of a line of text, in the unit of the font size.

    Parameters
    ----------
    text : str
    size : float
        The font size.
    bold : bool
    """
    units = sum(_WIDTHS.get(character, _UNKNOWN) for character in text)
    return units / 1000 * size * _MARGIN * (_BOLD if bold else 1)


def wrap(text: str, width: float, size: float, *, bold: bool = False) -> tuple[str, ...]:
    """Break text into lines that fit a width; a word that does not fit a line is broken too.

    Parameters
    ----------
    text : str
    width, size : float
        In the same unit.
    bold : bool
    """
    lines: list[str] = []
    line = ""
    for word in text.split(" "):
        joined = f"{line} {word}" if line else word
        if text_width(joined, size, bold=bold) <= width:
            line = joined
            continue
        if line:
            lines.append(line)
        line = word
        while text_width(line, size, bold=bold) > width and len(line) > 1:
            cut = max(n for n in range(1, len(line)) if n == 1 or text_width(line[:n], size, bold=bold) <= width)
            lines.append(line[:cut])
            line = line[cut:]
    return (*lines, line) if line else tuple(lines)
