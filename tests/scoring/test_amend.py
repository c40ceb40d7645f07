"""A reviewer's changes: applied together, refused when stale or when the result would not be honest."""

import json
from decimal import Decimal as D
from typing import Any

import pytest

from scoring.amendments import amended
from scoring.claims import Evidence, Extraction, SupportVerdict
from scoring.errors import Refused
from scoring.reviews import Amendment, AmendmentReason
from scoring.vocabulary import Certainty, Detail, ExposureFact, LayerStatus, NotCertainReason, RiskFactor, Support

AUTONOMY = RiskFactor.AUTONOMY_OF_ACTION


def change(path: str, field: Any, old: str, new: str, reason: str = "misread") -> Amendment:
    return Amendment(path=path, field=field, old=old, new=new, reason=AmendmentReason(reason))


def evidence(quote: Evidence) -> str:
    return json.dumps([quote.model_dump(mode="json")])


def test_a_value_changes_and_the_original_stays(make: Any) -> None:
    original = make({"autonomy_of_action": "0.7"})
    changed = amended(original, [change("factors.autonomy_of_action", "value", "0.7", "0.3")])
    assert (original.factor(AUTONOMY).value, changed.factor(AUTONOMY).value) == (D("0.7"), D("0.3"))
    assert amended(changed, [change("factors.autonomy_of_action", "value", "0.3", "0.7")]) == original


def test_an_unknown_becomes_stated_with_its_quote(make: Any, quote: Evidence) -> None:
    changed = amended(
        make(),
        [
            change("exposure.executes", "value", "", "arbitrary_code"),
            change("exposure.executes", "certainty", "not_certain", "stated"),
            change("exposure.executes", "evidence", "[]", evidence(quote)),
        ],
    )
    claim = changed.fact(ExposureFact.EXECUTES)
    assert (claim.value, claim.certainty, claim.reason, claim.evidence) == (
        "arbitrary_code",
        Certainty.STATED,
        None,
        (quote,),
    )


HINT = SupportVerdict(verdict=Support.HINTS, rule="touches on it", why="“files” speaks of: its files")
CARRIED = SupportVerdict(verdict=Support.CARRIES, rule="says it", why="“acts alone” speaks of: no approval")


def _first_factor(extraction: Extraction, **fields: Any) -> Extraction:
    document = extraction.model_dump()
    first, *others = document["factors"]
    return Extraction.model_validate({**document, "factors": (first | fields, *others)})


def test_a_hint_becomes_stated_by_a_person_and_the_verdict_on_other_words_goes(make: Any, quote: Evidence) -> None:
    path, hinted = f"factors.{AUTONOMY}", {"support": HINT, "detail": Detail.ONLY_HINTED, "evidence": (quote,)}
    original = _first_factor(make(), **hinted)
    for evidences in ([], [change(path, "evidence", evidence(quote), evidence(quote))]):
        changed = amended(original, [change(path, "certainty", "not_certain", "stated"), *evidences]).factor(AUTONOMY)
        assert (changed.certainty, changed.support, changed.detail) == (Certainty.STATED, None, None)
    estimate = amended(original, [change(path, "value", "0.4", "0.6")]).factor(AUTONOMY)
    assert estimate.support == HINT, "another estimate leaves the hint beside a claim that is not certain"


@pytest.mark.parametrize("field", ["value", "certainty", "evidence"])
def test_a_verdict_stays_only_with_the_claim_that_it_is_about(make: Any, quote: Evidence, field: str) -> None:
    path = f"factors.{AUTONOMY}"
    original = _first_factor(make({AUTONOMY: "0.7"}), support=CARRIED)
    changes = {
        "value": change(path, "value", "0.7", "0.3"),
        "certainty": change(path, "certainty", "stated", "not_certain"),
        "evidence": change(path, "evidence", evidence(quote), evidence(quote)),
    }
    assert amended(original, [changes[field]]).factor(AUTONOMY).support is None
    assert amended(original, [change(path, "text", "", "Read again.")]).factor(AUTONOMY).support == CARRIED


@pytest.mark.parametrize(
    ("reason", "why"),
    [("quote_does_not_support", NotCertainReason.QUOTE_REJECTED), ("outdated", NotCertainReason.NOT_STATED)],
)
def test_a_claim_becomes_not_certain_and_loses_its_quote(make: Any, reason: str, why: NotCertainReason) -> None:
    original = make({"autonomy_of_action": "0.7"}, {"executes": "nothing"})
    changed = amended(
        original,
        [
            change("factors.autonomy_of_action", "certainty", "stated", "not_certain", reason),
            change("exposure.executes", "certainty", "stated", "not_certain", reason),
        ],
    )
    factor, fact = changed.factor(AUTONOMY), changed.fact(ExposureFact.EXECUTES)
    assert (factor.certainty, factor.reason, factor.evidence) == (Certainty.NOT_CERTAIN, why, ())
    assert factor.value == D("0.7")
    assert (fact.value, fact.reason, fact.evidence) == (None, why, ())


def test_a_layer_is_mapped_and_unmapped(make: Any, quote: Evidence) -> None:
    original = make()
    mapped = amended(
        original,
        [
            change("layers.L3", "status", "not_certain", "mapped"),
            change("layers.L3", "text", original.layers[2].text, "It is built on a planner."),
            change("layers.L3", "evidence", "[]", evidence(quote)),
        ],
    )
    assert mapped.layers[2].status is LayerStatus.MAPPED and mapped.layers[2].reason is None
    back = amended(mapped, [change("layers.L3", "status", "mapped", "not_certain")])
    assert back.layers[2].text.startswith("Not certain from the listing") and not back.layers[2].evidence


def test_the_summary_changes(make: Any) -> None:
    changed = amended(make(), [change("summary", "text", "Pathfinder finds paths.", "It finds paths.")])
    assert changed.summary.text == "It finds paths."


@pytest.mark.parametrize(
    ("path", "field", "old", "new", "words"),
    [
        ("factors.autonomy_of_action", "value", "0.6", "0.3", "is 0.7 now, the review read 0.6"),
        ("factors.autonomy_of_action", "value", "0.7", "0.35", "not valid"),
        ("factors.autonomy_of_action", "value", "0.7", "high", "not valid"),
        ("factors.goal_driven_planning", "certainty", "not_certain", "stated", "needs a grounded quote"),
        ("factors.goal_driven_planning", "certainty", "not_certain", "sure", "not valid"),
        ("factors.autonomy_of_action", "evidence", "not json", "[]", "the review read not json"),
        ("factors.charm", "value", "0.7", "0.3", "there is no value at factors.charm"),
        ("layers.L8", "text", "", "x", "there is no text at layers.L8"),
        ("layers.L3", "value", "", "x", "there is no value"),
        ("summary", "status", "", "x", "there is no status"),
        ("slug", "value", "", "x", "there is no value at slug"),
    ],
)
def test_refused(make: Any, path: str, field: str, old: str, new: str, words: str) -> None:
    with pytest.raises(Refused, match=words) as error:
        amended(make({"autonomy_of_action": "0.7"}), [change(path, field, old, new)])
    assert str(error.value).startswith("pathfinder: amend: ") and "\n" not in str(error.value)


def test_one_bad_amendment_refuses_them_all(make: Any) -> None:
    original = make({"autonomy_of_action": "0.7"})
    good = change("factors.autonomy_of_action", "value", "0.7", "0.3")
    with pytest.raises(Refused):
        amended(original, [good, good])
    assert original.factor(AUTONOMY).value == D("0.7")
