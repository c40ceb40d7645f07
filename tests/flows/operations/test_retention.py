"""Backup, restore, prune, export, import and doctor, as commands."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from flows.night.night import run_night
from flows.settings import Settings
from flows.store_access import open_store
from records.store import Store
from tests.flows.test_command import assay, one_line  # type: ignore[import-not-found]
from tests.records.store_dump import dump

World = tuple[str, Settings]


@pytest.mark.slow
async def test_backup_restore_prune_export_import(harbour: World, opened: Callable[[], Store], tmp_path: Path) -> None:
    home = harbour[1].home
    await run_night(opened(), harbour[1])
    before = dump(opened())
    assert assay("store", "backup", str(tmp_path / "copy"), home=home).returncode == 0
    assert assay("store", "backup", str(tmp_path / "copy"), home=home).returncode == 0, (
        "a later one goes into the same folder"
    )
    assert "there is a store already" in one_line(assay("store", "restore", str(tmp_path / "copy"), home=home), 1)
    told = assay("store", "restore", str(tmp_path / "copy"), home=tmp_path / "new")
    assert told.returncode == 0 and "9 agents restored" in told.stdout, told.stderr
    assert assay("store", "verify", home=tmp_path / "new").returncode == 0
    assert assay("store", "export", str(tmp_path / "export"), home=home).returncode == 0
    assert assay("store", "import", str(tmp_path / "export"), home=tmp_path / "third").returncode == 0
    for copy in ("new", "third"):
        with open_store(harbour[1].model_copy(update={"home": tmp_path / copy})) as store:
            assert dump(store) == before
    assert "0 page versions dropped" in assay("store", "prune", "--days", "1", home=home).stdout
    assert "it holds no backup" in one_line(
        assay("store", "restore", str(tmp_path / "nothing"), home=tmp_path / "fourth"), 2
    )


@pytest.mark.slow
def test_doctor_names_what_is_wrong_and_the_fix(harbour: World) -> None:
    home = harbour[1].home
    process = assay("doctor", "--json", home=home)
    found = {check["name"]: check for check in json.loads(process.stdout)}
    assert {"settings", "versions", "robots contact", "disk", "database", "prefect"} <= set(found)
    assert not found["robots contact"]["ok"] and "crawl.contact" in found["robots contact"]["fix"]
    assert process.returncode == 1
    well = assay("doctor", home=home, ASSAY_CRAWL__CONTACT="https://operator.test/bot")
    assert well.returncode == 0, well.stdout
    away = assay(
        "doctor",
        home=home,
        PREFECT_API_URL="http://127.0.0.1:9/api",
        ASSAY_STORE__URL="postgresql://x:pw@127.0.0.1:9/a",
        ASSAY_STORE__BLOBS="/tmp/x",
    )
    assert (
        away.returncode == 1
        and "pw" not in away.stdout
        and "FIX  database" in away.stdout
        and "FIX  prefect" in away.stdout
    )
    private = assay("doctor", home=home, ASSAY_ALARM__WEBHOOK="http://127.0.0.1:9/secret-hook")
    assert "FIX  webhook" in private.stdout and "secret-hook" not in private.stdout
