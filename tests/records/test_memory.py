"""What goes through the whole store holds a batch of it at a time: a larger store needs no more memory."""

import gc
import tracemalloc
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from records.maintenance import export, retention, row_checks, verify
from records.store import Store
from tests.records.many_published import fill_store

SMALL, LARGE = 40, 160


@pytest.fixture(scope="module")
def homes(tmp_path_factory: pytest.TempPathFactory) -> dict[int, Path]:
    """Stores of so many published agents, each beside the export that it was made of."""
    found = {size: tmp_path_factory.mktemp(f"of-{size}") for size in (SMALL, LARGE)}
    for size, home in found.items():
        fill_store(home, size)
    return found


def imported(store: Store, home: Path, folder: Path) -> None:
    with Store.open(folder / "copy" / "assay.db") as copy:
        export.import_(copy, home / "made")


WORK: dict[str, Callable[[Store, Path, Path], object]] = {
    "verify": lambda store, home, folder: verify.verify(store),
    "export": lambda store, home, folder: export.export(store, folder / "export"),
    "import": imported,
    "retention": lambda store, home, folder: retention.drop_old_pages(store, store.now() + timedelta(days=1000)),
}


@pytest.mark.slow
@pytest.mark.parametrize("work", WORK)
def test_memory_does_not_grow_with_the_store(
    homes: dict[int, Path], work: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module, name in ((row_checks, "HEADS"), (export, "_BATCH"), (retention, "BATCH"), (verify, "_BATCH")):
        monkeypatch.setattr(module, name, 10)
    gc.freeze()  # else the collector waits for a quarter of all that other tests left, before it frees what is late
    peaks = []
    for number, size in enumerate((SMALL, SMALL, LARGE)):  # the first one fills what is kept for the process
        with Store.open(homes[size] / "assay.db") as store:
            gc.collect()
            tracemalloc.start()
            WORK[work](store, homes[size], tmp_path / str(number))
            peaks.append(tracemalloc.get_traced_memory()[1])
            tracemalloc.stop()
    small, large = (sum(file.stat().st_size for file in (homes[size] / "made" / "tables").iterdir()) for size in homes)
    assert peaks[2] - peaks[1] < (large - small) / 8, peaks
