"""Every kind of page in a real browser and under the Nu HTML checker: valid, accessible, quiet, and working."""

import contextlib
import functools
import http.server
import json
import re
import shutil
import statistics
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.browser_context import PATIENCE, new_context

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
KINDS = (
    "index.html",
    "agents/post-sorter.html",  # history, dispute, hostile text, corrections
    "agents/old-sorter.html",  # withdrawn and superseded
    "agents/stale-one.html",
    "agents/bare-thing.html",  # nothing could be quoted
    "agents/former-name.html",  # an old address
    "browse/band-high.html",
    "browse/recent.html",
    "browse/withdrawn.html",
    "methodology.html",
    "coverage.html",
    "corrections.html",
    "status.html",
)
FLAGS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
)


@contextlib.contextmanager
def served(folder: Path) -> Iterator[str]:
    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_: Any) -> None: ...

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(folder)))
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/"
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture(scope="module")
def address(site: Path) -> Iterator[str]:
    with served(site) as address:
        yield address


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        pytest.skip("no chromium: apt-get install -y --no-install-recommends chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium, timeout=PATIENCE, headless=True, args=FLAGS.split()
        )
        yield browser
        browser.close()


def vnu() -> list[str]:
    jar = next(iter(sorted(ROOT.glob("build/node/node_modules/vnu-jar/build/dist/vnu.jar"))), None)
    if jar is None or shutil.which("java") is None:
        pytest.skip("no Nu checker: npm install --prefix build/node vnu-jar, and a headless JRE")
    return ["java", "-jar", str(jar)]


def test_nu_finds_no_error_on_any_page_style_or_badge(site: Path) -> None:
    pages = [site / name for name in KINDS]
    styles = [*(site / "static").glob("*.css")]
    pictures = [site / "badges" / "post-sorter.svg", *(site / "static").glob("*.svg")]
    also = ["--also-check-css", "--also-check-svg", "--format", "json"]
    done = subprocess.run(
        [*vnu(), *also, *map(str, (*pages, *styles, *pictures))], capture_output=True, text=True, check=False
    )
    errors = [
        f"{Path(m.get('url', '')).name}: {m['message']}"
        for m in json.loads(done.stderr)["messages"]
        if m["type"] in ("error", "non-document-error")
    ]
    assert not errors, errors[:10]


def test_nu_would_find_one(tmp_path: Path) -> None:
    """The checker looks at all three: without this, a silent checker would pass."""
    for name, body in (
        ("a.html", "<!doctype html><html lang=en><title>x</title><p><blink>x</blink>"),
        ("b.css", "p { colour: red; }"),
        ("c.svg", '<svg xmlns="http://www.w3.org/2000/svg"><p/></svg>'),
    ):
        (tmp_path / name).write_text(body)
    done = subprocess.run(
        [*vnu(), "--also-check-css", "--also-check-svg", "--format", "json", *map(str, sorted(tmp_path.iterdir()))],
        capture_output=True,
        text=True,
        check=False,
    )
    found = {Path(m["url"]).name for m in json.loads(done.stderr)["messages"] if m["type"] == "error"}
    assert found == {"a.html", "b.css", "c.svg"}


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 390)])
def test_axe_finds_no_violation(address: str, browser: Any, scheme: str, width: int) -> None:
    from axe_playwright_python.sync_playwright import Axe

    context = new_context(browser, viewport={"width": width, "height": 900}, color_scheme=scheme, bypass_csp=True)
    page = context.new_page()
    tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
    looks = ["color-contrast", "target-size", "scrollable-region-focusable"]  # what a scheme or a width can change
    only = {"type": "tag", "values": tags} if scheme == "light" else {"type": "rule", "values": looks}
    problems: list[str] = []
    try:
        for name in KINDS:
            page.goto(address + name)
            if name == "index.html":
                page.wait_for_selector("#filters:not([hidden])")
            found = Axe().run(page, options={"runOnly": only})
            problems += [
                f"{name} {v['id']}: {v['nodes'][0]['html'][:160]} {v['nodes'][0].get('failureSummary', '')[:200]}"
                for v in found.response["violations"]
            ]
    finally:
        context.close()
    assert not problems, problems


def test_nothing_is_loaded_from_elsewhere_the_policy_holds_and_no_page_is_wider_than_its_window(
    address: str, browser: Any
) -> None:
    context = new_context(browser)
    page = context.new_page()
    asked: list[str] = []
    said: list[str] = []
    wide: list[tuple[str, int, int]] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    for name in KINDS:
        page.goto(address + name)
        if name == "index.html":
            page.wait_for_selector("#filters:not([hidden])")
        for width in (320, 390, 768, 1280):
            page.set_viewport_size({"width": width, "height": 800})
            found = page.evaluate("document.documentElement.scrollWidth")
            if found > width:
                wide.append((name, width, found))
    context.close()
    assert asked and all(url.startswith(address) for url in asked), asked
    assert not said, said
    assert not wide, wide


def test_two_clicks_from_a_score_to_the_marked_sentence(address: str, browser: Any) -> None:
    context = new_context(browser, java_script_enabled=False, viewport={"width": 1280, "height": 800})
    page = context.new_page()
    page.goto(address + "agents/post-sorter.html")
    page.click("#verdict a.num >> nth=0")
    page.click("#scored a.ref >> nth=0")
    anchor = page.url.split("#")[1]
    quote = page.locator(f"#{anchor} mark")
    box = quote.bounding_box()
    assert box is not None and 0 <= box["y"] < 800
    assert len(quote.inner_text()) > 20
    context.close()


@pytest.mark.parametrize(("width", "height", "screens"), [(1280, 800, 4), (390, 844, 7)])
def test_an_agent_page_is_read_in_a_few_screens(
    site: Path, address: str, browser: Any, width: int, height: int, screens: int
) -> None:
    """The verdict, what it can touch and the ten factors stand on the first screen of a laptop; folds are closed."""
    context = new_context(browser, java_script_enabled=False, viewport={"width": width, "height": height})
    page = context.new_page()
    words = {}
    for name in sorted(path.stem for path in (site / "agents").glob("*.html") if path.stem != "former-name"):
        page.goto(f"{address}agents/{name}.html")
        assert page.evaluate("document.documentElement.scrollHeight") <= screens * height, name
        words[name] = len(page.inner_text("body").split())
        if width == 1280 and not page.locator(".notice").count():
            for part in ("#verdict", "#touches", "#factors"):
                box = page.locator(part).bounding_box()
                assert box["y"] + box["height"] <= height, (name, part)
    assert statistics.median(words.values()) <= 900 and max(words.values()) <= 1_150, words
    for name in ("post-sorter", "bare-thing"):
        page.goto(f"{address}agents/{name}.html")
        pages = len(re.findall(rb"/Type\s*/Page[^s]", page.pdf(format="A4")))
        assert 1 <= pages <= 4, (name, pages)
    context.close()


def test_the_index_works_without_script(address: str, browser: Any) -> None:
    context = new_context(browser, java_script_enabled=False)
    page = context.new_page()
    page.goto(address + "index.html")
    assert not page.locator("#filters").is_visible()
    page.click("text=MCP server >> nth=-1")
    page.click("tbody th a >> nth=0")
    assert "MCP server" in page.inner_text(".crumbs")
    context.close()


class TestIndexScript:
    @pytest.fixture
    def page(self, address: str, browser: Any) -> Iterator[Any]:
        context = new_context(browser)
        page = context.new_page()
        page.goto(address + "index.html")
        page.wait_for_selector("#filters:not([hidden])")
        yield page
        context.close()

    def names(self, page: Any) -> list[str]:
        return page.locator("#rows th a").all_inner_texts()

    def test_search_filter_and_order(self, page: Any) -> None:
        whole = int(re.findall(r"\d+", page.inner_text("#count"))[0])
        assert whole > 30
        page.fill("[name=q]", "post")
        assert self.names(page) == ["Post Sorter"]
        assert "q=post" in page.url
        page.fill("[name=q]", "")
        page.select_option("[name=order]", "score")
        scores = [float(s) for s in page.locator("#rows td.n").all_inner_texts() if s != "–"]
        assert scores == sorted(scores, reverse=True)
        page.select_option("[name=band]", "Medium")
        assert set(page.locator("#rows .band").all_inner_texts()) == {"Medium"}
        page.select_option("[name=band]", "")
        page.select_option("[name=marks]", "hostile text")
        assert self.names(page) == ["Post Sorter"]

    def test_filters_by_reach_risk_and_firmness_and_too_little_evidence_comes_last(self, page: Any) -> None:
        everyone = self.names(page)
        for name, value in (("touches", "changes systems"), ("risks", "ASI02"), ("marks", "not firm")):
            page.select_option(f"[name={name}]", value)
            chosen = self.names(page)
            assert chosen and set(chosen) <= set(everyone) and f"{name}=" in page.url, name
            assert "Bare Thing" not in chosen or name == "marks"
            page.select_option(f"[name={name}]", "")
        for order in ("score", "safest", "firm", "changed"):
            page.select_option("[name=order]", order)
            withheld = [band == "withheld" for band in page.locator("#rows .band").all_inner_texts()]
            assert any(withheld) and withheld == sorted(withheld), order

    def test_an_address_keeps_the_search(self, page: Any, address: str) -> None:
        page.goto(address + "index.html?q=bare&order=name")
        page.wait_for_selector("#filters:not([hidden])")
        assert self.names(page) == ["Bare Thing"]

    def test_rows_look_the_same_as_without_script(self, page: Any, address: str, browser: Any) -> None:
        plain = new_context(browser, java_script_enabled=False).new_page()
        plain.goto(address + "index.html")
        script, without = (p.locator("#rows tr").first.inner_text() for p in (page, plain))
        assert script.split() == without.split()
        plain.context.close()


def test_ten_thousand_agents_in_the_browser(browser: Any, tmp_path: Path) -> None:
    """The index script answers a key press quickly when the index holds 10,000 agents."""
    import made_records as made

    from publishing.pages import agent_page, lists
    from publishing.pages.index_rows import row_of

    base = row_of(made.record(), "sha256:" + "0" * 64)
    rows = [
        base._replace(slug=f"agent-{n}", name=f"Agent {n}", modified=f"2026-11-{n % 28 + 1:02}T00:00:00Z")
        for n in range(10_000)
    ]
    (tmp_path / "index.json").write_bytes(lists.index_json(rows))
    (tmp_path / "static").mkdir()
    script = agent_page.asset("index.js")
    shutil.copy(agent_page.HERE / "static" / "index.js", tmp_path / "static" / script)
    from publishing.pages.directory_pages import pages
    from tests.publishing.made_records import of_records

    (tmp_path / "index.html").write_text(
        pages(of_records([]), rows, "2026-11-28T00:00:00Z")["index.html"], encoding="utf-8"
    )
    with served(tmp_path) as address:
        page = new_context(browser).new_page()
        page.goto(f"{address}index.html")
        page.wait_for_selector("#filters:not([hidden])")
        assert page.inner_text("#count") == "10,000 agents"
        page.fill("[name=q]", "9999")
        assert page.inner_text("#count") == "1 agent"
        page.fill("[name=q]", "")
        assert page.locator("#rows tr").count() == 100
        page.click("#more")
        assert page.locator("#rows tr").count() == 200
        page.close()


def test_attack_texts_run_nowhere(poisoned_site: Path, browser: Any) -> None:
    """Every attack text in every field, every page opened: no script runs, no dialog opens, nothing is asked for."""
    ran: list[str] = []
    asked: list[str] = []
    with served(poisoned_site) as address:
        context = new_context(browser, bypass_csp=True)  # the pages must be harmless without their policy, too
        page = context.new_page()
        page.on("dialog", lambda dialog: (ran.append(dialog.message), dialog.dismiss()))
        page.on("request", lambda request: asked.append(request.url))
        agents = sorted((poisoned_site / "agents").glob("*.html"))
        names = [f"agents/{path.name}" for path in agents]
        for name in ("index.html", "coverage.html", "corrections.html", "status.html", "browse/recent.html", *names):
            page.goto(address + name, wait_until="load")
        for path in agents[::7]:
            page.goto(f"{address}badges/{path.stem}.svg")
        context.close()
    assert len(names) > 55
    assert not ran
    assert all(url.startswith(address) for url in asked), [u for u in asked if not u.startswith(address)][:5]
