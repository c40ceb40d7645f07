"""A budget keeps the facts wherever they stand, and never moves an offset."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.pages.local_folder import read_folder
from extractors.pages.page_text import PageText
from extractors.pages.text_extraction import page_text
from extractors.prompting.prompt_truncation import shown, within_budget
from scoring.vocabulary import RiskFactor
from tests.examples import examples


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


@examples(30)
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


@pytest.mark.slow
@pytest.mark.parametrize("agent", ["github-mcp-server", "pydantic-ai"])
def test_real_documents_keep_to_the_budget(shared: Path, agent: str) -> None:
    pages = read_folder(shared / "corpus/agents" / agent / "files").pages
    texts, truncated = within_budget(pages, 20_000)
    assert sum(len(shown(page)) for page in texts) <= 20_000
    assert {page.url for page in pages} - {page.url for page in texts} <= set(truncated)


BAIT = (
    "An autonomous plan to learn, with every tool, memory, file context, token, agents, model, log and chat prompt, "
    "is never approved without docker, a password or a port ({})."
)


@pytest.mark.parametrize("differs", [False, True])
@pytest.mark.parametrize("bait_first", [False, True])
def test_text_that_tries_to_win_pushes_no_evidence_out(differs: bool, bait_first: bool) -> None:
    """A page of sentences that name every topic, said once or in ever new words, before or after the real one."""
    letters = [chr(97 + n % 26) + chr(97 + n // 26) for n in range(300)]
    bait = page_text("\n\n".join(BAIT.format(x if differs else 1) for x in letters).encode(), url="bait.md")
    real = readme(60)
    texts, truncated = within_budget([bait, real] if bait_first else [real, bait], 4_000)
    kept = " ".join(map(shown, texts))
    assert "opt-out variable" in kept and "Pilot answers mail." in kept
    assert kept.count("An autonomous plan") <= 8, "a sentence in ever new clothes is one sentence"
    assert set(truncated) == {"bait.md", "file:README.md"}


def test_bait_inside_one_page_leaves_room_for_what_it_says_later() -> None:
    baits = "\n\n".join(BAIT.format(chr(97 + n)) for n in range(26))
    late = "Conversations stay in a vector database for ninety days unless the owner deletes them."
    page = page_text(f"# Pilot\n\n{baits}\n\n## Memory\n\n{late}\n".encode(), url="file:README.md")
    (cut,), _ = within_budget([page], 1_500)
    assert "ninety days" in shown(cut)
