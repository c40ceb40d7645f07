"""No command writes onto what it reads, by whatever way the name leads there; a replaced database is noticed."""

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from records.maintenance.backup import backup
from records.maintenance.export import export
from records.store import Store
from scoring.errors import BadInput, TerminalError
from tests.flows.test_command import assay, one_line  # type: ignore[import-not-found]
from tests.records.made import fill, publish, review

pytestmark = pytest.mark.slow


WAYS: dict[str, Callable[[Path], str]] = {
    "its name": str,
    "a slash": lambda home: f"{home}/",
    "a dot": lambda home: f"{home}/.",
    "two dots": lambda home: f"{home}/blobs/..",
    "a link": lambda home: str(_link(home)),
    "a link above it": lambda home: str(_link(home.parent) / home.name),
    "page bytes": lambda home: f"{home}/blobs",
    "inside page bytes": lambda home: f"{home}/blobs/new/copy",
    "a folder whose page bytes are linked": lambda home: str(_with_linked_blobs(home)),
}
COMMANDS: dict[str, Callable[[str], tuple[str, ...]]] = {
    "backup": lambda place: ("store", "backup", place),
    "export": lambda place: ("store", "export", place),
    "restore": lambda place: ("store", "restore", place),
    "publish": lambda place: ("site", "publish", "--out", place),
    "publish back": lambda place: ("site", "back", "--out", place),
}


def _link(place: Path) -> Path:
    link = place.with_name(f"to-{place.name}")
    link.symlink_to(place)
    return link


def _with_linked_blobs(home: Path) -> Path:
    folder = home.parent / "elsewhere"
    folder.mkdir()
    (folder / "blobs").symlink_to(home / "blobs")
    return folder


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A store with a published agent."""
    folder = tmp_path / "data" / "home"
    with Store.open(folder / "assay.db") as store:
        store.reviews.append(review(fill(store)))
        publish(store)
    return folder


def everything(home: Path) -> dict[str, bytes]:
    return {str(p.relative_to(home)): p.read_bytes() for p in home.rglob("*") if p.is_file()}


CASES = [("backup", way) for way in WAYS] + [(command, way) for command in COMMANDS for way in ("a link", "two dots")]


@pytest.mark.slow
@pytest.mark.parametrize(("command", "way"), dict.fromkeys(CASES))
def test_the_stores_own_folder_is_refused(command: str, way: str, home: Path) -> None:
    place = WAYS[way](home)
    before = everything(home)
    told = one_line(assay(*COMMANDS[command](place), home=home), 2)
    assert "the store itself" in told
    assert everything(home) == before


@pytest.mark.parametrize("file", ["assay.db", "assay.db-wal", "blobs/note.zip", "../home/assay.db"])
def test_a_bundle_is_not_written_over_the_store(file: str, home: Path) -> None:
    before = everything(home)
    assert "the store itself" in one_line(assay("record", "bundle", "otter", "--out", str(home / file), home=home), 2)
    assert everything(home) == before


def test_the_home_of_a_server_store_is_refused(home: Path, database: str) -> None:
    settings = {"ASSAY_STORE__URL": database, "ASSAY_STORE__BLOBS": str(home / "blobs")}
    Store.open(database, blobs=home / "blobs").close()
    for arguments in (
        ("store", "backup", str(home)),
        ("site", "publish", "--out", f"{home}/."),
        ("store", "restore", str(home)),
    ):
        assert "the store itself" in one_line(assay(*arguments, home=home, **settings), 2)


def test_a_folder_inside_the_home_is_a_place_like_any_other(home: Path) -> None:
    assert assay("store", "backup", str(home / "copy"), home=home).returncode == 0


def test_the_store_itself_refuses_too(home: Path) -> None:
    with Store.open(home / "assay.db") as store:
        for write in (backup, export):
            with pytest.raises(BadInput, match="the store itself"):
                write(store, home)


def _renamed(home: Path) -> None:
    (home / "assay.db").rename(home / "old.db")


def _removed(home: Path) -> None:
    (home / "assay.db").unlink()


def _replaced(home: Path) -> None:
    shutil.copy(home / "assay.db", home / "new.db")
    (home / "new.db").replace(home / "assay.db")


def _log_removed(home: Path) -> None:
    (home / "assay.db-wal").unlink()


def _made_anew(home: Path) -> None:
    for file in home.glob("assay.db*"):
        file.unlink()
    Store.open(home / "assay.db").close()


def _home_replaced(home: Path) -> None:
    home.rename(home.with_name("old"))
    shutil.copytree(home.with_name("old"), home)


@pytest.mark.parametrize("how", [_renamed, _removed, _replaced, _log_removed, _made_anew, _home_replaced])
def test_a_database_that_was_replaced_is_noticed_at_each_write(how: Callable[[Path], None], home: Path) -> None:
    with Store.open(home / "assay.db") as store:
        fill(store, "heron")
        how(home)
        for _ in range(3):
            with pytest.raises(TerminalError, match="replaced or removed"):
                store.note("lost")
            with pytest.raises(TerminalError, match="replaced or removed"):
                fill(store, "newt")


def test_a_database_replaced_within_a_unit_of_work_is_noticed(home: Path) -> None:
    store = Store.open(home / "assay.db")
    with pytest.raises(TerminalError, match="replaced or removed"), store.writing():
        store.note("first")
        _replaced(home)
    store.close()
    with Store.open(home / "assay.db") as store:
        assert not [event for event in store.events.all() if event.kind == "first"]


def test_a_store_that_nobody_touches_is_never_taken_for_replaced(home: Path) -> None:
    """Other processes come and go, the log is written back and begun anew."""
    code = "import sys; from records.store import Store; s = Store.open(sys.argv[1]); s.note('other'); s.close()"
    with Store.open(home / "assay.db") as store:
        for _ in range(3):
            store.note("mine")
            subprocess.run([sys.executable, "-c", code, str(home / "assay.db")], check=True)
            with store.database.writing() as connection:
                connection.exec_driver_sql("SELECT 1")
            with store.database.engine.connect() as connection:
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        store.database.engine.dispose()
        store.note("mine")
        kinds = [event.kind for event in store.events.all()]
    assert kinds.count("mine") == 4 and kinds.count("other") == 3


@pytest.mark.slow
def test_verify_and_doctor_name_the_process_that_goes_on(home: Path) -> None:
    code = "import sys; from records.store import Store; s = Store.open(sys.argv[1]); s.listings.count()"
    code += "; print(1, flush=True); sys.stdin.read()"
    command = [sys.executable, "-c", code, str(home / "assay.db")]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    try:
        assert process.stdout is not None
        process.stdout.readline()
        assert assay("store", "verify", home=home).returncode == 0
        _replaced(home)
        told = assay("store", "verify", home=home)
        assert told.returncode == 1 and f"WRONG: process {process.pid}" in told.stdout
        assert f"FIX  database: process {process.pid}" in assay("doctor", home=home).stdout
    finally:
        process.communicate(b"")
    assert assay("store", "verify", home=home).returncode == 0
