"""Programs at the desk: what a token reads, proposes and, where the operator lets it, decides."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from records.maintenance.verify import verify
from records.store import Store
from review.access import COOKIE
from review.accounts.people import put_person
from review.accounts.programs import add_token, revoke_token
from review.desk_options import DeskOptions
from review.services.reapproval import reapprove_unchanged
from scoring.claims import Extraction
from scoring.errors import BadInput, Refused
from scoring.labels import how_decided
from tests.records.made import Clock, publish
from tests.records.store_dump import dump
from tests.review.shipped import desk
from tests.review.windows import Window
from tests.review.world import found, put, visitor

PATH = "factors.autonomy_of_action"
UNKNOWN = "factors.self_modification"
DECIDING = DeskOptions(deciding_programs=("triage",))
SHELL = "It runs shell commands that its plan composes."


class Program:
    """A program with a token, at a desk."""

    def __init__(self, store: Store, role: str = "reviewer", options: DeskOptions | None = None) -> None:
        token = add_token(store, "triage", role, store.now() + timedelta(days=1), actor="ada")
        self.client = visitor(store, "", options)
        self.client.headers["authorization"] = f"Bearer {token}"

    def get(self, address: str) -> Any:
        answer = self.client.get(f"/api{address}")
        assert answer.status_code == 200, answer.text
        return answer.json()

    def post(self, address: str, status: int = 201, **body: Any) -> Any:
        answer = self.client.post(f"/api{address}", json=body)
        assert answer.status_code == status, answer.text
        return answer.json()

    def read(self, path: str = PATH) -> dict[str, Any]:
        """What a proposal about a claim has to name."""
        digest = self.get("/agents/otter")["digest"]
        return {"digest": digest, "after": self.get(f"/agents/otter/claims/{path}")["after"]}

    def amend(self, path: str = PATH, value: str = "0.5", what: str = "proposal", status: int = 201) -> Any:
        wished = {"verdict": "amended", "value": value, "reason": "misread"}
        return self.post(f"/agents/otter/claims/{path}/{what}", status, **self.read(path), **wished)


def test_what_is_proposed_changes_nothing_until_a_person_takes_it(otter: Store) -> None:
    program, vera = Program(otter), visitor(otter, "vera")
    before = program.get("/agents/otter")
    (proposal,) = program.amend()["proposals"]
    program.amend()  # the same once more
    assert (proposal["by"], proposal["amendments"][0]["new"]) == ("program triage", "0.5")
    after = program.get("/agents/otter")
    assert [after[name] for name in ("score", "mark", "digest")] == [
        before[name] for name in ("score", "mark", "digest")
    ]
    assert otter.drafts.log("otter") == ()
    assert f"/agents/otter/proposals/{proposal['id']}" in vera.get(f"/agents/otter/claims/{PATH}").text
    answer = vera.post(f"/agents/otter/proposals/{proposal['id']}", data={"given": "taken"})
    assert answer.status_code == 303
    (decision,) = program.get("/agents/otter/decisions")
    assert (decision["reviewer"], decision["amendments"][0]["new"]) == ("vera", "0.5")
    claim = program.get(f"/agents/otter/claims/{PATH}")
    assert claim["claim"]["value"] == "0.5" and claim["done"] and claim["proposals"] == []
    again = vera.post(f"/agents/otter/proposals/{proposal['id']}", data={"given": "taken"})
    assert again.status_code == 404 and len(otter.drafts.log("otter")) == 1
    kinds = [event.kind for event in otter.events.all(slug="otter") if event.kind.startswith("proposal.")]
    assert kinds == ["proposal.made", "proposal.taken"]
    vera.post("/agents/otter/undo")
    assert len(program.get(f"/agents/otter/claims/{PATH}")["proposals"]) == 1, "an undo brings it back"


def test_a_refused_or_overtaken_proposal_waits_no_more(otter: Store) -> None:
    program, vera = Program(otter), visitor(otter, "vera")
    (proposal,) = program.amend()["proposals"]
    assert vera.post(f"/agents/otter/proposals/{proposal['id']}", data={"given": "refused"}).status_code == 303
    assert program.get("/agents/otter/claims/" + PATH)["proposals"] == [] and otter.drafts.log("otter") == ()
    program.amend()
    stale = program.read()
    vera.decide(PATH, "accepted")
    assert program.get("/agents/otter/claims/" + PATH)["proposals"] == []
    told = program.post(f"/agents/otter/claims/{PATH}/proposal", 409, **stale, verdict="not_certain")
    assert "moved: vera" in told["problem"]
    put(otter, found(value="0.6"))
    told = program.post(f"/agents/otter/claims/{PATH}/proposal", 409, **stale, verdict="not_certain")
    assert verify(otter).holds


def test_an_unknown_claim_with_a_proposal_is_never_accepted_with_the_others(otter: Store) -> None:
    program, vera = Program(otter), visitor(otter, "vera")
    wished = {"verdict": "amended", "value": "0.9", "certainty": "stated", "quote": SHELL, "reason": "better_evidence"}
    wished["text"] = "It composes shell commands."
    told = program.post(f"/agents/otter/claims/{UNKNOWN}/proposal", **program.read(UNKNOWN), **wished)
    assert SHELL in told["proposals"][0]["amendments"][-1]["new"] or SHELL in str(told)
    together = vera.get("/agents/otter?claim=unknowns").text
    assert f'value="{UNKNOWN}"' not in together and 'value="factors.contextual_awareness"' in together
    assert SHELL in vera.get(f"/agents/otter/claims/{UNKNOWN}").text.split('class="proposed"')[1]


def test_what_cannot_be_is_one_line_and_keeps_nothing(otter: Store) -> None:
    program = Program(otter, options=DECIDING)
    before, read = dump(otter), program.read()
    amended = {"verdict": "amended", "value": "0.5"}
    for wished, said in (
        ({**amended, "value": "7", "reason": "misread"}, "tenth"),
        (amended, "reason"),
        ({**amended, "reason": "other"}, "reason in the note"),
        ({"verdict": "amended", "quote": "It was never said.", "reason": "misread"}, "quote"),
        ({"verdict": "wrong"}, "verdict"),
        ({"verdict": "accepted", "extra": 1}, "extra"),
        ({"verdict": "not_applicable"}, "only a layer"),
    ):
        for what in ("proposal", "decision"):
            told = program.post(f"/agents/otter/claims/{PATH}/{what}", 422, **read, **wished)
            assert said in told["problem"] and "\n" not in told["problem"], told
    told = program.post("/agents/otter/claims/nothing/proposal", 404, digest="x", verdict="accepted")
    assert "no such claim" in told["problem"] and dump(otter) == before


def test_only_a_named_token_decides_and_the_record_says_so(otter: Store) -> None:
    program = Program(otter, options=DECIDING)
    program.amend(what="decision")
    read = program.get("/agents/otter")
    approval = {name: read[name] for name in ("digest", "mark")}
    review = program.post("/agents/otter/decision", decision="approve", **approval)
    assert (review["reviewer"], review["role"], review["decided"]) == ("program triage", "program", {"by_program": 33})
    standing = otter.reviews.standing("otter")
    assert standing is not None and how_decided(standing.review.decided) == "33 by program"
    assert "program triage" in visitor(otter, "rey").get("/agents/otter").text
    publish(otter)
    for text in ("It mends nets.", "It mends them."):  # new drafts that say the same: what is kept is still a program's
        put(otter, noisy(text))
        assert reapprove_unchanged(otter) == ("otter",)
        kept = otter.reviews.standing("otter")
        assert kept is not None and kept.review.role.startswith("program, in an earlier review")
        assert how_decided(kept.review.decided) == "33 by program"


def noisy(words: str) -> Extraction:
    """A draft whose claims are put otherwise, on the same words."""
    draft = found()
    return draft.model_copy(update={"summary": draft.summary.model_copy(update={"text": words})})


def test_a_person_who_approves_what_a_program_decided_says_how_many(otter: Store) -> None:
    program, vera = Program(otter, options=DECIDING), visitor(otter, "vera")
    program.amend(what="decision")
    vera.decide("summary", "accepted")
    vera.conclude("approve")
    kept = otter.reviews.standing("otter")
    assert kept is not None and kept.review.role == "reviewer"
    assert how_decided(kept.review.decided) == "1 one by one, 1 by program, 31 only with the draft as a whole"


@pytest.mark.parametrize("role", ["reader", "reviewer", "publisher"])
def test_a_token_without_the_setting_decides_nothing_whatever_its_role(otter: Store, role: str) -> None:
    program = Program(otter, role)
    read = program.get("/agents/otter")
    before = dump(otter)
    wished = {**program.read(), "verdict": "accepted"}
    approval = {"decision": "approve", "digest": read["digest"], "mark": read["mark"]}
    program.post(f"/agents/otter/claims/{PATH}/decision", 403, **wished)
    program.post("/agents/otter/decision", 403, **approval)
    program.post("/corrections/c-0", 403, state="declined", seen="received", reason="no")
    assert dump(otter) == before
    proposed = program.post(f"/agents/otter/claims/{PATH}/proposal", 403 if role == "reader" else 201, **wished)
    assert ("needs the role reviewer" in str(proposed)) is (role == "reader")


def test_corrections_are_read_handed_in_and_settled(otter: Store) -> None:
    program = Program(otter, "publisher", DECIDING)
    told = {"slug": "otter", "path": PATH, "field": "value", "proposed": "0.2", "quote": SHELL, "vendor": "Otter Ltd"}
    made = program.post("/corrections", **told, url="https://otter.example/")
    assert program.get("/corrections") == [made] and program.get(f"/corrections/{made['id']}") == made
    settled = program.post(f"/corrections/{made['id']}", 200, state="declined", seen="received", reason="not said")
    assert settled["state"] == "declined"
    assert [event.actor for event in otter.events.all(kind="correction.")] == ["program triage"] * 2


def test_a_token_that_does_not_work_is_401_and_one_line(otter: Store, clock: Clock) -> None:
    program = Program(otter)
    sessions = {name: otter.people.issue("session", name, 3600) for name in ("ada",)}
    visitor_ = visitor(otter, "ada")
    answers = [
        visitor_.get("/api/queue"),  # a session is no token
        visitor_.get("/api/queue", headers={"authorization": f"Bearer {sessions['ada']}"}),
        visitor(otter).get("/api/queue", headers={"cookie": f"{COOKIE}={program.client.headers['authorization'][7:]}"}),
        visitor(otter).get("/api/queue", headers={"authorization": "Bearer wrong"}),
        visitor(otter).get("/api/queue", headers={"authorization": "Basic d3Jvbmc6d3Jvbmc="}),
        program.client.get("/", headers={"accept": "application/json"}),  # a token is no session
    ]
    for answer in answers:
        assert answer.status_code == 401 and answer.json().keys() == {"problem", "next"}, answer.text
    program.get("/queue")
    revoke_token(otter, "triage", actor="ada")
    assert program.client.get("/api/queue").status_code == 401
    short = Program(otter)
    clock.now += timedelta(days=1, minutes=1)
    assert short.client.get("/api/queue").status_code == 401


def test_many_wrong_tokens_wait_and_a_good_one_does_not(otter: Store) -> None:
    program = Program(otter, options=DeskOptions(sign_in_tries=3))
    stranger = visitor(otter, "", DeskOptions(sign_in_tries=3))
    codes = [stranger.get("/api/queue", headers={"authorization": f"Bearer {n}"}).status_code for n in range(5)]
    assert codes == [401, 401, 401, 429, 429]
    program.get("/queue")


def test_the_rules_of_tokens(otter: Store) -> None:
    soon = otter.now() + timedelta(days=1)
    for name, role, until in (
        ("a", "administrator", soon),
        ("a", "captain", soon),
        ("a b", "reader", soon),
        ("", "reader", soon),
        ("a", "reader", otter.now()),
        ("a", "reader", soon + timedelta(days=9999)),
    ):
        with pytest.raises(BadInput):
            add_token(otter, name, role, until, actor="ada")
    token = add_token(otter, "a", "reader", soon, actor="ada")
    for taken in ("a", "vera"):
        with pytest.raises(Refused):
            add_token(otter, taken, "reader", soon, actor="ada")
    with pytest.raises(Refused):
        put_person(otter, "a", "reviewer", actor="ada")
    with pytest.raises(BadInput):
        put_person(otter, "program a", "reviewer", actor="ada")
    assert token.encode() not in dump(otter) and [e.kind for e in otter.events.all(kind="token.")] == ["token.added"]


def test_the_openapi_page_describes_every_answer(otter: Store) -> None:
    described = visitor(otter, "rey").get("/openapi.json").json()
    assert described == Program(otter).get("/openapi.json")
    for path, methods in described["paths"].items():
        for method, about in methods.items() if path.startswith("/api/") else ():
            (code,) = about["responses"].keys() - {"422"}
            schema = about["responses"][code]["content"]["application/json"]["schema"]
            assert "$ref" in str(schema) and about["security"] == [{"HTTPBearer": []}], f"{method} {path}"


@pytest.mark.slow
def test_at_the_desk_as_shipped(tmp_path: Path, otter: Store) -> None:
    """No form of another site is in play where no cookie counts; the limits are those of the pages."""
    token = add_token(otter, "triage", "reviewer", otter.now() + timedelta(days=3650), actor="ada")
    with (
        desk(tmp_path, deciding_programs="triage") as shipped,
        httpx.Client(base_url=shipped.url, timeout=90) as client,
    ):
        client.headers.update({"authorization": f"Bearer {token}", "origin": "https://elsewhere.example"})
        client.headers["sec-fetch-site"] = "cross-site"
        read = client.get("/api/agents/otter").json()
        wished = {"digest": read["digest"], "verdict": "accepted"}
        for what in ("proposal", "decision"):
            assert client.post(f"/api/agents/otter/claims/{PATH}/{what}", json=wished).status_code == 201
        assert client.post("/agents/otter/undo").status_code == 403, "a page is no place for a token"
        assert client.post("/api/corrections", json={"quote": "x" * 1_000_001}).status_code == 413
        assert client.post("/api/corrections", json={}).status_code == 403
        assert client.get("/api/queue", headers={"authorization": "Bearer wrong"}).status_code == 401
    assert [one.reviewer for one in otter.drafts.log("otter")] == ["program triage"]


@pytest.mark.slow
def test_one_key_takes_a_proposal(otter: Store, window: Callable[..., Window]) -> None:
    Program(otter).amend()
    vera = window("vera")
    vera.go(f"/agents/otter?claim={PATH}")
    vera.wait("#card .proposed")
    vera.press("t")
    vera.wait(f'#card .claim:not([data-path="{PATH}"])')
    assert [one.amendments[0].new for one in otter.drafts.log("otter")] == ["0.5"]
