"""`assay store verify`: the store re-derived, or a record reproduced from its bundle, with the same answer type."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from flows.reading.time_limited_pool import READERS
from flows.report.progress_bar import bar
from flows.settings import load
from flows.store_access import open_store
from records.maintenance.verify import Verified

MOST_SECONDS = 600.0
"""Processor time that a reader may take for one batch of rows."""


def verify_store() -> Verified:
    """Every digest, offset, score and the event chain of the store in the settings."""
    with open_store(load(), create=False) as store, bar("verify") as progress:
        return store.verify(lambda step: progress(step, 0, 0), partial(READERS.ask, MOST_SECONDS))


def verify_bundle_file(file: Path) -> Verified:
    """The published JSON reproduced from a replay bundle, offline; problems name the step that differs."""
    from publishing.bundles.bundle import verify_bundle

    result = verify_bundle(file)
    return Verified(dict(result.checked), tuple(result.problems))
