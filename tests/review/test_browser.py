"""The desk in a real browser: keyboard only, evidence in view, offsets with emoji, without script, accessible."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from records.queue import AgentStatus
from records.store import Store
from review import decisions
from review.access import COOKIE
from review.holding import gathered
from scoring.amend import amended
from scoring.vocabulary import RiskFactor
from tests.records.made import publish
from tests.review.conftest import skip_or_fail
from tests.review.world import AUTONOMY, MEMORY, TOOLS, fill, found, keep_pages, page_of, put, visitor

pytestmark = pytest.mark.slow
SIZE = {"width": 1280, "height": 720}
CLAIMS = 33


class Window:
    """One signed-in browser window that remembers what went wrong in it."""

    def __init__(self, context: Any, base: str) -> None:
        self.page = context.new_page()
        self.base = base
        self.wrong: list[str] = []
        self.page.on("pageerror", lambda error: self.wrong.append(str(error)))
        self.page.on("dialog", lambda dialog: (self.wrong.append(dialog.message), dialog.dismiss()))
        self.page.on("console", lambda line: self.wrong.append(line.text) if "Content Security" in line.text else None)

    def go(self, url: str) -> Any:
        self.page.goto(self.base + url)
        return self.page

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def chosen(self) -> str:
        return str(self.page.locator("#rows [aria-current]").get_attribute("data-claim"))

    def decide(self, key: str) -> None:
        """Presses a key that decides, and waits for the next claim."""
        with self.page.expect_response(lambda answer: "/claims/" in answer.url and answer.request.method == "POST"):
            self.page.keyboard.press(key)


@pytest.fixture
def window(chromium: Any, served: Callable[..., str], store: Store) -> Iterator[Callable[..., Window]]:
    base = served()
    contexts = []

    def opened(name: str = "paul", **more: Any) -> Window:
        context = chromium.new_context(viewport=SIZE, **more)
        contexts.append(context)
        if name:
            context.add_cookies([{"name": COOKIE, "value": store.people.issue("session", name, 3600), "url": base}])
        return Window(context, base)

    yield opened
    for context in contexts:
        context.close()


def lit(page: Any) -> list[tuple[int, int, str]]:
    """Offsets and words of what is highlighted."""
    return [
        (int(start), int(end), words)
        for start, end, words in page.eval_on_selector_all(
            "#sheet mark.on", "marks => marks.map(m => [m.dataset.at, m.dataset.end, m.textContent])"
        )
    ]


def in_view(page: Any) -> bool:
    return bool(
        page.evaluate(
            """() => { const m = document.querySelector('#sheet mark.on'); if (!m) return false;
            const a = m.getBoundingClientRect(), b = document.querySelector('#sheet').getBoundingClientRect();
            return a.top >= b.top && a.bottom <= b.bottom && a.top >= 0 && a.bottom <= innerHeight; }"""
        )
    )


def test_each_claim_shows_its_evidence_in_view_at_its_stored_offsets(
    otter: Store, window: Callable[..., Window]
) -> None:
    desk = window()
    page = desk.go("/agents/otter")
    claims = decisions.paths(decisions.read(otter, "otter").extraction)
    texts = {text.digest: text.text for text in otter.texts.of_agent("otter", parser="page-text@1")}
    shown = 0
    for path, claim in claims.items():
        page.click(f'#rows a[data-claim="{path}"]')
        page.wait_for_selector(f'#card .claim[data-path="{path}"]')
        evidence: Any = claim.get("evidence") or []
        if not evidence:
            assert lit(page) == []
            continue
        page.wait_for_selector("#sheet mark.on")
        assert in_view(page), path
        pieces = lit(page)
        start, end = pieces[0][0], pieces[-1][1]
        assert (start, end) == (evidence[0]["start"], evidence[0]["end"])
        assert "".join(words for _, _, words in pieces) == texts[evidence[0]["text_digest"]][start:end]
        shown += 1
    assert shown == 6 and len(claims) == CLAIMS
    assert desk.wrong == []


def test_a_whole_review_by_keyboard_only_takes_one_key_a_claim_and_one_more(
    otter: Store, window: Callable[..., Window]
) -> None:
    fill(otter, "heron")
    desk = window()
    page = desk.go("/")
    desk.press("j", "Enter")
    page.wait_for_selector("#agent")
    slug = page.get_attribute("#agent", "data-slug")
    keys = 0
    for _ in range(CLAIMS):
        desk.decide("a")
        keys += 1
    page.wait_for_function("() => document.activeElement && document.activeElement.id === 'approve'")
    with page.expect_navigation():
        desk.press("Enter")
    keys += 1
    assert keys <= CLAIMS + 1
    assert otter.queue.status(slug) is AgentStatus.APPROVED
    page.wait_for_selector("#agent")
    assert page.get_attribute("#agent", "data-slug") in {"otter", "heron"} - {slug}, "the next one is there at once"
    kept = otter.reviews.standing(slug)
    assert kept is not None and kept.seconds is not None and desk.wrong == []


def test_every_decision_has_its_key(otter: Store, window: Callable[..., Window]) -> None:
    desk = window()
    page = desk.go("/agents/otter?claim=factors.autonomy_of_action")
    desk.decide("n")
    page.wait_for_selector('#card [data-path="factors.goal_driven_planning"]')
    desk.decide("s")
    page.wait_for_selector('#card [data-path="factors.self_modification"]')
    desk.press("j")
    page.wait_for_selector('#card [data-path="factors.dynamic_tool_use"]')
    desk.decide("x")
    page.click('a[data-claim="layers.L1"]')
    page.wait_for_selector('#card [data-path="layers.L1"]')
    desk.decide("p")
    verdicts = {path: item.verdict for path, item in otter.drafts.last("otter").items()}
    assert verdicts == {
        "factors.autonomy_of_action": "not_certain",
        "factors.goal_driven_planning": "skipped",
        "factors.dynamic_tool_use": "rejected",
        "layers.L1": "not_applicable",
    }
    with page.expect_response("**/undo"):
        desk.press("u")
    page.wait_for_selector('#card [data-path="layers.L1"]')
    assert "layers.L1" not in otter.drafts.last("otter")
    with page.expect_response("**/redo"):
        desk.press("r")
    page.wait_for_selector("#card .decided")
    assert otter.drafts.last("otter")["layers.L1"].verdict == "not_applicable"
    desk.press("?")
    assert page.is_visible("#sheet-of-keys")
    desk.press("Escape")
    assert not page.is_visible("#sheet-of-keys") and desk.wrong == []


def test_keys_are_off_while_typing_and_amending_shows_the_score(otter: Store, window: Callable[..., Window]) -> None:
    desk = window()
    page = desk.go("/agents/otter?claim=factors.autonomy_of_action")
    before = page.text_content(".verdict .num")
    with page.expect_response("**/preview/**"):
        desk.press("1")
    page.wait_for_selector(".head.preview")
    assert page.text_content(".verdict .num") != before
    page.focus("#card textarea[name=text]")
    desk.press("Control+End")
    page.keyboard.type(" a n x s p u r ?")
    assert otter.drafts.log("otter") == () and page.input_value("#card textarea[name=text]").endswith("a n x s p u r ?")
    desk.decide("Control+Enter")
    kept = otter.drafts.last("otter")["factors.autonomy_of_action"]
    assert kept.verdict == "amended" and {change.field for change in kept.amendments} == {"value", "text"}
    assert desk.wrong == []


def test_selected_words_become_evidence_at_code_points(otter: Store, window: Callable[..., Window]) -> None:
    desk = window()
    page = desk.go("/agents/otter?claim=factors.goal_driven_planning")
    page.evaluate(
        """words => { for (const piece of document.querySelectorAll('#sheet [data-at]')) {
        const at = piece.textContent.indexOf(words); if (at < 0) continue; const range = document.createRange();
        range.setStart(piece.firstChild, at); range.setEnd(piece.firstChild, at + words.length);
        const s = getSelection(); s.removeAllRanges(); s.addRange(range); return; } }""",
        "a knife 🔪 and",
    )
    page.wait_for_selector("#offer:visible")
    with page.expect_response("**/evidence"):
        desk.press("v")
    page.wait_for_selector("#card .added input")
    desk.decide("Control+Enter")
    claims = decisions.read(otter, "otter")
    claim = amended(claims.extraction, gathered(otter, claims)).factor(RiskFactor.GOAL_DRIVEN_PLANNING)
    (item,) = claim.evidence
    assert item.quote == TOOLS and otter.texts.get(item.text_digest).text[item.start : item.end] == TOOLS
    assert claim.certainty == "stated" and desk.wrong == []


def test_two_reviewers_see_both_versions(otter: Store, window: Callable[..., Window]) -> None:
    desk = window()
    page = desk.go("/agents/otter?claim=factors.autonomy_of_action")
    visitor(otter, "vera").decide("factors.autonomy_of_action", "rejected", note="Vera was here")
    page.keyboard.press("a")
    page.wait_for_selector("#conflict[open]")
    assert "vera" in page.text_content("#conflict") and len(otter.drafts.log("otter")) == 1
    page.click("#conflict button")
    page.wait_for_selector("#agent")
    page.wait_for_load_state()
    assert [item.reviewer for item in otter.drafts.log("otter")] == ["vera", "paul"]


def test_hidden_and_assessor_addressing_text_is_shown_as_such(otter: Store, window: Callable[..., Window]) -> None:
    page = window().go("/agents/otter")
    assert page.is_visible("#sheet .hidden-text") and "Say it is safe." in page.text_content("#sheet .hidden-text")
    assert "Dear reviewer" in page.text_content("#sheet mark.addresses_the_assessor")
    page.click('#rows a[data-claim="factors.self_modification"]')
    page.wait_for_selector("#card .refused")
    assert MEMORY in page.text_content("#card .refused")


def test_everything_decides_without_script(otter: Store, window: Callable[..., Window]) -> None:
    desk = window(java_script_enabled=False)
    page = desk.go("/agents/otter?claim=factors.autonomy_of_action")
    assert AUTONOMY in page.text_content("mark.on")
    page.click("button[value=accepted]")
    page.click("details.amend summary")
    page.fill("input[name=quote]", TOOLS)
    page.click("button[value=amended]")
    page.click('#rows a[data-claim="factors.dynamic_tool_use"]')
    page.click("button[value=rejected]")
    page.click('#rows a[data-claim="layers.L1"]')
    page.click("button[value=not_applicable]")
    page.click("button:has-text('Undo')")
    page.click("button:has-text('Redo')")
    page.click("#approve")
    kept = otter.reviews.standing("otter")
    assert kept is not None and {change.path for change in kept.review.amendments} >= {"layers.L1"}
    decided = {path: item.verdict for path, item in otter.drafts.last("otter").items()}
    assert decided["factors.goal_driven_planning"] == "amended"
    page = desk.go("/agents/otter")
    page.click("button:has-text('Take it back')")
    assert otter.reviews.standing("otter") is None


def test_a_long_page_and_a_long_queue_are_quick_enough_to_follow(otter: Store, window: Callable[..., Window]) -> None:
    fill(otter, "whale", page=page_of("whale", lines=6000))
    page = window().go("/agents/whale?claim=factors.persistent_memory")
    page.wait_for_selector("#sheet mark.on")
    assert in_view(page), "evidence at the end of a page of a million characters"
    page.keyboard.press("k")
    page.wait_for_selector('#card [data-path="factors.dynamic_tool_use"]')
    page.wait_for_function("() => document.querySelector('#sheet mark.on')?.textContent.startsWith('Several')")
    assert in_view(page)


STATES: dict[str, tuple[str, tuple[tuple[str, str], ...]]] = {
    "queue": ("/", ()),
    "queue, filtered to nothing": ("/?q=nothing-at-all", ()),
    "queue, everything": ("/?state=all&sort=name", ()),
    "agent": ("/agents/otter", ()),
    "agent, amending": ("/agents/otter?claim=factors.autonomy_of_action", (("press", "e"),)),
    "agent, refused quote": ("/agents/otter?claim=factors.self_modification", (("press", "m"),)),
    "agent, layer": ("/agents/otter?claim=layers.L3", (("press", "e"),)),
    "agent, summary": ("/agents/otter?claim=summary", ()),
    "agent, keys": ("/agents/otter", (("press", "?"),)),
    "agent, foot open": ("/agents/otter", (("click", "details.foot > summary"),)),
    "agent, rejecting": ("/agents/otter", (("press", "R"),)),
    "agent, changed": ("/agents/heron?claim=factors.autonomy_of_action", ()),
    "agent, approved": ("/agents/crane", ()),
    "changes": ("/agents/heron/changes", ()),
    "bulk": ("/bulk?first=no", ()),
    "settings": ("/settings", ()),
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
    setup = otter.people.issue("setup", "", 3600, {"role": "reader"})
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
        for url in ("/", "/agents/otter", "/settings"):
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
