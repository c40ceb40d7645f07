"""`python -m assay_check` and the command `assay-check`."""

import sys

from assay_check.cli import main


def run() -> None:
    """Ends the process with the command's exit code."""
    sys.exit(main())


if __name__ == "__main__":
    run()
