"""Shapes of page that cost a careless reader the square of their length, and every reader of pages.

Idea: a page is hostile by its shape before it is by its words, so each shape is one piece repeated to a size, and
every reader that takes the bytes or the text of a page is run on it. Invariant: a shape has the size that is asked for.
"""

import asyncio
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import cache
from typing import NamedTuple

from extractors.claims.prompt_echo import CopiedTextCheck
from extractors.grounding.quote_check import ground
from extractors.grounding.sentences import sentences
from extractors.injection import findings
from extractors.lexical.assessor import LexicalAssessor
from extractors.model.completion import CompletionRequest
from extractors.pages.page_text import PageText
from extractors.pages.snapshot import Fetched, FetchOutcome, PageSnapshot, sha256
from extractors.pages.text_extraction import page_text
from extractors.prompting.prompt_files import load
from extractors.prompting.prompt_truncation import shown, within_budget
from extractors.sources import Source
from extractors.sources.directory_site import DirectorySite, Selectors, locations_in
from extractors.sources.further_pages import links_on
from extractors.sources.lists.markdown_list import MarkdownList
from extractors.sources.registries.agent_cards import AgentCards
from extractors.sources.registries.mcp_registry import McpRegistry
from extractors.sources.registries.oasf import OasfRecords
from extractors.sources.url_table import UrlTable

PLACE = "https://pump.invalid/"
NOW = datetime(2026, 1, 1, tzinfo=UTC)


class Shape(NamedTuple):
    """One piece repeated between a beginning and an end; `{n}` in it is the number of the repetition."""

    names: str
    """Files of which this is a shape, apart by blanks: the ending says how each is read."""
    piece: str
    first: str = ""
    last: str = ""
    middle: str = ""
    """Stands once between two halves of repetitions."""
    second: str = ""
    """The piece of the second half."""

    def of(self, size: int) -> bytes:
        room = size - len((self.first + self.middle + self.last).encode())
        if not self.second:
            return (self.first + _repeated(self.piece, room) + self.last).encode()
        halves = _repeated(self.piece, room // 2), _repeated(self.second, room // 2)
        return (self.first + self.middle.join(halves) + self.last).encode()


def _repeated(piece: str, room: int) -> str:
    """As many whole pieces as there is room for."""
    if "{n}" not in piece:
        return piece * (room // len(piece.encode()))
    pieces: list[str] = []
    while room > 0:
        pieces.append(piece.replace("{n}", str(len(pieces))))
        room -= len(pieces[-1].encode())
    return "".join(pieces[:-1])


_RULE = ".a{n} .b{n} > p:not(.c{n}):nth-child(2n+1){color:#fff}"
SHAPES: dict[str, Shape] = {
    "blank lines in a fence": Shape("SKILL.md a.txt", "\n", "# S\n\n```\n", "\n```\n"),
    "one word": Shape("README.md a.html a.txt a.rst listing.txt", "забудь"),
    "ascii word": Shape("README.md a.html a.txt", "ignore all your "),
    "at and a letter": Shape("README.md a.txt a.cfg", "@a"),
    "open comments": Shape("README.md a.html a.mdx", "<!--", "# Quay\n\nQuay executes shell commands.\n\n"),
    "less-than in a comment": Shape("README.md a.html", "<", "<p>Quay runs.<!--", "-->"),
    "less-than in a template": Shape("a.html README.md", "<", "<p>Quay runs.<template>", "</template>"),
    "noscript": Shape("a.html", "<noscript", "<p>Quay runs."),
    "nested tags": Shape("a.html README.md", "<div>", "", "Quay runs."),
    "formatting": Shape("a.html README.md", "<b><i>a</b>"),
    "deep list": Shape("README.md a.rst a.yaml", "- ", "Quay runs.\n\n", "a"),
    "long list": Shape("README.md a.rst a.txt a.yaml", "- [Quay {n}](https://a.invalid/{n}) - runs it.\n"),
    "list of lists": Shape("README.md a.html", "<ul><li>Quay", "", ""),
    "headings": Shape("README.md a.mdx", "## [Quay {n}](https://a.invalid/{n})\n\nRuns.\n\n"),
    "endless sentence": Shape("README.txt README.md a.html", "when asked to summarize this "),
    "short sentences": Shape("README.md a.txt", "It runs. "),
    "style rules": Shape("a.html", _RULE, "<style>", "", "</style>", "<p class=a1>text here</p>"),
    "styled elements": Shape("a.html", '<p style="opacity:0.{n};mask:a;color:#f{n}">Quay</p>'),
    "variables": Shape("a.html", "p{--a{n}:var(--a{n}1) var(--b);color:var(--b)}", "<style>", "</style><p>Quay runs."),
    "table": Shape("README.md a.html", "| a | b {n} |\n", "| a | b |\n|---|---|\n"),
    "html table": Shape("a.html", "<tr><td>a<td>b<table>", "<table>"),
    "links": Shape("README.md a.txt", '[a](b "'),
    "closed links": Shape("README.md a.txt a.html", "[a {n}](https://a.invalid/{n} 'b') "),
    "entities": Shape("README.md a.html", "&amp;&#x41;&nope"),
    "brackets": Shape("README.md a.txt a.json a.yaml", "["),
    "image brackets": Shape("README.md", "![](", "Quay runs.\n\n"),
    "backticks": Shape("README.md a.rst", "`a``"),
    "growing backticks": Shape("README.md", "`{n}`` ```{n}` "),
    "stars": Shape("README.md a.rst", "*a _b **c "),
    "quotes": Shape("README.md a.txt", "\"a 'b “c "),
    "quoted quotes": Shape("README.md a.txt", "> ", "Quay runs.\n\n", "a"),
    "front matter": Shape("README.md", "a{n}: &b{n} [*b, c]\n", "---\n", "---\nQuay runs.\n"),
    "open front matter": Shape("README.md", "\n--- a", "---\n"),
    "processing instructions": Shape("a.html README.md", "<?a ?>b "),
    "open instructions": Shape("a.html README.md", "<?a "),
    "cdata": Shape("a.html README.md", "<![CDATA[", "Quay runs.\n\n"),
    "declarations": Shape("a.html README.md", "<!A ", "Quay runs.\n\n"),
    "long attribute": Shape("a.html README.md", "a b:c ", '<p title="', '">Quay runs.'),
    "many attributes": Shape("a.html README.md", '<p a="b" style="width:1px" hidden="">'),
    "json nesting": Shape("a.json a.yaml", '{"a":'),
    "json list": Shape("a.json a.jsonl a.ipynb", '{"name":"Quay {n}","a":[1]},', "[", '{"name":"a"}]'),
    "registry": Shape("registry.json", '{"server":{"name":"a/b{n}","description":"x"}},', '{"servers":[', "{}]}"),
    "spaces": Shape("README.md a.html a.txt a.rst", " ", "Quay", "runs."),
    "spaced lines": Shape("README.md a.txt a.yaml a.toml a.cfg", "   \n", "a: b\n", "c: d\n"),
    "digits": Shape("README.md a.txt", "1"),
    "punctuation": Shape("README.md a.txt", ".- "),
    "letters apart": Shape("README.md a.txt", "a b "),
    "encoded": Shape("README.md a.txt", "QUJD"),
    "invisible": Shape("README.md a.txt", "a\u200bb\U000e0041 "),
    "no spaces": Shape("README.md a.txt", "不能"),
    "definitions": Shape("README.md", "[a{n}]: https://a.invalid/{n} 'one two three'\n", "", "\n[a1]\n"),
    "footnotes": Shape("README.md", "[^{n}]: a\n b\n", "Quay[^1].\n\n"),
    "notes": Shape("README.md a.mdx", ":::note\na\n"),
    "components": Shape("a.mdx", "<Note>\n  a\n", "import A from 'a'\n\n"),
    "open component": Shape("a.mdx", "<Note a\n"),
    "conditions": Shape("a.mdx", "{false && {a} "),
    "toml": Shape("a.toml", "a{n} = [1, 2]\n"),
    "sitemap": Shape("sitemap.xml", "<url><loc>https://pump.invalid/{n}</loc>", "<urlset>"),
    "url table": Shape("a.csv", "Quay {n},https://a.invalid/{n}\n", "name,url\n"),
}

Step = tuple[str, Callable[[], object]]


def steps(shape: Shape, name: str, size: int) -> Iterator[Step]:
    """What the product does with such a page, one by one; the text's readers run on what the first step gave."""
    body, url = shape.of(size), PLACE + name
    pages: list[PageText] = []

    def read() -> None:
        pages[:] = [page_text(body, url=url)]

    yield "page text", read
    yield "links", lambda: links_on(body, url)
    for title, parse in _sources(name):
        yield title, lambda parse=parse: parse(body)  # type: ignore[misc]
    for page in pages:
        yield from _of_text(page, url)


def _of_text(page: PageText, url: str) -> Iterator[Step]:
    yield "sentences", lambda: sentences(page.text, page.blocks)
    yield "hostile words", lambda: findings(page.text, page.blocks, url, page.digest, page.own_instructions)
    yield "built-in reader", lambda: LexicalAssessor().reply(_request(page))
    yield "selection", lambda: [shown(one) for one in within_budget([page], 20_000)[0]]
    yield "grounding", lambda: ground("runs shell commands for its owner", page)
    yield "echo", lambda: CopiedTextCheck(_request(page), page.findings).may_keep(page.text[:1_200])


def _sources(name: str) -> Iterator[tuple[str, Callable[[bytes], object]]]:
    if name.endswith((".md", ".mdx")):
        yield _walk(MarkdownList("pump", PLACE))
    if name.endswith((".html", ".xml")):
        yield _walk(_site())
    if name.endswith((".xml", ".html", ".txt")):
        yield "sitemap", locations_in
    if name.endswith((".json", ".csv")):
        sources = McpRegistry("pump", PLACE), OasfRecords("pump", (PLACE,)), AgentCards("pump", (PLACE,))
        for source in (*sources, UrlTable("pump", PLACE)):
            yield _walk(source)


def _walk(source: Source) -> tuple[str, Callable[[bytes], object]]:
    """A source that gets these bytes at its first address and nothing at any other."""

    def walk(body: bytes) -> None:
        answers = [body]

        async def get(url: str) -> Fetched:
            if not answers:
                return Fetched(url=url, outcome=FetchOutcome.NOT_FOUND, at=NOW)
            fields = {"url": url, "final_url": url, "fetched_at": NOW, "media_type": "", "digest": sha256(body)}
            snapshot = PageSnapshot.model_validate({**fields, "status": 200, "length": len(body)})
            return Fetched(url=url, outcome=FetchOutcome.FETCHED, at=NOW, snapshot=snapshot, body=answers.pop())

        async def walked() -> None:  # no result: `asyncio.run` writes out that of its task when it ends
            await source.walk(get)

        asyncio.run(walked())

    return type(source).__name__, walk


@cache
def _site() -> DirectorySite:
    return DirectorySite("pump", PLACE, Selectors(card="li, p", name="h1"))


def _request(page: PageText) -> CompletionRequest:
    return CompletionRequest(prompt=load("assess"), slug="pump", name="Quay", documents=(page,))
