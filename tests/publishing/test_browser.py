"""Every kind of page in a real browser and under the Nu HTML checker: valid, accessible, quiet, and working."""

from __future__ import annotations

import functools
import http.server
import json
import re
import shutil
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

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


@pytest.fixture(scope="module")
def address(site: Path) -> Iterator[str]:
    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_: Any) -> None: ...

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(site)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}/"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        pytest.skip("no chromium: apt-get install -y --no-install-recommends chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, headless=True, args=FLAGS.split())
        yield browser
        browser.close()


def vnu() -> list[str]:
    jar = next(iter(sorted(ROOT.glob("build/node/node_modules/vnu-jar/build/dist/vnu.jar"))), None)
    if jar is None or shutil.which("java") is None:
        pytest.skip("no Nu checker: npm install --prefix build/node vnu-jar, and a headless JRE")
    return ["java", "-jar", str(jar)]


def test_nu_finds_no_error_on_any_page_style_or_badge(site: Path, tmp_path: Path) -> None:
    pages = [str(site / name) for name in KINDS]
    styles = [str(path) for path in (site / "static").glob("*.css")]
    badges = [str(site / "badges" / "post-sorter.svg"), *map(str, (site / "static").glob("*.svg"))]
    for options, files in (([], pages), (["--css"], styles), (["--svg"], badges)):
        done = subprocess.run(
            [*vnu(), *options, "--format", "json", *files], capture_output=True, text=True, check=False
        )
        messages = json.loads(done.stderr or '{"messages":[]}')["messages"]
        errors = [f"{Path(m.get('url', '')).name}: {m['message']}" for m in messages if m["type"] == "error"]
        assert not errors, errors[:10]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_no_violation(address: str, browser: Any, scheme: str, width: int) -> None:
    from axe_playwright_python.sync_playwright import Axe

    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme, bypass_csp=True)
    page = context.new_page()
    tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
    problems: list[str] = []
    try:
        for name in KINDS:
            page.goto(address + name)
            if name == "index.html":
                page.wait_for_selector("#filters:not([hidden])")
            found = Axe().run(page, options={"runOnly": {"type": "tag", "values": tags}})
            problems += [
                f"{name} {v['id']}: {v['nodes'][0]['html'][:160]} {v['nodes'][0].get('failureSummary', '')[:200]}"
                for v in found.response["violations"]
            ]
    finally:
        context.close()
    assert not problems, problems


def test_nothing_is_loaded_from_elsewhere_and_the_policy_holds(address: str, browser: Any) -> None:
    context = browser.new_context()
    page = context.new_page()
    asked: list[str] = []
    said: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    for name in KINDS:
        page.goto(address + name, wait_until="networkidle")
    assert asked and all(url.startswith(address) for url in asked), asked
    assert not said, said
    context.close()


@pytest.mark.parametrize("width", [320, 390, 768, 1280])
def test_no_page_is_wider_than_its_window(address: str, browser: Any, width: int) -> None:
    context = browser.new_context(viewport={"width": width, "height": 800})
    page = context.new_page()
    wide = []
    for name in KINDS:
        page.goto(address + name)
        found = page.evaluate("document.documentElement.scrollWidth")
        if found > width:
            wide.append((name, found))
    context.close()
    assert not wide, wide


def test_two_clicks_from_a_score_to_the_marked_sentence(address: str, browser: Any) -> None:
    context = browser.new_context(java_script_enabled=False, viewport={"width": 1280, "height": 800})
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


def test_the_index_works_without_script(address: str, browser: Any) -> None:
    context = browser.new_context(java_script_enabled=False)
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
        context = browser.new_context()
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
        page.select_option("[name=state]", "hostile text")
        assert self.names(page) == ["Post Sorter"]

    def test_an_address_keeps_the_search(self, page: Any, address: str) -> None:
        page.goto(address + "index.html?q=bare&order=name")
        page.wait_for_selector("#filters:not([hidden])")
        assert self.names(page) == ["Bare Thing"]

    def test_rows_look_the_same_as_without_script(self, page: Any, address: str, browser: Any) -> None:
        plain = browser.new_context(java_script_enabled=False).new_page()
        plain.goto(address + "index.html")
        script, without = (p.locator("#rows tr").first.inner_text() for p in (page, plain))
        assert script.split() == without.split()
        plain.context.close()


def test_ten_thousand_agents_in_the_browser(browser: Any, tmp_path: Path) -> None:
    """The index script answers a key press quickly when the index holds 10,000 agents."""
    import made_records as made

    from publishing import lists, render
    from publishing.rows import row_of

    base = row_of(made.record(), "sha256:" + "0" * 64)
    rows = [
        base._replace(slug=f"agent-{n}", name=f"Agent {n}", modified=f"2026-11-{n % 28 + 1:02}T00:00:00Z")
        for n in range(10_000)
    ]
    (tmp_path / "index.json").write_bytes(lists.index_json(rows))
    (tmp_path / "static").mkdir()
    script = render.asset("index.js")
    shutil.copy(render.HERE / "static" / "index.js", tmp_path / "static" / script)
    from publishing.about import pages
    from publishing.catalogue import of_records

    (tmp_path / "index.html").write_text(
        pages(of_records([]), rows, "2026-11-28T00:00:00Z")["index.html"], encoding="utf-8"
    )
    server = http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), functools.partial(http.server.SimpleHTTPRequestHandler, directory=str(tmp_path))
    )
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        page = browser.new_page()
        page.goto(f"http://127.0.0.1:{server.server_address[1]}/index.html")
        page.wait_for_selector("#filters:not([hidden])")
        assert page.inner_text("#count") == "10,000 agents"
        page.fill("[name=q]", "9999")
        assert page.inner_text("#count") == "1 agent"
        page.fill("[name=q]", "")
        assert page.locator("#rows tr").count() == 100
        page.click("#more")
        assert page.locator("#rows tr").count() == 200
        page.close()
    finally:
        server.shutdown()
        server.server_close()


def test_attack_texts_run_nowhere(shared: Path, browser: Any, tmp_path: Path) -> None:
    """Every attack text in every field, every page opened: no script runs, no dialog opens, nothing is asked for."""
    import test_hostile as hostile

    from publishing.catalogue import Coverage, of_records
    from publishing.site import build

    texts = [*hostile.ATTACKS, *(t for t in hostile.naughty(shared) if "<" in t or "script" in t.lower())]
    made_of = [hostile.poisoned(n, text, hostile.URLS[n % len(hostile.URLS)]) for n, text in enumerate(texts)]
    done = build(
        of_records(
            [record for record, _, _ in made_of],
            [p for _, pages, _ in made_of for p in pages],
            corrections=tuple(c for _, _, c in made_of),
            coverage=Coverage(listed=9, opted_out=tuple(texts)),
        ),
        tmp_path,
    )
    server = http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), functools.partial(http.server.SimpleHTTPRequestHandler, directory=str(done.path))
    )
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_address[1]}/"
    ran: list[str] = []
    asked: list[str] = []
    try:
        context = browser.new_context(bypass_csp=True)  # the pages must be harmless without their policy, too
        page = context.new_page()
        page.on("dialog", lambda dialog: (ran.append(dialog.message), dialog.dismiss()))
        page.on("request", lambda request: asked.append(request.url))
        names = [f"agents/agent-{n}.html" for n in range(len(texts))]
        for name in ("index.html", "coverage.html", "corrections.html", "browse/recent.html", *names):
            page.goto(address + name, wait_until="load")
        for n in range(0, len(texts), 7):
            page.goto(f"{address}badges/agent-{n}.svg")
        context.close()
    finally:
        server.shutdown()
        server.server_close()
    assert len(names) > 150
    assert not ran
    assert all(url.startswith(address) for url in asked), [u for u in asked if not u.startswith(address)][:5]
