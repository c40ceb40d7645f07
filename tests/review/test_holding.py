"""What a person accepted survives the noise of a model, and is asked about again only if words and claim changed."""

from decimal import Decimal
from typing import Any

from extractors.pages.page_text import PageText
from records.agents.review_queue import AgentStatus
from records.store import Store
from review.services import draft
from review.services.kept_decisions import carried_amendments, carried_decisions
from review.services.reapproval import approve_by_rule, reapprove_unchanged
from scoring.amendments import amended
from scoring.claims import Extraction
from scoring.record import StatedSubject
from scoring.vocabulary import SubjectKind
from tests.records.made import Clock, publish
from tests.review.world import AUTONOMY, fill, found, keep_pages, page_of, put, readme_of, text_of, visitor

PATH = "factors.autonomy_of_action"


def noisy(page: PageText | None = None, **changes: Any) -> Extraction:
    """The same words, another mood of the model."""
    plain = found("otter", page=page, finding=False).model_dump(mode="json")
    plain["factors"][0] |= {"value": "0.4", "rationale": "Put in another way."} | changes
    plain["factors"][1] |= {"value": "0.6", "rationale": "Still not certain, in other words."}
    return Extraction.model_validate(plain)


def result(store: Store) -> Extraction:
    claims = draft.read(store, "otter")
    return amended(claims.extraction, carried_amendments(store, claims))


def approved(store: Store) -> None:
    fill(store, "otter", finding=False)
    visitor(store, "vera").conclude("approve")
    publish(store, "otter")


def test_an_accepted_claim_comes_back_as_it_was_accepted(store: Store) -> None:
    fill(store, "otter", finding=False)
    visitor(store, "vera").decide(PATH, "accepted")
    put(store, noisy())
    claims = draft.read(store, "otter")
    assert carried_decisions(store, claims)[PATH].restored
    factor = result(store).factors[0]
    assert (factor.value, factor.rationale) == (Decimal("0.7"), "The page says it of autonomy_of_action.")
    page = visitor(store, "vera").get(f"/agents/otter?claim={PATH}").text
    assert "the accepted version was put back" in page and "<b>32</b> of 33 wait" in page


def test_words_and_claim_both_changed_are_asked_about_again(store: Store) -> None:
    fill(store, "otter", finding=False)
    visitor(store, "vera").decide(PATH, "accepted")
    page = text_of(
        "https://otter.example/", [page_of("otter").text.replace(AUTONOMY, "It mends nets when it is told to.")]
    )
    keep_pages(store, page)
    plain = noisy().model_dump(mode="json")
    words = "It mends nets when it is told to."
    start = page.text.index(words)
    item = {"text_digest": page.digest, "url": page.url, "start": start, "end": start + len(words), "quote": words}
    plain["factors"][0]["evidence"] = [item]
    put(store, Extraction.model_validate(plain))
    assert PATH not in carried_decisions(store, draft.read(store, "otter"))


def test_an_amendment_follows_its_sentence_when_the_page_moves(store: Store) -> None:
    fill(store, "otter", finding=False)
    client = visitor(store, "vera")
    client.decide(PATH, "amended", value="0.9", certainty="stated", keep="0", text="Mine.", reason="misread")
    moved = text_of("https://otter.example/", ["A new first line.", *page_of("otter").text.split("\n\n")])
    keep_pages(store, moved)
    put(store, found("otter", page=moved, finding=False))
    factor = result(store).factors[0]
    assert (factor.value, factor.rationale) == (Decimal("0.9"), "Mine.")
    (evidence,) = factor.evidence
    assert evidence.quote == moved.text[evidence.start : evidence.end] == AUTONOMY


def test_an_unchanged_agent_costs_no_key(store: Store) -> None:
    approved(store)
    before = result(store)
    put(store, found("otter", finding=False))
    assert store.queue.status("otter") is AgentStatus.PUBLISHED
    put(store, noisy())
    assert store.queue.status("otter") is AgentStatus.CHANGED
    assert reapprove_unchanged(store) == ("otter",)
    assert store.queue.status("otter") in (AgentStatus.APPROVED, AgentStatus.PUBLISHED)
    kept = store.reviews.standing("otter")
    assert kept is not None and kept.review.automatic and kept.review.reviewer == "kept"
    assert kept.review.role == "an earlier review; nothing it rests on changed"  # as the record will say
    assert result(store).factors == before.factors and reapprove_unchanged(store) == ()


def test_a_product_that_came_to_state_the_same_package_always_waits(store: Store, clock: Clock) -> None:
    stated = StatedSubject(kind=SubjectKind.PACKAGE, value="pkg:npm/otter", stated_by="package.json", url="x:")
    approved(store)
    clock.go(hours=1)
    fill(store, "heron")
    for slug in ("otter", "heron"):
        store.subjects.keep(slug, [stated])
    put(store, noisy())
    assert reapprove_unchanged(store) == ()
    store.subjects.keep("heron", [])
    assert reapprove_unchanged(store) == ("otter",)


def test_what_changed_in_words_waits_for_a_person_and_only_that(store: Store) -> None:
    approved(store)
    page = page_of("otter")
    readme = text_of(readme_of("otter").url, ["otter tools", "It runs no shell commands any more.", "Licence: free."])
    keep_pages(store, page, readme)
    plain = found("otter", finding=False).model_dump(mode="json")
    words = "It runs no shell commands any more."
    start = readme.text.index(words)
    item = {"text_digest": readme.digest, "url": readme.url, "start": start, "end": start + len(words), "quote": words}
    executes = next(fact for fact in plain["exposure"] if fact["fact"] == "executes")
    executes |= {"value": "nothing", "evidence": [item]}
    plain["read"][1] |= {"text_digest": readme.digest, "page_digest": readme.page_digest}
    put(store, Extraction.model_validate(plain))
    assert reapprove_unchanged(store) == ()
    page_shown = visitor(store, "vera").get("/agents/otter").text
    assert "<b>1</b> of 33 wait" in page_shown and 'data-path="exposure.executes"' in page_shown


def test_a_new_finding_always_waits(store: Store) -> None:
    approved(store)
    plain = noisy().model_dump(mode="json")
    plain["findings"] = found("otter").model_dump(mode="json")["findings"]
    put(store, Extraction.model_validate(plain))
    assert reapprove_unchanged(store) == ()


def test_the_automatic_rule_is_off_by_default_and_never_first(store: Store) -> None:
    approved(store)
    fill(store, "heron", finding=False)
    fill(store, "crane")
    visitor(store, "vera").conclude("approve", slug="crane")
    put(store, found("crane", value="0.6"))
    put(store, noisy(value="0.6"))
    assert approve_by_rule(store, enabled=True) == (), "a value that no person approved"
    same = found("otter", finding=False).model_dump(mode="json")
    same["factors"][0]["rationale"] = "Put in another way."
    for claim in (*same["factors"], *same["layers"], *same["exposure"]):
        claim["rejected"] = []
    put(store, Extraction.model_validate(same))
    assert approve_by_rule(store, enabled=False) == ()
    assert approve_by_rule(store, enabled=True) == ("otter",)
    assert store.queue.status("heron") is AgentStatus.DRAFT, "seen for the first time"
    assert store.queue.status("crane") is AgentStatus.DRAFT, "a page addresses the assessor"
    assert "switched off" in visitor(store, "rey").get("/settings").text
