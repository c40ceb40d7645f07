"""`assay store verify`: the store re-derived, or a record reproduced from its bundle, with the same answer type."""

from __future__ import annotations

from pathlib import Path

from flows.report.progress_bar import bar
from flows.settings import load
from flows.store_access import open_store
from records.maintenance.verify import Verified


def verify_store() -> Verified:
    """Every digest, offset, score and the event chain of the store in the settings."""
    with open_store(load(), create=False) as store, bar("verify") as progress:
        return store.verify(lambda step: progress(step, 0, 0))


def verify_bundle_file(file: Path) -> Verified:
    """The published JSON reproduced from a replay bundle, offline; problems name the step that differs."""
    from publishing.bundles.bundle import verify_bundle

    result = verify_bundle(file)
    return Verified(dict(result.checked), tuple(result.problems))
