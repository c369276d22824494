"""The command line, as ``python -m branchpoint``."""

import sys

from branchpoint.cli import main

if __name__ == "__main__":
    sys.exit(main())
