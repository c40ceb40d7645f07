"""Which processes still write into a database file that is no longer at its path (Linux; elsewhere none is found)."""

from __future__ import annotations

import os
from pathlib import Path


def processes_on_replaced(path: Path) -> tuple[int, ...]:
    """Process numbers, of those whose files this user may see, that hold the removed or replaced file or its log."""
    real = os.path.realpath(path)
    gone = {f"{real}{end} (deleted)" for end in ("", "-wal")}
    return tuple(sorted(int(p.name) for p in Path("/proc").glob("[0-9]*") if not gone.isdisjoint(_open_in(p))))


def _open_in(process: Path) -> set[str]:
    found = set()
    try:
        for entry in (process / "fd").iterdir():
            found.add(str(entry.readlink()))
    except OSError:  # another user's, or one that has just ended
        pass
    return found
