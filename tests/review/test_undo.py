"""Every press can be taken back by another: claims, many at once, approvals, rejections, whole filters; and only one's
own, and never what is published in passing."""

import json
import re
from collections.abc import Callable

import pytest

from records.agents.review_queue import AgentStatus
from records.assessments.vendor_statements import public_statements
from records.store import Store
from review.roles import Actor
from review.services import decisions, draft, kept_decisions
from review.services import undo as undoing
from review.services.corrections import UNDECIDED
from scoring.errors import BadInput, Refused
from tests.records.made import Clock, publish
from tests.review.windows import Window
from tests.review.world import Visitor, fill, found, keep_pages, put, text_of, visitor

JSON = {"accept": "application/json"}
AUTONOMY = "factors.autonomy_of_action"


def undo_of(client: Visitor, url: str) -> str:
    """The act that the banner of a page offers to take back."""
    return client.form(url, "/undo")["act"]


@pytest.mark.parametrize(("decision", "status"), [("approve", AgentStatus.APPROVED), ("reject", AgentStatus.REJECTED)])
def test_a_whole_draft_is_taken_back_by_the_banner_and_by_its_own_page(
    otter: Store, decision: str, status: AgentStatus
) -> None:
    fill(otter, "heron")
    client = visitor(otter, "vera")
    for way in ("banner", "page"):
        landed = client.conclude(decision, note="why").headers["location"]
        assert otter.queue.status("otter") is status
        page = client.get(landed).text
        assert f"otter {decision}" in page and "Undo" in page
        if way == "banner":
            answer = client.post("/undo", data={"act": undo_of(client, landed)})
        else:
            answer = client.post("/agents/otter/undo")
        assert answer.status_code == 303 and answer.headers["location"].startswith("/agents/otter?")
        assert "Undone: " in client.get(answer.headers["location"]).text
        assert otter.queue.status("otter") is AgentStatus.DRAFT
    assert [kept.review.decision for kept in otter.reviews.all("otter")] == [decision, "reverse"] * 2, (
        "nothing is deleted"
    )


def test_without_a_name_the_last_act_anywhere_goes(otter: Store, clock: Clock) -> None:
    fill(otter, "heron")
    client = visitor(otter, "vera")
    client.decide(AUTONOMY, "accepted", slug="heron")
    clock.go(seconds=1)
    client.conclude("approve")
    clock.go(seconds=1)
    client.decide("summary", "accepted", slug="heron")
    told = [client.post("/undo", headers=JSON).json()["told"] for _ in range(3)]
    assert told == ["Summary of heron", "approval of otter", "Autonomy of Action of heron"]
    assert client.post("/undo", headers=JSON).status_code == 422
    assert otter.drafts.last("heron") == {} and otter.queue.status("otter") is AgentStatus.DRAFT


@pytest.mark.slow
def test_a_whole_filter_is_taken_back_at_once_but_for_what_is_out(store: Store) -> None:
    vera, paul = visitor(store, "vera"), visitor(store, "paul")
    for n in range(5):
        fill(store, f"boat-{n}", finding=False)
        vera.conclude("approve", slug=f"boat-{n}")
        put(store, found(f"boat-{n}", finding=False, value="0.6"))
    mark = paul.form("/bulk?first=no", "/bulk")
    landed = paul.post("/bulk?first=no", data=mark | {"name": "calm boats"}).headers["location"]
    publish(store, "boat-3")
    assert vera.post("/undo", data={"act": undo_of(paul, landed)}).status_code == 422, "not hers"
    answer = paul.post("/undo", data={"act": undo_of(paul, landed)})
    page = paul.get(answer.headers["location"]).text
    assert "4 approvals; 1 stay, published or taken back before" in page
    assert store.queue.statuses()[AgentStatus.DRAFT] == 4
    assert store.queue.status("boat-3") is AgentStatus.PUBLISHED


def test_what_is_published_is_not_undone_in_passing(otter: Store) -> None:
    client = visitor(otter, "paul")
    client.conclude("approve")
    publish(otter, "otter")
    answer = client.post("/agents/otter/undo", headers=JSON)
    assert answer.status_code == 422 and "needs a publisher and a reason" in answer.json()["problem"]
    assert otter.queue.status("otter") is AgentStatus.PUBLISHED


def test_a_decided_draft_keeps_its_claims_and_says_whose_it_is(otter: Store) -> None:
    vera, paul = visitor(otter, "vera"), visitor(otter, "paul")
    vera.decide(AUTONOMY, "rejected")
    paul.conclude("approve")
    answer = vera.post("/agents/otter/undo", headers=JSON)
    assert answer.status_code == 422 and "decided by paul already" in answer.json()["problem"]
    assert otter.drafts.last("otter")[AUTONOMY].verdict == "rejected"
    with pytest.raises(Refused, match="decided by paul"):
        undoing.redo(otter, Actor("vera", "reviewer"), "otter")
    with pytest.raises(BadInput, match="nothing of yours"):
        undoing.undo(otter, Actor("ada", "administrator"), slug="otter")


@pytest.mark.parametrize("second", ["approve", "reject"])
def test_a_second_decision_about_the_same_draft_says_who_made_the_first(otter: Store, second: str) -> None:
    vera, paul = visitor(otter, "vera"), visitor(otter, "paul")
    hidden = paul.form("/agents/otter", "/agents/otter/decision")
    vera.conclude("approve")
    answer = paul.post("/agents/otter/decision", data=hidden | {"decision": second, "note": "n"}, headers=JSON)
    assert answer.status_code == 409 and "vera approved this draft on 2026-11-03" in answer.json()["problem"]
    assert len(otter.reviews.all("otter")) == 1


def test_a_conflict_shows_what_was_read_and_looks_first(otter: Store) -> None:
    vera, paul = visitor(otter, "vera"), visitor(otter, "paul")
    action = f"/agents/otter/claims/{AUTONOMY}"
    seen = paul.form(f"/agents/otter?claim={AUTONOMY}", action)
    vera.decide(AUTONOMY, "rejected", note="Vera was here")
    page = paul.post(action, data=seen | {"verdict": "accepted"}).text
    mine = page.split("<h3>Yours</h3>")[1].split("</section>")[0]
    assert "0.7" in mine and "The page says it of autonomy_of_action." in mine and "It mends" in mine
    assert re.findall(r'<(?:a class="button|button)[^>]*>([^<]+)', page.split('class="choose"')[1])[0].startswith(
        "Look"
    )


@pytest.mark.slow
def test_the_key_takes_back_from_anywhere_and_enter_never_puts_mine_on_top(
    otter: Store, window: Callable[..., Window]
) -> None:
    fill(otter, "heron")
    desk = window()
    page = desk.go("/agents/heron")
    with page.expect_navigation():
        desk.press("A")
    desk.wait("#undo-act")
    assert otter.queue.status("heron") is AgentStatus.APPROVED and "/agents/otter" in page.url
    with page.expect_navigation():
        desk.press("u")
    desk.wait("#agent[data-slug=heron]")
    assert otter.queue.status("heron") is AgentStatus.DRAFT
    with page.expect_navigation():
        desk.press("A")
    desk.wait("#undo-act")
    desk.go("/")
    with page.expect_navigation():
        desk.press("u")
    desk.wait("#agent[data-slug=heron]")
    assert otter.queue.status("heron") is AgentStatus.DRAFT
    desk.go(f"/agents/otter?claim={AUTONOMY}")
    visitor(otter, "vera").decide(AUTONOMY, "rejected")
    page.keyboard.press("a")
    desk.wait("#conflict[open]")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    desk.wait("#card .decided.rejected")
    assert [item.reviewer for item in otter.drafts.log("otter")] == ["vera"] and desk.wrong == []


PROPOSED = {"path": AUTONOMY, "field": "value", "proposed": "0.2", "quote": "A person agrees to each net.",
            "url": "https://otter.example/safety", "vendor": "Otter Works", "slug": "otter"}  # fmt: skip
SAID = {
    "vendor": "Otter Works",
    "text": "It never mends alone.",
    "url": "https://otter.example/a",
    "date": "2026-10-01",
}


def correct(client: Visitor, store: Store, state: str) -> str:
    """Decides a vendor's correction whose page was fetched; gives where the desk goes on."""
    client.post("/corrections", data={"document": json.dumps(PROPOSED)})
    keep_pages(store, text_of(PROPOSED["url"], ["Safety", PROPOSED["quote"]]))
    (kept,) = store.corrections.all()
    data = {"seen": kept.state.value, "state": state, "reason": "It says so."}
    return str(client.post(f"/corrections/{kept.id}", data=data).headers["location"])


def unknowns(client: Visitor, store: Store) -> str:
    hidden = client.form("/agents/otter?claim=unknowns", "/agents/otter/unknowns")
    path = re.findall(r'name="path" value="([^"]+)"', client.get("/agents/otter?claim=unknowns").text)
    return str(client.post("/agents/otter/unknowns", data=hidden | {"path": path}).headers["location"])


def by_reason(client: Visitor, store: Store) -> str:
    url = f"/reasons/one?key={store.claim_reasons.waiting()[0].reason}"
    marks = re.findall(r'name="claim" value="([^"]+)"', client.get(url).text)
    return str(client.post(url, data={"claim": marks, "verdict": "rejected"}).headers["location"])


ACTS: dict[str, Callable[[Visitor, Store], str]] = {
    "claim": lambda client, _: str(client.decide(AUTONOMY, "rejected").headers["location"]),
    "unknown claims together": unknowns,
    "approval": lambda client, _: str(client.conclude("approve").headers["location"]),
    "rejection": lambda client, _: str(client.conclude("reject", note="why").headers["location"]),
    "correction accepted": lambda client, store: correct(client, store, "accepted"),
    "correction declined": lambda client, store: correct(client, store, "declined"),
    "statement put": lambda client, _: str(client.post("/agents/otter/statement", data=SAID).headers["location"]),
}


@pytest.mark.slow
@pytest.mark.parametrize("act", ACTS)
def test_every_act_of_the_desk_is_taken_back_by_one_press_where_it_leads(otter: Store, act: str) -> None:
    client = visitor(otter, "paul")

    def state() -> object:
        claims = draft.read(otter, "otter")
        held = {path: item.verdict for path, item in kept_decisions.carried_decisions(otter, claims).items()}
        return held, decisions.is_decided(otter, claims), public_statements(otter).get("otter")

    before = state()
    landed = ACTS[act](client, otter)
    assert state() != before or otter.corrections.all()[0].state not in UNDECIDED
    page = client.get(landed).text
    if 'action="/undo"' in page:
        assert client.post("/undo", data={"act": undo_of(client, landed)}).status_code == 303
    else:
        assert client.post("/agents/otter/undo").status_code == 303
    assert state() == before and all(item.state in UNDECIDED for item in otter.corrections.all())


def test_an_accepted_correction_is_taken_back_with_the_approval_it_made(otter: Store) -> None:
    vera, paul, ada = (visitor(otter, name) for name in ("vera", "paul", "ada"))
    vera.conclude("approve")
    publish(otter)
    landed = correct(paul, otter, "accepted")
    assert paul.post("/undo", data={"act": undo_of(paul, landed)}).status_code == 303
    (kept,) = otter.corrections.all()
    assert paul.post("/agents/otter/redo").status_code == 422, "the draft is decided"
    assert kept.state == "under_review" and otter.queue.status("otter") is AgentStatus.PUBLISHED
    url, again = f"/corrections/{kept.id}", {"seen": "accepted", "state": "under_review"}
    accept = {"seen": "under_review", "state": "accepted", "reason": "It does."}
    paul.post(url, data=accept)
    publish(otter)
    assert ada.post("/undo", data={"act": kept.id}).status_code == 422, "not hers"
    assert paul.post("/agents/otter/undo").status_code == 422, "published: with its reason only"
    assert paul.post(url, data=again).status_code == 422
    assert paul.post(url, data=again | {"reason": "misread"}).status_code == 303
    assert otter.queue.status("otter") is AgentStatus.APPROVED and not otter.drafts.last("otter")
    paul.post(url, data=accept)
    paul.post("/agents/otter/reversal", data=paul.form("/agents/otter", "/agents/otter/reversal") | {"note": "n"})
    assert paul.post(url, data=again | {"reason": "misread"}).status_code == 422, "vera's approval stands on it"
    vera.post("/agents/otter/undo")
    assert paul.post(url, data=again | {"reason": "misread"}).status_code == 303 and not otter.drafts.last("otter")
    redone = paul.post("/agents/otter/redo", headers=JSON)
    assert redone.status_code == 422 and f"/corrections/{kept.id}" in redone.json()["next"]
    assert not otter.drafts.last("otter")


def test_a_statement_comes_back_as_it_was(otter: Store) -> None:
    paul = visitor(otter, "paul")
    paul.post("/agents/otter/statement", data=SAID)
    paul.post("/agents/otter/statement", data=SAID | {"text": "It never mends at all."})
    visitor(otter, "ada").post("/agents/otter/statement/remove")
    assert public_statements(otter)["otter"] is None
    assert paul.post("/undo", data={"act": "s-otter"}).status_code == 422, "ada removed it"
    told = visitor(otter, "ada").post("/undo", data={"act": "s-otter"})
    assert told.status_code == 303 and public_statements(otter)["otter"].text == "It never mends at all."  # type: ignore[union-attr]
    paul.post("/undo", data={"act": "s-otter"})
    assert public_statements(otter)["otter"].text == "It never mends alone."  # type: ignore[union-attr]
    paul.post("/undo", data={"act": "s-otter"})
    assert public_statements(otter)["otter"] is None
    assert paul.post("/undo", data={"act": "s-otter"}).status_code == 422


def test_what_is_published_is_refused_with_the_command_that_takes_it_back(otter: Store) -> None:
    visitor(otter, "vera").conclude("approve")
    publish(otter, "otter")
    with pytest.raises(Refused) as refused:
        undoing.undo(otter, Actor("vera", "reviewer"), slug="otter")
    assert "assay review reverse otter" in refused.value.next_step
