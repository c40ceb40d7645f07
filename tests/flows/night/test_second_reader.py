"""A night with a second reader: asked once an agent, again only where it did not answer, and replayed from a bundle."""

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from flows.night.night import run_night
from flows.settings import Settings
from publishing.bundles.bundle import write_bundle
from publishing.bundles.replay import verify_bundle
from publishing.record_versions import lifecycle
from records.database.runs import AgentOutcome
from records.maintenance.verify import verify
from records.store import Store
from scoring.claims import Extraction, SecondOutcome
from scoring.errors import BadInput
from scoring.labels import support_line
from scoring.reviews import Decision, Review
from tests.model_endpoint import ModelEndpoint, Say
from tests.model_replies import Replies

pytestmark = pytest.mark.slow

World = tuple[str, Settings]


def _quoted(told: str) -> dict[str, str]:
    return {"document": "d1", "quote": told} if told else {"status": "not_certain", "document": "", "quote": ""}


class Readers:
    """A first and a second model at one endpoint; the first quotes the first long sentence that it is shown."""

    def __init__(self, endpoint: ModelEndpoint, replies: Replies) -> None:
        self.endpoint, self.replies = endpoint, replies
        self.worth: str | None = "hints"
        """What the second one says of everything; None: nothing that could be used."""
        endpoint.answer = self._answer

    def _answer(self, body: dict[str, Any]) -> Say:
        user = body["messages"][1]["content"]
        if body["model"] == "second":
            if self.worth is None:
                return Say("no verdicts")
            numbers = re.findall(r"^(\d+)\. s\d", user, re.MULTILINE)
            given = [{"number": int(n), "why": "so it says", "verdict": self.worth} for n in numbers]
            return Say(json.dumps({"verdicts": given}))
        shown = user.split("begin document d1>>>")[1].splitlines()
        told = next((line for line in shown if len(line.split()) > 8 and line.endswith(".")), "")
        entry = {"known": "stated" if told else "unknown", "document": "d1" if told else "", "quote": told}
        return Say(
            self.replies.text(autonomy_of_action=entry, set_up_by={"value": "vendor", **entry}, L3=_quoted(told))
        )

    def asked(self, model: str) -> int:
        return sum(body["model"] == model for body in self.endpoint.requests)


@pytest.fixture
def world(harbour: World, model_endpoint: ModelEndpoint, replies: Replies) -> tuple[Settings, Readers]:
    changes = {"base_url": model_endpoint.url, "name": "first", "second_reader": "second", "in_flight": 2}
    model = harbour[1].model.model_copy(update=changes)
    return harbour[1].model_copy(update={"model": model}), Readers(model_endpoint, replies)


def drafts(store: Store) -> list[Extraction]:
    found = [store.assessments.current(slug) for slug in store.listings.slugs()]
    return [one.extraction for one in found if one is not None]


async def test_every_agent_is_read_twice_and_a_failure_is_made_good_the_next_night(
    world: tuple[Settings, Readers], opened: Callable[[], Store]
) -> None:
    settings, readers = world
    readers.worth = None
    store = opened()
    first = await run_night(store, settings)
    assert first.complete and readers.asked("first") == 9
    told = [draft.second_reading for draft in drafts(store)]
    asked = sum(one is not None and one.claims > 0 for one in told)
    assert asked and readers.asked("second") == 2 * asked, "asked again once, as any reply that cannot be used"
    assert {one.outcome for one in told if one} <= {SecondOutcome.NOT_READ, SecondOutcome.NO_CLAIMS}
    assert all(one is not None and (one.why or not one.claims) for one in told)

    readers.worth = "hints"
    again = await run_night(store, settings, again=True)
    assert again.complete and readers.asked("first") == 9, "the first reading is kept"
    assert readers.asked("second") == 3 * asked
    made_good = [draft.second_reading for draft in drafts(store)]
    assert sum(one is not None and one.outcome is SecondOutcome.READ for one in made_good) == asked
    assert verify(store).holds


async def test_what_it_lowers_is_on_the_draft_and_is_not_asked_twice(
    world: tuple[Settings, Readers], opened: Callable[[], Store], tmp_path: Path
) -> None:
    settings, readers = world
    store = opened()
    await run_night(store, settings)
    lowered = [
        claim.support
        for draft in drafts(store)
        for claim in (*draft.factors, *draft.layers, *draft.exposure)
        if claim.support is not None and claim.support.reader is not None
    ]
    assert lowered and {verdict.reader for verdict in lowered} == {"second, second_reader@1"}
    shown = support_line(None, lowered[0].verdict, lowered[0].why, lowered[0].reader)
    assert shown.endswith("(second reader: second, second_reader@1)")
    asked = readers.asked("second")
    unchanged = await run_night(store, settings, again=True)
    assert unchanged.complete and readers.asked("second") == asked and readers.asked("first") == 9
    assert set(unchanged.outcomes) <= {AgentOutcome.UNCHANGED, AgentOutcome.WITHHELD}

    slug = next(draft.slug for draft in drafts(store) if draft.second_reading and draft.second_reading.lowered)
    published = publish(store, slug)
    assert published.record.extraction.second_reading is not None
    write_bundle(store, published.record.slug, tmp_path / "b.zip")
    result = verify_bundle(tmp_path / "b.zip")
    assert result.holds, result.problems

    once = settings.model_copy(update={"model": settings.model.model_copy(update={"second_reader": ""})})
    await run_night(store, once, again=True)
    assert all(draft.second_reading is None for draft in drafts(store)) and readers.asked("first") == 9


def publish(store: Store, slug: str) -> Any:
    """The draft that stands, approved and published."""
    at = datetime(2026, 11, 3, tzinfo=UTC)
    digest = store.assessments.current_digest(slug)
    assert digest is not None
    review = Review(slug=slug, assessment_digest=digest, decision=Decision.APPROVE, amendments=(), reviewer="r", at=at)
    number = store.reviews.append(review)
    assessment = store.assessments.assessment(digest)
    extraction = store.assessments.extraction(assessment.extraction_digest)
    record = lifecycle.publish(None, extraction, assessment, review, now=at, sources=())
    generation = store.publications.begin()
    store.publications.put(record, generation=generation, review=number)
    store.publications.finish(generation, "live")
    return store.publications.current(slug)


async def test_no_key_travels_to_another_endpoint_and_a_reader_of_nothing_is_refused(
    world: tuple[Settings, Readers], opened: Callable[[], Store]
) -> None:
    from flows.assessment.assessment import completion_client

    settings, readers = world
    model = settings.model.model_copy(
        update={"api_key": SecretStr("first-key"), "second_reader_url": readers.endpoint.url}
    )
    await run_night(opened(), settings.model_copy(update={"model": model}))
    keys = {
        body["model"]: str(head).lower()
        for body, head in zip(readers.endpoint.requests, readers.endpoint.headers, strict=True)
    }
    assert "first-key" in keys["first"] and "first-key" not in keys["second"]
    alone = settings.model_copy(update={"model": settings.model.model_copy(update={"name": "", "base_url": ""})})
    with pytest.raises(BadInput, match="reads the claims of a model"):
        completion_client(alone)
