"""The life of a record as an operator leads it: commands over the store, then the next publication."""

import asyncio
from datetime import timedelta
from pathlib import Path

import made_store
import pytest

from extractors.lexical import LexicalAssessor
from extractors.pages.text_extraction import PARSER
from flows.assessment.agent_assessment import assess_agent
from flows.assessment.stored_pages import agent_pages
from flows.fetching.quote_recheck import recheck_published
from flows.operations.publication import publish_site
from flows.operations.record_lifecycle import opt_in, opt_out, reinstate_record, supersede_record, withdraw_record
from flows.settings import Settings
from flows.settings_sections import PublishPart
from publishing.bundles.bundle import write_bundle
from publishing.bundles.replay import verify_bundle
from records.agents.review_queue import AgentStatus
from records.database.events import Anchor
from records.database.runs import AgentOutcome
from records.maintenance.verify import verify
from records.store import Store
from scoring.errors import NotFound, Refused
from scoring.record import PublishedRecord
from scoring.reviews import Correction, CorrectionState
from tests.records.made import texts_of

SLUG = made_store.SLUG


def record_of(store: Store) -> PublishedRecord:
    published = store.publications.current(SLUG)
    assert published is not None
    return published.record


def page(folder: Path, path: str = f"agents/{SLUG}.html") -> str:
    return " ".join((folder / "site" / "current" / path).read_text(encoding="utf-8").split())


def test_a_correction_disputes_a_record_until_it_is_decided(store: Store, tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    one = Correction(
        id="c-1",
        slug=SLUG,
        path="factors.persistent_memory",
        field="value",
        proposed="0.1",
        quote="Conversations are deleted at night.",
        url=made_store.URL,
        vendor="Quay Ltd",
        received=store.now(),
    )
    store.corrections.append(one, actor="vendor")
    publish_site(store, settings, tmp_path / "site")
    assert record_of(store).disputed
    assert "Disputed by the vendor" in page(tmp_path)
    assert "the vendor says 0.1" in page(tmp_path)
    assert publish_site(store, settings, tmp_path / "site").records == 0
    decided = {"decided": store.now() + timedelta(seconds=1), "reason": "the page says two years"}
    for state in (CorrectionState.UNDER_REVIEW, CorrectionState.DECLINED):
        changed = {"state": state} | (decided if state is CorrectionState.DECLINED else {})
        store.corrections.append(one.model_copy(update=changed), actor="r")
    publish_site(store, settings, tmp_path / "site")
    assert not record_of(store).disputed
    assert "Disputed by the vendor" not in page(tmp_path)
    assert "correction declined, the page says two years" in page(tmp_path)
    published = store.publications.current(SLUG)
    assert published is not None
    write_bundle(store, published.record.slug, tmp_path / "b.zip")
    replayed = verify_bundle(tmp_path / "b.zip")
    assert replayed.holds and replayed.checked["later changes"] == 2, replayed.problems


def looked_at(store: Store, body: bytes) -> None:
    """A night that found this page, and whose draft waits for a person."""
    made_store.page(store, made_store.URL, body)
    asyncio.run(assess_agent(store, SLUG, LexicalAssessor(), Settings()))
    run = store.runs.begin("nightly")
    store.runs.end_agent(run.id, SLUG, AgentOutcome.ASSESSED)
    recheck_published(store)
    store.runs.finish(run, "finished", {"due": 1})


@pytest.mark.slow
def test_quotes_that_moved_are_found_again_and_lost_ones_wait_for_a_person_then_age(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings(home=tmp_path, publish=PublishPart(stale_days=0))
    moved = made_store.PAGE.replace(b"<h1>", b"<p>We have moved to a new pier.</p><h1>")
    looked_at(store, moved)
    assert publish_site(store, settings, tmp_path / "site").records == 1
    record = record_of(store)
    assert "found again, word for word, on changed pages" in page(tmp_path)
    read = {source.url: source.text_digest for source in record.extraction.read}
    assert read[made_store.URL] == texts_of(store, SLUG, PARSER)[0].digest

    looks: list[str] = []
    monkeypatch.setattr(
        "flows.fetching.quote_recheck.agent_pages", lambda store, slug: looks.append(slug) or agent_pages(store, slug)
    )
    assert publish_site(store, settings, tmp_path / "site").records == 0
    assert looks == [SLUG], "a newer draft waits, so what is published is looked up again"

    looked_at(store, made_store.PAGE.replace(b"without a person", b"with a person"))
    assert store.queue.get(SLUG).evidence_lost > 0
    publish_site(store, settings, tmp_path / "site")
    assert record_of(store).stale_since is not None and looks
    assert "A quote below no longer stands on its page" in page(tmp_path)

    looked_at(store, moved)
    publish_site(store, settings, tmp_path / "site")
    assert record_of(store).stale_since is None
    assert "A quote below no longer stands" not in page(tmp_path) and "every quote stands again" in page(tmp_path)
    published = store.publications.current(SLUG)
    assert published is not None
    write_bundle(store, published.record.slug, tmp_path / "b.zip")
    replayed = verify_bundle(tmp_path / "b.zip")
    assert replayed.holds and replayed.checked["later changes"] == 3, replayed.problems


def test_withdrawn_and_reinstated(store: Store, tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    withdraw_record(store, SLUG, "assessed another product")
    publish_site(store, settings, tmp_path / "site")
    assert "assessed another product" in page(tmp_path)
    assert SLUG in page(tmp_path, "browse/withdrawn.html") and SLUG not in page(tmp_path, "index.json")
    with pytest.raises(Refused, match="withdrawn already"):
        withdraw_record(store, SLUG, "again")
    reinstate_record(store, SLUG, "it is this product after all")
    publish_site(store, settings, tmp_path / "site")
    assert record_of(store).withdrawn is None
    assert SLUG in page(tmp_path, "index.json") and "reinstated: it is this product after all" in page(tmp_path)


def test_who_opts_out_is_not_crawled_and_the_record_is_withdrawn(store: Store, tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    assert opt_out(store, "Quay Bot", "asked by its owner") is not None
    assert store.queue.get(SLUG).status is AgentStatus.OPTED_OUT
    publish_site(store, settings, tmp_path / "site")
    assert "asked by its owner" in page(tmp_path)
    assert "Quay Bot" in page(tmp_path, "coverage.html")
    assert opt_out(store, SLUG, "once more") is None
    opt_in(store, SLUG, "asked to be back")
    assert store.queue.get(SLUG).status is AgentStatus.WITHDRAWN
    assert record_of(store).withdrawn is not None


def test_one_record_takes_the_place_of_another(store: Store, tmp_path: Path) -> None:
    made_store.fill(store, "old-quay-bot", "https://old-quay.example/")
    supersede_record(store, SLUG, "old-quay-bot")
    publish_site(store, Settings(home=tmp_path), tmp_path / "site")
    assert record_of(store).supersedes == ("assay:old-quay-bot",)
    old = page(tmp_path, "agents/old-quay-bot.html")
    assert f"superseded by assay:{SLUG}" in old and f'<a href="{SLUG}.html">' in old
    with pytest.raises(Refused, match="cannot supersede itself"):
        supersede_record(store, SLUG, SLUG)
    with pytest.raises(NotFound):
        supersede_record(store, SLUG, "unknown-bot")


def test_the_head_of_the_log_stands_in_each_generation_and_makes_none(store: Store, tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    first = publish_site(store, settings, tmp_path / "site")
    head = Anchor.model_validate_json((tmp_path / "site" / "current" / "audit.json").read_bytes())
    (named,) = store.events.all(after=head.sequence - 1, limit=1)
    assert named.digest == head.digest
    again = publish_site(store, settings, tmp_path / "site")
    store.note("person.put", payload={"name": "ada"}, actor="ada")
    third = publish_site(store, settings, tmp_path / "site")
    assert [again.written, third.written] == [0, 0] and first.folder == third.folder
    assert Anchor.model_validate_json((tmp_path / "site" / "current" / "audit.json").read_bytes()) == head
    withdraw_record(store, SLUG, "gone")
    publish_site(store, settings, tmp_path / "site")
    publish_site(store, settings, tmp_path / "other")
    later, other = ((tmp_path / name / "current" / "audit.json").read_bytes() for name in ("site", "other"))
    assert later == other, "the same store gives the same bytes"
    assert Anchor.model_validate_json(later).digests[: head.sequence] == head.digests
    assert verify(store, against=head.points).holds
