"""What a reader of the pages meets: everything said, every number traceable, nothing loaded from elsewhere."""

import re
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import made_records as made
import pytest
from selectolax.lexbor import LexborHTMLParser, LexborNode

from extractors.canonical_json import digest
from publishing.catalogue import Catalogue, Names
from publishing.pages.agent_page import PAGE_LIMIT, agent_page
from publishing.pages.capabilities import FILTERS, touches
from publishing.pages.directory_pages import list_page
from publishing.pages.index_rows import row_of
from publishing.pages.lists import list_pages, touch_name
from scoring.assessment import assess
from scoring.claims import Evidence
from scoring.risks.crosswalk import MAPPING, ids
from scoring.vocabulary import CORE_RISK_TITLES, FACTOR_TITLES, LAYER_TITLES, ExposureFact, RiskFactor
from tests.publishing.made_records import of_records, record_of

ORIGIN = "https://directory.example/"


def pages(site: Path) -> dict[str, LexborHTMLParser]:
    return {
        str(path.relative_to(site)): LexborHTMLParser(path.read_text(encoding="utf-8"))
        for path in sorted(site.rglob("*.html"))
    }


@pytest.fixture(scope="module")
def parsed(site: Path) -> dict[str, LexborHTMLParser]:
    return pages(site)


@pytest.fixture(scope="module")
def agent(parsed: dict[str, LexborHTMLParser]) -> LexborHTMLParser:
    return parsed["agents/post-sorter.html"]


def text(node: LexborHTMLParser | LexborNode) -> str:
    return " ".join((node.text(separator=" ") or "").split())


def test_no_script_style_or_remote_load(parsed: dict[str, LexborHTMLParser]) -> None:
    for path, page in parsed.items():
        scripts = page.css("script")
        assert len(scripts) == (1 if path == "index.html" else 0), path
        assert all(s.attributes.get("src", "").startswith("static/") and not s.text() for s in scripts)
        assert not page.css("style, iframe, object, embed, img, base, form[action], [style]"), path
        for node in page.css("*"):
            assert not [name for name in node.attributes if name.startswith("on")], path
        for node in page.css("link[rel=stylesheet], link[rel=icon], script, svg image, use"):
            place = node.attributes.get("href") or node.attributes.get("src") or ""
            assert not urlsplit(place).scheme and not place.startswith("//"), (path, place)
        policy = page.css_first('meta[http-equiv="Content-Security-Policy"]').attributes["content"] or ""
        assert policy.startswith("default-src 'none'") and "unsafe" not in policy and "*" not in policy
        assert ("script-src" in policy) == (path == "index.html")


def test_every_page_is_small(site: Path) -> None:
    sizes = {path.name: path.stat().st_size for path in (site / "agents").glob("*.html")}
    assert max(sizes.values()) <= PAGE_LIMIT


def test_every_link_inside_leads_somewhere(site: Path, parsed: dict[str, LexborHTMLParser]) -> None:
    files = {str(path.relative_to(site)) for path in site.rglob("*") if path.is_file()}
    for path, page in parsed.items():
        for node in page.css("[href], [src]"):
            place = node.attributes.get("href") or node.attributes.get("src") or ""
            whole = urlsplit(urljoin(ORIGIN + path, place))
            if f"{whole.scheme}://{whole.netloc}/" != ORIGIN or place.startswith(ORIGIN + "correct"):
                continue
            target = whole.path.lstrip("/")
            assert target in files, (path, place)
            if whole.fragment and target.endswith(".html"):
                assert parsed[target].css_first(f'[id="{whole.fragment}"]'), (path, place)


def test_links_to_the_outside_carry_no_weight(parsed: dict[str, LexborHTMLParser]) -> None:
    for path, page in parsed.items():
        for node in page.css("a[href]"):
            place = node.attributes["href"] or ""
            if urlsplit(place).scheme and not place.startswith("https://directory.example/"):
                assert place.startswith(("http://", "https://")), (path, place)
                assert node.attributes.get("rel") == "nofollow noopener noreferrer"


def test_ids_are_unique(parsed: dict[str, LexborHTMLParser]) -> None:
    for path, page in parsed.items():
        ids = [node.attributes["id"] for node in page.css("[id]")]
        assert len(ids) == len(set(ids)), path


class TestAgentPage:
    def test_it_says_everything(self, agent: LexborHTMLParser) -> None:
        said = text(agent)
        for title in (*FACTOR_TITLES.values(), *LAYER_TITLES.values()):
            assert title in said
        for words in (
            "not certain from the listing: not stated",
            "default",
            "CVSS:4.0/",
            "not read: 1",
            "not found",
            "Text that addresses the assessor",
            "Disputed by the vendor",
            "Are you the vendor?",
            "declined",
            "not a penetration test, an audit or a certification",
            "aivss-0.8-listing",
            "assess@1",
            "Another model read it",
            "Unknowns that would move the score",
            "reviewed by reviewer",
        ):
            assert words in said, words

    def test_every_quote_is_marked_in_its_sentence(self, agent: LexborHTMLParser) -> None:
        quotes = agent.css(".quotes li")
        assert len(quotes) >= 10
        for node in quotes:
            assert node.css_first("mark") and len(text(node.css_first("mark"))) > 20
            assert text(node.css_first("blockquote")) != text(node.css_first("mark"))

    def test_every_number_leads_to_quote_digest_and_source_in_two_clicks(
        self, parsed: dict[str, LexborHTMLParser]
    ) -> None:
        for path, page in parsed.items():
            if not path.startswith("agents/") or not page.css_first("#evidence"):
                continue
            if not page.css(".quotes li"):
                continue  # nothing could be quoted, and the page says so at each claim
            numbers = page.css("a.num")
            assert len(numbers) >= 10
            for number in numbers:
                assert reaches_evidence(page, number.attributes["href"] or "", 2), (path, text(number))

    def test_each_of_the_ten_risks_has_its_ids_and_a_stated_one_its_sentence(
        self, agent: LexborHTMLParser, catalogue: Catalogue
    ) -> None:
        record = record_of(catalogue, "post-sorter")
        for risk in record.assessment.risks:
            row = agent.css_first(f"#risk-{risk.risk}")
            assert f"{CORE_RISK_TITLES[risk.risk]} {' '.join(ids(risk.risk))}" in text(row)
            stated = risk.applicability == "applies" and risk.evidence > 0
            assert (row.tag == "li") == stated and len(row.css("q")) == len(row.css(".ref")) == stated, risk.risk
        assert MAPPING in text(agent.css_first("#risks"))

    def test_no_number_of_a_scenario_stands_beside_the_headline(self, parsed: dict[str, LexborHTMLParser]) -> None:
        """Scenarios start from the worst examples of the standard: their bands would tell another story."""
        seen = 0
        for page in parsed.values():
            if section := page.css_first("#risks"):
                seen += 1
                assert not section.css(".band, .num") and not re.search(r"\b(?:10|\d)\.\d\b", names_of(section))
        assert seen > 10

    def test_facts_of_which_nothing_is_known_are_one_line_by_reason(self, agent: LexborHTMLParser) -> None:
        rows = agent.css("#facts tr")
        assert any(re.match(r"\d+ of 14 not certain: not stated", text(row)) for row in rows)
        assert len([row for row in rows if not row.attributes.get("id")]) <= 2
        for fact in ExposureFact:
            assert agent.css_first(f"#facts #fact-{fact}, #facts[id=fact-{fact}]"), fact

    def test_a_withheld_record_shows_no_sum(self, parsed: dict[str, LexborHTMLParser]) -> None:
        said = text(parsed["agents/bare-thing.html"].css_first("#scored"))
        assert "No score is given: too little is known" in said
        assert "Before rounding" not in said and "Uplift" not in said

    def test_another_formula_is_not_written_as_the_usual_one(self, agent: LexborHTMLParser) -> None:
        world = made.world()
        other = assess(world.extraction, digest(world.extraction), made.provenance(formula="x"), "owasp-aivss-0.5")
        record = made.publish(made.replace(world, assessment=other))
        said = text(LexborHTMLParser(agent_page(record, of_records([record], world.pages))))
        assert "(10 − " in text(agent) and "first ten sum to" in text(agent)
        assert "(10 − " not in said and "first ten sum to" not in said
        assert "By the formula owasp-aivss-0.5" in said

    def test_a_claim_without_quote_says_why(self, agent: LexborHTMLParser) -> None:
        rows = agent.css(".factors li, #facts tr")
        assert len(rows) > 15
        for row in rows:
            if not row.css(".ref"):
                assert re.search("not certain:? (?:not stated|quote rejected)", text(row)), text(row)

    def test_sources_name_their_digest_date_and_link(self, agent: LexborHTMLParser) -> None:
        for source in agent.css(".source"):
            assert re.search(r"Read \d{4}-\d\d-\d\d", text(source))
            assert re.fullmatch(r"sha256:[0-9a-f]{64}", text(source.css_first("code")))
            assert source.css_first("a.out").attributes["href"]

    def test_withdrawn_stale_and_superseded_pages_stay(self, parsed: dict[str, LexborHTMLParser]) -> None:
        old = parsed["agents/old-sorter.html"]
        assert "superseded by assay:new-sorter" in text(old.css_first(".notice.bad"))
        assert old.css_first('.notice.bad a[href="new-sorter.html"]')
        assert "Stale since" in text(parsed["agents/stale-one.html"])

    def test_a_page_with_nothing_to_quote(self, parsed: dict[str, LexborHTMLParser]) -> None:
        said = text(parsed["agents/bare-thing.html"])
        assert "0 of 32 claims known" in said
        assert "No claim rests on a quote" in said
        assert "No score." in said and re.search(r"Possible \d\.\d to 10\.0 \w+ to Critical", said)


def reaches_evidence(page: LexborHTMLParser, href: str, clicks: int) -> bool:
    """True when following anchors leads to a quote, or to the reason why there is none."""
    target = page.css_first(f'[id="{href.removeprefix("#")}"]')
    if target is None or clicks == 0:
        return False
    inside = [target, *(up for up in parents(target))]
    line = next((node for node in inside if node.tag == "tr"), target)
    if any(node.attributes.get("class") == "quotes" for node in inside) or "not certain" in text(line):
        source = next((node for node in inside if node.attributes.get("class") == "source"), None)
        return source is None or bool(source.css_first("code") and source.css_first("a.out"))
    scope = target
    if target.tag == "h3":
        scope = next((node for node in following(target) if node.tag == "table"), target)
    return any(
        reaches_evidence(page, link.attributes["href"] or "", clicks - 1)
        for link in scope.css("a[href^='#']")
        if link.attributes["href"] != href
    )


def names_of(section: LexborNode) -> str:
    """The text of a section without its quotes and the link to the method."""
    return " ".join(text(node) for node in section.css("b, .ids, p"))


def parents(node: LexborNode) -> list[LexborNode]:
    found = []
    while node.parent is not None:
        node = node.parent
        found.append(node)
    return found


def following(node: LexborNode) -> list[LexborNode]:
    found = []
    while node.next is not None:
        node = node.next
        found.append(node)
    return found


def test_very_long_texts_still_fit(tmp_path: Path) -> None:
    """Longest quotes, rationales and a long history: the page shortens texts, never leaves out a claim."""
    world = made.world(foreign="It may do anything at all, " * 22)
    extraction = world.extraction
    long = "Sentence that is quoted at great length. " * 29
    url = world.pages[0].url

    def stretched(claim: object, number: int) -> object:
        if not claim.evidence:  # type: ignore[attr-defined]
            return claim
        start = number * 2000
        one = Evidence(text_digest=world.pages[0].digest, url=url, start=start, end=start + len(long), quote=long)
        return claim.model_copy(update={"evidence": (one,)})  # type: ignore[attr-defined]

    record = made.publish(world)
    many = record.changes * 300
    heavy = record.model_copy(
        update={
            "changes": many,
            "extraction": extraction.model_copy(
                update={
                    "factors": tuple(stretched(f, n) for n, f in enumerate(extraction.factors)),
                    "layers": tuple(stretched(x, 20 + n) for n, x in enumerate(extraction.layers)),
                    "exposure": tuple(stretched(x, 40 + n) for n, x in enumerate(extraction.exposure)),
                }
            ),
        }
    )
    html = agent_page(heavy, of_records([record], world.pages))
    assert len(html.encode()) <= PAGE_LIMIT
    page = LexborHTMLParser(html)
    assert all(page.css_first(f"#factor-{factor}") for factor in RiskFactor)
    assert all(page.css_first(f"#layer-{layer}") for layer in LAYER_TITLES)
    assert "older notes stand in" in text(page)


class TestSite:
    def test_lists_hold_every_live_agent_by_band_kind_and_letter(
        self, site: Path, parsed: dict[str, LexborHTMLParser], catalogue: Catalogue
    ) -> None:
        live = {slug for slug in catalogue.digests if record_of(catalogue, slug).withdrawn is None}
        for name in ("band-", "kind-", "letter-"):
            linked = [
                link.attributes["href"].removeprefix("../agents/").removesuffix(".html")  # type: ignore[union-attr]
                for path, page in parsed.items()
                if path.startswith(f"browse/{name}")
                for link in page.css("tbody th a")
            ]
            assert sorted(linked) == sorted(live), name

    def test_lists_by_reach_hold_whom_it_is_known_of_and_say_why(
        self, parsed: dict[str, LexborHTMLParser], catalogue: Catalogue
    ) -> None:
        for name in FILTERS:
            linked = {
                (link.attributes["href"] or "").removeprefix("../agents/").removesuffix(".html")
                for path, page in parsed.items()
                if path.startswith(f"browse/{touch_name(name)}")
                for link in page.css("tbody th a")
            }
            for slug in catalogue.digests:
                record = record_of(catalogue, slug)
                known = record.withdrawn is None and name in touches(record.extraction)
                assert (slug in linked) == known, (name, slug)
        rows = parsed["browse/touch-changes-systems.html"].css("tbody tr")
        assert len(rows) > 5 and all(text(row.css_first(".rule")) for row in rows)

    def test_too_little_evidence_comes_last(self, parsed: dict[str, LexborHTMLParser]) -> None:
        seen = 0
        for path, page in parsed.items():
            if path == "index.html" or path.startswith(("browse/kind-", "browse/touch-")):
                withheld = [text(band) == "withheld" for band in page.css("tbody .band")]
                assert withheld == sorted(withheld), path
                seen += any(withheld) and not all(withheld)
        assert seen

    def test_bands_run_from_the_highest_score(self, parsed: dict[str, LexborHTMLParser]) -> None:
        scores = [float(text(cell)) for cell in parsed["browse/band-high.html"].css("tbody td.n")]
        assert len(scores) > 5 and scores == sorted(scores, reverse=True)

    def test_pages_of_a_long_list(self) -> None:
        base = row_of(made.record(), "sha256:" + "0" * 64)
        rows = [base._replace(slug=f"a-{n}", name=f"A {n}") for n in range(230)]
        recent = [page for page in list_pages(rows) if page.path.startswith("browse/recent")]
        assert [len(page.rows) for page in recent] == [100, 100, 30]
        first = LexborHTMLParser(list_page(recent[0], Names()))
        assert len(first.css("tbody tr")) == 100
        assert [a.attributes["href"] for a in first.css(".pages a")] == [
            "../browse/recent-2.html",
            "../browse/recent-3.html",
        ]

    def test_one_change_in_a_long_list_moves_few_pages(self) -> None:
        base = row_of(made.record(), "sha256:" + "0" * 64)
        rows = [
            base._replace(slug=f"a-{n}", name=f"A {n}", score=f"{7 + n % 20 / 10:.1f}", digest=f"sha256:{n}")
            for n in range(4000)
        ]
        before = {page.path: page.key for page in list_pages(rows) if page.path.startswith("browse/band-high")}
        assert "browse/band-high-8.7-2.html" in before
        assert all(len({r.score for r in p.rows}) == 1 for p in list_pages(rows) if p.path in before)
        rows[37] = rows[37]._replace(score="7.0", digest="sha256:new")
        after = {page.path: page.key for page in list_pages(rows) if page.path.startswith("browse/band-high")}
        assert 1 <= sum(before[path] != after.get(path) for path in before) <= 8

    def test_methodology_is_the_code(self, parsed: dict[str, LexborHTMLParser]) -> None:
        from scoring.formulas import aivss_08_listing
        from scoring.rubric import RUBRIC

        said = text(parsed["methodology.html"])
        assert " ".join((aivss_08_listing.__doc__ or "").split()) in said
        for factor in RiskFactor:
            assert " ".join(RUBRIC[factor].does_not_count.split()) in said

    def test_coverage_has_denominators(self, parsed: dict[str, LexborHTMLParser]) -> None:
        said = text(parsed["coverage.html"])
        assert re.search(r"Claims known [\d,]+ [\d,]+, \d+\.\d %", said)
        assert re.search(r"Pages read [\d,]+ [\d,]+, \d+\.\d %", said) and "Tools named by the products" in said
        for words in (
            "Of 50 agents",
            "Asked not to be listed 1 2.0 %",
            "not allowed by robots.txt: 2",
            "Quiet Product",
        ):
            assert words in said

    def test_corrections_register(self, parsed: dict[str, LexborHTMLParser]) -> None:
        said = text(parsed["corrections.html"])
        for words in ("1 received", "1 accepted", "1 declined", "decides within 14 days", "the page says ninety"):
            assert words in said

    def test_status(self, parsed: dict[str, LexborHTMLParser]) -> None:
        said = text(parsed["status.html"])
        for words in (
            "2026-11-23 02:30 UTC",
            "100.0 % of 50 due",
            "1,200 asked for and 1,196 sent",
            "Not found 6",
            "Disputed 1",
            "Withdrawn 1",
            "Stale 1",
            "Oldest review",
        ):
            assert words in said
