"""A budget keeps the facts wherever they stand, and never moves an offset."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extractors.documents import read_folder
from extractors.page import page_text
from extractors.page_text import PageText
from extractors.select import shown, within_budget
from scoring.vocabulary import RiskFactor


def readme(filler: int) -> PageText:
    noise = "\n\n".join(f"Step {n} shows one more screen of the guided tour of the product." for n in range(filler))
    late = "## Telemetry\n\nThe agent sends anonymous usage logs unless the opt-out variable is set."
    return page_text(f"# Pilot\n\nPilot answers mail.\n\n{noise}\n\n{late}\n".encode(), url="file:README.md")


def test_everything_fits() -> None:
    page = readme(3)
    assert within_budget([page], 10_000) == ((page,), ())


def test_a_fact_at_the_far_end_is_kept_with_its_heading() -> None:
    page = readme(200)
    (cut,), truncated = within_budget([page], 1_500)
    assert truncated == ("file:README.md",)
    assert "opt-out variable" in shown(cut)
    assert "Telemetry" in shown(cut)
    assert "Pilot answers mail." in shown(cut)
    assert len(shown(cut)) <= 1_500


def test_what_is_still_asked_for_comes_first() -> None:
    memory = "The store keeps every conversation in a vector database for ninety days."
    agents = "A team of agents hands over work to sub-agents that check each other."
    page = page_text(
        f"# A\n\n{'Plain words about nothing at all here.  ' * 4}\n\n{memory}\n\n{agents}".encode(), url="a.md"
    )
    pad = page_text(("\n\n".join(["Nothing of interest stands in this sentence here."] * 40)).encode(), url="b.md")
    for wanted, words in (
        (RiskFactor.PERSISTENT_MEMORY, "ninety days"),
        (RiskFactor.MULTI_AGENT_INTERACTIONS, "sub-agents"),
    ):
        texts, _ = within_budget([pad, page], 110, [wanted])
        assert words in " ".join(map(shown, texts))


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 9_000))
def test_offsets_digest_and_order_stay(budget: int) -> None:
    page = readme(60)
    texts, truncated = within_budget([page], budget)
    assert within_budget([page], budget) == (texts, truncated)
    for cut in texts:
        assert (cut.text, cut.digest) == (page.text, page.digest)
        assert set(cut.blocks) <= set(page.blocks)
        assert list(cut.blocks) == sorted(cut.blocks)
        assert len(shown(cut)) <= max(budget, len(page.text) if not truncated else 0)


@pytest.mark.parametrize("agent", ["github-mcp-server", "pydantic-ai"])
def test_real_documents_keep_to_the_budget(shared: Path, agent: str) -> None:
    pages = read_folder(shared / "corpus/agents" / agent / "files").pages
    texts, truncated = within_budget(pages, 20_000)
    assert sum(len(shown(page)) for page in texts) <= 20_000
    assert {page.url for page in pages} - {page.url for page in texts} <= set(truncated)
