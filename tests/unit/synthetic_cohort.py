"""A synthetic cohort of hand-made decisions: a few made-up patients whose courses can be told at a glance."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import polars as pl

from branchpoint.language.registry import find_protocol
from branchpoint.records.schemas import SCHEMAS
from branchpoint.records.tables import Study, StudyMeta

if TYPE_CHECKING:
    from collections.abc import Sequence

PROTOCOL = find_protocol("rux-hlh")

# Subject: prior corticosteroid, etiology, steps (day, epoch before, response, epoch after), and days of what happened.
Step = tuple[int, str, str, str]
PATIENTS: dict[str, dict[str, Any]] = {
    "CR": {
        "steps": [
            (2, "frontline", "PR", "frontline"),
            (21, "frontline", "CR", "frontline"),
            (28, "frontline", "CR", "follow_up"),
            (200, "follow_up", "CR", "follow_up"),
        ],
        "last_contact": 400,
    },
    "NR": {
        "steps": [(3, "frontline", "NR", "intensive"), (59, "intensive", "CR", "follow_up")],
        "methylprednisolone": 4,
        "relapse": 150,
        "last_contact": 300,
    },
    "PD": {
        "prior": True,
        "etiology": "CAEBV-HLH",
        "steps": [
            (3, "frontline", "PR", "frontline"),
            (10, "frontline", "PD", "intensive"),
            (66, "intensive", "NR", "salvage"),
        ],
        "etoposide": 12,
        "transplantation": 90,
        "death": 120,
        "note": "graft-versus-host disease, after transplantation",
    },
    "died": {
        "prior": True,
        "steps": [
            (3, "frontline", "improvement", "frontline"),
            (7, "frontline", "improvement", "intensive"),
            (14, "intensive", "NR", "intensive"),
        ],
        "etoposide": 7,
        "death": 30,
        "note": "severe infection, before transplantation",
    },
    "moved": {
        "steps": [(7, "frontline", "PR", "salvage")],
        "override": 7,
        "last_contact": 100,
    },
    "new": {"steps": [(3, "frontline", "PR", "frontline")], "last_contact": 3},
    "excluded": {"steps": [], "excluded": True},
}


def synthetic_study(names: Sequence[str] = tuple(PATIENTS)) -> Study:
    """The tables of some of the made-up patients."""
    rows: dict[str, list[dict[str, Any]]] = {name: [] for name in SCHEMAS}
    for name in names:
        patient = PATIENTS[name]
        rows["subjects"].append(
            {"subject": name, "sex": "F", "consent_date": date(2021, 1, 1), "first_dose_date": date(2021, 1, 2)}
        )
        rows["findings"].append(
            {"subject": name, "day": 0, "test": "prior_corticosteroid", "truth": patient.get("prior", False)}
        )
        for drug in ("methylprednisolone", "etoposide"):
            if drug in patient:
                rows["exposures"].append({"subject": name, "start": patient[drug], "drug": drug})
        # Given before the decision, it is no additional treatment.
        rows["exposures"].append({"subject": name, "start": -1, "drug": "etoposide"})
        for event in ("transplantation", "relapse", "death"):
            if event in patient:
                rows["events"].append(
                    {"subject": name, "day": patient[event], "event": event, "note": patient.get("note")}
                )
        if "last_contact" in patient:
            rows["disposition"].append({"subject": name, "day": patient["last_contact"], "status": "last_contact"})
        if patient.get("excluded"):
            rows["disposition"].append({"subject": name, "day": 0, "status": "excluded", "reason": "violation"})
    meta = StudyMeta(
        protocol="rux-hlh", version=PROTOCOL.version, title="A synthetic study", kind="synthetic",
        data_cutoff=date(2022, 6, 1),
    )  # fmt: skip
    tables = {name: pl.DataFrame(found, schema=SCHEMAS[name].create_empty().schema) for name, found in rows.items()}
    return Study(path=None, meta=meta, **tables)


def synthetic_decisions(names: Sequence[str] = tuple(PATIENTS)) -> pl.DataFrame:
    """What the protocol is taken to have decided on them."""
    rows: list[dict[str, Any]] = []
    for name in names:
        patient = PATIENTS[name]
        common = {"subject": name, "etiology": patient.get("etiology", "EBV-HLH"), "dose_mg": 5.0, "eligible": True}
        entered = "screening" if patient.get("excluded") else "frontline"
        rows.append(
            common | {"day": 0, "epoch_before": "screening", "epoch_after": entered, "action": "enroll"}
            | {"not_evaluable": "exclusion_3,dose" if patient.get("excluded") else ""}
        )  # fmt: skip
        for day, before, response, after in patient["steps"]:
            action = "override" if patient.get("override") == day else "continue"
            rows.append(
                common | {"day": day, "epoch_before": before, "epoch_after": after, "action": action}
                | {"response_trial": response, "response_dep": "PR", "response_strict": response}
                | {"not_evaluable": "response.dep[CR PR]" if day == 28 else ""}
            )  # fmt: skip
    return pl.DataFrame(rows, infer_schema_length=None).with_columns(pl.col("day").cast(pl.Int32))
