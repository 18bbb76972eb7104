"""The command line: ``python -m shocksweep``."""

import sys

from . import _native


def main() -> None:
    """Runs the command of the arguments and ends with its exit code."""
    sys.exit(_native.program(sys.argv[1:]))


if __name__ == "__main__":
    main()
