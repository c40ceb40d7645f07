"""`assay adopt` on a store of 1,000 approved agents that a released version wrote: nothing disappears, nothing goes out
unapproved, and the gate is released once and by name. The suite does the same with 300.
"""

import tempfile
from pathlib import Path

from benches.figure import Figure
from flows.settings import load
from flows.store_access import open_store
from tests.flows.operations.released_agents import Renewed, multiply, renew, unpack

AGENTS, SLICE = 1_000, 300


def run() -> list[Figure]:
    settings = load()
    publish = settings.publish.model_copy(update={"bundles": False, "max_band_changes": 0.005})
    with tempfile.TemporaryDirectory(prefix="assay-bench-") as folder:
        settings = settings.model_copy(update={"home": unpack(Path(folder)), "publish": publish})
        with open_store(settings, create=False) as store:
            multiply(store, AGENTS)
            return figures(renew(store, settings, SLICE))


def figures(found: Renewed) -> list[Figure]:
    how = f"a slice of {found.rows} of {found.agents:,} agents that a4eccde wrote: adopted, published, taken back"
    lost, unapproved = len(found.lost | found.unserved), len(found.unapproved | found.changed_by_adopting)
    once = "change their band" in found.held and not found.held_again
    stand = len(found.stand)
    waits = len(found.under_renewal) == found.agents - stand and found.changed == found.stand
    rows = [
        ("records that disappear", str(lost), "0", not lost, f"{how}; after each step, in the store and on the site"),
        ("records published unapproved", str(unapproved), "0", not unapproved, "after each step"),
        (
            "gate released",
            "once, by name" if once else "otherwise",
            "once, by name",
            once,
            f"held first: {found.held or 'it was not'}",
        ),
        (
            "records that change: those whose approval stands",
            f"{stand} of {found.rows}",
            "no other",
            waits,
            f"{len(found.under_renewal)} stay as they were, under renewal",
        ),
        ("drafts taken back", f"{found.restored} of {found.rows}", "all", found.restored == found.rows, "`adopt back`"),
    ]
    took = ", ".join(f"{step} {seconds:.0f} s" for step, seconds in found.seconds.items())
    rows.append(("time", f"{sum(found.seconds.values()):.0f} s", "told", True, took))
    return [Figure(f"adoption: {name}", *rest) for name, *rest in rows]
