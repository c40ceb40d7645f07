"""A vendor with a published contact hears of a record before the world does."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from extractors.pages.text_extraction import page_text
from flows.cli import app
from flows.operations.first_notice import contact_of
from flows.operations.publication import publish_site
from flows.settings import load
from flows.store_access import open_store
from records.store import Store
from review.services import draft
from scoring.errors import Refused
from tests.review.world import fill, page_of, people

CONTACT = "Report a vulnerability to security@otter.example.net, please."


class Clock:
    now = datetime.now(UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def store(own_home: Path, monkeypatch: pytest.MonkeyPatch, clock: Clock) -> Iterator[Store]:
    monkeypatch.setenv("ASSAY_PUBLISH__NOTICE_DAYS", "7")
    with open_store(load(), clock=clock) as opened:
        people(opened)
        yield opened


def approved(store: Store, slug: str, says: str = "") -> None:
    page = page_of(slug)
    if says:
        page = page_text((page.text + "\n\n" + says + "\n").encode(), url=page.url)
    fill(store, slug, page=page)
    run("review", "approve", slug, "--digest", draft.read(store, slug).digest, "--by", "paul")


def run(*words: str) -> str:
    done = CliRunner().invoke(app, list(words))
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.output


def published(store: Store, out: Path) -> tuple[int, int]:
    told = publish_site(store, load(), out, released_by="paul")
    return told.records, told.unnoticed


def test_a_first_publication_waits_for_the_notice_and_its_days(store: Store, clock: Clock, tmp_path: Path) -> None:
    approved(store, "otter", CONTACT)
    approved(store, "badger")
    assert published(store, tmp_path / "site") == (1, 1), "who publishes no contact waits for nobody"
    assert run("record", "notice") == "otter: security@otter.example.net, not told yet\n"
    mail = run("record", "notice", "otter")
    assert mail.startswith("To: security@otter.example.net\nSubject: ") and "at the earliest" in mail
    assert "was told" in run("record", "notice", "otter", "--given", "--by", "paul")
    with pytest.raises(Refused, match="told before"):
        run("record", "notice", "otter", "--given", "--by", "paul")
    for days, waiting in ((6, 1), (2, 0)):
        clock.now += timedelta(days=days)
        assert published(store, tmp_path / "site")[1] == waiting
        assert (store.publications.current("otter") is None) == bool(waiting)
    assert run("record", "notice") == "No first publication waits for a notice\n"


@pytest.mark.parametrize(
    ("says", "contact"),
    [
        (CONTACT, "security@otter.example.net"),
        ("Contact us: mail **hello@otter.example.net**", "hello@otter.example.net"),
        ("Clone git@forge.example.net:otter.git to contact nobody.", ""),
        ("Security: write to you@example.com", ""),
        ("Mail team@otter.example.net for a cup of tea.", ""),
    ],
)
def test_a_contact_is_an_address_in_a_line_that_says_what_it_is_for(store: Store, says: str, contact: str) -> None:
    approved(store, "otter", says)
    assert contact_of(store, "otter") == contact
