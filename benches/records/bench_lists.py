"""A long list taken while another process writes: the longest transaction, and the longest that the other waited.

On SQLite and on a PostgreSQL of its own; three takings: all new, nothing new, one listing in eleven gone.
"""

import asyncio
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator

import sqlalchemy as sa

from benches.figure import Figure
from benches.nights.local_servers import postgres
from extractors.listing import Listing
from flows.fetching.source_walk import take
from records.agents.listing_merge import ListingMerge
from records.store import Store

LISTED = 30_000
_OTHER = """
import sys, time
from records.agents.listing_merge import ListingMerge
from records.store import Store
from scoring.errors import AssayError
with Store.open(sys.argv[1], blobs="memory://other") as store:
    longest = 0.0
    print("ready", flush=True)
    for number in range(1_000_000):
        begun = time.perf_counter()
        try:
            store.note("bench.other", payload={"number": number})
        except AssayError:
            print("refused", flush=True)
        longest = max(longest, time.perf_counter() - begun)
        print(longest, flush=True)
        time.sleep(0.02)
"""


def run() -> list[Figure]:
    with tempfile.TemporaryDirectory() as folder:
        figures = list(_takings(f"sqlite:///{folder}/lists.db", "SQLite"))
    with postgres() as address:
        return [*figures, *_takings(address, "PostgreSQL")] if address is not None else figures


def _takings(address: str, kind: str) -> Iterator[Figure]:
    listed = [_listing(number) for number in range(LISTED)]
    fewer = [listing for number, listing in enumerate(listed) if number % 11]
    with Store.open(address, blobs="memory://bench") as store:
        store.sources.add("list", "markdown", "https://list.example/README.md")
        units = _timed(store.database.engine)
        for name, found in (("all new", listed), ("nothing new", listed), ("one in eleven gone", fewer)):
            units.clear()
            begun = time.perf_counter()
            waited, refused = _beside(address, store.listings.taking("list", found))
            took = time.perf_counter() - begun
            how = f"{len(found):,} listings in {took:.1f} s and {len(units)} transactions"
            longest = max(units)
            what = f"{kind}, {name}"
            yield Figure(f"longest write, {what}", f"{longest:.2f} s", "≤ 1 s", longest <= 1, how)
            how = f"another process that commits fifty times a second; {refused} times it gave up"
            good = waited <= 2 and not refused
            yield Figure(f"another writer waits, {what}", f"{waited:.2f} s", "≤ 2 s", good, how)


def _beside(address: str, taking: ListingMerge) -> tuple[float, int]:
    """Takes the list while another process writes; gives its longest wait in seconds and how often it gave up."""
    other = subprocess.Popen([sys.executable, "-c", _OTHER, address], stdout=subprocess.PIPE, text=True)
    assert other.stdout is not None
    try:
        other.stdout.readline()
        asyncio.run(take(taking))
        time.sleep(0.5)
    finally:
        other.terminate()
    words = other.stdout.read().split()
    other.wait()
    return max(float(word) for word in words if word != "refused"), words.count("refused")


def _timed(engine: sa.Engine) -> list[float]:
    """Seconds of each transaction, appended as it ends."""
    units: list[float] = []
    begun: dict[int, float] = {}

    def start(connection: sa.Connection) -> None:
        begun[id(connection)] = time.perf_counter()

    def end(connection: sa.Connection) -> None:
        units.append(time.perf_counter() - begun.pop(id(connection)))

    sa.event.listen(engine, "begin", start)
    sa.event.listen(engine, "commit", end)
    return units


def _listing(number: int) -> Listing:
    entry = f"Reads and sorts the mail of one household, number {number}."
    return Listing(
        slug=f"agent-{number}",
        name=f"Agent {number}",
        source="list",
        listing_url=f"https://list.example/agents/{number}",
        repository=f"https://github.com/owner-{number % 9000}/agent-{number}",
        entry=entry,
    )
