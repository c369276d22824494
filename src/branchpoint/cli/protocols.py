"""Commands for protocols: show, prove, compare."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

from branchpoint.cli.app import Flag, Out, deliver, find, protocol_app
from branchpoint.refused import Refused

if TYPE_CHECKING:
    from typing import Any

__all__ = ["check_protocol", "diff", "show"]

Section = Literal["synopsis", "schedule", "pathway", "measurements", "responses", "proofs", "all"]


@protocol_app.command
def show(
    protocol: str,
    *,
    section: Section = "synopsis",
    measurements: Flag = False,
    json: Flag = False,
    html: Flag = False,
    svg: Flag = False,
    output: Out = None,
) -> None:
    """Print a protocol: synopsis, schedule, decision table, flow diagram, measurements.

    Parameters
    ----------
    protocol
        A registered name, or the path of a Python file that defines PROTOCOL.
    section
        What to print in the terminal.
    measurements
        All measurements with unit, type and where they are used.
    json
        As JSON.
    html
        As one HTML page.
    svg
        The flow diagram as SVG.
    output
        A file to write; the terminal when not given.
    """
    found = find(protocol)
    if svg:
        from branchpoint.reporting.flow_diagram import flow_diagram

        return deliver(flow_diagram(found), output)
    from branchpoint.reporting import synopsis

    if html:
        return deliver(synopsis.protocol_html(found), output)
    if json:
        render = synopsis.measurements_json if measurements else synopsis.protocol_json
        return deliver(render(found), output)
    return deliver(synopsis.protocol_text(found, "measurements" if measurements else section), output)


@protocol_app.command(name="check")
def check_protocol(protocol: str) -> None:
    """Prove a protocol, and print what was proved.

    Parameters
    ----------
    protocol
        A registered name, or the path of a Python file that defines PROTOCOL.
    """
    found = find(protocol)
    print(f"{found.name} {found.version}, content {found.hash}")
    for claim, extent in found.prove():
        print(f"  proved: {claim} ({extent})")


@protocol_app.command
def diff(old: str, new: str) -> None:
    """Say what differs between two protocols, or two versions of one.

    Parameters
    ----------
    old, new
        Registered names, Python files that define PROTOCOL, or JSON files that ``protocol show --json`` wrote.
    """
    from branchpoint.reporting.synopsis import difference_text

    print(difference_text(_content(old), _content(new)))


def _content(name: str) -> Any:
    if name.endswith(".json"):
        from json import JSONDecodeError, loads

        expected = "expected what protocol show --json writes"
        try:
            content = loads(Path(name).read_text(encoding="utf-8"))
        except (JSONDecodeError, UnicodeDecodeError) as broken:
            raise Refused(f"{name}: found no JSON ({broken}), {expected}") from None
        if not isinstance(content, dict) or content.get("kind") != "Protocol":
            raise Refused(f"{name}: found JSON that is no protocol, {expected}")
        return content
    from branchpoint.language.content import as_data

    return as_data(find(name))
