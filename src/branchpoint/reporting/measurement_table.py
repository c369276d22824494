"""Measurements: how each is recorded, and which rules read it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from branchpoint.language.measurements import Coded, Exposed, Measurement, Numeric, Occurred
from branchpoint.reporting.definitions import readers_of_measurements
from branchpoint.reporting.notation import number_words, quantity_words, unit_words
from branchpoint.reporting.tables import Cell, Section, Table, rows_of

if TYPE_CHECKING:
    from branchpoint.language.measurements import Scale
    from branchpoint.language.protocol import Protocol

__all__ = ["measurement_data", "measurement_section"]


def measurement_data(protocol: Protocol) -> list[dict[str, Any]]:
    """Give each measurement as plain data, with where it is collected and what reads it.

    Parameters
    ----------
    protocol : Protocol

    Returns
    -------
    list of dict
        ``name``, ``label``, ``type``, ``held_in``, ``current_for_days`` (None: always), ``used_by``, ``collected_in``,
        ``cite``; then ``scales`` and ``equivalents``, ``codes``, ``drugs`` or ``events``, by type.
    """
    readers = readers_of_measurements(protocol)
    return [_data(protocol, measurement, readers) for measurement in protocol.measurements.values()]


def _data(protocol: Protocol, measurement: Measurement, readers: dict[str, tuple[str, ...]]) -> dict[str, Any]:
    collected = [
        epoch.name
        for epoch in protocol.epochs
        if any(measurement.name == item.name for visit in epoch.visits for item in visit.collects)
    ]
    shared = {
        "name": measurement.name,
        "label": measurement.label,
        "type": _type(measurement),
        "held_in": measurement.source,
        "current_for_days": measurement.current_for,
        "used_by": list(readers.get(measurement.name, ())),
        "collected_in": collected,
        "cite": measurement.cite,
    }
    return {**shared, **_own(measurement)}


def _own(measurement: Measurement) -> dict[str, Any]:
    match measurement:
        case Numeric():
            return {
                "unit": measurement.unit,
                "unit_required": measurement.unit_required or len(measurement.scales) > 1,
                "scales": [_scale(scale) for scale in measurement.scales],
                "equivalents": dict(measurement.equivalents),
            }
        case Coded(codes=codes):
            return {"codes": list(codes)}
        case Exposed(drugs=drugs, within=within):
            return {"drugs": list(drugs), "within_days": within}
        case Occurred(events=events):
            return {"events": list(events)}
    return {}


def _scale(scale: Scale) -> dict[str, Any]:
    return {
        "unit": scale.unit,
        "plausible": list(scale.plausible),
        "upper_limit": scale.upper_limit,
        "lower_limit": scale.lower_limit,
    }


def _type(measurement: Measurement) -> str:
    return "number" if isinstance(measurement, Numeric) else "code" if isinstance(measurement, Coded) else "yes/no"


def measurement_section(protocol: Protocol) -> Section:
    """Give the measurements as a table."""
    readers = readers_of_measurements(protocol)
    cells = (
        (
            Cell(measurement.name, measurement.label),
            Cell(_type(measurement), _answers(measurement)),
            Cell(measurement.source, _current(measurement)),
            ", ".join(readers.get(measurement.name, ())) or "collected, read by no rule",
            measurement.cite,
        )
        for measurement in protocol.measurements.values()
    )
    table = Table(
        caption="Measurements, by the name that findings carry",
        columns=("Name", "Type, unit, plausible range, limits", "Held in", "Used by", "Source"),
        rows=rows_of(cells),
    )
    return Section(name="measurements", title="Measurements", tables=(table,))


def _answers(measurement: Measurement) -> str:
    match measurement:
        case Numeric():
            told = "; or ".join(map(_scale_words, measurement.scales))
            also = ", ".join(unit_words(unit) for unit, _ in measurement.equivalents)
            return (
                told + (f"; also in {also}" if also else "") + ("; give the unit" if measurement.unit_required else "")
            )
        case Coded(codes=codes):
            return ", ".join(codes)
        case Exposed(drugs=drugs, within=within):
            span = "" if within is None else f" within {quantity_words(within, 'd')}"
            return f"given: {', '.join(drugs)}{span}"
        case Occurred(events=events):
            return f"happened: {', '.join(events)}"
    return ""


def _scale_words(scale: Scale) -> str:
    low, high = scale.plausible
    told = f"{unit_words(scale.unit) or 'no unit'}, {number_words(low)} to {number_words(high)}"
    told += "" if scale.lower_limit is None else f", lower limit {number_words(scale.lower_limit)}"
    return told + ("" if scale.upper_limit is None else f", upper limit {number_words(scale.upper_limit)}")


def _current(measurement: Measurement) -> str:
    days = measurement.current_for
    return "keeps its value" if days is None else f"current for {quantity_words(days, 'd')}"
