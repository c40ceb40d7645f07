"""From a whole extraction to an assessment."""

from decimal import Decimal
from typing import Any

import pytest

from scoring.assessment import assess
from scoring.factor_estimates import estimates, estimates_of_json
from scoring.formulas.table import PROFILES
from scoring.headline.withheld import FEWEST_KNOWN, too_little_known
from scoring.scores import Provenance
from scoring.vocabulary import PUBLISHED_FACTORS, Detail, ExposureFact, RiskFactor

DIGEST = "sha256:" + "1" * 64
STATED_FACTS = {
    "runs_at": "hosted", "input_barrier": "no_barrier", "set_up_by": "vendor", "fed_by": "anyone",
    "approval": "user_starts", "reads": "limited", "writes": "limited", "executes": "fixed_commands",
    "isolation": "none", "reaches": "scoped", "changes": "scoped", "spends": "nothing",
    "incident": "searched_none_found", "control": "none",
}  # fmt: skip
NOTHING = STATED_FACTS | {
    "reads": "nothing_private", "writes": "nothing", "executes": "nothing",
    "reaches": "nothing", "changes": "nothing",
}  # fmt: skip
ALL_HALF = dict.fromkeys((str(f) for f in RiskFactor), "0.5")


def test_a_thin_page_is_neither_safe_nor_critical(make: Any, provenance: Provenance) -> None:
    score = assess(make(), DIGEST, provenance).headline
    assert (score.cvss_vector, score.cvss_base) == (
        "CVSS:4.0/AV:N/AC:L/AT:N/PR:L/UI:P/VC:L/VI:L/VA:N/SC:N/SI:N/SA:N",
        Decimal("5.1"),
    )
    assert Decimal("4") <= score.raw < Decimal("9")
    assert (score.low, score.high) == (Decimal("0.0"), Decimal("10.0"))
    assert not score.band_stable
    assert "10 of 10 factors are not certain and enter as estimates" in score.conformance


def test_below_the_minimum_of_evidence_the_headline_is_withheld_and_the_range_stays(
    make: Any, provenance: Provenance
) -> None:
    known: dict[str, str] = {}
    for number, (fact, value) in enumerate({"runs_at": "hosted", "reads": "limited", "executes": "nothing"}.items()):
        score = assess(make({}, known), DIGEST, provenance).headline
        assert (score.score, score.severity, number < FEWEST_KNOWN) == (None, None, True)
        assert score.withheld == f"too little is known: between {score.low} and {score.high}"
        assert not score.band_stable and score.low <= score.high
        known[fact] = value
    assert assess(make({}, known), DIGEST, provenance).headline.score is not None
    enough = assess(make({"autonomy_of_action": "0.5"}, {"runs_at": "hosted", "reads": "limited"}), DIGEST, provenance)
    assert enough.headline.score is not None


def test_a_language_that_the_reader_does_not_read_gives_no_headline_however_much_is_known(
    make: Any, provenance: Provenance
) -> None:
    extraction = make(ALL_HALF, {"runs_at": "hosted", "reads": "limited"})
    silent = extraction.exposure[-1].model_copy(update={"detail": Detail.LANGUAGE_NOT_READ.value})
    unread = extraction.model_copy(update={"exposure": (*extraction.exposure[:-1], silent)})
    for view in (estimates(unread), estimates_of_json(unread.model_dump(mode="json"))):
        assert too_little_known(view)
    assert assess(unread, DIGEST, provenance).headline.score is None
    assert assess(extraction, DIGEST, provenance).headline.score is not None


@pytest.mark.parametrize("profile", PROFILES)
def test_every_profile_scores_every_extraction(make: Any, provenance: Provenance, profile: str) -> None:
    for extraction in (make(), make(ALL_HALF, STATED_FACTS), make({}, NOTHING), make(ALL_HALF, {"control": "none"})):
        score = assess(extraction, DIGEST, provenance, profile).headline
        assert score.profile == profile
        assert score.low <= (score.low if score.score is None else score.score) <= score.high


def test_everything_known_leaves_no_range(make: Any, provenance: Provenance) -> None:
    known = STATED_FACTS | {"incident": "cited"}
    score = assess(make(ALL_HALF, known), DIGEST, provenance).headline
    assert score.low == score.score == score.high
    assert score.band_stable and not score.movers
    assert score.thm == Decimal("1.00")
    assert all(row.certain for row in score.metrics)


def test_no_impact_no_headline_but_a_range(make: Any, provenance: Provenance) -> None:
    score = assess(make(ALL_HALF, NOTHING), DIGEST, provenance).headline
    assert score.cvss_base == 0
    assert score.score is None and score.severity is None
    assert score.withheld is not None and "no technical impact" in score.withheld
    assert score.high > 0 and not score.band_stable


def test_movers_say_how_far_one_unknown_reaches(make: Any, provenance: Provenance) -> None:
    known = {k: v for k, v in STATED_FACTS.items() if k not in ("executes", "incident")}
    factors = {k: v for k, v in ALL_HALF.items() if k != "persistent_memory"}
    score = assess(make(factors, known), DIGEST, provenance).headline
    assert {mover.unknown for mover in score.movers} == {"executes", "incident", "persistent_memory"}
    assert score.movers[0].unknown == "executes" and score.movers[0].moves_band
    reach = [mover.high - mover.low for mover in score.movers]
    assert reach == sorted(reach, reverse=True)
    for mover in score.movers:
        assert score.low <= mover.low <= mover.high <= score.high


def test_a_factor_that_is_not_summed_moves_nothing(make: Any, provenance: Provenance) -> None:
    factors = {str(f): "0.5" for f in PUBLISHED_FACTORS}
    score = assess(make(factors, STATED_FACTS), DIGEST, provenance).headline
    assert "natural_language_interface" not in {mover.unknown for mover in score.movers}


def test_mitigation_needs_a_stated_control(make: Any, provenance: Provenance) -> None:
    facts = STATED_FACTS | {"control": "enforceable"}
    stated = assess(make(ALL_HALF, facts), DIGEST, provenance).headline
    inferred = assess(make(ALL_HALF, facts, certainty="inferred"), DIGEST, provenance).headline
    assert (stated.mitigation_factor, inferred.mitigation_factor) == (Decimal("0.83"), Decimal("1.00"))
    assert stated.score is not None and inferred.score is not None and stated.score < inferred.score


@pytest.mark.parametrize(
    ("fact", "value", "shows"),
    [
        ("input_barrier", "validated_barrier", ("AC", "H", "L")),
        ("approval", "each_action", ("UI", "A", "P")),
        ("isolation", "sandbox", ("VA", "L", "H")),
    ],
)
def test_a_protection_counts_only_if_it_is_stated(
    make: Any, provenance: Provenance, fact: str, value: str, shows: tuple[str, str, str]
) -> None:
    """DESIGN section 4: `high` assumes no protection that the record does not state."""
    facts = STATED_FACTS | {"executes": "arbitrary_code", fact: value}
    metric, stated, inferred = shows
    for certainty, expected, certain in (("stated", stated, True), ("inferred", inferred, False)):
        score = assess(make(ALL_HALF, facts, certainty=certainty), DIGEST, provenance).headline
        row = next(row for row in score.metrics if row.metric == metric)
        assert (row.value, row.certain) == (expected, certain)


def test_an_incident_search_counts_only_if_it_is_stated(make: Any, provenance: Provenance) -> None:
    highs = [
        assess(make(ALL_HALF, STATED_FACTS, certainty=certainty), DIGEST, provenance).headline.high
        for certainty in ("stated", "inferred")
    ]
    assert highs[0] < highs[1]


def test_same_input_same_bytes(make: Any, provenance: Provenance) -> None:
    first, second = (assess(make(ALL_HALF, STATED_FACTS), DIGEST, provenance) for _ in range(2))
    assert first.model_dump_json() == second.model_dump_json()


def test_the_record_says_what_was_scored_and_why(make: Any, provenance: Provenance) -> None:
    score = assess(make({}, {"fed_by": "anyone"}), DIGEST, provenance).headline
    assert "Pathfinder" in score.scored and "hijack" in score.scored
    assert [row.metric for row in score.metrics] == ["AV", "AC", "AT", "PR", "UI", "VC", "VI", "VA", "SC", "SI", "SA"]
    rows = {row.metric: row for row in score.metrics}
    assert rows["PR"].value == "N" and rows["PR"].certain and rows["PR"].facts == (ExposureFact.FED_BY,)
    assert rows["AC"].rule.startswith("default: ") and (rows["AC"].safest, rows["AC"].worst) == ("H", "L")


@pytest.mark.parametrize(
    ("value", "unknown", "bands", "stable"),
    [
        ("0.2", "spends", ("Medium", "Medium", "High"), False),
        ("0.5", "control", ("Medium", "High", "High"), False),
        ("0.3", "control", ("Medium", "Medium", "Medium"), True),
    ],
)
def test_a_band_is_stable_only_if_both_ends_stay_in_it(
    make: Any, provenance: Provenance, value: str, unknown: str, bands: tuple[str, ...], stable: bool
) -> None:
    known = {fact: v for fact, v in STATED_FACTS.items() if fact != unknown} | {"incident": "cited"}
    score = assess(make(dict.fromkeys(ALL_HALF, value), known), DIGEST, provenance).headline
    assert (score.low_severity, score.severity, score.high_severity) == bands
    assert score.band_stable is stable
