"""``study.toml``: what a study says of itself, read and written."""

from __future__ import annotations

import json
import tomllib
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, cast

from branchpoint.language.registry import find_protocol, protocol_names
from branchpoint.records.problems import Problem, as_found
from branchpoint.records.tables import KINDS, Kind, StudyMeta
from branchpoint.records.vocabulary import one_of, suggest

if TYPE_CHECKING:
    from pathlib import Path

    from branchpoint.language.protocol import Protocol

__all__ = ["FILE", "meta_toml", "read_meta"]

FILE = "study.toml"

_KEYS = ("protocol", "version", "title", "kind", "note", "data_cutoff", "dates", "analysis")


def read_meta(
    folder: Path, protocol: Protocol | None = None
) -> tuple[StudyMeta | None, Protocol | None, list[Problem]]:
    """Read ``study.toml`` and find the protocol that it names.

    Parameters
    ----------
    folder : Path
    protocol : Protocol, optional
        In place of the registered one that the file names; its version is then not compared.

    Returns
    -------
    tuple of (StudyMeta or None, Protocol or None, list of Problem)
        None for what could not be read or found.
    """
    data, problems = _parsed(folder / FILE)
    if data is None:
        return None, protocol, problems
    for key in data:
        if key not in _KEYS:
            problems.append(_problem(key, "a key that is not known", suggest(key, _KEYS)))
    text = {key: _text(data, key, problems, required=key != "note") for key in _KEYS[:5]}
    if text["kind"] and text["kind"] not in KINDS:
        problems.append(_problem("kind", text["kind"], one_of(KINDS)))
    cutoff = _date(data.get("data_cutoff"), "data_cutoff", problems)
    dates = {key: _date(value, f"dates.{key}", problems) for key, value in _table(data, "dates", problems).items()}
    if protocol is None and text["protocol"]:
        protocol = _protocol(text["protocol"], text["version"], problems)
    notes = _notes(_table(data, "analysis", problems), problems)
    meta = StudyMeta(
        protocol=text["protocol"],
        version=text["version"],
        title=text["title"],
        kind=cast("Kind", text["kind"]),
        note=text["note"],
        data_cutoff=cutoff,
        dates={key: value for key, value in dates.items() if value is not None},
        analysis_notes=notes,
    )
    return meta, protocol, problems


def _problem(key: str, found: str, expected: str) -> Problem:
    return Problem(FILE, None, key, found, expected)


def _parsed(path: Path) -> tuple[dict[str, Any] | None, list[Problem]]:
    try:
        return tomllib.loads(path.read_bytes().decode("utf-8-sig")), []
    except FileNotFoundError:
        return None, [Problem(FILE, None, None, "no such file", "a file that says what the study is")]
    except OSError as error:
        return None, [Problem(FILE, None, None, str(error.strerror), "a file that says what the study is")]
    except UnicodeDecodeError as error:
        row = error.object.count(b"\n", 0, error.start) + 1
        return None, [Problem(FILE, row, None, f"byte 0x{error.object[error.start]:02X}", "text in UTF-8")]
    except tomllib.TOMLDecodeError as error:
        return None, [Problem(FILE, None, None, f"{error}", "TOML")]


def _text(data: dict[str, Any], key: str, problems: list[Problem], *, required: bool) -> str:
    value = data.get(key)
    if isinstance(value, str) and (value.strip() or not required):
        return value
    if value is not None or required:
        problems.append(_problem(key, as_found(value), one_of(KINDS) if key == "kind" else "text"))
    return ""


def _date(value: object, key: str, problems: list[Problem]) -> date | None:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    if value is not None:
        problems.append(_problem(key, as_found(value), "a date as YYYY-MM-DD, without quotes"))
    return None


def _table(data: dict[str, Any], key: str, problems: list[Problem]) -> dict[str, Any]:
    value = data.get(key, {})
    if isinstance(value, dict):
        return value
    problems.append(_problem(key, as_found(value), f"a table, [{key}]"))
    return {}


def _notes(analysis: dict[str, Any], problems: list[Problem]) -> tuple[str, ...]:
    others = [key for key in analysis if key != "notes"]
    problems += [_problem(f"analysis.{key}", "a key that is not known", suggest(key, ("notes",))) for key in others]
    notes = analysis.get("notes", [])
    if isinstance(notes, list) and all(isinstance(note, str) for note in notes):
        return tuple(notes)
    problems.append(_problem("analysis.notes", as_found(notes), "a list of texts"))
    return ()


def _protocol(name: str, version: str, problems: list[Problem]) -> Protocol | None:
    # By name alone, for the reason given in patient_file.
    if name not in protocol_names():
        problems.append(_problem("protocol", name, f"a registered protocol; {suggest(name, protocol_names())}"))
        return None
    protocol = find_protocol(name)
    if version and version != protocol.version:
        problems.append(_problem("version", version, f"{protocol.version}, the version of {name} that is installed"))
    return protocol


def meta_toml(meta: StudyMeta) -> str:
    """Write what a study says of itself as TOML."""
    lines = [f"{key} = {_quoted(getattr(meta, key))}" for key in ("protocol", "version", "title", "kind")]
    if meta.note:
        lines.append(f"note = {_quoted(meta.note)}")
    if meta.data_cutoff is not None:
        lines.append(f"data_cutoff = {meta.data_cutoff.isoformat()}")
    if meta.dates:
        lines += ["", "[dates]", *(f"{_quoted(key)} = {value.isoformat()}" for key, value in meta.dates.items())]
    if meta.analysis_notes:
        notes = (f"    {_quoted(note)}," for note in meta.analysis_notes)
        lines += ["", "[analysis]", "notes = [", *notes, "]"]
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    # A JSON string without escaped surrogates is a TOML basic string; DEL alone must be escaped.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
