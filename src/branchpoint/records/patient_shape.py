"""The shape of a patient file: from text to an object that has the keys and types that the JSON Schema asks for."""

from __future__ import annotations

import json
from collections import Counter
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from branchpoint.records.problems import NOTHING, Problem, as_found
from branchpoint.records.vocabulary import suggest

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import ValidationError

__all__ = ["parse", "path_of", "patient_schema", "shape_problems"]


@cache
def patient_schema() -> dict[str, Any]:
    """Give the JSON Schema of a patient file (draft 2020-12)."""
    text = files("branchpoint.records").joinpath("patient.schema.json").read_text(encoding="utf-8")
    schema: dict[str, Any] = json.loads(text)
    return schema


def parse(raw: bytes | str, file: str) -> tuple[Any, list[Problem]]:
    """Read JSON text.

    Returns
    -------
    tuple of (object, list of Problem)
        What the text says, None where it says nothing; and what is wrong: encoding, syntax, a key given twice.
    """
    try:
        text = raw.decode("utf-8-sig") if isinstance(raw, bytes) else raw
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        return None, [Problem(file, line, None, f"byte 0x{error.object[error.start]:02X}", "text in UTF-8")]
    repeated: list[str] = []

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        repeated.extend(key for key, count in Counter(key for key, _ in pairs).items() if count > 1)
        return dict(pairs)

    try:
        data = json.loads(text, object_pairs_hook=unique)
    except json.JSONDecodeError as error:
        found = f"{error.msg[:1].lower()}{error.msg[1:]} (column {error.colno})" if text.strip() else "an empty file"
        return None, [Problem(file, error.lineno, None, found, "JSON")]
    except RecursionError:
        return None, [Problem(file, None, None, "lists or objects nested too deep", "JSON of a patient")]
    except ValueError as error:
        return None, [Problem(file, None, None, str(error), "JSON with numbers of a sensible length")]
    return data, [Problem(file, None, key, "the key twice in one object", "each key once") for key in repeated]


def path_of(parts: Iterable[object]) -> str:
    """Give the path of a value as a person writes it: ``findings[3].value``."""
    path = ""
    for part in parts:
        path += f"[{part}]" if isinstance(part, int) else f".{part}" if path else str(part)
    return path


@cache
def _validator() -> Draft202012Validator:
    from jsonschema import Draft202012Validator

    return Draft202012Validator(patient_schema())


def shape_problems(data: object, file: str) -> tuple[list[Problem], set[tuple[object, ...]]]:
    """Hold data against the schema.

    Returns
    -------
    tuple of (list of Problem, set of tuple)
        What is wrong; and the paths of the values, keys or items at fault, each as its first two parts at most.
    """
    problems, paths = [], set()
    for error in _validator().iter_errors(data):
        for path, found, expected in _explained(error):
            problems.append(Problem(file, None, path_of(path) or None, found, expected))
            paths.add(tuple(path[:2]))
    return problems, paths


def _explained(error: ValidationError) -> Iterator[tuple[list[object], str, str]]:
    path: list[object] = list(error.absolute_path)
    schema: dict[str, Any] = error.schema if isinstance(error.schema, dict) else {}
    properties = schema.get("properties", {})
    given: Any = error.instance
    if error.validator == "additionalProperties":
        for key in given:
            if key not in properties:
                yield [*path, key], "a key that is not known", suggest(key, properties)
    elif error.validator == "required":
        # One error for all keys that are absent, or one for each: the messages name them.
        for key in schema["required"]:
            if key not in given and f"'{key}'" in error.message:
                yield [*path, key], NOTHING, _described(properties[key])
    else:
        yield path, _shown(given), _described(schema)


def _described(schema: dict[str, Any]) -> str:
    if "$ref" in schema:
        schema = patient_schema()["$defs"][schema["$ref"].rsplit("/", 1)[-1]]
    return str(schema.get("description", "something else"))


def _shown(value: object) -> str:
    if value is None:
        return "null"
    # Text is told from the number or answer that it looks like.
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else as_found(value)
