"""`assay agents rescore --all`: who would move and why, row by row from what is stored; and adopting it."""

import json
from collections.abc import Iterator

import pytest

from flows.operations.rescoring import adopt, band_rows, current_draft, print_band_changes
from flows.settings import load
from flows.store_access import open_store
from records.store import Store
from scoring.assessment import assess
from tests.records.made import fill

STRICT = "owasp-aivss-0.8"
SLUGS = [f"agent-{number:02}" for number in range(7)]


@pytest.fixture
def filled() -> Iterator[Store]:
    with open_store(load()) as store:
        for slug in SLUGS:
            fill(store, slug)
        yield store


def test_stored_pairs_come_in_order_whatever_the_page(filled: Store) -> None:
    """Pages of one, of a divisor and of more than all give the same agents, as their stored JSON."""
    for page in (1, 7, 3, 200):
        pairs = list(filled.assessments.stored(page=page))
        assert [pair.slug for pair in pairs] == SLUGS
    current = filled.assessments.current(SLUGS[3])
    assert current is not None and pairs[3].extraction_digest == current.extraction_digest
    assert json.loads(pairs[3].assessment) == current.assessment.model_dump(mode="json")
    assert [pair.slug for pair in filled.assessments.stored(SLUGS[3])] == [SLUGS[3]]
    assert not list(filled.assessments.stored("nobody"))


def test_an_agent_stored_while_the_report_runs_neither_repeats_nor_hides_another(filled: Store) -> None:
    seen = []
    for pair in filled.assessments.stored(page=2):
        if pair.slug == SLUGS[2]:
            fill(filled, "agent-00a")
        seen.append(pair.slug)
    assert seen == SLUGS


def test_the_report_agrees_with_assess_and_keeps_nothing(filled: Store) -> None:
    before = [current_draft(filled, slug)[1] for slug in SLUGS]
    rows = list(band_rows(filled, STRICT))
    for row, slug, old in zip(rows, SLUGS, before, strict=True):
        extraction, assessment = current_draft(filled, slug)
        after = assess(extraction, assessment.extraction_digest, assessment.provenance, STRICT).headline
        assert (row.slug, row.after, row.band_after) == (slug, after.score and str(after.score), after.severity)
        assert assessment == old and row.why[0] == f"formula {old.headline.profile} -> {STRICT}"


def test_json_is_one_object_and_saving_adopts(filled: Store, capsys: pytest.CaptureFixture[str]) -> None:
    print_band_changes(STRICT, save=False, reason="", as_json=True)
    told = json.loads(capsys.readouterr().out)
    assert (told["profile"], told["agents"], told["adopted"]) == (STRICT, 7, 0)
    assert [row["slug"] for row in told["moved"]] == [row.slug for row in band_rows(filled, STRICT) if row.moved]
    print_band_changes(STRICT, save=True, reason="trial", as_json=False)
    assert "7 drafts stored: trial" in capsys.readouterr().out
    assert all(current_draft(filled, slug)[1].headline.profile == STRICT for slug in SLUGS)
    versions = current_draft(filled, SLUGS[0])[1].provenance
    assert versions.formula == STRICT and versions.tool.startswith("listing-assay ")
    assert adopt(filled, STRICT, "again") == 0
