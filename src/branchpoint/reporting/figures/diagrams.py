"""The two diagrams that are drawn by hand: the protocol's flow, and the disposition of who was enrolled."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from branchpoint.analysis.courses import epoch_roles
from branchpoint.reporting.disposition_figure import disposition_boxes, disposition_figure
from branchpoint.reporting.figures.figure import WIDE, Figure, Panel
from branchpoint.reporting.figures.footnote import footnote, protocol_note
from branchpoint.reporting.flow_diagram import flow_diagram

if TYPE_CHECKING:
    from branchpoint.reporting.disposition_figure import Box
    from branchpoint.reporting.report_material import Material

__all__ = ["disposition", "schema"]


def schema(material: Material, width: float = WIDE) -> Figure:
    """Draw the treatment flow of the protocol."""
    del width
    svg = flow_diagram(material.protocol)
    told = re.search(r"<desc[^>]*>(.*?)</desc>", svg, re.DOTALL)
    return Figure(
        "schema",
        "Protocol schema",
        f"Treatment flow of {material.protocol.title}, drawn from the definition that decides.",
        (_panel(svg),),
        told.group(1) if told else material.protocol.title,
        protocol_note(material),
    )


def disposition(material: Material, width: float = WIDE) -> Figure:
    """Draw what became of everybody enrolled; the boxes add up, or say how many are open."""
    del width
    counts = {row["id"]: row["n"] for row in material.results.filter(group="all").iter_rows(named=True)}
    roles, protocol = epoch_roles(material.protocol), material.protocol
    reasons = material.study.disposition.filter(status="excluded")["reason"].drop_nulls().unique().sort().to_list()
    second = protocol.epochs[1].label.text if len(protocol.epochs) > 1 else "Additional treatment"
    top = disposition_boxes(counts, {"second": second, "week": roles.second_end, "why": "; ".join(reasons)})
    opened = _open(top)
    adds = (
        "Every box is the sum of its parts"
        if not opened
        else "Boxes that are not the sum of their parts say how many are open"
    )
    return Figure(
        "disposition",
        "Disposition of patients",
        f"What became of everybody enrolled. {adds}.",
        (_panel(str(disposition_figure(top))),),
        "; ".join(_said(top)),
        footnote(material, f"counts. {adds}", opened),
    )


def _panel(svg: str) -> Panel:
    found = re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', svg)
    assert found is not None
    return Panel(svg, float(found[1]), float(found[2]))


def _open(box: Box) -> list[tuple[str, int]]:
    here = [(f"not yet or not evaluable in “{box.title}”", box.open)] if box.open else []
    return [*here, *(one for part in (*box.parts, *box.leaving) for one in _open(part))]


def _said(box: Box) -> list[str]:
    return [f"{box.title}: {box.count}", *(line for part in (*box.leaving, *box.parts) for line in _said(part))]
