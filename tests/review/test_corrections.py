"""A vendor proposes, the next flow fetches, a person decides within the clock."""

import json
from decimal import Decimal

import pytest
from lxml import etree

from records.agents.review_queue import AgentStatus
from records.store import Store
from review.services import draft
from review.services.kept_decisions import carried_amendments
from review.services.vendor_mail import vendor_questions
from scoring.amendments import amended
from scoring.likely.decision import MOST_SHOWN
from scoring.reviews import CorrectionState
from scoring.what_if import what_if
from tests.records.made import Clock, publish
from tests.review.world import keep_pages, text_of, visitor

URL = "https://otter.example/safety"
QUOTE = "A person agrees to each net 🕸️ before it is mended."
WHAT = {"what": "factors.autonomy_of_action value", "proposed": "0.2", "quote": QUOTE, "url": URL}


@pytest.fixture
def link(otter: Store) -> str:
    page = visitor(otter, "paul").post("/agents/otter/vendor-link", data={"vendor": "Otter Works"}).text
    return "/vendor/" + page.split("/vendor/")[1].split("<")[0]


def fetch(store: Store) -> None:
    """What the next flow does with the request."""
    (request,) = store.requests.open(slug="otter")
    assert (request.kind, request.url) == ("correction", URL)
    keep_pages(store, text_of(URL, ["Safety", QUOTE]))
    store.requests.finish(request.id, "fetched")


def test_a_vendor_only_proposes(otter: Store, link: str) -> None:
    before = otter.assessments.current_digest("otter")
    vendor = visitor(otter)
    assert vendor.get(link).status_code == 200
    assert vendor.post(link, data=WHAT).status_code == 200
    (kept,) = otter.corrections.all()
    assert (kept.vendor, kept.state, kept.proposed) == ("Otter Works", CorrectionState.RECEIVED, "0.2")
    assert otter.assessments.current_digest("otter") == before and otter.drafts.log("otter") == ()
    assert vendor.get("/agents/otter").status_code == 401
    vendor.post(link, data=WHAT)
    assert len(otter.corrections.all()) == 1, "the same proposal again is the same correction"


def test_a_vendor_is_asked_what_would_move_the_score_and_answers_by_the_same_form(otter: Store, link: str) -> None:
    """Each question of the record, each with its answers; an answer is a proposal about the claim that it settles."""
    claims, vendor = draft.read(otter, "otter"), visitor(otter)
    asked = vendor_questions(claims)
    page = etree.HTML(vendor.get(link).text)
    assert len(asked) > MOST_SHOWN
    for form, question in zip(page.findall(".//form[@class='proposal']"), asked, strict=False):
        fields = {field.get("name"): field.get("value") for field in form.findall(".//input") if field.get("value")}
        values = [field.get("value") for field in form.findall(".//input[@type='radio']")]
        assert fields["what"] == f"{question.settles} value"
        assert values == [answer.value for answer in question.answers]
    question = asked[0]
    answer = {"what": f"{question.settles} value", "proposed": question.answers[0].value, "quote": QUOTE, "url": URL}
    assert vendor.post(link, data=answer).status_code == 200
    (kept,) = otter.corrections.all()
    assert (kept.path, kept.field, kept.proposed) == (question.settles, "value", question.answers[0].value)


def test_the_mail_to_a_vendor_is_ready_to_send(otter: Store) -> None:
    """It names the product, its slug, the form, and of each question the claim, the possible values and the quote."""
    claims = draft.read(otter, "otter")
    page = visitor(otter, "paul").post("/agents/otter/vendor-link", data={"vendor": "Otter Works"}).text
    mail = etree.HTML(page).findtext(".//textarea[@id='mail']")
    assert mail is not None and "(otter)" in mail.splitlines()[0]
    assert mail.count("/vendor/") == 1 and mail.count("   Claim: ") == MOST_SHOWN
    for question in vendor_questions(claims)[:MOST_SHOWN]:
        assert question.text in mail and f"   Claim: {question.settles}\n" in mail
        assert all(f"   - {answer.value}: " in mail for answer in question.answers)


@pytest.mark.slow
@pytest.mark.parametrize(
    "wrong",
    [
        {"proposed": "17"},
        {"url": "javascript:alert(1)"},
        {"url": "ftp://otter.example/"},
        {"quote": ""},
        {"what": "factors.autonomy_of_action certainty"},
        {"what": "nothing value"},
        {"what": ""},
        {"proposed": " "},
    ],
)
def test_what_is_no_correction_is_refused_with_what_was_typed(otter: Store, link: str, wrong: dict[str, str]) -> None:
    answer = visitor(otter).post(link, data=WHAT | wrong)
    assert answer.status_code == 422 and otter.corrections.all() == ()
    assert QUOTE in answer.text or "quote" in wrong


def test_a_link_runs_out(otter: Store, link: str, clock: Clock) -> None:
    clock.go(days=61)
    assert visitor(otter).get(link).status_code == 404
    assert visitor(otter).post("/vendor/made-up", data=WHAT).status_code == 404


def test_it_is_shown_as_what_if_and_accepted_only_on_a_fetched_page(otter: Store, link: str) -> None:
    visitor(otter).post(link, data=WHAT)
    (kept,) = otter.corrections.all()
    paul = visitor(otter, "paul")
    page = paul.get(f"/corrections/{kept.id}").text
    claims = draft.read(otter, "otter")
    told = what_if(
        claims.extraction,
        claims.assessment.extraction_digest,
        claims.assessment.provenance,
        {"autonomy_of_action": "0.2"},
    )
    assert f"<b>{told.before.headline.score}</b>" in page and f"<b>{told.after.headline.score}</b>" in page
    assert "the next flow fetches this page first" in page and "30 days left" in page
    decision = {"seen": "received", "state": "accepted", "reason": "The page says so."}
    assert paul.post(f"/corrections/{kept.id}", data=decision).status_code == 422
    fetch(otter)
    assert "the quote stands on the page" in paul.get(f"/corrections/{kept.id}").text
    assert paul.post(f"/corrections/{kept.id}", data=decision | {"reason": " "}).status_code == 422
    assert paul.post(f"/corrections/{kept.id}", data=decision).status_code == 303
    factor = amended(claims.extraction, carried_amendments(otter, claims)).factors[0]
    assert factor.value == Decimal("0.2") and factor.evidence[0].quote == QUOTE
    after = otter.corrections.get(kept.id)
    assert (after.state, after.reason, after.decided) == (CorrectionState.ACCEPTED, "The page says so.", otter.now())
    assert paul.post(f"/corrections/{kept.id}", data=decision).status_code == 409
    assert otter.reviews.standing("otter") is None, "a draft that waits still waits"


def test_accepting_on_a_published_record_approves_it_anew(otter: Store, link: str) -> None:
    visitor(otter, "vera").conclude("approve")
    publish(otter, "otter")
    visitor(otter).post(link, data=WHAT)
    (kept,) = otter.corrections.all()
    fetch(otter)
    data = {"seen": "received", "state": "accepted", "reason": "Yes."}
    assert visitor(otter, "paul").post(f"/corrections/{kept.id}", data=data).status_code == 303
    review = otter.reviews.standing("otter")
    assert review is not None and review.review.reviewer == "paul"
    assert {change.reason for change in review.review.amendments} == {"vendor_correction"}
    assert otter.queue.status("otter") is AgentStatus.APPROVED


def test_the_clock_runs_out_visibly_and_a_decline_has_its_reason(otter: Store, link: str, clock: Clock) -> None:
    visitor(otter).post(link, data=WHAT)
    (kept,) = otter.corrections.all()
    clock.go(days=33)
    paul = visitor(otter, "paul")
    assert "3 days late" in paul.get("/corrections").text
    paul.post(f"/corrections/{kept.id}", data={"seen": "received", "state": "under_review"})
    data = {"seen": "under_review", "state": "declined", "reason": "The page says the contrary."}
    assert paul.post(f"/corrections/{kept.id}", data=data).status_code == 303
    states = [item.state for item in otter.corrections.states(kept.id)]
    assert states == ["received", "under_review", "declined"]
    assert "The page says the contrary." in visitor(otter, "rey").get("/corrections").text


def test_corrections_come_as_json_all_or_none(otter: Store) -> None:
    good = {
        "slug": "otter",
        "path": "exposure.approval",
        "field": "value",
        "proposed": "each_action",
        "quote": QUOTE,
        "url": URL,
        "vendor": "Otter Works",
    }
    paul = visitor(otter, "paul")
    assert (
        paul.post("/corrections", data={"document": json.dumps([good, good | {"proposed": "never"}])}).status_code
        == 422
    )
    for bad in ("", "[", "[]", "5", json.dumps(good | {"extra": 1}), "[" * 5000):
        assert paul.post("/corrections", data={"document": bad}).status_code == 422
    assert otter.corrections.all() == () and otter.requests.open() == ()
    assert paul.post("/corrections", data={"document": json.dumps(good)}).status_code == 303
    assert len(otter.corrections.all()) == 1
