"""The same night and the same publication on PostgreSQL; and one during which the server is restarted."""

import asyncio
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from flows.night.night import run_night
from flows.operations.publication import publish_site
from flows.operations.restore import restore
from flows.operations.sample_site import serve
from flows.settings import Settings
from flows.store_access import open_store
from records.maintenance.backup import backup
from records.maintenance.verify import verify
from review.services import decisions, draft
from scoring.errors import Refused
from scoring.reviews import Decision
from tests.flows.conftest import settings_for  # type: ignore[import-not-found]
from tests.flows.made_site import make_site
from tests.flows.night.forked_nights import NOW, Still
from tests.postgres_server import PostgresServer, binaries
from tests.records.store_dump import dump

pytestmark = pytest.mark.slow
World = tuple[str, Settings]


def on(settings: Settings, url: str, folder: Path) -> Settings:
    kept = settings.store.model_copy(update={"url": url, "blobs": (folder / "blobs").as_uri() if url else ""})
    return settings.model_copy(update={"store": kept, "home": folder})


async def night_and_publication(base: str, settings: Settings) -> tuple[bytes, dict[str, bytes]]:
    """Everything that is kept and everything that is served, under a clock that stands."""
    with open_store(settings, clock=lambda: NOW, actor="night") as store:
        store.sources.add("harbour", "directory_site", f"{base}/", {"selectors": "harbour"})
        assert (await run_night(store, settings, clock=Still())).complete
        for slug in store.listings.slugs():
            claims = draft.read(store, slug)
            decisions.conclude(store, claims, Decision.APPROVE, reviewer="ada", role="reviewer", note="read")
        publish_site(store, settings, settings.site, released_by="ada")
        assert verify(store).holds
        current = (settings.site / "current").resolve()
        served = {str(p.relative_to(current)): p.read_bytes() for p in current.rglob("*") if p.is_file()}
        del served["audit.json"]  # the head of a log that names its own runs
        return dump(store, without={"generations", "events"}), served


async def test_a_night_and_a_publication_are_the_same_on_both(harbour: World, database: str, tmp_path: Path) -> None:
    lite = await night_and_publication(harbour[0], on(harbour[1], "", tmp_path / "lite"))
    post = await night_and_publication(harbour[0], on(harbour[1], database, tmp_path / "post"))
    assert post[0] == lite[0]
    assert post[1] == lite[1] and len(post[1]) > 40


async def test_a_backup_of_postgres_goes_back_by_command(harbour: World, database: str, tmp_path: Path) -> None:
    settings = on(harbour[1], database, tmp_path / "one")
    with open_store(settings) as store:
        store.sources.add("harbour", "directory_site", f"{harbour[0]}/", {"selectors": "harbour"})
        await run_night(store, settings)
        before = dump(store)
        backup(store, tmp_path / "backup")
    with pytest.raises(Refused, match="there is a store already"):
        restore(tmp_path / "backup", settings)
    subprocess.run(["psql", "-q", database, "-c", "DROP SCHEMA public CASCADE; CREATE SCHEMA public"], check=True)
    shutil.rmtree(tmp_path / "one" / "blobs")
    assert restore(tmp_path / "backup", settings) == 9
    with open_store(settings) as store:
        assert dump(store) == before and verify(store).holds


@pytest.fixture
def own_server() -> Iterator[PostgresServer]:
    """A server that may be restarted."""
    programs = binaries()
    if programs is None:
        pytest.skip("no PostgreSQL: `apt-get install postgresql`")
    folder = Path(tempfile.mkdtemp(prefix="assay-pg-own-"))
    server = PostgresServer(folder, programs)
    yield server
    server.stop("immediate")
    shutil.rmtree(folder, ignore_errors=True)


async def test_a_server_that_is_restarted_in_the_night_costs_nothing(
    own_server: PostgresServer, tmp_path: Path
) -> None:
    make_site(tmp_path / "site", 60)
    with serve(tmp_path / "site") as base:
        settings = on(settings_for(base), f"{own_server.url}/postgres", tmp_path / "home")
        with open_store(settings, clock=lambda: datetime.now(UTC)) as store:
            store.sources.add("made", "directory_site", f"{base}/", {"selectors": "harbour"})
            restarted = False

            def progress(_: str, done: int, __: int) -> None:
                nonlocal restarted
                if done == 20 and not restarted:
                    restarted = True
                    own_server.stop("immediate")  # as a crash: without a goodbye
                    asyncio.get_running_loop().call_later(1, own_server.start)

            summary = await run_night(store, settings, progress=progress)
            assert restarted and summary.complete and summary.due == 60, (summary.problem, summary.failures)
            assert verify(store).holds
