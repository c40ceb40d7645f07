"""Full, read-only, away, two at once, a clock that goes back: a typed end, nothing half-done, and the next heals."""

import os
import resource
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from flows import database_retry
from flows.night.night import run_night
from flows.settings import REPOSITORY, Settings
from flows.store_access import open_store
from records.maintenance.verify import verify
from records.store import Store
from scoring.errors import TransientError
from tests.flows.test_command import one_line  # type: ignore[import-not-found]

World = tuple[str, Settings]
IMPATIENT = "import flows.database_retry; flows.database_retry.PATIENCE = (); from flows.cli import main; main()"


def command(settings: Settings, *arguments: str, largest_file: int = 0) -> subprocess.CompletedProcess[str]:
    """`assay …` that waits for no database; no file of it grows beyond `largest_file`."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("ASSAY_", "OPENAI_"))}
    environment |= {
        "ASSAY_HOME": str(settings.home),
        "ASSAY_CRAWL__ALLOW_PRIVATE": f'["{settings.crawl.allow_private[0]}"]',
        "ASSAY_CRAWL__PACE": "0",
        "ASSAY_CRAWL__LATENCY_FACTOR": "0",
    }

    def limited() -> None:
        if largest_file:
            resource.setrlimit(resource.RLIMIT_FSIZE, (largest_file, largest_file))

    return subprocess.run(
        [sys.executable, "-c", IMPATIENT, *arguments],
        capture_output=True,
        text=True,
        env=environment,
        cwd=REPOSITORY,
        timeout=120,
        preexec_fn=limited,
    )


@pytest.mark.slow
def test_a_file_that_cannot_grow_ends_the_night_and_the_next_one_heals(harbour: World) -> None:
    size = (harbour[1].home / "assay.db").stat().st_size
    full = command(harbour[1], "crawl", largest_file=size + 200_000)
    line = one_line(full, 3)
    assert "disk" in line and "Next: " in line
    assert command(harbour[1], "crawl").returncode == 0
    with open_store(harbour[1]) as store:
        assert verify(store).holds
        assert [run.status for run in store.runs.recent("nightly")] == ["finished", "interrupted"]
        ended = [row.outcome for row in store.queue.page().rows]
        assert len(ended) == 9 and set(ended) == {"assessed", "withheld"}, "as a night on a sound disk ends"


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own, 8 MiB large."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(folder)], capture_output=True).returncode:
        pytest.skip("mounting a small file system is not allowed here; the limit on file sizes is tested above")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest.mark.slow
def test_a_full_disk_publishes_nothing_half_and_a_read_only_one_is_named(harbour: World, small_disk: Path) -> None:
    settings = harbour[1].model_copy(update={"home": small_disk / "home"})
    with open_store(settings) as store:
        store.sources.add("harbour", "directory_site", f"{harbour[0]}/", {"selectors": "harbour"})
    filler = small_disk / "filler"
    filler.write_bytes(b"x" * 6_500_000)
    assert "the disk is full" in one_line(command(settings, "crawl"), 3)
    filler.unlink()
    assert command(settings, "crawl").returncode == 0
    with open_store(settings) as store:
        digests = {slug: str(store.assessments.current_digest(slug)) for slug in store.listings.slugs()[:3]}
        assert verify(store).holds
    for slug, digest in digests.items():
        assert command(settings, "review", "approve", slug, "--by", "ada", "--digest", digest).returncode == 0
    free = os.statvfs(small_disk)
    filler.write_bytes(b"x" * max(0, free.f_bavail * free.f_frsize - 150_000))
    held = command(settings, "publish")
    assert held.returncode in (1, 3) and not (small_disk / "home" / "site" / "current").exists(), held.stderr
    filler.unlink()
    assert command(settings, "publish").returncode == 0
    assert (small_disk / "home" / "site" / "current" / "index.html").is_file()
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    line = one_line(command(settings, "crawl"), 1)
    assert "read-only" in line or "cannot be opened" in line, line


@pytest.mark.slow
async def test_a_clock_that_goes_back_stops_no_night(harbour: World) -> None:
    def at(moment: datetime) -> Store:
        return open_store(harbour[1], clock=lambda: moment)

    now = datetime.now(UTC)
    with at(now) as store:
        await run_night(store, harbour[1])
    with at(now - timedelta(days=2)) as store:
        summary = await run_night(store, harbour[1], again=True)
        assert verify(store).holds
    assert summary.complete
    with at(now + timedelta(days=1)) as store:
        assert (await run_night(store, harbour[1])).complete


@pytest.mark.slow
def test_of_two_nights_at_once_the_other_leaves_and_does_not_wait(harbour: World, opened: Callable[[], Store]) -> None:
    working = opened().runs.begin("nightly")
    line = one_line(command(harbour[1], "crawl"), 1)
    assert "another run is at work" in line
    opened().runs.finish(working)


@pytest.mark.slow
async def test_a_database_that_is_away_for_a_moment_is_waited_for(
    harbour: World, opened: Callable[[], Store], monkeypatch: pytest.MonkeyPatch
) -> None:
    store, failures = opened(), iter([True, True, False])
    end_agent = store.runs.end_agent

    def shaky(*arguments: object) -> None:
        if next(failures, False):
            raise TransientError("the server is away", subject="database", step="store")
        end_agent(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(database_retry, "PATIENCE", (0.01, 0.01))
    monkeypatch.setattr(store.runs, "end_agent", shaky)
    summary = await run_night(store, harbour[1])
    assert summary.complete and sum(summary.outcomes.values()) == 9
