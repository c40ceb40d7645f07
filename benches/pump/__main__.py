"""`python -m benches.pump [--long] [package …]`: no page costs more than its length.

Idea: every compiled pattern of the product is tried on repetitions of what it nearly matches, and every reader on
shapes of page that cost a careless one the square of their length. Exit 0: all linear; 1: each failure is named.
"""

from __future__ import annotations

import sys
import time
from functools import partial

from benches.pump.patterns import PACKAGES
from benches.pump.tasks import failures, reason, tasks

PATIENCE = {False: 120, True: 600}
"""Seconds of processor time for one task, by `--long`."""


def main() -> int:
    long = "--long" in sys.argv
    packages = tuple(name for name in sys.argv[1:] if not name.startswith("-")) or PACKAGES
    start = time.monotonic()
    names = list(tasks(packages, long))
    found = failures(names, partial(reason, packages, long), PATIENCE[long])
    for failure in found:
        print(f"{failure.name}: {failure.why}")
    print(f"{len(names)} tried, {len(found)} grow faster than their text ({time.monotonic() - start:.0f} s)")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
