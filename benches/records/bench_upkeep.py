"""verify, export, import and retention: how much memory they need beside a store of how many agents, and how long.

Each runs in a process of its own on SQLite; what grows with the store is the difference between two sizes of it.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

from benches.figure import Figure
from tests.records.many_published import fill_store

SIZES = (3_000, 8_000)
ALL = 300_000
_RUN = """
import sys, time
from datetime import timedelta
from functools import partial
from pathlib import Path
from flows.reading.time_limited_pool import READERS
from records.maintenance.export import export, import_
from records.maintenance.retention import drop_old_pages
from records.maintenance.verify import verify
from records.store import Store

def memory(name):
    status = Path("/proc/self/status").read_text()
    return int(status.split(f"{name}:")[1].split()[0]) / 1024

work, database, folder = sys.argv[1:]
with Store.open(database) as store:
    store.listings.count()
    before, begun = memory("VmRSS"), time.perf_counter()
    if work == "verify":
        problems = verify(store, ask=partial(READERS.ask, 600.0)).problems
        assert not problems, problems[:3]
    elif work == "export":
        export(store, Path(folder))
    elif work == "import":
        import_(store, Path(folder))
    else:
        drop_old_pages(store, store.now() + timedelta(days=1000))
    print(memory("VmHWM") - before, time.perf_counter() - begun)
"""


def run() -> list[Figure]:
    measured = {work: [measure(work, size) for size in SIZES] for work in ("verify", "export", "import", "retention")}
    return [_figure(work, *pair) for work, pair in measured.items()]


def measure(work: str, size: int) -> tuple[float, float]:
    """MiB at the peak above what an opened store takes, and seconds."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        fill_store(home, size)
        database = Path(folder) / "copy" / "assay.db" if work == "import" else home / "assay.db"
        files = home / "made" if work == "import" else Path(folder) / "export"
        command = [sys.executable, "-c", _RUN, work, str(database), str(files)]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        grown, took = map(float, done.stdout.split())
        return grown, took


def _figure(work: str, small: tuple[float, float], large: tuple[float, float]) -> Figure:
    more, agents = max(0.0, large[0] - small[0]), SIZES[1] - SIZES[0]
    grown, took = large[0] + more / agents * (ALL - SIZES[1]), large[1] / SIZES[1] * ALL / 60
    how = (
        f"peak {small[0]:.0f} MiB above an opened store of {SIZES[0]:,} agents and {large[0]:.0f} MiB of {SIZES[1]:,}, "
        f"{large[1]:.0f} s; carried on to {ALL:,} by arithmetic; SQLite"
    )
    met = grown <= 50 and took <= 10
    return Figure(f"{work}, memory and time", f"{grown:.0f} MiB, {took:.1f} min", "≤ 50 MiB, ≤ 10 min", met, how)
