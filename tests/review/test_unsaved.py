"""What was typed at the desk is never gone: each way to leave a field, each field, each key that decides."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from records.agents.review_queue import AgentStatus
from records.store import Store
from tests.review.windows import Window
from tests.review.world import TOOLS, fill, visitor

pytestmark = pytest.mark.slow
CLAIM = "factors.autonomy_of_action"
URL = f"/agents/otter?claim={CLAIM}"
WORDS = "Words that took five minutes."
SPOKEN = f'#card .claim[data-path="{CLAIM}"]'


def typed(desk: Window, words: str = WORDS) -> Any:
    """Words in the text of an amendment, typed as a person types them; the keys of the desk listen again."""
    page = desk.go(URL)
    desk.press("e")
    page.locator("#decide textarea[name=text]").fill(words)
    desk.press("Escape")
    return page


def back(desk: Window) -> Any:
    """At the claim again, wherever the way led."""
    page = desk.page
    if page.locator("#agent").count() and "otter" in page.url and page.locator("#rows").count():
        page.click(f'#rows a[data-claim="{CLAIM}"]')
        desk.wait(SPOKEN)
    else:
        desk.go(URL)
    return page


def press(*keys: str) -> Callable[[Window], None]:
    def way(desk: Window) -> None:
        desk.press(*keys)
        desk.page.wait_for_timeout(300)

    return way


def click(selector: str) -> Callable[[Window], None]:
    def way(desk: Window) -> None:
        desk.page.click(selector)
        desk.page.wait_for_timeout(300)

    return way


def skip(desk: Window) -> None:
    desk.decide("s")
    desk.wait('#card .claim[data-path="factors.dynamic_tool_use"]')


def undo_and_redo(desk: Window) -> None:
    for key in ("u", "r"):
        with desk.page.expect_response("**/undo" if key == "u" else "**/redo"):
            desk.press(key)
        desk.page.wait_for_timeout(200)


def decision_in_flight(desk: Window) -> None:
    """The answer to `s` comes while the person types on in the same claim."""
    held: list[Any] = []
    desk.page.route("**/claims/*", lambda route: route.continue_() if held else held.append(route))
    desk.press("s")
    desk.page.locator("#decide textarea[name=text]").fill(WORDS)
    while not held:
        desk.page.wait_for_timeout(20)
    held[0].continue_()
    desk.wait('#card .claim[data-path="factors.dynamic_tool_use"]')
    desk.page.unroute("**/claims/*")


def browser_back(desk: Window) -> None:
    desk.page.go_back()
    desk.page.wait_for_load_state()


WAYS: dict[str, Callable[[Window], None]] = {
    "j": press("j"),
    "k": press("k"),
    "arrow down": press("ArrowDown"),
    "arrow up": press("ArrowUp"),
    "a claim of the list": click('#rows a[data-claim="layers.L3"]'),
    "highlighted words": click("#sheet mark.q:not(.on)"),
    "undo and redo": undo_and_redo,
    "skip": skip,
    "a decision in flight": decision_in_flight,
    "g": press("g"),
    "A": press("A"),
    "a link of the bar": click('.bar a[href="/settings"]'),
    "the mark of the desk": click(".bar .mark"),
    "a page of the agent": click("#tabs li:last-child a"),
    "reload": lambda desk: desk.page.reload(),
    "back in the browser": browser_back,
    "accept": press("a"),
    "not certain": press("c"),
    "reject": press("x"),
}


@pytest.mark.parametrize("way", WAYS)
def test_typed_words_are_there_when_one_comes_back(otter: Store, window: Callable[..., Window], way: str) -> None:
    visitor(otter, "paul").decide("summary", "accepted")
    desk = window()
    desk.go("/")
    page = typed(desk)
    WAYS[way](desk)
    back(desk)
    assert page.input_value("#decide textarea[name=text]") == WORDS, way
    if way not in ("accept", "not certain", "reject", "a page of the agent"):
        desk.wait("#card .unsaved")
    row = page.locator(f'#rows a[data-claim="{CLAIM}"]')
    assert "typed" in row.get_attribute("class").split() and "words not saved" in row.text_content()
    mark = "a => getComputedStyle(a, '::after').content"
    assert "✎" in row.evaluate(mark) and page.eval_on_selector_all("#rows .typed", "rows => rows.length") == 1
    decided = otter.drafts.last("otter").get(CLAIM)
    assert decided is None or decided.verdict == "skipped", "nothing is accepted for a claim that is being corrected"
    assert otter.queue.status("otter") is not AgentStatus.APPROVED
    assert desk.wrong == []


FIELDS: dict[str, Callable[[Any], Any]] = {
    "value": lambda page: page.select_option("#card select[name=value]", "0.9"),
    "certainty": lambda page: page.select_option("#card select[name=certainty]", "inferred"),
    "text": lambda page: page.fill("#decide textarea[name=text]", WORDS),
    "quote that stays": lambda page: page.uncheck("#card input[name=keep]"),
    "pasted sentence": lambda page: page.fill("#card input[name=quote]", TOOLS),
    "reason": lambda page: page.select_option("#card select[name=reason]", "outdated"),
    "note of the amendment": lambda page: page.fill("#card input[name=note]", WORDS),
    "note": lambda page: (
        page.evaluate("document.querySelector('#card details.notes').open = true"),
        page.fill("#card .add-note textarea", WORDS),
    ),
}
STATE = """() => [...document.querySelectorAll('#card form :is(input, select, textarea):not([type=hidden])')].map(
    field => [field.name, field.type === 'checkbox' ? field.checked : field.value])"""


@pytest.mark.parametrize("field", FIELDS)
def test_every_field_is_kept_and_can_be_given_up(otter: Store, window: Callable[..., Window], field: str) -> None:
    desk = window()
    page = desk.go(URL)
    rendered = page.evaluate(STATE)
    page.evaluate("document.querySelector('#card details.amend').open = true")
    FIELDS[field](page)
    changed = page.evaluate(STATE)
    assert changed != rendered
    page.click('#rows a[data-claim="layers.L1"]')
    desk.wait('#card .claim[data-path="layers.L1"]')
    assert page.locator("#card .unsaved").count() == 0, "the words of one claim are not those of another"
    back(desk)
    assert page.evaluate(STATE) == changed
    page.click("#card .unsaved button")
    assert page.evaluate(STATE) == rendered
    assert page.locator("#rows .typed").count() == 0 and page.locator(".unsaved").count() == 0
    back(desk)
    assert page.evaluate(STATE) == rendered and desk.wrong == []


def test_selected_words_are_kept_as_evidence(otter: Store, window: Callable[..., Window]) -> None:
    desk = window()
    page = desk.go("/agents/otter?claim=factors.goal_driven_planning")
    page.evaluate(
        """() => { const piece = document.querySelector('#sheet [data-at]'); const range = document.createRange();
        range.selectNodeContents(piece); const s = getSelection(); s.removeAllRanges(); s.addRange(range); }"""
    )
    desk.wait("#offer:visible")
    with page.expect_response("**/evidence"):
        desk.press("v")
    desk.wait("#card .added input")
    value = page.get_attribute("#card .added input", "value")
    desk.press("Escape", "j")
    desk.wait('#card .claim[data-path="factors.self_modification"]')
    desk.press("k")
    desk.wait("#card .added input")
    assert page.get_attribute("#card .added input", "value") == value and page.is_checked("#card .added input")
    page.select_option("#card select[name=reason]", "better_evidence")
    page.focus("#decide textarea")
    desk.decide("Control+Enter")
    kept = otter.drafts.last("otter")["factors.goal_driven_planning"]
    assert kept.verdict == "amended"
    page.wait_for_function("() => document.querySelectorAll('#rows .typed').length === 0")
    assert desk.wrong == []


@pytest.mark.parametrize(("button", "verdict"), [("Save amendment", "amended"), ("Give up", "accepted")])
def test_accepting_a_changed_claim_asks(otter: Store, window: Callable[..., Window], button: str, verdict: str) -> None:
    desk = window()
    page = typed(desk)
    page.select_option("#card select[name=reason]", "misread")
    desk.press("Escape", "a", "a")
    desk.wait("#card .ask-first")
    assert otter.drafts.log("otter") == () and page.locator("#card .ask-first").count() == 1
    with page.expect_response(lambda answer: "/claims/" in answer.url and answer.request.method == "POST"):
        page.click(f'#card .ask-first button:has-text("{button}")')
    desk.wait('#card .claim[data-path="factors.dynamic_tool_use"]')
    kept = otter.drafts.last("otter")[CLAIM]
    assert kept.verdict == verdict and [change.new for change in kept.amendments] == [WORDS] * (verdict == "amended")
    assert page.locator("#rows .typed").count() == 0 and desk.wrong == []


def test_approving_the_whole_asks_while_words_wait(otter: Store, window: Callable[..., Window]) -> None:
    desk = window()
    page = typed(desk)
    desk.press("j")
    desk.wait('#card .claim[data-path="factors.dynamic_tool_use"]')
    desk.press("A")
    desk.wait("#unsaved-words")
    assert otter.reviews.standing("otter") is None
    page.click("#unsaved-words button")
    desk.wait(SPOKEN)
    assert page.input_value("#decide textarea[name=text]") == WORDS
    desk.press("A")
    with page.expect_navigation():
        page.click('#unsaved-words button:has-text("Approve without them")')
    assert otter.queue.status("otter") is AgentStatus.APPROVED and desk.wrong == []


def test_words_about_a_draft_that_another_approved_are_shown(otter: Store, window: Callable[..., Window]) -> None:
    desk = window()
    page = typed(desk)
    visitor(otter, "vera").conclude("approve")
    desk.go(URL)
    assert WORDS in page.text_content("#card .unsaved")
    page.click("#card .unsaved button")
    desk.go(URL)
    assert page.locator(".unsaved").count() == 0 and desk.wrong == []


def test_a_claim_that_moved_says_so_and_the_words_stay(otter: Store, window: Callable[..., Window]) -> None:
    desk = window()
    page = typed(desk)
    visitor(otter, "vera").decide(CLAIM, "rejected", note="Vera was here")
    desk.press("j")
    desk.wait('#card .claim[data-path="factors.dynamic_tool_use"]')
    desk.press("k")
    desk.wait(SPOKEN)
    assert "has changed since" in page.text_content("#card .unsaved")
    assert page.input_value("#decide textarea[name=text]") == WORDS


def test_the_reason_of_a_rejection_outlives_a_preview(otter: Store, window: Callable[..., Window]) -> None:
    desk = window()
    page = desk.go(URL)
    desk.press("R")
    page.fill("#reject-note", WORDS)
    desk.press("Escape")
    with page.expect_response("**/preview/**"):
        desk.press("1")
    desk.wait(".head.preview")
    assert page.input_value("#reject-note") == WORDS and page.is_visible("#reject-note")
    page.reload()
    assert page.input_value("#reject-note") == WORDS
    assert desk.wrong == []


def test_the_queue_marks_agents_with_unsaved_words(otter: Store, window: Callable[..., Window]) -> None:
    fill(otter, "heron")
    desk = window()
    page = typed(desk)
    desk.press("g")
    desk.wait("[data-item]")
    marked = page.eval_on_selector_all("[data-item].typed", "links => links.map(link => link.pathname)")
    assert marked == ["/agents/otter"] and desk.wrong == []


def test_another_person_in_the_same_window_sees_no_words(otter: Store, window: Callable[..., Window]) -> None:
    from review.access import COOKIE

    desk = window()
    page = typed(desk)
    vera = {"name": COOKIE, "value": otter.people.issue("session", "vera", 3600), "url": desk.base}
    page.context.add_cookies([vera])
    desk.go(URL)
    assert page.input_value("#decide textarea[name=text]") != WORDS and page.locator(".typed").count() == 0


def test_a_note_about_the_agent_is_sent_once_and_kept_until_then(otter: Store, window: Callable[..., Window]) -> None:
    desk = window()
    page = desk.go(URL)
    page.click(".foot > summary")
    page.fill("#agent-note", WORDS)
    desk.go("/")
    desk.go(URL)
    assert page.input_value("#agent-note") == WORDS and page.is_visible("#agent-note")
    with page.expect_navigation():
        page.click('.foot form:has(#agent-note) button:has-text("Add note")')
    desk.wait("#agent")
    assert [note.text for note in otter.drafts.notes("otter")] == [WORDS]
    assert page.input_value("#agent-note") == "" and desk.wrong == []


@pytest.mark.parametrize("verdict", ["accepted", "not_certain", "rejected", "skipped"])
def test_without_script_a_changed_claim_is_not_decided_by_the_way(
    otter: Store, window: Callable[..., Window], verdict: str
) -> None:
    page = window(java_script_enabled=False).go(URL)
    page.click("details.amend summary")
    page.fill("#decide textarea[name=text]", WORDS)
    page.click(f"button[value={verdict}]")
    assert (
        "not saved" in page.text_content("#card .trouble") and page.input_value("#decide textarea[name=text]") == WORDS
    )
    assert otter.drafts.log("otter") == ()
    page.select_option("select[name=reason]", "misread")
    page.click("button[value=amended]")
    assert re.search("claim=factors.dynamic", page.url) and otter.drafts.last("otter")[CLAIM].verdict == "amended"
