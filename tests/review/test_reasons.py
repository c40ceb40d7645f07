"""Claims by reason: one decision for a rule over all agents, with exceptions, and each claim keeps its own."""

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest

from extractors.support.reason import parts_of, reason_of
from records.store import Store
from review.services import draft
from review.services.kept_decisions import carried_amendments
from scoring.amendments import amended
from scoring.claims import Extraction
from scoring.vocabulary import RiskFactor
from tests.review.windows import Window
from tests.review.world import fill, found, keep_pages, page_of, put, readme_of, visitor

PATH = "factors.persistent_memory"
WHY = "“keeps a diary” speaks of: keeps across sessions, from which it follows in one step"
KEY = f"{PATH}|1.0|follows|keeps across sessions"


def on_reason(slug: str, **more: Any) -> Extraction:
    """A draft whose memory claim rests on a reason."""
    plain = found(slug, page=page_of(slug), finding=False, **more).model_dump(mode="json")
    for factor in plain["factors"]:
        if f"factors.{factor['factor']}" == PATH:
            factor["support"] = {"verdict": "carries", "rule": "follows", "why": WHY}
    return Extraction.model_validate(plain)


def fill_many(store: Store, count: int) -> None:
    for n in range(count):
        slug = f"boat-{n:02d}"
        fill(store, slug, finding=False)
        put(store, on_reason(slug))


def marks(page: str) -> list[str]:
    return re.findall(r'name="claim" value="([^"]+)"', page)


def url(key: str = KEY) -> str:
    return f"/reasons/one?{urlencode({'key': key})}"


@pytest.mark.parametrize(
    ("why", "cue"),
    [
        (WHY, "keeps across sessions"),
        ("“x” speaks of: a, b (not said outright, so inferred at most)", "a, b"),
        ("“x” speaks of: asks first, but does not settle 0.2", "asks first"),
        ("“x” speaks of: asks first rather than 0.2", "asks first"),
        ("speaks of it with “agent, tools”, but does not settle mapped", ""),
    ],
)
def test_a_reason_is_value_rule_and_cue_whatever_the_words(why: str, cue: str) -> None:
    claim = {"value": "0.5", "support": {"rule": "says it", "why": why}, "evidence": [{"quote": "x"}]}
    assert parts_of(reason_of("factors.x", claim)) == ("factors.x", "0.5", "says it", cue)
    assert reason_of("factors.x", claim | {"evidence": []}) == reason_of("factors.x", {"support": None}) == ""


@pytest.mark.slow
def test_one_rule_over_forty_agents_is_one_decision_and_one_undo(store: Store) -> None:
    fill_many(store, 40)
    client = visitor(store, "vera")
    listed = client.get("/reasons").text
    assert "keeps across sessions" in listed and '<td class="n">40</td><td class="n">40</td>' in listed
    page = client.get(url()).text
    chosen = marks(page)
    assert len(chosen) == 40
    left = "boat-07"
    answer = client.post(url(), data={"verdict": "rejected", "claim": [m for m in chosen if not m.startswith(left)]})
    landed = client.get(answer.headers["location"]).text
    assert "39 claims decided." in landed and [mark[:7] for mark in marks(landed)] == [left]
    for n in (0, 39):
        claims = draft.read(store, f"boat-{n:02d}")
        assert (
            amended(claims.extraction, carried_amendments(store, claims)).factor(RiskFactor.PERSISTENT_MEMORY).evidence
            == ()
        )
        assert store.drafts.last(f"boat-{n:02d}")[PATH].way == "by_rule"
    client.conclude("approve", slug="boat-00")
    kept = store.reviews.standing("boat-00")
    assert kept is not None and kept.review.decided == {"by_rule": 1, "as_a_whole": 32}
    assert "39, 100 % overridden" in client.get("/reasons").text
    back = client.post("/undo", data=client.form(answer.headers["location"], "/undo"))
    assert "38 claims of 38 agents; 1 drafts are decided by now and stay" in client.get(back.headers["location"]).text
    assert store.drafts.last("boat-01") == {} and store.drafts.last("boat-00")


def test_what_moved_since_it_was_shown_stands_as_it_is(store: Store) -> None:
    fill_many(store, 3)
    vera, paul = visitor(store, "vera"), visitor(store, "paul")
    chosen = marks(vera.get(url()).text)
    paul.decide(PATH, "rejected", slug="boat-00")
    put(store, on_reason("boat-01", value="0.2"))
    strange = ["boat-02|nonsense|x|", "|||", "nobody|a"]
    answer = vera.post(url(), data={"verdict": "accepted", "claim": [*chosen, *strange]})
    assert "1 claims decided; " in vera.get(answer.headers["location"]).text
    assert store.drafts.last("boat-00")[PATH].reviewer == "paul" and store.drafts.last("boat-01") == {}
    assert store.drafts.last("boat-02")[PATH].verdict == "accepted"
    assert vera.post(url(), data={"verdict": "accepted"}).status_code == 422
    assert vera.post(url(), data={"verdict": "amended", "claim": chosen}).status_code == 422
    assert visitor(store, "rey").post(url(), data={"verdict": "accepted", "claim": chosen}).status_code == 403


def test_a_reason_goes_with_its_draft(store: Store) -> None:
    fill_many(store, 2)
    plain = found("boat-00", page=page_of("boat-00"), finding=False)
    keep_pages(store, readme_of("boat-00"))
    put(store, plain)
    assert store.claim_reasons.claims(KEY, 10) == (("boat-01", PATH),)
    visitor(store, "vera").conclude("approve", slug="boat-01")
    assert store.claim_reasons.claims(KEY, 10) == (), "it waits no more"


@pytest.mark.slow
def test_a_person_decides_a_reason_in_the_browser(store: Store, window: Callable[..., Window]) -> None:
    fill_many(store, 3)
    desk = window()
    page = desk.go("/reasons")
    page.click("text=Persistent Memory")
    page.uncheck('input[value^="boat-01|"]')
    page.click("text=Accept the checked")
    desk.wait("#undo-act")
    assert [slug for slug in store.listings.slugs() if store.drafts.last(slug)] == ["boat-00", "boat-02"]
    with page.expect_navigation():
        desk.press("u")
    assert not any(store.drafts.last(slug) for slug in store.listings.slugs()) and desk.wrong == []
