"""The command line, as ``python -m branchpoint``."""

from branchpoint.cli import main

if __name__ == "__main__":
    main()
