"""The command line: thin, lazy, and plain about what it wrote.

Exit status 0 when a command answered, 2 when its input was refused. `app` has what the commands share; each other
module has the commands of one subject.
"""

from __future__ import annotations

import sys

from branchpoint.cli import patients, protocols, publication, studies
from branchpoint.cli.app import app
from branchpoint.refused import Refused

__all__ = ["COMMANDS", "main"]

COMMANDS = (patients, studies, publication, protocols)
"""Importing them is what registers the commands."""


def main() -> None:
    """Run the command line."""
    try:
        app()
    except BrokenPipeError:
        # The reader of a pipe has read enough.
        sys.stderr.close()
    except Refused as refused:
        print(f"refused: {refused}", file=sys.stderr)
        sys.exit(2)
    except OSError as refused:
        print(f"refused: {refused.filename}: {refused.strerror}", file=sys.stderr)
        sys.exit(2)
