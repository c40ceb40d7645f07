"""Foreign text in every field of a record: harmless in HTML, JSON, feed, CSV, SVG, sitemap and file names."""

import csv
import io
import json
import re
import unicodedata
from pathlib import Path
from xml.etree import ElementTree

import made_records as made
import pytest
from hostile_texts import ATTACKS, URLS, naughty, texts_of
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from markupsafe import Markup, escape
from selectolax.lexbor import LexborHTMLParser

from publishing.catalogue import Names
from publishing.formats.atom_feed import feed
from publishing.formats.badge import badge
from publishing.formats.catalogue_files import agents_csv
from publishing.pages import agent_page, escaping
from publishing.pages.agent_page import channel
from publishing.pages.index_rows import row_of
from publishing.pages.lists import row_html
from publishing.site import build
from scoring.record import PublishedRecord
from tests.publishing.made_records import of_records

PLAIN_TAGS = set("feed id title updated link author name entry published summary svg rect path g text".split())  # noqa: SIM905


@pytest.mark.slow
def test_html(poisoned_site: Path, site: Path) -> None:
    """Foreign text adds no element: a page has the same tags and attributes as one with plain words would."""
    allowed = {("span", "aria-current")}  # long lists have pages
    for path in site.rglob("*.html"):
        for node in LexborHTMLParser(path.read_text(encoding="utf-8")).css("*"):
            allowed |= {(node.tag, name) for name in node.attributes} | {(node.tag, "")}
    for path in poisoned_site.rglob("*.html"):
        html = path.read_text(encoding="utf-8")
        page = LexborHTMLParser(html)
        for node in page.css("*"):
            found = {(node.tag, name) for name in node.attributes} | {(node.tag, "")}
            assert found <= allowed, (path.name, found - allowed)
            for name in ("href", "src"):
                place = node.attributes.get(name) or ""
                assert not re.match(r"\s*(javascript|data|vbscript|file|ftp):", place, re.I), (path.name, place)
                assert "evil.example" not in place and "\u0430" not in place, (path.name, place)
        assert escaping.clean(html) == html
        assert len(page.css("script")) == (1 if path.name == "index.html" else 0)
    assert len(list((poisoned_site / "agents").glob("*.html"))) > 55


@given(st.one_of(st.text(), st.integers(), st.none(), st.decimals(allow_nan=False), st.text().map(Markup)))
def test_what_a_template_shows_is_what_the_library_escapes(value: object) -> None:
    """Of cleaned text; our own markup passes, and nothing is shown for nothing."""
    clean = value if isinstance(value, Markup) else escaping.clean("" if value is None else str(value))
    assert escaping.shown(value) == str(escape(clean))
    assert agent_page.environment().from_string("{{ value }}").render(value=value) == str(escape(clean))


def test_each_string_by_itself_in_lists_feed_spreadsheet_and_badge(shared: Path) -> None:
    base = row_of(made.record(), "sha256:" + "0" * 64)
    for text in (*ATTACKS, *naughty(shared)):
        row = base._replace(name=escaping.plain(text) or "x", note=text, summary=text, homepage=text, repository=text)
        line = LexborHTMLParser(f"<table><tbody>{row_html(row, '../')}</tbody></table>")
        tags = {node.tag for node in line.css("tr *")}
        assert tags == {"th", "a", "bdi", "td", "span", "svg", "rect", "circle"}, text
        parser = etree.XMLParser(resolve_entities=False, no_network=True)
        for body in (feed([row], Names()), badge(row, Names(title=text))):
            root = etree.fromstring(body, parser)
            assert {etree.QName(node).localname for node in root.iter()} <= PLAIN_TAGS, text
        cells = list(csv.reader(io.StringIO(agents_csv([row], Names()).decode(), newline="")))[1]
        for value in cells:
            assert unicodedata.normalize("NFKC", value)[:1] not in set("=+-@|%\t\r\n"), value
            assert "\n" not in value and "\r" not in value


def test_pages_stay_small(poisoned_site: Path) -> None:
    assert max(p.stat().st_size for p in (poisoned_site / "agents").glob("*.html")) <= 100_000


def test_xml_forms(poisoned_site: Path) -> None:
    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    for path in [poisoned_site / "feed.xml", poisoned_site / "sitemap.xml", *(poisoned_site / "badges").iterdir()]:
        root = etree.fromstring(path.read_bytes(), parser)
        tags = {etree.QName(node).localname for node in root.iter()}
        assert not tags & {"script", "img", "iframe", "foreignObject", "image", "use", "a"}, path.name
        for node in root.iter():
            assert not [
                name
                for name in node.attrib
                if name.startswith("on") or ("href" in name and "javascript" in node.attrib[name])
            ]


def test_csv_holds_no_formula(poisoned_site: Path) -> None:
    rows = list(csv.reader(io.StringIO((poisoned_site / "agents.csv").read_bytes().decode(), newline="")))
    assert len({len(row) for row in rows}) == 1
    for row in rows:
        for value in row:
            first = unicodedata.normalize("NFKC", value)[:1]
            assert first not in set("=+-@|%\t\r\n"), value
            assert "\n" not in value and "\r" not in value


def test_json_forms(poisoned_site: Path, shared: Path) -> None:
    """Nothing is lost in JSON: the exact text stands there, and only there."""
    for number, text in enumerate(texts_of(shared)):
        record = PublishedRecord.model_validate_json((poisoned_site / "agents" / f"agent-{number}.json").read_bytes())
        assert record.extraction.name == text[:200]
        assert record.changes[0].before == text
    json.loads((poisoned_site / "index.json").read_bytes())
    for path in (poisoned_site / "summaries").iterdir():
        json.loads(path.read_bytes())


def test_file_names(poisoned_site: Path) -> None:
    for path in poisoned_site.rglob("*"):
        assert re.fullmatch(r"[a-z0-9][a-z0-9._-]*", path.name), path.name


def test_no_foreign_word_in_what_models_read_first(poisoned_site: Path) -> None:
    said = (poisoned_site / "llms.txt").read_text(encoding="utf-8")
    assert not any(text in said for text in ATTACKS[2:] if text.strip())


def test_direction_marks_do_not_reach_titles_feed_or_cells(poisoned_site: Path) -> None:
    for name in ("feed.xml", "agents.csv", "index.json"):
        assert "\u202e" not in (poisoned_site / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("url", URLS)
def test_what_may_not_be_a_link(url: str) -> None:
    assert escaping.link(url) is None
    assert channel(url) is None


@pytest.mark.parametrize(
    ("url", "link"),
    [
        ("https://example.org/a?b=c&d=%20#e", "https://example.org/a?b=c&d=%20#e"),
        ("http://example.org:8080/", "http://example.org:8080/"),
        ("https://example.org/ä", "https://example.org/%C3%A4"),
        ("https://xn--mnchen-3ya.example/", "https://xn--mnchen-3ya.example/"),
    ],
)
def test_what_may(url: str, link: str) -> None:
    assert escaping.link(url) == link


def test_correction_channel() -> None:
    assert channel("mailto:fix@directory.example") == "mailto:fix@directory.example"
    assert channel('mailto:"><script>') is None


def test_feed_is_a_feed(site: Path) -> None:
    atom = "{http://www.w3.org/2005/Atom}"
    root = ElementTree.fromstring((site / "feed.xml").read_bytes())
    entries = root.findall(f"{atom}entry")
    updated = [entry.findtext(f"{atom}updated") or "" for entry in entries]
    assert updated == sorted(updated, reverse=True) and root.findtext(f"{atom}updated") == updated[0]
    ids = [entry.findtext(f"{atom}id") for entry in entries]
    assert len(ids) == len(set(ids)) == len(entries) > 30
    first = next(e for e in entries if "Post Sorter" in (e.findtext(f"{atom}title") or ""))
    assert "The vendor disputes: memory is shorter than said" in (first.findtext(f"{atom}summary") or "")


def test_badge_is_dated(site: Path) -> None:
    said = (site / "badges" / "post-sorter.svg").read_text(encoding="utf-8")
    number = r"\d+\.\d"
    ranges = rf"{number} to {number}, likely {number} to {number}, (allow|ask|deny)"
    assert re.search(rf"Assay: {number} \w+ \({ranges}\) · 2026-11-12", said)
    assert "withdrawn" in (site / "badges" / "old-sorter.svg").read_text(encoding="utf-8")


def test_a_summary_gives_no_score_to_a_reader_for_whom_high_is_good(site: Path) -> None:
    """Readers of OpenSSF Scorecard let `score >= N` pass and print -1 as inconclusive; here high is risky."""
    for path in (site / "summaries").iterdir():
        summary = json.loads(path.read_bytes())
        assert "score" not in summary and not any("score" in check for check in summary["checks"])
        assert all(0 <= check["risk"] <= 10 for check in summary["checks"] if "risk" in check)
        assert (summary["risk"] is None) == (summary["withheld"] is not None)
        low, high = summary["likely"]
        assert summary["possible"][0] <= low <= high <= summary["possible"][1]
        assert summary["advice"] in ("allow", "ask", "deny") and isinstance(summary["firm"], bool)
    summary = json.loads((site / "summaries" / "post-sorter.json").read_bytes())
    assert summary["date"] == "2026-11-12" and summary["tool"]["name"] == "assay"
    assert summary["direction"] == "higher is riskier"
    assert len(summary["checks"]) == 18
    assert sum("risk" in check for check in summary["checks"]) == 11


def test_a_sitemap_with_too_many_addresses_is_an_index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("publishing.formats.catalogue_files.SITEMAP_LIMIT", 25)
    done = build(of_records(record for record, _ in made.many(12)), tmp_path)
    space = "{http://www.sitemaps.org/schemas/sitemap/0.9}"

    def places(name: str) -> list[str]:
        root = ElementTree.fromstring((done.path / name).read_bytes())
        return [node.text or "" for node in root.iter(f"{space}loc")]

    parts = [place.rsplit("/", 1)[1] for place in places("sitemap.xml")]
    assert len(parts) >= 2
    told = [place for part in parts for place in places(part)]
    assert all(len(places(part)) <= 25 for part in parts)
    pages = {str(p.relative_to(done.path)) for p in done.path.rglob("*.html")}
    assert {place.removeprefix("http://127.0.0.1:8000/") for place in told} == pages
