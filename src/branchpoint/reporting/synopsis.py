"""The synopsis of a protocol: for the terminal, as one HTML page, and as JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from branchpoint.language.content import as_data
from branchpoint.language.errors import ProtocolError
from branchpoint.reporting.difference import difference_text
from branchpoint.reporting.measurement_table import measurement_data
from branchpoint.reporting.sections import sections
from branchpoint.reporting.text import text_of

if TYPE_CHECKING:
    from branchpoint.language.protocol import Protocol

__all__ = ["SECTIONS", "difference_text", "measurements_json", "protocol_html", "protocol_json", "protocol_text"]

# What a reader asks for by one word; any section can also be asked for by its own name.
SECTIONS: dict[str, tuple[str, ...]] = {
    "synopsis": (
        "summary",
        "eligibility",
        "diagnosis",
        "etiology",
        "interventions",
        "parameters",
        "endpoints",
        "events",
    ),
    "schedule": ("schedule",),
    "pathway": ("pathway",),
    "measurements": ("measurements",),
    "responses": ("responses", "definitions"),
    "proofs": ("summary", "proofs"),
}


def protocol_text(protocol: Protocol, section: str = "synopsis") -> str:
    """Give a part of a protocol as text, 100 columns wide; in color only where the output is a terminal.

    Parameters
    ----------
    protocol : Protocol
    section : str
        A word of `SECTIONS`, the name of one section, or ``"all"``.

    Raises
    ------
    ProtocolError
        When there is no such section.
    """
    parts = sections(protocol)
    names = [part.name for part in parts]
    asked = names if section == "all" else SECTIONS.get(section, (section,))
    if not set(asked) <= set(names):
        known = ", ".join(dict.fromkeys((*SECTIONS, *names, "all")))
        raise ProtocolError(f"section {section!r}", "a protocol has no such section", f"Use {known}")
    return text_of(part for part in parts if part.name in asked)


def protocol_html(protocol: Protocol) -> str:
    """Give a protocol as one self-contained HTML page, with its flow diagram.

    Parameters
    ----------
    protocol : Protocol
    """
    from markupsafe import Markup

    from branchpoint.reporting.flow_content import stages
    from branchpoint.reporting.flow_diagram import flow_diagram
    from branchpoint.reporting.pages import render

    parts = sections(protocol)
    # The diagram is our own markup, and escapes what it prints.
    diagram = Markup(flow_diagram(protocol))
    return render(
        "protocol.html.j2",
        protocol=protocol,
        summary=parts[0],
        sections=parts[1:],
        diagram=diagram,
        stages=stages(protocol),
    )


def protocol_json(protocol: Protocol) -> str:
    """Give the whole content of a protocol as JSON, with its hash.

    Parameters
    ----------
    protocol : Protocol
    """
    return json.dumps({"hash": protocol.hash, **as_data(protocol)}, indent=2, ensure_ascii=False)


def measurements_json(protocol: Protocol) -> str:
    """Give the measurements of a protocol as JSON.

    Parameters
    ----------
    protocol : Protocol
    """
    told = {"protocol": protocol.name, "version": protocol.version, "hash": protocol.hash}
    return json.dumps({**told, "measurements": measurement_data(protocol)}, indent=2, ensure_ascii=False)
