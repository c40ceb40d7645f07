"""The rubric covers every factor, in the scale of both standards."""

from decimal import Decimal

from scoring.formulas.profile import three_point
from scoring.rubric import ANCHOR_VALUES, RUBRIC, RUBRIC_VERSION
from scoring.vocabulary import RiskFactor


def test_every_factor_has_its_five_anchors_in_order() -> None:
    assert tuple(RUBRIC) == tuple(RiskFactor)
    for factor, rubric in RUBRIC.items():
        assert tuple(rubric.anchors) == ANCHOR_VALUES, factor
        assert len(set(rubric.anchors.values())) == 5, factor


def test_anchors_fit_the_three_point_scale() -> None:
    """Tenths go to 0, 0.5, 1 at .25 and .75: the middle three anchors are the standard's `limited`."""
    assert [three_point(anchor) for anchor in ANCHOR_VALUES] == [Decimal(v) for v in ("0", "0.5", "0.5", "0.5", "1")]


def test_every_entry_says_what_counts_and_what_does_not() -> None:
    assert RUBRIC_VERSION
    for factor, rubric in RUBRIC.items():
        assert rubric.question.endswith("?"), factor
        assert len(rubric.counts) > 40 and len(rubric.does_not_count) > 40, factor
