"""Published quotes, looked up again on pages that changed: a flip is never taken for the same sentence."""

from datetime import timedelta

import made_records as made
import pytest

from extractors.canonical_json import digest
from extractors.pages.page_text import PageText
from publishing.quote_recheck import QuoteState, is_stale, reanchor, recheck
from scoring.record import ChangeCause

QUOTE = made.SENTENCES["approval"]
LATER = made.START + timedelta(days=30)


def pages_with(old: str, new: str) -> tuple[made.World, dict[str, PageText]]:
    """The published world, and its pages with one sentence changed and another added in front."""
    world = made.world()
    now = {}
    for page in world.pages:
        sentences = ["A new paragraph was added at the top.", *page.text.split("\n\n")[1:]]
        changed = [s.replace(old, new) for s in sentences]
        now[page.url] = made.page(page.url, changed, page.title)
    return world, now


def test_same_pages_stand() -> None:
    world = made.world()
    found = recheck(made.publish(world), {p.url: p for p in world.pages})
    assert {c.state for c in found.checks} == {QuoteState.STANDING}
    record = made.publish(world)
    assert reanchor(record, found, {p.url: p for p in world.pages}, now=LATER) is record


def test_pages_that_were_not_read_lose_nothing() -> None:
    found = recheck(made.record(), {})
    assert {c.state for c in found.checks} == {QuoteState.UNSEEN} and not found.lost_paths


def test_moved_quotes_get_their_new_place_without_a_new_score() -> None:
    world, now = pages_with("nothing", "nothing")
    record = made.publish(world)
    found = recheck(record, now)
    assert {c.state for c in found.checks} == {QuoteState.MOVED}
    again = reanchor(record, found, now, now=LATER)
    for claim in again.extraction.factors:
        for evidence in claim.evidence:
            page = now[evidence.url]
            assert evidence.text_digest == page.digest
            assert page.text[evidence.start : evidence.end] == evidence.quote
    assert again.assessment.headline == record.assessment.headline
    assert {s.text_digest for s in again.extraction.read} == {p.digest for p in now.values()}
    assert digest(again.extraction) == again.extraction_digest == again.assessment.extraction_digest
    note = again.changes[0]
    assert (note.cause, note.path) == (ChangeCause.SOURCE, "sources") and "word for word" in note.after


@pytest.mark.parametrize(
    "reworded",
    [
        "The replies below 200 euro of goodwill were sent without a person looking at them first.",
        "Replies below 200 euro of goodwill were sent without persons looking at them first.",
    ],
)
def test_reworded_quotes_are_shown_with_both_sentences(reworded: str) -> None:
    world, now = pages_with(QUOTE, reworded)
    record = made.publish(world)
    found = recheck(record, now)
    assert {c.path for c in found.of(QuoteState.REWORDED)} >= {"factors.autonomy_of_action"}
    again = reanchor(record, found, now, now=LATER)
    note = next(c for c in again.changes if c.path == "factors.autonomy_of_action" and c.at == again.modified)
    assert note.quote_before is not None and note.quote_before.quote == QUOTE
    assert note.quote_after is not None and reworded in note.quote_after.quote


@pytest.mark.parametrize(
    "flipped",
    [
        "Replies below 200 euro of goodwill are not sent without a person looking at them first.",
        "Replies below 2000 euro of goodwill are sent without a person looking at them first.",
        "Replies below 200 euro of goodwill are sent with a person looking at them first.",
        "Replies above 200 euro of goodwill are sent without a person looking at them first.",
        "Replies below 200 euro of goodwill may be sent without a person looking at them first.",
        "Replies below 200 dollar of goodwill are sent without a person looking at them first.",
        "Replies of goodwill below 200 euro are only sent without a person looking at them first.",
        "Something else entirely is said here now.",
    ],
)
def test_a_flip_is_lost_not_reworded(flipped: str) -> None:
    world, now = pages_with(QUOTE, flipped)
    record = made.publish(world)
    found = recheck(record, now)
    assert "factors.autonomy_of_action" in found.lost_paths
    assert reanchor(record, found, now, now=LATER) is record


def test_the_policy_period() -> None:
    assert not is_stale(made.START, made.START + timedelta(days=13), 14)
    assert is_stale(made.START, made.START + timedelta(days=14), 14)
