"""Locks: one holder at a time, whoever asks; freed by ending in any way; a lost one is noticed."""

import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from records.database.locks import Lock
from records.store import Store
from scoring.errors import Refused
from tests.records.conftest import Open
from tests.records.made import is_held

pytestmark = pytest.mark.slow


REPOSITORY = Path(__file__).parents[2]
HOLDERS = (
    "FROM pg_locks WHERE locktype = 'advisory' "
    "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
)


@contextmanager
def process(address: str, tmp_path: Path, code: str) -> Iterator[subprocess.Popen[str]]:
    """Another process with the test's store as `store`."""
    opened = "import sys, time; from records.store import Store; store = Store.open(sys.argv[1], blobs=sys.argv[2])"
    command = [sys.executable, "-c", f"{opened}; {code}", address, str(tmp_path / "blobs")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=REPOSITORY) as started:
        yield started
        started.kill()


def killed(started: subprocess.Popen[str], store: Store) -> None:
    """Kills it, as a machine is when its power fails; a server sees a moment later that its connection is gone."""
    started.kill()
    started.wait()
    deadline = time.monotonic() + 90
    while store.database.path is None and _holders(store) and time.monotonic() < deadline:
        time.sleep(0.01)


def _holders(store: Store) -> int:
    with store.database.reading() as connection:
        return int(connection.execute(sa.text(f"SELECT count(*) {HOLDERS}")).scalar_one())


def lose(store: Store) -> None:
    """Takes from a living process what keeps its locks."""
    if store.database.path is not None:
        for file in store.database.path.with_name(f"{store.database.path.name}-locks").iterdir():
            file.unlink()
        return
    with store.database.writing() as connection:
        connection.execute(sa.text(f"SELECT pg_terminate_backend(pid, 10000) {HOLDERS}"))


def test_a_lock_has_one_holder(store: Store, open_store: Open) -> None:
    lock = store.locks.try_acquire("host:a")
    assert lock is not None and lock.still_held()
    assert store.locks.try_acquire("host:a") is None, "also within one store"
    assert open_store().locks.try_acquire("host:a") is None and is_held(store, "host:a")
    other = open_store().locks.try_acquire("host:b")
    assert other is not None, "names do not stand in each other's way"
    lock.release()
    lock.release()
    assert not lock.still_held() and not is_held(store, "host:a")
    again = open_store().locks.try_acquire("host:a")
    assert again is not None
    lock.release()
    assert again.still_held(), "a lock that is no longer one's own is left alone"


def test_a_lock_is_free_when_its_work_fails_and_when_its_store_is_closed(store: Store, open_store: Open) -> None:
    with pytest.raises(ZeroDivisionError), store.locks.held("site"):
        raise ZeroDivisionError
    other = open_store()
    with (
        store.locks.held("site"),
        pytest.raises(Refused, match=r"at work on it.*assay status"),
        other.locks.held("site"),
    ):
        pass
    assert other.locks.try_acquire("site") is not None
    other.close()
    assert not is_held(store, "site")


def test_what_a_killed_process_held_is_free_at_once(address: str, tmp_path: Path, store: Store) -> None:
    code = 'lock = store.locks.try_acquire("site"); print("held", flush=True); time.sleep(60)'
    with process(address, tmp_path, code) as holder:
        assert holder.stdout is not None and holder.stdout.readline() == "held\n"
        assert is_held(store, "site")
        killed(holder, store)
    assert store.locks.try_acquire("site") is not None


def test_a_lock_that_was_lost_is_noticed(store: Store, open_store: Open) -> None:
    lost = store.locks.try_acquire("site")
    assert lost is not None
    lose(store)
    other = open_store().locks.try_acquire("site")
    assert other is not None
    assert not lost.still_held() and is_held(store, "site")
    lost.release()
    assert other.still_held()
    other.release()
    assert store.locks.try_acquire("site") is not None


COUNT = """
for number in range(40):
    while (lock := store.locks.try_acquire("count")) is None: time.sleep(0.001)
    with lock: file.write_text(str(int(file.read_text()) + 1))
"""


@pytest.mark.slow
def test_processes_at_once_are_never_in_it_together(address: str, tmp_path: Path, store: Store) -> None:
    (tmp_path / "count").write_text("0")
    script = tmp_path / "script.py"
    script.write_text(f"from pathlib import Path\nfile = Path({str(tmp_path / 'count')!r})\n{COUNT}")
    code = f"exec(open({str(script)!r}).read())"
    with process(address, tmp_path, code) as one, process(address, tmp_path, code) as two:
        assert (one.wait(200), two.wait(200)) == (0, 0)
    assert (tmp_path / "count").read_text() == "80"


@given(st.lists(st.tuples(st.sampled_from("abc"), st.booleans()), max_size=30))
def test_a_name_is_taken_while_it_is_held_and_only_then(steps: list[tuple[str, bool]]) -> None:
    with tempfile.TemporaryDirectory() as folder, Store.open(Path(folder) / "a.db") as one:
        held: dict[str, Lock] = {}
        for name, take in steps:
            if take:
                lock = one.locks.try_acquire(name)
                assert (lock is None) == (name in held)
                if lock is not None:
                    held[name] = lock
            elif name in held:
                held.pop(name).release()
        assert {name for name in "abc" if is_held(one, name)} == set(held)
