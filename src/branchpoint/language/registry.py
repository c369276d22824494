"""The registry: protocols found by name, through entry points, so that anyone's protocol is a peer of ours."""

from __future__ import annotations

import importlib.util
from importlib.metadata import entry_points
from pathlib import Path
from traceback import extract_tb

from branchpoint.language.errors import ProtocolError
from branchpoint.language.protocol import Protocol

__all__ = ["GROUP", "find_protocol", "protocol_names"]

GROUP = "branchpoint.protocols"


def protocol_names() -> tuple[str, ...]:
    """Give the name of every registered protocol."""
    return tuple(sorted(entry_points(group=GROUP).names))


def find_protocol(name: str) -> Protocol:
    """Give a protocol by its registered name, or from a Python file that defines ``PROTOCOL``.

    Parameters
    ----------
    name : str
        ``"rux-hlh"``, or the path of a file ending in ``.py``. Such a file is run: give only your own.

    Raises
    ------
    ProtocolError
        When nothing has that name.
    """
    if name.endswith(".py"):
        return _from_file(Path(name))
    found = entry_points(group=GROUP, name=name)
    if not found:
        raise ProtocolError(
            f"protocol {name!r}", "nothing has this name", f"Registered are: {', '.join(protocol_names())}"
        )
    return _checked(next(iter(found)).load(), name)


def _from_file(path: Path) -> Protocol:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    if spec is None or spec.loader is None or not path.is_file():
        raise ProtocolError(f"protocol file {path}", "there is no such Python file", "Give the path of a .py file")
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except SyntaxError as broken:
        raise ProtocolError(
            f"{path}, line {broken.lineno}", f"it is not Python: {broken.msg}", "Mend it there"
        ) from None
    except (AttributeError, ImportError, NameError, TypeError) as broken:
        # The author wants the line of the protocol, not the depths below it.
        lines = [step.lineno for step in extract_tb(broken.__traceback__) if step.filename == spec.origin]
        raise ProtocolError(f"{path}, line {lines[-1] if lines else 1}", str(broken), "Mend it there") from broken
    return _checked(getattr(module, "PROTOCOL", None), str(path))


def _checked(value: object, name: str) -> Protocol:
    if not isinstance(value, Protocol):
        raise ProtocolError(f"protocol {name!r}", "it defines no PROTOCOL", "Assign the Protocol to the name PROTOCOL")
    return value
