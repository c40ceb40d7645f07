"""The two-person rule: the desk, the terminal and the publication refuse the same; no rule and no program counts."""

import pytest

from records.agents.review_queue import AgentStatus
from records.store import Store
from review.desk_options import DeskOptions
from review.roles import DEMO
from review.services import decisions, draft
from review.services.confirmations import unconfirmed, waiting
from review.services.reapproval import reapprove_unchanged
from scoring.errors import Refused
from scoring.labels import confirmed
from scoring.reviews import Decision
from scoring.vocabulary import Severity
from tests.records.made import publish
from tests.review.world import found, put, visitor

FIRST = DeskOptions(two_people=("first",))
JSON = {"accept": "application/json"}


def conclude(
    store: Store, name: str, decision: Decision = Decision.APPROVE, role: str = "reviewer", **more: object
) -> str:
    claims = draft.read(store, "otter")
    told = {"reviewer": name, "role": role, "note": "n", "two_people": ("first",), **more}
    return decisions.conclude(store, claims, decision, **told).confirms or ""  # type: ignore[arg-type]


@pytest.mark.slow
def test_the_desk_asks_another_person(otter: Store) -> None:
    vera, paul = visitor(otter, "vera", FIRST), visitor(otter, "paul", FIRST)
    vera.decide("factors.persistent_memory", "rejected")
    vera.conclude("approve")
    assert [kept.review.slug for kept in waiting(otter, ("first",))] == ["otter"]
    page = paul.get("/agents/otter").text
    assert "waits for\na second person" in page and "/agents/otter" in paul.get("/second").text
    form = vera.form("/agents/otter", "/agents/otter/decision") | {"decision": "approve"}
    own = vera.post("/agents/otter/decision", data=form, headers=JSON)
    assert own.status_code == 422 and "a second person has to confirm it" in own.json()["problem"]
    assert paul.post("/agents/otter/decision", data=form, headers=JSON).status_code == 200
    first, second = (kept.review for kept in otter.reviews.all("otter"))
    assert (second.confirms, second.reviewer) == ("vera", "paul")
    assert (second.amendments, second.decided) == (first.amendments, first.decided), "confirmed as it was approved"
    assert waiting(otter, ("first",)) == () and "waits for" not in paul.get("/agents/otter").text
    assert paul.post("/agents/otter/undo").status_code == 303
    assert len(waiting(otter, ("first",))) == 1 and otter.queue.status("otter") is AgentStatus.APPROVED


@pytest.mark.parametrize("second", [3, None])
def test_one_sentence_does_not_mix_the_seconds_of_one_with_the_decisions_of_another(
    otter: Store, second: int | None
) -> None:
    conclude(otter, "vera", seconds=900)
    conclude(otter, "paul", seconds=second)
    kept = otter.reviews.standing("otter")
    assert kept is not None and kept.review.confirms == "vera"
    assert confirmed(kept.review.decided, kept.review.seconds) == "approved as a whole"


@pytest.mark.parametrize("second", [Decision.APPROVE, Decision.REJECT])
@pytest.mark.parametrize("name", ["vera", "Vera", " VERA "])
def test_nobody_is_the_second_person_to_themselves(otter: Store, second: Decision, name: str) -> None:
    conclude(otter, "vera")
    with pytest.raises(Refused, match="a second person has to confirm it"):
        conclude(otter, name, second)
    assert len(otter.reviews.all("otter")) == 1


def test_a_program_is_no_second_person_whatever_the_role_of_its_token(otter: Store) -> None:
    conclude(otter, "vera")
    with pytest.raises(Refused, match="a second person has to confirm it"):
        conclude(otter, "program triage", role="publisher")
    assert len(waiting(otter, ("first",))) == 1


def test_another_person_may_reject_what_waits(otter: Store) -> None:
    conclude(otter, "vera")
    assert conclude(otter, "paul", Decision.REJECT) == ""
    assert otter.queue.status("otter") is AgentStatus.REJECTED and waiting(otter, ("first",)) == ()


def test_a_program_is_neither_the_first_nor_the_second(otter: Store) -> None:
    conclude(otter, "robot", role=DEMO)
    assert conclude(otter, "vera") == "", "the first person"
    with pytest.raises(Refused, match="robot is demo"):
        conclude(otter, "robot", role=DEMO)
    assert conclude(otter, "paul") == "vera" and unconfirmed(otter, "otter", ("first",)) is None


def test_without_the_setting_a_second_approval_is_refused_as_before(otter: Store) -> None:
    conclude(otter, "vera", two_people=())
    with pytest.raises(Refused, match="vera approved this draft"):
        conclude(otter, "paul", two_people=())


def test_critical_asks_again_and_what_is_kept_rests_on_who_confirmed(
    otter: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    conclude(otter, "vera")
    publish(otter)
    assert unconfirmed(otter, "otter", ("first",)) is None, "published before"
    band = otter.assessments.current("otter").assessment.headline.severity  # type: ignore[union-attr]
    monkeypatch.setattr("review.services.confirmations.Severity", type("S", (), {"CRITICAL": band}))
    assert isinstance(band, Severity) and unconfirmed(otter, "otter", ("critical",)) is not None
    assert conclude(otter, "paul", two_people=("critical",)) == "vera"
    put(otter, found("otter", assessor="scripted-2"))
    assert reapprove_unchanged(otter) == ("otter",)
    assert unconfirmed(otter, "otter", ("critical",)) is None, "kept by a rule, on two people's word"
    put(otter, found("otter", value="0.6"))
    conclude(otter, "paul", two_people=("critical",))
    assert unconfirmed(otter, "otter", ("critical",)) is not None, "one person's word on a new draft"
