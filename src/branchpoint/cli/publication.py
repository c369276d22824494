"""Commands for published reports: audit one, reconstruct its patients, reproduce its numbers."""

from __future__ import annotations

import sys
from pathlib import Path

from branchpoint.cli.app import Flag, Out, OutFolder, app, console, deliver_folder

__all__ = ["audit", "reconstruct", "reproduce"]


@app.command
def audit(
    claims: Path,
    *,
    output: Out = None,
    json: Flag = False,
) -> None:
    """Recompute every number of a published report that can be recomputed, and say what does not fit.

    Parameters
    ----------
    claims
        The published numbers (a claims file).
    output
        A folder to write audit.html and audit.json to; the terminal when not given.
    json
        In the terminal: as JSON, one object a claim.
    """
    from branchpoint.publication.audit.report import audit as audit_claims
    from branchpoint.publication.claims.reading import read_claims
    from branchpoint.reporting.audit_text import audit_data, audit_text

    published = read_claims(claims)
    audited = audit_claims(published)
    if output is None and not json:
        print(audit_text(published, audited))
        return
    from json import dumps

    data = dumps(audit_data(audited), indent=2, ensure_ascii=False, allow_nan=False)
    if output is None:
        print(data)
        return
    from branchpoint.reporting.audit_page import audit_page

    deliver_folder({"audit.json": data, "audit.html": audit_page(published, audited)}, output)


@app.command
def reconstruct(
    claims: Path = Path("studies/chictr2000031702/claims.toml"),
    *,
    output: OutFolder = Path("build/reconstructed"),
    seed: int = 1,
) -> None:
    """Reconstruct patient-level data that agree with published aggregates; every file says that it did.

    Parameters
    ----------
    claims
        The published numbers.
    output
        The study folder to write.
    seed
        Another seed gives another cohort that agrees with the same numbers.
    """
    from branchpoint.publication.reconstruct_study import reconstruct_study

    written = reconstruct_study(claims, output, seed)
    print(f"wrote {written}: reconstructed from published aggregates, not patient data", file=sys.stderr)


@app.command
def reproduce(
    claims: Path,
    *,
    output: Out = None,
    seed: int = 1,
    json: Flag = False,
) -> None:
    """Reconstruct the patients of a published report, analyze them, and set every number beside what was printed.

    Parameters
    ----------
    claims
        The published numbers (a claims file).
    output
        A folder to write ledger.html and ledger.json to; the terminal when not given.
    seed
        Of the reconstruction.
    json
        In the terminal: as JSON, one object a claim.
    """
    from json import dumps

    from branchpoint.reporting.ledger_page import ledger_data, ledger_page, ledger_text
    from branchpoint.reporting.progress import late_status
    from branchpoint.reporting.reproduction import reproduce as reproduce_claims

    with late_status(console()) as tell:
        found = reproduce_claims(claims, seed, tell)
    data = dumps(ledger_data(found.entries, found.made), indent=2, ensure_ascii=False, allow_nan=False)
    if output is None:
        print(data if json else ledger_text(found.claims, found.entries, found.made))
        return
    page = ledger_page(found.claims, found.entries, found.made)
    deliver_folder({"ledger.json": data, "ledger.html": page}, output)
