"""Commands for published reports: audit one, reconstruct its patients, reproduce its numbers."""

from __future__ import annotations

import sys
from pathlib import Path

from branchpoint.cli.app import Flag, Out, app, check_folder, console, deliver_folder
from branchpoint.refused import Refused

__all__ = ["audit", "reconstruct", "reproduce"]

DRAWS, MOST_DRAWS = 100, 100_000
"""Cohorts where nobody says how many, and the most that are drawn at once."""


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
    output: Out = None,
    seed: int = 1,
    draws: int | None = None,
) -> None:
    """Reconstruct patients who agree with published aggregates, many times over; every file says what they are.

    Where records can be made for the protocol that the claims file names (so far rux-hlh), one study folder is written,
    as a trial would keep it, unless cohorts are asked for with --draws.

    Parameters
    ----------
    claims
        The published numbers (a claims file).
    output
        The folder to write; build/reconstructed for a study and build/reconstructed-cohorts for cohorts when not given.
    seed
        Another seed gives other patients that agree with the same numbers.
    draws
        How many cohorts; 100 when not given, where no study folder is written.
    """
    from branchpoint.publication.claims.reading import read_claims
    from branchpoint.publication.reconstruct_study import BANNER, makes_records, reconstruct_study

    _check_numbers(seed, draws)
    published = read_claims(claims)
    if draws is None and makes_records(published):
        written = reconstruct_study(claims, output or Path("build/reconstructed"), seed)
        print(f"wrote {written}: {BANNER}", file=sys.stderr)
        return
    from branchpoint.reporting.reconstruction_files import FILES, reconstruction_files

    folder = output or Path("build/reconstructed-cohorts")
    check_folder(folder, FILES)
    text, files = reconstruction_files(published, draws or DRAWS, seed)
    deliver_folder(files, folder)
    print(text)


def _check_numbers(seed: int, draws: int | None) -> None:
    """Refuse numbers that nothing can be drawn with."""
    if seed < 0:
        raise Refused(f"--seed: found {seed}, expected a whole number from 0 on")
    if draws is not None and not 1 <= draws <= MOST_DRAWS:
        raise Refused(f"--draws: found {draws}, expected a number of cohorts from 1 to {MOST_DRAWS:,}")


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

    _check_numbers(seed, None)
    if output is not None:
        check_folder(output, ("ledger.json", "ledger.html"))
    with late_status(console()) as tell:
        found = reproduce_claims(claims, seed, tell)
    data = dumps(ledger_data(found.entries, found.made), indent=2, ensure_ascii=False, allow_nan=False)
    if output is None:
        print(data if json else ledger_text(found.claims, found.entries, found.made))
        return
    page = ledger_page(found.claims, found.entries, found.made)
    deliver_folder({"ledger.json": data, "ledger.html": page}, output)
