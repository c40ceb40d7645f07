"""A product may be called anything: whatever its name, the built-in assessor answers and its reply is usable."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from extractors.claims.extraction import extract
from extractors.lexical import LexicalAssessor
from extractors.listing import Listing, slugify
from extractors.model.completion import CompletionRequest
from tests.examples import examples

pytestmark = pytest.mark.slow


Ask = Callable[..., CompletionRequest]
README = "# Otter\n\nOtter is an agent that runs shell commands on its own. It keeps a diary of every net.\n"
MARKS = "-–—−_.·/\\|:;,'\"`()[]{}<>@#*+=~!?% \t\n\u00a0\u200b\u202e\u0301ab"
ODD = ("-watch bot", "--", "- -", " -", "-", "–", "_", ".", "…", "''", "\u202e", "\u200b", "\u0301", "🕸️", "-2+3", "(")


async def answered(request: CompletionRequest) -> None:
    completion = await LexicalAssessor().complete(request)
    extraction = extract(request, completion)
    assert len(extraction.factors) == 11 and extraction.name == request.name and extraction.summary.text
    Listing(slug=slugify(request.name), name=request.name, source="any")


@pytest.mark.parametrize("name", ODD)
async def test_a_name_without_a_first_word(ask: Ask, name: str) -> None:
    await answered(ask(README, name=name))


@given(name=st.text(st.sampled_from(MARKS), min_size=1, max_size=12))
@examples(150, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_a_name_of_marks(ask: Ask, name: str) -> None:
    await answered(ask(README, name=name))


async def test_naughty_names(ask: Ask, shared: Path) -> None:
    for text in json.loads((shared / "conformance/naughty/blns.json").read_text(encoding="utf-8")):
        if text:
            await answered(ask(README, name=text[:200]))
