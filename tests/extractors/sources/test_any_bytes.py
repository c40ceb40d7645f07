"""Sources are foreign text too: a walk raises nothing for it."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.sources import Source
from extractors.sources.directory_site import DirectorySite, locations_in, selectors_of
from extractors.sources.further_pages import links_on
from extractors.sources.listing_entry import entry_page, web_address
from extractors.sources.lists.markdown_list import MarkdownList
from extractors.sources.registries.agent_cards import AgentCards
from extractors.sources.registries.mcp_registry import McpRegistry
from extractors.sources.registries.oasf import OasfRecords
from extractors.sources.registries.record_kinds import KEYS
from extractors.sources.url_table import UrlTable
from tests.examples import examples
from tests.extractors.sources.answering import walked

PAGING = ("places", "cursor", "next_address", "total", "more", "last_number", "next_number", "this_number")
PAGING_KEYS = [key for what in PAGING for key in KEYS[what]]
SOURCES: tuple[Source, ...] = (
    MarkdownList("s", "https://a.example/README.md"),
    McpRegistry("s", "https://a.example/"),
    AgentCards("s", ["https://a.example/x.json"]),
    OasfRecords("s", ["https://a.example/x"]),
    UrlTable("s", "https://a.example/a.csv"),
    UrlTable("s", "https://a.example/a.toml"),
    UrlTable("s", "https://a.example/a.jsonl"),
    DirectorySite("s", "https://a.example/", selectors_of("harbour")),
)


def parse(source: Source, body: bytes, url: str = "https://a.example/x") -> None:
    for listing in walked(source, body).listings:
        listing.model_dump_json().encode()
        entry_page(listing)
    links_on(body, url)
    locations_in(body)


@pytest.mark.slow
@given(st.binary(max_size=200))
def test_random_bytes(body: bytes) -> None:
    for source in SOURCES:
        parse(source, body)


_VALUE = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from(["", "x", "\ud800", "https://a.example/", "http://[", "a" * 300]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "name",
                    "url",
                    "servers",
                    "server",
                    "repository",
                    "skills",
                    "provider",
                    "modules",
                    "locators",
                    "urls",
                    "metadata",
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@examples(150)
@given(_VALUE)
def test_any_json(value: object) -> None:
    body = json.dumps(value).encode()
    for source in SOURCES:
        parse(source, body)


def test_half_characters_in_json() -> None:
    body = b'{"name": "a\\ud800", "description": "\\udc00", "skills": [], "repository": "https://a.example/\\ud800"}'
    for source in SOURCES[1:4]:
        parse(source, body)
        assert walked(source, body).listings[0].name == "a?"


HUGE = int("9" * 4_300)
VALUES = ["\ud800", "/\ud800", "?page=\udfff", HUGE, -HUGE, "9" * 9_000, float("inf"), True, [], {}]
ONE_ENTRY = (
    {"servers": [{"name": "a/b"}]},
    {"agents": [{"name": "a/b", "url": "https://b.example/", "skills": []}]},
    {"records": [{"name": "a/b", "schema_version": "0.7.0", "skills": []}]},
)


@pytest.mark.slow
@pytest.mark.parametrize("value", VALUES, ids=range(len(VALUES)))
def test_whatever_a_registry_says_of_its_next_page(value: object) -> None:
    """What was listed stands, and why there is no more is one line."""
    for key in PAGING_KEYS:
        for source, page in zip(SOURCES[1:4], ONE_ENTRY, strict=True):
            for further in ({"page": {key: value}}, {"total": HUGE, "page": 1, key: value}):
                walk = walked(source, json.dumps(page | further).encode())
                assert {one.name for one in walk.listings} == {"a/b"}
                assert len(walk.problems) < 2 and not any("\n" in told for told in walk.problems)


@pytest.mark.slow
def test_naughty_strings(shared: Path) -> None:
    for text in json.loads((shared / "conformance/naughty/blns.json").read_text())[::3]:
        entry = f"- **[{text}](https://a.example/)** - {text}\n".encode("utf-8", "surrogatepass")
        record = json.dumps({"name": text, "description": text, "url": text, "skills": []}).encode()
        for source in SOURCES[:5]:
            parse(source, entry)
            parse(source, record)


@pytest.mark.parametrize(
    "url",
    ["javascript:alert(1)", "file:///etc/passwd", "//a.example", "http://", "http://a b/", "http://u:p@a.example/", "http://[::1",
     "http://a.example:99999/", "data:text/html,x", "http://a.example/\n", "", "x" * 3000, None, 3],
)  # fmt: skip
def test_only_plain_web_addresses_enter_a_listing(url: object) -> None:
    assert web_address(url) in ("", "http://a.example/")
