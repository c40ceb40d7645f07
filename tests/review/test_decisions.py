"""Deciding over HTTP as a browser without script does it: forms as they stand on the page."""

import json
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from extractors.canonical_json import digest
from records.agents.review_queue import AgentStatus
from records.store import Store
from review.routes.agent_pages import read_view
from review.services import decisions, draft
from review.services.kept_decisions import carried_amendments
from scoring.amendments import amended
from scoring.claims import Extraction
from scoring.reviews import AmendmentReason
from scoring.vocabulary import Certainty, LayerStatus, RiskFactor
from tests.records.made import Clock, publish
from tests.records.store_dump import dump
from tests.review.world import MEMORY, SHELL, TALK, Visitor, fill, found, page_of, people, put, visitor

AUTONOMY = "factors.autonomy_of_action"
JSON = {"accept": "application/json"}


def result(store: Store, slug: str = "otter") -> Extraction:
    claims = draft.read(store, slug)
    return amended(claims.extraction, carried_amendments(store, claims))


def amend(client: Visitor, path: str, **fields: Any) -> Any:
    return client.decide(path, "amended", **({"reason": "misread", "certainty": "stated", "keep": "0"} | fields))


def test_accepting_goes_to_the_next_claim_that_waits(otter: Store) -> None:
    client = visitor(otter, "vera")
    answer = client.decide(AUTONOMY, "accepted")
    assert answer.headers["location"] == "/agents/otter?claim=factors.dynamic_tool_use"
    kept = otter.drafts.last("otter")[AUTONOMY]
    assert (kept.verdict, kept.reviewer, kept.at, kept.amendments) == ("accepted", "vera", otter.now(), ())


def test_amending_value_text_and_evidence(otter: Store) -> None:
    client = visitor(otter, "vera")
    page = page_of("otter")
    start = page.text.index(MEMORY) + 3
    amend(client, AUTONOMY, value="0.9", text="It acts alone.", add=f"0:{start}:{start + 5}")
    claim = result(otter).factor(RiskFactor.AUTONOMY_OF_ACTION)
    assert (claim.value, claim.rationale) == (Decimal("0.9"), "It acts alone.")
    assert [item.quote for item in claim.evidence][1] == MEMORY, "a selection is widened to its sentence"
    assert page.text[claim.evidence[1].start : claim.evidence[1].end] == MEMORY
    reasons = {change.reason for change in otter.drafts.last("otter")[AUTONOMY].amendments}
    assert reasons == {AmendmentReason.MISREAD}


def test_a_pasted_sentence_is_found_on_the_agents_pages(otter: Store) -> None:
    client = visitor(otter, "vera")
    told = amend(
        client,
        "exposure.writes",
        value="broad",
        certainty="not_certain",
        quote="runs shell commands that its plan composes",
    )
    assert told.status_code == 303
    fact = next(item for item in result(otter).exposure if item.fact == "writes")
    assert (fact.value, fact.certainty, fact.evidence[0].quote) == ("broad", Certainty.STATED, SHELL)


@pytest.mark.parametrize(
    ("path", "fields", "why"),
    [
        (AUTONOMY, {"value": "0.9", "reason": ""}, "needs its reason"),
        (AUTONOMY, {"value": "0.9", "reason": "other"}, "say the reason in the note"),
        (AUTONOMY, {"value": "1.7"}, "not valid"),
        (AUTONOMY, {"value": "0.9", "keep": ""}, "not valid"),
        (AUTONOMY, {"value": "0.9", "quote": "It never asks anybody about the weather."}, "does not count"),
        (AUTONOMY, {"value": "0.9", "add": "0:999999:1000000"}, "not on this page"),
        (AUTONOMY, {"value": "0.9", "add": "7:1:2"}, "no longer kept"),
        (AUTONOMY, {"value": "0.9", "add": "a:b:c"}, "page:start:end"),
        ("exposure.executes", {"value": "everything"}, "not valid"),
        ("layers.L3", {"certainty": "mapped", "text": "", "keep": "0"}, "not valid"),
    ],
)
def test_what_cannot_be_taken_is_said_and_nothing_typed_is_lost(
    otter: Store, path: str, fields: dict[str, str], why: str
) -> None:
    answer = amend(visitor(otter, "vera"), path, **({"text": "My own words."} | fields))
    assert answer.status_code == 422
    assert why in answer.text
    assert fields.get("text", "My own words.") in answer.text
    assert otter.drafts.log("otter") == ()


def test_words_for_the_assessor_carry_no_claim(otter: Store) -> None:
    page = page_of("otter")
    start = page.text.index(TALK)
    client = visitor(otter, "vera")
    chosen = {"sheet": 0, "start": start + 2, "end": start + 9}
    answer = client.post("/agents/otter/evidence", data=chosen)
    assert answer.status_code == 422 and "address the assessor" in answer.text


def test_not_certain_reject_and_not_applicable_are_one_press_each(otter: Store) -> None:
    client = visitor(otter, "vera")
    client.decide(AUTONOMY, "not_certain")
    client.decide("factors.dynamic_tool_use", "rejected")
    client.decide("layers.L3", "not_applicable")
    client.decide("exposure.executes", "rejected")
    after = result(otter)
    autonomy = after.factor(RiskFactor.AUTONOMY_OF_ACTION)
    assert (autonomy.certainty, autonomy.reason, autonomy.evidence) == ("not_certain", "not_stated", ())
    tools = after.factor(RiskFactor.DYNAMIC_TOOL_USE)
    assert (tools.certainty, tools.reason) == ("not_certain", "quote_rejected")
    assert after.layers[2].status is LayerStatus.NOT_APPLICABLE
    assert [fact.value for fact in after.exposure if fact.fact == "executes"] == [None]


def test_a_skipped_claim_still_waits(otter: Store) -> None:
    client = visitor(otter, "vera")
    client.decide("summary", "skipped")
    page = client.get("/agents/otter").text
    assert "<b>33</b> of 33 wait" in page


def test_undo_and_redo_before_publication(otter: Store) -> None:
    client = visitor(otter, "vera")
    amend(client, AUTONOMY, value="0.9")
    client.decide("summary", "accepted")
    client.post("/agents/otter/undo")
    client.post("/agents/otter/undo")
    assert otter.drafts.last("otter") == {} and result(otter).factor(RiskFactor.AUTONOMY_OF_ACTION).value == Decimal(
        "0.7"
    )
    client.post("/agents/otter/redo")
    assert result(otter).factor(RiskFactor.AUTONOMY_OF_ACTION).value == Decimal("0.9")
    client.post("/agents/otter/redo")
    assert len(otter.drafts.last("otter")) == 2
    assert client.post("/agents/otter/redo").status_code == 422
    assert len(otter.drafts.log("otter")) == 2, "nothing is deleted"


def test_accepting_an_amended_claim_keeps_the_amendment(otter: Store) -> None:
    client = visitor(otter, "vera")
    amend(client, AUTONOMY, value="0.9")
    client.decide(AUTONOMY, "accepted")
    assert result(otter).factor(RiskFactor.AUTONOMY_OF_ACTION).value == Decimal("0.9")


def test_a_stale_claim_is_409_with_both_versions(otter: Store) -> None:
    vera, paul = visitor(otter, "vera"), visitor(otter, "paul")
    action = f"/agents/otter/claims/{AUTONOMY}"
    seen = paul.form(f"/agents/otter?claim={AUTONOMY}", action)
    amend(vera, AUTONOMY, value="0.9", text="Vera's words.")
    mine = seen | {
        "verdict": "amended",
        "value": "0.2",
        "certainty": "stated",
        "keep": "0",
        "text": "Paul's words.",
        "reason": "misread",
    }
    page = paul.post(action, data=mine)
    assert page.status_code == 409
    assert "Paul&#39;s words." in page.text and "Vera&#39;s words." in page.text
    told = paul.post(action, data=mine, headers=JSON)
    assert told.status_code == 409
    assert told.json()["yours"]["text"] == "Paul's words."
    assert told.json()["theirs"]["claim"]["rationale"] == "Vera's words."
    assert len(otter.drafts.log("otter")) == 1
    on_top = paul.form(f"/agents/otter?claim={AUTONOMY}", action)
    assert paul.post(action, data=mine | on_top).status_code == 303
    assert result(otter).factor(RiskFactor.AUTONOMY_OF_ACTION).value == Decimal("0.2")


def test_a_new_assessment_makes_what_was_read_stale(otter: Store) -> None:
    client = visitor(otter, "vera")
    action = f"/agents/otter/claims/{AUTONOMY}"
    seen = client.form(f"/agents/otter?claim={AUTONOMY}", action)
    whole = client.form("/agents/otter", "/agents/otter/decision")
    put(otter, found("otter", value="0.3"))
    assert client.post(action, data=seen | {"verdict": "accepted"}).status_code == 409
    assert client.post("/agents/otter/decision", data=whole | {"decision": "approve"}).status_code == 409
    assert otter.drafts.log("otter") == () and otter.reviews.all("otter") == ()


def test_an_approval_names_the_claim_decisions_it_saw(otter: Store) -> None:
    vera, paul = visitor(otter, "vera"), visitor(otter, "paul")
    seen = paul.form("/agents/otter", "/agents/otter/decision")
    amend(vera, AUTONOMY, value="0.1")
    late = paul.post("/agents/otter/decision", data=seen | {"decision": "approve"})
    assert late.status_code == 409 and otter.reviews.all("otter") == ()


def test_approving_carries_every_amendment_with_who_and_when(otter: Store) -> None:
    client = visitor(otter, "vera")
    amend(client, AUTONOMY, value="0.9")
    assert client.conclude("approve", seconds=75).status_code == 303
    kept = otter.reviews.standing("otter")
    assert kept is not None and kept.seconds == 75
    assert (kept.review.reviewer, kept.review.role, kept.review.at) == ("vera", "reviewer", otter.now())
    assert [change.new for change in kept.review.amendments if change.field == "value"] == ["0.9"]
    assert otter.queue.status("otter") is AgentStatus.APPROVED
    assert 'action="/agents/otter/claims/' not in client.get("/agents/otter").text, "a decided draft is closed"


def test_a_rejection_needs_its_reason(otter: Store) -> None:
    client = visitor(otter, "vera")
    assert client.conclude("reject").status_code == 422
    assert client.conclude("reject", note="It is about another product.").status_code == 303
    assert otter.queue.status("otter") is AgentStatus.REJECTED


def test_what_is_published_is_taken_back_by_a_publisher_with_a_reason_and_logged(otter: Store) -> None:
    vera, paul = visitor(otter, "vera"), visitor(otter, "paul")
    vera.conclude("approve")
    publish(otter, "otter")
    action = "/agents/otter/reversal"
    seen = paul.form("/agents/otter", action)
    assert vera.post(action, data=seen | {"note": "no"}).status_code == 403
    assert paul.post(action, data=seen).status_code == 422
    assert paul.post(action, data=seen | {"note": "It was wrong."}).status_code == 303
    assert [kept.review.decision for kept in otter.reviews.all("otter")] == ["approve", "reverse"]
    assert otter.reviews.all("otter")[1].review.note == "It was wrong."
    assert paul.post(action, data=seen | {"note": "again"}).status_code in (404, 409)


def test_what_is_published_stays_a_publishers_while_a_newer_draft_waits(otter: Store) -> None:
    vera, paul = visitor(otter, "vera"), visitor(otter, "paul")
    vera.conclude("approve")
    publish(otter, "otter")
    seen = paul.form("/agents/otter", "/agents/otter/reversal")
    put(otter, found("otter", value="0.4"))
    assert otter.queue.status("otter") is AgentStatus.CHANGED
    assert vera.post("/agents/otter/reversal", data=seen | {"note": "no"}).status_code == 403
    assert paul.post("/agents/otter/reversal", data=seen).status_code == 422
    assert len(otter.reviews.all("otter")) == 1
    vera.conclude("reject", note="not this one")
    seen = vera.form("/agents/otter", "/agents/otter/reversal")
    assert vera.post("/agents/otter/reversal", data=seen).status_code == 303, "the newer one is not published"


def test_the_score_moves_as_one_edits_and_nothing_is_stored(otter: Store) -> None:
    client = visitor(otter, "vera")
    before = dump(otter, without=("tokens",))
    page = client.post(
        f"/agents/otter/preview/{AUTONOMY}", data={"value": "0.0", "certainty": "stated", "keep": "0", "text": "x"}
    ).text
    changed = found("otter").model_dump(mode="json")
    changed["factors"][0] |= {"value": "0.0", "rationale": "x"}
    from scoring.assessment import assess

    wanted = Extraction.model_validate(changed)
    provenance = draft.read(otter, "otter").assessment.provenance
    headline = assess(wanted, digest(wanted), provenance).headline
    assert f'<p class="num">{headline.score}</p>' in page and f"{headline.low} to {headline.high}" in page
    assert dump(otter, without=("tokens",)) == before


@pytest.mark.slow
def test_time_an_item_and_override_rate_are_kept_and_shown(otter: Store) -> None:
    fill(otter, "heron")
    client = visitor(otter, "vera")
    amend(client, AUTONOMY, value="0.9", seconds=12)
    assert otter.drafts.last("otter")[AUTONOMY].seconds == 12
    client.conclude("approve", seconds=90)
    client.conclude("approve", slug="heron", seconds=30)
    page = client.get("/settings").text
    assert "<dd>1 min</dd>" in page and "50 %" in page


def test_without_a_script_time_is_counted_from_the_page(otter: Store, clock: Clock) -> None:
    client = visitor(otter, "vera")
    action = f"/agents/otter/claims/{AUTONOMY}"
    hidden = client.form(f"/agents/otter?claim={AUTONOMY}", action)
    clock.go(seconds=40)
    client.post(action, data=hidden | {"verdict": "accepted"})
    assert otter.drafts.last("otter")[AUTONOMY].seconds == 40


def test_notes_and_requests_decide_nothing(otter: Store, sit: Callable[..., Visitor]) -> None:
    client = sit("vera")
    client.post("/agents/otter/notes", data={"text": "Look at the diary.", "path": "factors.persistent_memory"})
    client.post("/agents/otter/refetch", data={"url": "https://otter.example/faq"})
    client.post("/agents/otter/refetch", data={"url": "javascript:alert(1)"})
    assert [(item.author, item.text) for item in otter.drafts.notes("otter")] == [("vera", "Look at the diary.")]
    assert [item.url for item in otter.requests.open(slug="otter")] == ["https://otter.example/faq"]
    assert "Look at the diary." in client.get("/agents/otter?claim=factors.persistent_memory").text


def test_json_for_who_asks(otter: Store) -> None:
    client = visitor(otter, "vera")
    action = f"/agents/otter/claims/{AUTONOMY}"
    hidden = client.form(f"/agents/otter?claim={AUTONOMY}", action)
    told = client.post(action, data=hidden | {"verdict": "accepted"}, headers=JSON).json()
    assert told["next"] == "factors.dynamic_tool_use" and told["open"] == 32
    assert json.dumps(told)


@pytest.mark.parametrize(("value", "offered"), [("0.1", True), ("0.9", False), ("0.7", False)])
def test_a_lowered_value_offers_to_drop_what_goes_with_the_higher(otter: Store, value: str, offered: bool) -> None:
    client = visitor(otter, "vera")
    said = "The page says it of autonomy_of_action."
    form = {"value": value, "certainty": "stated", "keep": "0", "text": said}
    page = client.post(f"/agents/otter/preview/{AUTONOMY}", data=form).text
    assert ("offer-lower" in page) == offered
    if offered:
        assert 'data-drop="0"' in page and 'data-lower="inferred"' in page and "data-clear" in page
        rest = form | {"certainty": "inferred", "text": "Otherwise.", "keep": "0"}
        page = client.post(f"/agents/otter/preview/{AUTONOMY}", data=rest).text
        assert "data-clear" not in page and "data-lower" not in page
    assert otter.drafts.log("otter") == ()


def test_no_verdict_puts_a_reason_into_the_reviewers_mouth(otter: Store) -> None:
    client = visitor(otter, "vera")
    client.decide(AUTONOMY, "not_certain")
    (first, *_) = otter.drafts.last("otter")[AUTONOMY].amendments
    assert first.reason is AmendmentReason.OTHER and "do not say it" in first.note


@pytest.mark.parametrize("before", [False, True])
def test_a_decision_reads_each_log_once(otter: Store, before: bool) -> None:
    """From the press to the next claim in the answer: who presses, what stands, and what is kept; also where claims of
    an earlier draft, decided singly and as a whole, are held against this one."""
    client = visitor(otter, "vera")
    if before:
        client.decide(AUTONOMY, "accepted")
        client.conclude()
        publish(otter, "otter")
        put(otter, found("otter", value="0.6"))
    told = client.form(f"/agents/otter?claim={AUTONOMY}", f"/agents/otter/claims/{AUTONOMY}") | {"verdict": "accepted"}
    statements: list[str] = []

    def note(connection: Any, cursor: Any, statement: str, *_: Any) -> None:
        if not statement.startswith("BEGIN"):
            statements.append(statement)

    sa.event.listen(otter.database.engine, "before_cursor_execute", note)
    answer = client.post(f"/agents/otter/claims/{AUTONOMY}", data=told, headers={"accept": "application/json"})
    sa.event.remove(otter.database.engine, "before_cursor_execute", note)
    assert answer.json()["next"] == ("" if before else "factors.dynamic_tool_use")
    assert otter.drafts.last("otter")[AUTONOMY].verdict == "accepted" and "accepted" in answer.json()["rows"]
    assert len(statements) <= 13
    logs = ("claim_decisions", "reviews", "publications")
    read = [name for one in statements for name in logs if f"FROM {name} " in one.replace("\n", " ")]
    assert sorted(read) == sorted(logs)


@pytest.mark.slow
def test_on_a_server_who_waits_for_another_decision_is_told_of_it(postgres: str, tmp_path: Path) -> None:
    """What was decided is read behind the lock, not before it."""
    name = f"assay_desk_{uuid.uuid4().hex[:8]}"
    admin = sa.create_engine(
        sa.make_url(postgres).set(drivername="postgresql+psycopg", database="postgres"), isolation_level="AUTOCOMMIT"
    )
    with admin.connect() as server:
        server.exec_driver_sql(f"CREATE DATABASE {name}")
        waiting = sa.text("SELECT count(*) FROM pg_stat_activity WHERE datname = :name AND wait_event_type = 'Lock'")
        with Store.open(f"{postgres}/{name}", blobs=tmp_path / "blobs", clock=Clock()) as store:
            people(store)
            fill(store, "otter")
            vera, paul = visitor(store, "vera"), visitor(store, "paul")
            action = f"/agents/otter/claims/{AUTONOMY}"
            form = paul.form(f"/agents/otter?claim={AUTONOMY}", action) | {"verdict": "rejected"}
            with ThreadPoolExecutor(1) as other:
                with store.writing():
                    seen = read_view(vera.desk, "otter", locked=True)
                    answer = other.submit(paul.post, action, data=form, headers=JSON)
                    while not server.scalar(waiting, {"name": name}) and not answer.done():
                        pass
                    told = {"reviewer": "vera", "seen": True, "decided": seen.work.before}
                    decisions.decide(store, seen.work.claims, AUTONOMY, "accepted", **told)  # type: ignore[arg-type]
                assert answer.result().status_code == 409
            assert [one.reviewer for one in store.drafts.log("otter")] == ["vera"]
        server.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
    admin.dispose()
