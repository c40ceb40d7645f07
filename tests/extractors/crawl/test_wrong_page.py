"""No real page is taken for a check, a wall or an error page, however short it is."""

import html
import re
import string
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from extractors.crawl.wrong_page.detection import RequestedPage, find_wrong_page
from extractors.crawl.wrong_page.page_shape import outline_of
from extractors.crawl.wrong_page.redirects import redirect_end

MARKDOWN = MarkdownIt("commonmark", {"html": True})


def real(shared: Path) -> Iterator[tuple[Path, str, bytes]]:
    """Each real document with the name of the agent whose it is."""
    for folder in ("corpus/agents", "agreement", "tools"):
        for file in sorted((shared / folder).rglob("*")):
            if file.is_file():
                yield file, file.relative_to(shared / folder).parts[0], file.read_bytes()


@pytest.mark.slow
def test_no_real_document_is_refused(shared: Path) -> None:
    for file, name, body in real(shared):
        url = f"https://raw.example/o/{name}/{file.name}"
        shape = outline_of(body, url)
        for known_as in ("", name):
            assert not find_wrong_page(RequestedPage(url, known_as), url, shape), (file.name, known_as)


@pytest.mark.slow
@pytest.mark.parametrize("cut", [400, None])
def test_no_real_document_is_refused_as_a_page_of_a_directory(shared: Path, cut: int | None) -> None:
    for file, name, body in real(shared):
        if file.suffix not in (".md", ".txt"):
            continue
        text = body.decode("utf-8", "replace")
        title = match[1] if (match := re.search(r"^#\s+(.*)$", text, re.MULTILINE)) else name
        page = (
            f"<!doctype html><title>{html.escape(title)} | Directory</title><main>{MARKDOWN.render(text[:cut])}</main>"
        )
        shape = outline_of(page.encode(), "https://directory.example/p/991", "text/html")
        for url in (f"https://directory.example/agents/{name}", "https://directory.example/p/991"):
            assert find_wrong_page(RequestedPage(url, name), url, shape) is None, (file.name, url)


@pytest.mark.parametrize(
    ("asked", "final"),
    [
        ("http://otter.example/", "https://www.otter.example/en/"),
        ("http://otter.example/guide", "https://otter.example/guide/"),
        ("https://otter.example/docs/latest", "https://otter.example/docs"),
        ("https://otter.example/docs/index.html", "https://otter.example/docs/"),
        ("https://otter.example/old", "https://otter.example/docs/new/place"),
        ("https://a.example/otter", "https://otter.example/"),
        ("https://a.example/agents/otter?ref=list", "https://a.example/agents/otter"),
        ("https://a.example/docs/login", "https://a.example/manual/login"),
        ("https://a.example/agents/otter", "https://a.example/agents/otter-mail"),
    ],
)
def test_a_page_that_moved_is_followed(asked: str, final: str) -> None:
    assert redirect_end(asked, final) is None


@given(st.text(string.ascii_lowercase + "/-.?=&%:@[]", max_size=60), st.text(max_size=60))
def test_no_address_stops_it(path: str, other: str) -> None:
    redirect_end("https://a.example/" + path, "https://a.example/" + other)
    assert redirect_end("https://a.example/" + path, "https://a.example/" + path) is None


@pytest.mark.parametrize(
    "opening", ["<b>", "<a href=/>", "<a><div>", "<h1>", "<svg>", "<noscript>", "<table><a>", "<i></b>"]
)
def test_a_page_of_openings_without_end_keeps_its_words(opening: str) -> None:
    page = outline_of(
        f"<title>Otter</title><p>Sorts mail.</p>{opening * 3_000}".encode(), "https://a.example/", "text/html"
    )
    assert (page.title_parts[0], page.words) == ("otter", ("sorts", "mail"))


@pytest.mark.parametrize("picture", ["<svg><title>Menu</title></svg>", "<svg><g><title>Menu</title><path d=M0/></svg>"])
def test_a_pictures_title_is_none_of_the_page(picture: str) -> None:
    body = f"{picture}<title>Otter</title><h1>Sorts mail</h1><p>{picture}It sorts.</p>"
    named = outline_of(body.encode(), "https://a.example/", "text/html")
    assert (named.title_parts, named.words) == (("otter", "sorts mail"), ("sorts", "mail", "it", "sorts"))
    unnamed = outline_of(f"<h1>Otter</h1>{picture}".encode(), "https://a.example/", "text/html")
    assert unnamed.title_parts == ("otter",)


def test_sentences_end_with_their_elements_and_not_with_emphasis() -> None:
    body = "<p>Please <b>log <i>in</i></b> to go on<p>Then<br>wait <!-- a remark --> a moment<script>no()</script>"
    page = outline_of(body.encode(), "https://a.example/", "text/html")
    assert page.sentences == ("please log in to go on", "then", "wait a moment")
    many = outline_of(f"{body}{'<li>by <a href=/>Otter</a> itself' * 6}".encode(), "https://a.example/", "text/html")
    assert "by" in many.sentences and "by otter itself" not in many.sentences and "otter" in many.words


@given(st.binary(max_size=400), st.text(max_size=20), st.sampled_from(["text/html", "", "application/json"]))
def test_no_bytes_stop_it(body: bytes, name: str, media_type: str) -> None:
    url = "https://a.example/agents/otter"
    page = outline_of(body, url, media_type)
    assert find_wrong_page(RequestedPage(url, name), url, page, page) is None or page.length < 700
