"""The folders of seventy real agents: nothing lost, noise gone, offsets exact, the same every time."""

import re
from functools import cache
from pathlib import Path

import pytest

from extractors.pages.language import UNKNOWN, language_of
from extractors.pages.local_folder import FolderRead, read_folder
from extractors.pages.page_text import BlockKind, PageText
from extractors.pages.text_extraction import page_text
from tests.extractors.pages.test_any_bytes import check

pytestmark = pytest.mark.slow
"""Reading the folders takes some seconds."""
_FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,}).*?^ {0,3}\1[`~]*\s*$", re.DOTALL | re.MULTILINE)
_NOISE = re.compile(r"\]\(http|<img\b|shields\.io/|</(?:div|p|a|table|details)>|^\s*:::|data:image/", re.MULTILINE)
_HEADING = re.compile(r"^#{1,6}[ \t]+(.+?)[ \t]*#*$", re.MULTILINE)
_PROSE = re.compile(r"^[A-Z][^\n<>|`\[\]!*_{}&\\]{60,}[.]$", re.MULTILINE)


NOT_ENGLISH = re.compile(r"[-_.](?:zh|ja|de|ta)\b|[-_](?:ja_JP)", re.IGNORECASE)
CHINESE_WITHOUT_A_SUFFIX = {
    "ai-infra-guard AGENTS.md.txt",
    "codefuse-chatbot README.md",
    "db-gpt packages/dbgpt-sandbox/src/docs/architecture.md",
}
"""Read by a person: Chinese, or Chinese beside English line by line."""


def folders(shared: Path) -> list[Path]:
    found = [path for path in (shared / "agreement").iterdir() if path.is_dir()]
    return sorted(found + [path / "files" for path in (shared / "corpus/agents").iterdir()])


@cache
def reads(shared: Path) -> dict[Path, FolderRead]:
    return {folder: read_folder(folder) for folder in folders(shared)}


def pages(shared: Path) -> list[tuple[Path, PageText]]:
    return [
        (folder / page.url.removeprefix("file:"), page) for folder, read in reads(shared).items() for page in read.pages
    ]


def words(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower())


def test_every_folder_is_read(shared: Path) -> None:
    assert len(reads(shared)) == 70
    for folder, read in reads(shared).items():
        assert read.pages, folder
        assert all(page.text for page in read.pages)
        assert all("meta.json" not in page.url and "TREE.txt" not in page.url for page in read.pages)


def test_offsets_hold_and_the_same_folder_gives_the_same_texts(shared: Path) -> None:
    for number, (file, page) in enumerate(pages(shared)):
        check(page)
        if number % 4 == 0:
            assert page_text(file.read_bytes(), url=page.url) == page, file


def test_no_markup_badges_or_separators_are_left_outside_code(shared: Path) -> None:
    for file, page in pages(shared):
        for block in page.blocks:
            if block.kind not in (BlockKind.CODE, BlockKind.FACT):
                text = page.text[block.start : block.end]
                assert not _NOISE.search(text) or file.suffix in (".yml", ".toml"), (file, text[:200])
                assert "=== listing entry:" not in text


def test_headings_and_plain_sentences_of_markdown_are_kept(shared: Path) -> None:
    """Golden by computation: a heading or a line of plain prose in the source stands in the text, word by word."""
    kept = lost = 0
    for file, page in pages(shared):
        if not re.search(r"\.(?:md|mdx)(?:\.txt)?$", file.name, re.IGNORECASE):
            continue
        source = _FENCE.sub("", re.sub(r"<!--.*?-->", "", file.read_text("utf-8-sig", "replace"), flags=re.DOTALL))
        have = " ".join(words(page.text))
        headings = [h for h in _HEADING.findall(source) if not re.search(r"[<>\[\]!&*~]", h)]
        for line in headings + _PROSE.findall(source):
            if " ".join(words(line)) in have:
                kept += 1
            else:
                lost += 1
    assert kept > 2_000
    assert lost <= kept * 0.003, (kept, lost)


def test_hidden_findings_are_rare_in_honest_repositories(shared: Path) -> None:
    """Seventy ordinary repositories hide nothing but comments; none of it addresses an assessor."""
    for _, page in pages(shared):
        for finding in page.findings:
            assert finding.how == "HTML comment", finding


def test_the_body_of_skills_is_marked(shared: Path) -> None:
    own = [file.name for file, page in pages(shared) if page.own_instructions]
    assert sum(name == "SKILL.md.txt" for name in own) == 9
    assert not any(name.lower().startswith("readme") for name in own)


def test_real_pages_are_told_as_their_names_say(shared: Path) -> None:
    """In English, but for those whose name says another language and three that a person read."""
    for folder, read in reads(shared).items():
        agent = folder.parent.name
        for page in read.pages:
            name = page.url.removeprefix("file:")
            foreign = NOT_ENGLISH.search(name) or f"{agent} {name}" in CHINESE_WITHOUT_A_SUFFIX
            told = language_of(page)
            assert (told not in ("en", UNKNOWN)) == bool(foreign), (agent, page.url, told)
    assert len(pages(shared)) > 250


@pytest.mark.parametrize("agent", ["neon", "linear-mcp-server"])
def test_registry_entries_become_facts(shared: Path, agent: str) -> None:
    page = next(p for p in reads(shared)[shared / "agreement" / agent].pages if p.url == "file:listing.txt")
    facts = [page.text[b.start : b.end] for b in page.blocks if b.kind is BlockKind.FACT]
    assert any("API" in fact or "api" in fact for fact in facts)
