"""The index of cues by their first letters leaves out no claim that a sentence states."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extractors.injection.pattern_starts import pattern_starts
from extractors.support.topics import claims_in, topics

TOLD = [
    (claim, cue.plainly)
    for claim, cues in topics().items()
    for cue in cues
    if all(begun.letters for begun in pattern_starts(cue.plainly))
]
"""Claims and patterns that begin with letters."""


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(st.sampled_from(TOLD), st.data())
def test_what_a_cue_says_outright_is_found_by_the_index(told: tuple[str, re.Pattern[str]], data: st.DataObject) -> None:
    claim, pattern = told
    text = f" {data.draw(st.from_regex(pattern, alphabet=st.characters(max_codepoint=126)))} "
    assert not pattern.search(text) or claim in claims_in(text)


@pytest.mark.parametrize(
    ("text", "claim"),
    [
        ("it runs (multi-)agents in parallel.", "multi_agent_interactions"),
        ("a tool (str optional)", "natural_language_interface"),
    ],
)
def test_a_mark_before_the_first_word_hides_no_claim(text: str, claim: str) -> None:
    assert any(re.search(pattern, text) for named, pattern in TOLD if named == claim)
    assert claim in claims_in(text)
