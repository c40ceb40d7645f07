"""Sentences: what a reader would call one, whatever dots stand in it."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.grounding.sentences import sentences
from extractors.pages.page_text import Block, BlockKind


def split(text: str, kind: BlockKind = BlockKind.PARAGRAPH) -> list[str]:
    return [text[start:end] for start, end in sentences(text, (Block(0, len(text), kind),))]


@pytest.mark.parametrize(
    "whole",
    [
        "It works with several stores, e.g. Postgres, and i.e. nothing else.",
        "Needs release v1.2 or 3.11.4 of the runtime",
        "Read https://example.org/a.b?c=d. and docs/setup.md first",
        "Edit config.yaml in ~/.tool before you start.",
        "Built on Node.js and ASP.NET Core.",
        "1. Install the package",
        "Written by J. Doe and Dr. Roe at Acme Inc. in the U.S. Navy yard.",
        "See No. 5 of the list",
        "It costs approx. 5 dollars",
        "Wait... for the answer",
        "It asks you (really?) each time.",
    ],
)
def test_a_dot_inside_a_sentence_does_not_end_it(whole: str) -> None:
    assert split(whole) == [whole]


@pytest.mark.parametrize(
    "parts",
    [
        ["It runs commands.", "It never asks."],
        ["Is it safe?", "No.", "It is not."],
        ["Use v1.2.", "Older ones fail!", "(They do.)", "“Really.”", "Yes…", "Then go on."],
        ["Reads files, mail, etc.", "It writes too."],
        ["Made by Acme Inc.", "The rest is open."],
        ["Read docs/setup.md.", "Then start."],
        ["Version 3.", "Works offline.", "🚀 Fast."],
    ],
)
def test_sentences_end_where_a_reader_would_end_them(parts: list[str]) -> None:
    assert split(" ".join(parts)) == parts


def test_full_width_stops_need_no_space() -> None:
    assert split("これは安全です。外部へ送りません！本当？") == ["これは安全です。", "外部へ送りません！", "本当？"]


def test_items_and_blank_lines_inside_a_block_stand_alone() -> None:
    assert split("Tools:\n- reads files\n- writes files\n\nAnd more\nof it") == [
        "Tools:",
        "- reads files",
        "- writes files",
        "And more\nof it",
    ]


def test_a_line_that_opens_with_a_picture_or_follows_a_colon_stands_alone() -> None:
    parts = ["Old way:", "❌ Asks for nothing", "✅ Asks\nfor all of it"]
    assert split("\n".join(parts)) == parts


def test_a_dash_goes_on_with_the_sentence() -> None:
    assert split('It asks "is this safe?" — not "is it done?".') == ['It asks "is this safe?" — not "is it done?".']


def test_rows_and_facts_stay_whole_and_code_goes_by_line() -> None:
    assert split("Mail | Sends. Never reads. | no", BlockKind.TABLE_ROW) == ["Mail | Sends. Never reads. | no"]
    assert split("image: a. B. C", BlockKind.FACT) == ["image: a. B. C"]
    assert split("run a. B\n\nrun b", BlockKind.CODE) == ["run a. B", "run b"]


@given(st.lists(st.text(alphabet="aB1 .!?\n-)(。é", max_size=30), max_size=6))
def test_spans_are_ordered_trimmed_and_inside_one_block(bodies: list[str]) -> None:
    blocks, text = [], ""
    for body in bodies:
        blocks.append(Block(len(text), len(text) + len(body), BlockKind.PARAGRAPH))
        text += body + "\n"
    last = 0
    covered = 0
    for start, end in sentences(text, blocks):
        assert last <= start < end
        assert text[start:end] == text[start:end].strip()
        assert sum(block.start <= start and end <= block.end for block in blocks) >= 1
        covered += sum(not c.isspace() for c in text[start:end])
        last = end
    if blocks:
        assert covered == sum(not c.isspace() for c in text), "a word was lost"


def test_real_readmes_give_sentences_of_readable_length(shared: Path) -> None:
    lengths: list[int] = []
    for readme in sorted(shared.glob("corpus/agents/*/files/README.md")):
        text = readme.read_text(encoding="utf-8")
        lengths += [end - start for start, end in sentences(text, ())]
    lengths.sort()
    assert len(lengths) > 2000
    assert lengths[len(lengths) * 9 // 10] < 300, "nine of ten sentences fit in a few lines"
