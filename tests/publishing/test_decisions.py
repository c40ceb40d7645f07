"""What a record says to who decides: in every form the same, adopted like a formula, and never gained by hiding."""

import csv
import io
import json
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import made_records as made
import pytest
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st
from lxml import html

from extractors import reference_classes
from extractors.canonical_json import canonical_bytes, digest
from extractors.record_decision import limits_of
from publishing.catalogue import Catalogue, Names
from publishing.formats.api import create_app
from publishing.formats.lookup import summary_of
from publishing.pages.agent_page import ASKED, agent_page
from publishing.pages.index_rows import row_of
from publishing.pages.lists import by_safety
from scoring.record import ChangeCause, PublishedRecord
from tests.examples import examples
from tests.publishing.made_records import of_records

FIELDS = ("likely", "firm", "advice", "questions", "conditions")


def test_every_form_says_the_same(site: Path, catalogue: Catalogue) -> None:
    rows = {row["id"]: row for row in csv.DictReader(io.StringIO((site / "agents.csv").read_text(encoding="utf-8")))}
    listed = {
        row["id"]: row for row in TestClient(create_app(site.parents[1])).get("/agents?limit=500").json()["agents"]
    }
    feed = (site / "feed.xml").read_text(encoding="utf-8")
    for slug in catalogue.digests:
        record = PublishedRecord.model_validate_json((site / "agents" / f"{slug}.json").read_bytes())
        assert record.likely and record.advice
        low, high, word = str(record.likely.low), str(record.likely.high), record.advice.word
        row, found = rows[record.id], summary_of(record, "sha256:" + "0" * 64)
        assert (row["likely_low"], row["likely_high"], row["advice"]) == (low, high, word)
        assert row["firm"] == ("yes" if record.firm else "no")
        assert found.likely and found.firm == record.firm
        assert (found.likely.low, found.likely.high) == (float(low), float(high))
        assert found.only_if == tuple(condition.text for condition in record.conditions)
        if record.withdrawn is None:
            assert (listed[record.id]["likely_low"], listed[record.id]["advice"]) == (low, word)
            firm = " (firm)" if record.firm else ""
            assert f"likely {low} to {high}{firm}, {word}" in (site / "badges" / f"{slug}.svg").read_text(
                encoding="utf-8"
            )
            assert f"likely {low} to {high}{firm}, {word}</title>" in feed
        assert (record.advice.possible_limit, record.advice.likely_limit) == limits_of()


def test_a_vendor_answers_by_a_mail_that_names_each_claim() -> None:
    record = made.record()
    catalogue = of_records([record], names=Names(corrections_url="mailto:desk@directory.example"))
    page = html.fromstring(agent_page(record, catalogue))
    (address,) = page.xpath("//section[@id='ask']//a[text()='Answer']/@href")
    mail = parse_qs(urlsplit(address).query, strict_parsing=True)
    assert record.slug in mail["subject"][0] and record.questions
    for question in record.questions[:ASKED]:
        assert f"{question.text}\nClaim: {question.settles}\n" in mail["body"][0]
    assert urlsplit(address).path == "desk@directory.example"


def test_a_draft_of_an_earlier_version_is_published_without_a_decision() -> None:
    """Its bytes are those of the version that wrote it; under a class it becomes a new version, and says why."""
    world = made.world(versions={"reference": None})
    before = made.publish(world)
    assert not any(name in json.loads(canonical_bytes(before)) for name in FIELDS)
    assert "reference" not in json.loads(canonical_bytes(before))["assessment"]["provenance"]
    after = made.publish(made.world(), before, at=made.START + timedelta(days=1))
    assert after.likely and after.likely.reference == reference_classes.current().name
    note = after.changes[0]
    assert (note.cause, note.path, note.before) == (ChangeCause.FORMULA, "versions", "reference None")
    assert note.after == f"reference {reference_classes.current().name}" and after.previous == digest(before)


def test_the_same_draft_published_again_is_the_same_record() -> None:
    world = made.world()
    before = made.publish(world)
    assert made.publish(world, before, at=made.START + timedelta(days=1), review=made.review(world)) is before


def test_a_class_that_is_not_kept_gives_no_decision_and_no_failure() -> None:
    record = made.publish(made.world(versions={"reference": "reference-0 0123456789ab"}))
    assert record.likely is None and record.advice is None and record.questions == ()


@pytest.mark.slow
@examples(30)
@given(st.sets(st.sampled_from(sorted(made.SENTENCES)), max_size=12), st.sets(st.sampled_from(sorted(made.SENTENCES))))
def test_hiding_evidence_never_raises_a_record_in_the_list_safest_first(dropped: set[str], hidden: set[str]) -> None:
    full, less = (made.record("sorter", drop=tuple(sorted(left_off))) for left_off in (dropped, dropped | hidden))
    assert full.advice and less.advice
    places = [by_safety(row_of(record, "sha256:" + "0" * 64)) for record in (full, less)]
    assert places[0][:3] <= places[1][:3]
    assert full.advice.word == "allow" or less.advice.word != "allow"


def test_the_list_safest_first_puts_too_little_evidence_last(site: Path) -> None:
    listed = TestClient(create_app(site.parents[1])).get("/agents?order=safest&limit=500").json()["agents"]
    highs = [float(agent["high"]) for agent in listed if agent["score"]]
    assert highs == sorted(highs) and len(highs) > 5
