"""The audit trail at the terminal: read by agent, person and day, and compared with what was published of it."""

import json
import threading
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from flows.operations.publication import publish_site
from flows.operations.verification import earlier_head, verify_store
from flows.report.status import report
from flows.settings import load
from flows.store_access import now, open_store
from records.store import Store
from scoring.errors import BadInput
from tests.flows.test_command import assay  # type: ignore[import-not-found]
from tests.records.made import listing
from tests.records.test_events import rewrite  # type: ignore[import-not-found]

pytestmark = pytest.mark.slow


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""


@pytest.fixture
def site() -> Iterator[Path]:
    """A published site of a store with a few events."""
    settings = load()
    with open_store(settings) as store:
        store.people.put("ada", "administrator", actor="ada")
        store.listings.put(listing("otter"))
        store.note("record.noted", "otter", {"why": "two\nlines \x1b[31m"}, "vera")
        publish_site(store, settings, settings.site)
    yield settings.site / "current"


@pytest.fixture
def address(site: Path) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(site)))
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


def forged(store: Store) -> None:
    log = store.events.all()
    with store.database.writing() as connection:
        rewrite(connection, [log[0]._replace(actor="eve"), *log[1:]])


def test_a_rewritten_log_differs_from_every_head_that_was_written_down(
    address: str, site: Path, tmp_path: Path
) -> None:
    status, printed = tmp_path / "status.json", tmp_path / "log.json"
    with open_store(load()) as store:
        status.write_text(json.dumps(report(store, load()), default=str))
    printed.write_text(assay("store", "log", "--json").stdout)
    heads = (address, f"{address}/audit.json", str(site), str(site / "audit.json"), str(status), str(printed))
    assert [verify_store(place).problems for place in heads] == [()] * len(heads)
    with open_store(load()) as store:
        forged(store)
    assert verify_store().holds, "who can hash leaves a chain that holds"
    for place in heads:
        (told,) = verify_store(place).problems
        assert told.startswith("an event from 1 to " if place == str(status) else "event 1 was rewritten"), told
    found = assay("store", "verify", "--against", address)
    assert found.returncode == 1 and "event 1 is now person.put" in found.stdout


@pytest.mark.parametrize("content", [None, "", "{}", "[1]", '{"sequence": -1}', '{"audit": 3}', "[" * 5000, "\x00"])
def test_what_holds_no_head_is_bad_input(tmp_path: Path, content: str | None) -> None:
    file = tmp_path / "head.json"
    if content is not None:
        file.write_text(content)
    with pytest.raises(BadInput, match=r"head\.json"):
        earlier_head(str(file))


def test_the_log_is_read_by_agent_person_and_day(site: Path) -> None:
    rows = assay("store", "log", "--agent", "otter", "--person", "vera", "--since", "2026-01-01").stdout.splitlines()
    assert len(rows) == 2 and rows[1].split()[3:6] == ["vera", "record.noted", "otter"] and "\x1b" not in rows[1]
    tomorrow = f"{now() + timedelta(days=1):%Y-%m-%d}"
    assert json.loads(assay("store", "log", "--since", tomorrow, "--json").stdout) == []
