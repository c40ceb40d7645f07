"""A score before and after one setting, and the report of bands that a profile would change."""

import json
from decimal import Decimal as D
from typing import Any

import pytest

from scoring.amendments import amended
from scoring.assessment import assess
from scoring.band_change import band_changes
from scoring.errors import BadInput, Refused
from scoring.factor_estimates import estimates, estimates_of_json
from scoring.formulas.table import PROFILES
from scoring.reviews import AmendmentReason
from scoring.scores import Provenance
from scoring.vocabulary import EXPOSURE_VALUES, ExposureFact, RiskFactor
from scoring.what_if import as_amendments, what_if

DIGEST = "sha256:" + "1" * 64


def test_before_after_and_cause(make: Any, provenance: Provenance) -> None:
    extraction = make({"autonomy_of_action": "0.4"})
    result = what_if(extraction, DIGEST, provenance, ["autonomy_of_action=0.6", "mitigation=partial", "reads=limited"])
    before, after = result.before.headline, result.after.headline
    assert after.factor_sum - before.factor_sum == D("0.2")
    assert (before.mitigation_factor, after.mitigation_factor) == (D("1.00"), D("0.83"))
    assert result.causes == (
        "autonomy_of_action: 0.4 -> 0.6",
        "mitigation: from the facts -> partial",
        "reads: unknown -> limited",
    )
    assert after.mitigation_reason.startswith("set by hand")
    assert "reads" not in {mover.unknown for mover in after.movers}
    assert extraction == make({"autonomy_of_action": "0.4"})


def test_nothing_set_nothing_moves(make: Any, provenance: Provenance) -> None:
    result = what_if(make(), DIGEST, provenance)
    assert result.before == result.after and not result.causes


def test_another_profile(make: Any, provenance: Provenance) -> None:
    result = what_if(make(), DIGEST, provenance, profile="owasp-aivss-0.8")
    assert (result.before.headline.profile, result.after.headline.profile) == ("aivss-0.8-listing", "owasp-aivss-0.8")
    assert result.causes == ("profile: aivss-0.8-listing -> owasp-aivss-0.8",)
    assert result.after.provenance.formula == "owasp-aivss-0.8"


def test_evidence_taken_away(make: Any, provenance: Provenance) -> None:
    extraction = make({"autonomy_of_action": "0.4"}, {"reads": "limited"})
    result = what_if(extraction, DIGEST, provenance, {"reads": "unknown", "autonomy_of_action": "unknown"})
    assert result.after.headline.high >= result.before.headline.high
    assert {"reads", "autonomy_of_action"} <= {mover.unknown for mover in result.after.headline.movers}


def test_thm_by_name_and_off_the_table(make: Any, provenance: Provenance) -> None:
    by_name = what_if(make(), DIGEST, provenance, ["thm=attacked"]).after.headline
    by_number = what_if(make(), DIGEST, provenance, ["thm=0.6"]).after.headline
    assert by_name.thm == D("1.00") and by_number.thm == D("0.60")
    assert any("off the table" in note for note in by_number.conformance)
    strong = what_if(make(), DIGEST, provenance, ["mitigation=strong"]).after.headline
    assert any("validation" in note for note in strong.conformance)


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ("autonomy_of_action", "name=value"),
        ("autonomy_of_action=", "name=value"),
        ("autonomy_of_action=0.65", "a tenth"),
        ("autonomy_of_action=2", "a tenth"),
        ("autonomy_of_action=NaN", "finite"),
        ("reads=everything", "reads is one of"),
        ("mitigation=perfect", "mitigation is none, partial, strong or a number"),
        ("thm=1.1", "thm is from 0.00 to 1.00"),
        ("charm=0.5", "nothing is called 'charm'"),
    ],
)
def test_a_bad_setting_is_named_in_one_line(make: Any, provenance: Provenance, setting: str, words: str) -> None:
    with pytest.raises(BadInput, match=words):
        what_if(make(), DIGEST, provenance, [setting])


def test_only_a_factor_can_be_kept_without_a_quote(make: Any) -> None:
    extraction = make({"autonomy_of_action": "0.4"})
    changes = as_amendments(extraction, ["autonomy_of_action=0.6"], AmendmentReason.MISREAD, "asks first")
    assert amended(extraction, changes).factor(RiskFactor.AUTONOMY_OF_ACTION).value == D("0.6")
    for setting in ("mitigation=partial", "reads=limited", "autonomy_of_action=unknown"):
        with pytest.raises(Refused, match="without a quote"):
            as_amendments(extraction, [setting], AmendmentReason.MISREAD, "")


@pytest.mark.parametrize("certainty", ["stated", "inferred"])
def test_the_lean_reading_sees_what_the_full_one_sees(make: Any, certainty: str) -> None:
    facts = {"executes": "fixed_commands", "control": "enforceable", "incident": "cited"}
    extraction = make({"autonomy_of_action": "0.7"}, facts, kind="skill", certainty=certainty)
    given = estimates(extraction)
    assert estimates_of_json(extraction.model_dump(mode="json")) == given
    assert (ExposureFact.CONTROL in given.facts) == (certainty == "stated")


@pytest.mark.parametrize("profile", PROFILES)
def test_a_band_report_agrees_with_assess(make: Any, provenance: Provenance, profile: str) -> None:
    pairs = []
    for tenth in range(11):
        extraction = make(dict.fromkeys(map(str, RiskFactor), f"{tenth / 10:.1f}"), {"reads": "limited"})
        pairs.append((extraction, assess(extraction, DIGEST, provenance)))
    stored = [(e.model_dump_json(), a.model_dump_json().encode()) for e, a in pairs]
    rows = list(band_changes(stored, profile, moved_only=False))
    assert rows == list(band_changes(pairs, profile, moved_only=False))
    for (extraction, old), row in zip(pairs, rows, strict=True):
        new = assess(extraction, DIGEST, provenance, profile).headline
        assert (D(str(row.after)), row.band_after) == (new.score, new.severity)
        assert row.moved == (old.headline.severity is not new.severity)
        assert bool(row.why) == (profile != "aivss-0.8-listing")
    moved = list(band_changes(stored, profile))
    assert [row for row in rows if row.moved] == moved
    assert bool(moved) == (profile in ("owasp-aivss-0.8", "owasp-aivss-0.5"))


def test_a_band_report_says_why(make: Any, provenance: Provenance) -> None:
    extraction = make(dict.fromkeys(map(str, RiskFactor), "0.2"))
    old = assess(extraction, DIGEST, provenance)
    row = next(band_changes([(extraction, old)], "owasp-aivss-0.8", moved_only=False))
    assert row.why[:2] == ("formula aivss-0.8-listing -> owasp-aivss-0.8", "factor sum 2.0 -> 0.0")
    json.dumps(row._asdict())


def test_a_band_report_reads_its_pairs_one_by_one(make: Any, provenance: Provenance) -> None:
    extraction = make()
    old = assess(extraction, DIGEST, provenance)
    read = 0

    def pairs() -> Any:
        nonlocal read
        while True:
            read += 1
            yield extraction, old

    report = band_changes(pairs(), "owasp-aivss-0.5", moved_only=False)
    next(report), next(report)
    assert read == 2


def test_a_withheld_score_stays_withheld_in_the_band_report(make: Any, provenance: Provenance) -> None:
    facts = {fact: values[0] for fact, values in EXPOSURE_VALUES.items()}
    extraction = make(dict.fromkeys(map(str, RiskFactor), "0.5"), facts)
    old = assess(extraction, DIGEST, provenance)
    row = next(band_changes([(extraction, old)], "owasp-aivss-0.8", moved_only=False))
    assert old.headline.score is None and (row.before, row.after, row.moved) == (None, None, False)
