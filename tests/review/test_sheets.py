"""Laws of cutting and comparing texts."""

import re
from html import unescape

from hypothesis import assume, given
from hypothesis import strategies as st

from review.accounts.sign_in_limits import SignInAttempts
from review.desk_state import LruCache
from review.evidence_view import chosen_evidence, words_html
from review.text_diff import page_diff, word_diff
from tests.review.world import text_of

WORDS = st.text(alphabet="ab 🦦🕸️é<&\"'.\n", max_size=60)
ROWS = st.lists(st.text(alphabet="abc 🦦🕸️é<&.", min_size=1, max_size=40).filter(str.strip), min_size=1, max_size=6)


@given(ROWS, st.data())
def test_the_pieces_are_the_block_and_the_lit_ones_are_the_span(rows: list[str], data: st.DataObject) -> None:
    page = text_of("https://otter.example/", rows)
    block = data.draw(st.sampled_from(page.blocks))
    start = data.draw(st.integers(block.start, block.end - 1))
    end = data.draw(st.integers(start + 1, block.end))
    item = {"text_digest": page.digest, "start": start, "end": end}
    other = {"text_digest": page.digest, "start": block.start, "end": block.end}
    claims = [("summary", {"evidence": [item]}), ("layers.L1", {"evidence": [other]})]
    html = words_html(page, claims, [], "summary")
    blocks = re.findall(r'<div class="b [^"]*">(.*?)</div>', html, re.S)
    for written, whole in zip(blocks, page.blocks, strict=True):
        pieces = re.findall(r'<(?:mark|span)[^>]* data-at="(\d+)"[^>]*>([^<]*)</', written)
        assert "".join(unescape(words) for _, words in pieces) == page.text[whole.start : whole.end]
        assert all(page.text.startswith(unescape(words), int(at)) for at, words in pieces)
    lit = re.findall(
        r'<mark class="q on" data-at="(\d+)" data-end="(\d+)" data-paths="([^"]*)"[^>]*>([^<]*)</mark>', html
    )
    assert (int(lit[0][0]), int(lit[-1][1])) == (start, end) and all("summary" in paths for _, _, paths, _ in lit)
    assert "".join(unescape(words) for *_, words in lit) == page.text[start:end]


@given(ROWS, st.data())
def test_a_selection_becomes_whole_sentences_around_it(rows: list[str], data: st.DataObject) -> None:
    page = text_of("https://otter.example/", ["One sentence 🦦 stands here. Another one follows it.", *rows])
    start = data.draw(st.integers(0, 40))
    end = data.draw(st.integers(start + 1, 50))
    assume(page.text[start:end].strip())
    found = chosen_evidence(page, start, end, [])
    assert found.quote == page.text[found.start : found.end]
    assert found.start <= start or page.text[start : found.start].strip() == ""
    assert found.end >= end or page.text[found.end : end].strip() == ""


@given(WORDS, WORDS)
def test_a_word_diff_holds_both_texts(before: str, after: str) -> None:
    runs = word_diff(before, after)
    assert "".join(run.text for run in runs if run.op != "new") == before
    assert "".join(run.text for run in runs if run.op != "gone") == after


def test_a_page_diff_shows_what_changed_and_a_little_around() -> None:
    lines = [f"line {n}" for n in range(100)]
    changed = [*lines[:50], "another line", *lines[51:]]
    rows = page_diff("\n".join(lines), "\n".join(changed))
    assert (len(rows) == 3 and [run.text for run in rows[1] if run.op == "new"] == ["another"]) or len(rows) <= 4
    assert page_diff("same", "same") == []


def test_memories_forget_by_size_and_by_time() -> None:
    now = [0.0]
    memory, lately, tries = LruCache(2), LruCache(500, 10, lambda: now[0]), SignInAttempts(2, 60, lambda: now[0])
    assert [memory.get(n, lambda n=n: n * 2) for n in (1, 2, 3, 1)] == [2, 4, 6, 2]
    assert lately.get("a", lambda: 1) == lately.get("a", lambda: 2) == 1
    now[0] = 11
    assert lately.get("a", lambda: 2) == 2
    tries.add("x")
    tries.add("x")
    assert tries.wait("x") == 60 and tries.wait("y") == 0
    now[0] = 72
    assert tries.wait("x") == 0
