"""Every page and state of the desk: axe, the Nu HTML checker, and a page at twice its size."""

from collections.abc import Callable
from typing import Any

import pytest

from records.store import Store
from tests.records.made import publish
from tests.review.conftest import skip_or_fail
from tests.review.test_reasons import on_reason
from tests.review.windows import Window
from tests.review.world import AUTONOMY, fill, found, keep_pages, page_of, put, visitor

pytestmark = pytest.mark.slow
STATES: dict[str, tuple[str, tuple[tuple[str, str], ...]]] = {
    "queue": ("/", ()),
    "queue, filtered to nothing": ("/?q=nothing-at-all", ()),
    "queue, everything": ("/?state=all&sort=name", ()),
    "agent": ("/agents/otter", ()),
    "agent, unknowns together": ("/agents/otter?claim=unknowns", ()),
    "agent, lowered value": (
        "/agents/otter?claim=factors.autonomy_of_action",
        (("press", "1"), ("wait_for_selector", ".lower")),
    ),
    "reasons": ("/reasons", ()),
    "second review": ("/second", ()),
    "measured": ("/measured", ()),
    "reason": ("/reasons/one?key=factors.persistent_memory%7C1.0%7Cfollows%7Ckeeps+across+sessions", ()),
    "sessions": ("/sessions", ()),
    "banner with undo": ("/?told=approve:otter&act=r1", ()),
    "agent, amending": ("/agents/otter?claim=factors.autonomy_of_action", (("press", "e"),)),
    "agent, refused quote": ("/agents/otter?claim=factors.self_modification", (("press", "m"),)),
    "agent, layer": ("/agents/otter?claim=layers.L3", (("press", "e"),)),
    "agent, summary": ("/agents/otter?claim=summary", ()),
    "agent, keys": ("/agents/otter", (("press", "?"),)),
    "agent, foot open": ("/agents/otter", (("click", "details.foot > summary"),)),
    "agent, rejecting": ("/agents/otter", (("press", "R"),)),
    "agent, changes not saved": (
        "/agents/otter?claim=factors.autonomy_of_action",
        (("press", "9"), ("press", "Escape"), ("press", "a"), ("press", "A"), ("wait_for_selector", "#unsaved-words")),
    ),
    "agent, changed": ("/agents/heron?claim=factors.autonomy_of_action", ()),
    "agent, approved": ("/agents/crane", ()),
    "changes": ("/agents/heron/changes", ()),
    "bulk": ("/bulk?first=no", ()),
    "settings": ("/settings", ()),
    "log": ("/log", ()),
    "keys": ("/keys", ()),
    "people": ("/people", ()),
    "corrections": ("/corrections", ()),
    "correction": ("/corrections/{correction}", ()),
    "not found": ("/agents/nobody", ()),
    "sign in": ("/sign-in", ()),
    "set-up": ("/setup/{setup}", ()),
    "vendor": ("/vendor/{vendor}", ()),
}


@pytest.fixture
def filled(otter: Store) -> dict[str, str]:
    """Agents in every state, a correction, links."""
    fill(otter, "boat-00", finding=False)
    put(otter, on_reason("boat-00"))
    fill(otter, "crane")
    visitor(otter, "vera").conclude("approve", slug="crane")
    fill(otter, "heron", finding=False)
    visitor(otter, "vera").conclude("approve", slug="heron")
    publish(otter, "heron")
    changed = page_of("heron", change="It now mends sails too.")
    keep_pages(otter, changed)
    put(otter, found("heron", page=changed, value="0.9", finding=False))
    vendor = otter.people.issue("vendor", "otter", 3600, {"vendor": "Otter Works"})
    data = {
        "what": "factors.autonomy_of_action value",
        "proposed": "0.2",
        "quote": AUTONOMY,
        "url": "https://otter.example/",
    }
    visitor(otter).post(f"/vendor/{vendor}", data=data)
    (correction,) = otter.corrections.all()
    setup = otter.people.issue("setup", "rey", 3600)
    return {"correction": correction.id, "vendor": vendor, "setup": setup}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_or_state_has_an_accessibility_violation(
    filled: dict[str, str], window: Callable[..., Window], scheme: str
) -> None:
    try:
        from axe_playwright_python.sync_playwright import Axe
    except ImportError:
        skip_or_fail("axe-playwright-python is not installed")
    tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
    desk = window("ada", color_scheme=scheme, bypass_csp=True)
    problems = []
    for name, (url, acts) in STATES.items():
        page = desk.go(url.format(**filled))
        for act, what in acts:
            getattr(page.keyboard if act == "press" else page, act)(what)
        only = {"type": "tag", "values": tags} if scheme == "light" else {"type": "rule", "values": ["color-contrast"]}
        found_here = Axe().run(page, options={"runOnly": only})
        for violation in found_here.response["violations"]:
            node = violation["nodes"][0]
            problems.append(f"{name}: {violation['id']}: {node['html'][:150]} {node.get('failureSummary', '')[:200]}")
    assert problems == [] and desk.wrong == []


def test_a_page_reflows_at_twice_its_size(otter: Store, window: Callable[..., Window]) -> None:
    desk = window()
    for width in (640, 320):
        desk.page.set_viewport_size({"width": width, "height": 360})
        for url in ("/", "/agents/otter", "/agents/otter?claim=unknowns", "/settings", "/sessions", "/log"):
            page = desk.go(url)
            wide = page.evaluate("document.documentElement.scrollWidth")
            assert wide <= width + 1, f"{url} at {width}: {wide}"


def test_the_html_checker_finds_no_error(filled: dict[str, str], otter: Store, tmp_path: Any) -> None:
    import json
    import shutil
    import subprocess

    from tests.conftest import REPOSITORY

    jar = next((REPOSITORY / "build" / "node" / "node_modules" / "vnu-jar").glob("build/dist/vnu.jar"), None)
    if jar is None or shutil.which("java") is None:
        skip_or_fail("the Nu HTML checker or java is not installed")
    client = visitor(otter, "ada")
    for name, (url, _) in STATES.items():
        (tmp_path / f"{name}.html").write_text(client.get(url.format(**filled)).text, encoding="utf-8")
    (tmp_path / "signed-out.html").write_text(visitor(otter).get("/").text, encoding="utf-8")
    files = sorted(map(str, tmp_path.glob("*.html")))
    assert len(files) > 20
    command = ["java", "-Xss4m", "-jar", str(jar), "--format", "json", "--also-check-css", *files]
    done = subprocess.run(command, capture_output=True, text=True, timeout=200)
    messages = json.loads(done.stderr)["messages"]
    assert [f"{m['url'][-30:]}: {m['message']} {m.get('extract', '')}" for m in messages if m["type"] == "error"] == []
