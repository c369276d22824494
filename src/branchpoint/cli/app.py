"""What the commands share: the application, their common options, and how they deliver."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import App, Parameter

from branchpoint.refused import Refused

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from rich.console import Console

    from branchpoint.language.protocol import Protocol

__all__ = [
    "Flag",
    "Out",
    "OutFolder",
    "Profile",
    "app",
    "check_folder",
    "console",
    "deliver",
    "deliver_folder",
    "find",
    "protocol_app",
    "study_app",
]

app = App(name="branchpoint", help="One executable protocol for response-stratified clinical trials.", version="0.1.0")
protocol_app = App(name="protocol", help="Show, prove and compare protocols.")
study_app = App(name="study", help="Look after a study folder.")
app.command(protocol_app)
app.command(study_app)

Flag = Annotated[bool, Parameter(negative="")]
Out = Annotated[Path | None, Parameter(name=["--output", "-o"])]
OutFolder = Annotated[Path, Parameter(name=["--output", "-o"])]
Profile = Literal["paper", "r", "sas", "spss"]
_WANTED = "expected a folder to write to"


def deliver(text: str, output: Path | None) -> None:
    """Print a text, or write it to a file and say where."""
    if output is None:
        print(text)
        return
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(text + "\n", encoding="utf-8")
    print(f"wrote {output}", file=sys.stderr)


def check_folder(folder: Path, names: Iterable[str]) -> None:
    """Refuse a folder that files cannot be written to, before any work is done for them."""
    place = next((place for place in (folder, *folder.parents) if place.exists()), folder)
    if not place.is_dir():
        raise Refused(f"{folder}: {'found a file' if place == folder else f'{place} is a file'}, {_WANTED}")
    for name in names:
        if (folder / name).is_dir():
            raise Refused(f"{folder / name}: found a folder, expected a file to replace, or nothing")


def deliver_folder(files: Mapping[str, str | bytes], folder: Path) -> None:
    """Write files to a folder, by name, all of them or none, and say where each is."""
    import os
    from tempfile import TemporaryDirectory

    check_folder(folder, files)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(prefix=".branchpoint-", dir=folder) as unfinished:
            for name, content in files.items():
                if isinstance(content, str):
                    (Path(unfinished) / name).write_text(content + "\n", encoding="utf-8")
                else:
                    (Path(unfinished) / name).write_bytes(content)
            for name in files:
                os.replace(Path(unfinished) / name, folder / name)
    except OSError as error:
        # The name of what was not finished would tell nobody anything.
        raise Refused(f"{folder}: {error.strerror}, {_WANTED}") from error
    for name in files:
        print(f"wrote {folder / name}", file=sys.stderr)


def console() -> Console:
    """Give the console for progress and remarks, which is not where answers go."""
    from rich.console import Console

    return Console(stderr=True)


def find(name: str) -> Protocol:
    """Give a protocol by its registered name or its file."""
    from branchpoint.language.registry import find_protocol

    return find_protocol(name)
