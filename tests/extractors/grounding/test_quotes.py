"""Grounding measured on true and falsified quotes of real documents."""

import json
from pathlib import Path

import pytest

from extractors.evaluation.quotes import evaluate_quotes
from scoring.errors import BadInput


@pytest.mark.slow
def test_no_falsified_quote_is_accepted_and_nearly_every_true_one(shared: Path) -> None:
    """4,072 rows; the four true ones that are refused elide an `only` or a `w/o`, which the rule forbids."""
    found = evaluate_quotes(shared / "conformance/quotes.jsonl", shared / "corpus/agents")
    assert (found["true"], found["falsified"]) == (2083, 1989)
    assert found["falsified_accepted"] == 0
    assert found["true_accepted_share"] >= 0.998
    assert found["per_kind"]["verbatim"] == {"rows": 359, "accepted": 359}


def test_the_figures_have_exactly_these_names(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("It never sends mail to anyone.\n", encoding="utf-8")
    rows = [
        {"document": "a.md", "kind": "verbatim", "stands": True, "quote": "It never sends mail"},
        {"document": "a.md", "kind": "cut", "stands": False, "quote": "sends mail to anyone"},
    ]
    file = tmp_path / "rows.jsonl"
    file.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    found = evaluate_quotes(file, tmp_path)
    speed = found.pop("milliseconds_per_quote")
    assert 0 < speed < 1000
    assert found == {
        "falsified": 1,
        "falsified_accepted": 0,
        "true": 1,
        "true_accepted": 1,
        "true_accepted_share": 1.0,
        "per_kind": {"cut": {"rows": 1, "accepted": 0}, "verbatim": {"rows": 1, "accepted": 1}},
    }


@pytest.mark.parametrize(
    "line", ["{", '{"document": "gone.md", "kind": "a", "stands": true, "quote": "b"}', '{"kind": "a"}']
)
def test_a_file_that_cannot_be_used_says_so_in_one_line(tmp_path: Path, line: str) -> None:
    file = tmp_path / "rows.jsonl"
    file.write_text(line, encoding="utf-8")
    with pytest.raises(BadInput, match="eval quotes"):
        evaluate_quotes(file, tmp_path)
