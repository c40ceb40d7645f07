"""What is skipped without a search has nothing to find."""

import random
import re
from pathlib import Path

import pytest

from extractors.injection.obfuscation import decoded_texts
from extractors.injection.pattern_starts import Patterns, PatternStart, pattern_starts
from extractors.injection.patterns import cues
from extractors.pages.local_folder import read_folder


def searched(text: str) -> list[str]:
    return [cue.pattern.pattern for cue in cues().cues if cue.pattern.search(text)]


def skipped(text: str) -> set[str]:
    patterns = [cue.pattern for cue in cues().cues]
    kept = Patterns(patterns).that_may_match(text)
    return {pattern.pattern for number, pattern in enumerate(patterns) if number not in kept}


@pytest.mark.slow
def test_no_cue_that_a_page_holds_is_skipped(shared: Path) -> None:
    found = 0
    for place in sorted((shared / "conformance" / "injection").rglob("*"))[:60]:
        if place.is_file():
            for reading in decoded_texts(place.read_text(errors="replace")[:40_000]):
                holds = searched(reading.text)
                found += len(holds)
                assert not skipped(reading.text).intersection(holds), place
    assert found > 50


def test_most_cues_of_a_long_page_are_skipped(shared: Path) -> None:
    """Else the table of beginnings would be of no use."""
    page = max(read_folder(shared / "corpus" / "agents" / "camel" / "files").pages, key=lambda page: len(page.text))
    text = next(decoded_texts(page.text)).text
    assert len(skipped(text)) > 0.8 * len(cues().cues)
    assert not skipped(text).intersection(searched(text))


@pytest.mark.parametrize("seed", range(12))
def test_words_in_any_order_hide_no_cue(seed: int) -> None:
    """Texts shaken together from the words of the cues themselves: the search and the table agree."""
    draw = random.Random(seed)
    pool = sorted({word for cue in cues().cues for word in re.findall(r"[a-z<>\[]{2,}", cue.pattern.pattern)})
    marks = [" ", " ", " ", " ", ". ", "\n", ": ", ", ", "\n\n# ", " (", '"', " _", "-"]
    text = "".join(draw.choice(pool) + draw.choice(marks) for _ in range(1_500))
    assert not skipped(text).intersection(searched(text))


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        (r"\b(?:a|b)c", "xx bc"),
        (r"(?:^|[\n.])[\s>*]{0,3}stop", "go.\n>> stop"),
        (r"(?:always )*rate", "please rate"),
        (r"(?:x|y)?z", "az"),
        (r"don'?t", "we don't"),
        (r"[a-c]{2,3}d", "zabd"),
        (r"(?=now)\w+", "and now"),
        (r"\bé\w+", "un été"),
        (r"_x\b", "a _x"),
        (r"\w+ing", "sing"),
        (r"end$", "the end"),
        (r"[\"']?ignore all", "xignore all"),
        (r"\s{0,3}(?:ignore|drop) it", "undrop it"),
        (r"(?:^|[\n.])[\s\-*]{0,12}note", "so.\n - note"),
        (r"(?<!no )(?:a{2,}h|[.!?x]y)", "oh aaah"),
        (r"(?<!no )(?:a{2,}h|[.!?x]y)", "oh .y"),
        (r"<\|\w{1,30}\|>|\[inst\]", "so [inst]"),
        (r"(?:[*_]{1,2})?system[*_]*:", "a **system**:"),
        (r"(?<!\w)(?:stop|halt)", "(halt)"),
        (r"(?<!\w)(?:\d+ )?tools", "has 40 tools"),
        (r"(?<!\w)_?x\b", "a _x"),
    ],
)
def test_a_match_is_never_denied(pattern: str, text: str) -> None:
    compiled = re.compile(pattern, re.MULTILINE)
    assert compiled.search(text) and Patterns([compiled]).that_may_match(text) == {0}


def test_what_is_nowhere_is_told_without_a_search() -> None:
    assert not Patterns([re.compile(r"\b(?:rate|score) this")]).that_may_match("nothing of the kind")
    assert not Patterns([re.compile(r"(?<!\w)rate this")]).that_may_match("we narrate this")
    assert PatternStart(still=False) in pattern_starts(re.compile(r"\w+ing"))
