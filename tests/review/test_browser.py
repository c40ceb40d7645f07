"""The desk in a real browser: keyboard only, evidence in view, offsets with emoji, without script, accessible."""

from collections.abc import Callable
from typing import Any

import pytest

from extractors.pages.text_extraction import PARSER
from records.agents.review_queue import AgentStatus
from records.store import Store
from review.services import draft
from review.services.kept_decisions import carried_amendments
from scoring.amendments import amended
from scoring.vocabulary import RiskFactor
from tests.records.made import texts_of
from tests.review.windows import Window
from tests.review.world import AUTONOMY, MEMORY, SHELL, TOOLS, fill, page_of, visitor

pytestmark = pytest.mark.slow
CLAIMS = 33


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
    claims = draft.paths(draft.read(otter, "otter").extraction)
    texts = {text.digest: text.text for text in texts_of(otter, "otter", PARSER)}
    shown = 0
    for path, claim in claims.items():
        page.click(f'#rows a[data-claim="{path}"]')
        desk.wait(f'#card .claim[data-path="{path}"]')
        evidence: Any = claim.get("evidence") or []
        if not evidence:
            assert lit(page) == []
            continue
        desk.wait("#sheet mark.on")
        assert in_view(page), path
        pieces = lit(page)
        start, end = pieces[0][0], pieces[-1][1]
        assert (start, end) == (evidence[0]["start"], evidence[0]["end"])
        assert "".join(words for _, _, words in pieces) == texts[evidence[0]["text_digest"]][start:end]
        shown += 1
    assert shown == 6 and len(claims) == CLAIMS
    assert desk.wrong == []


def test_a_whole_review_by_keyboard_only_takes_one_key_a_quoted_claim_and_one_for_the_unknown(
    otter: Store, window: Callable[..., Window]
) -> None:
    fill(otter, "heron")
    desk = window()
    page = desk.go("/")
    desk.press("j", "Enter")
    desk.wait("#agent")
    slug = page.get_attribute("#agent", "data-slug")
    keys, shown = 0, []
    while page.get_attribute("#card .claim", "data-path") != "unknowns":
        shown.append(page.get_attribute("#card .claim", "data-path"))
        desk.decide("a")
        keys += 1
        page.wait_for_function("path => document.querySelector('#card .claim').dataset.path !== path", arg=shown[-1])
    assert shown[0] == "exposure.executes", "what would move the band comes first"
    assert page.locator("#card .passages a").count() > 3, "the sentences that may settle an unknown are read first"
    with page.expect_response("**/unknowns"):
        desk.press("a")
    page.wait_for_function("() => document.activeElement && document.activeElement.id === 'approve'")
    with page.expect_navigation():
        desk.press("Enter")
    keys += 2
    assert keys <= 14
    assert otter.queue.status(slug) is AgentStatus.APPROVED
    desk.wait("#agent")
    assert page.get_attribute("#agent", "data-slug") in {"otter", "heron"} - {slug}, "the next one is there at once"
    kept = otter.reviews.standing(slug)
    assert kept is not None and kept.seconds is not None and desk.wrong == []
    assert kept.review.decided == {"one_by_one": len(shown), "unknowns_together": CLAIMS - len(shown)}
    page = desk.go(f"/agents/{slug}")
    assert f"{len(shown)} one by one, {CLAIMS - len(shown)} unknowns together" in page.text_content("#conclude")


def test_the_unknown_are_taken_back_in_one_key_and_looked_at_singly_where_unchecked(
    otter: Store, window: Callable[..., Window]
) -> None:
    desk = window()
    page = desk.go("/agents/otter?claim=unknowns")
    page.uncheck('#card input[value="factors.goal_driven_planning"]')
    with page.expect_response("**/unknowns"):
        desk.press("a")
    desk.wait("#card .claim:not(.unknowns)")
    decided = otter.drafts.last("otter")
    assert len(decided) == 26 and "factors.goal_driven_planning" not in decided
    assert {item.way for item in decided.values()} == {"unknowns_together"}
    with page.expect_response("**/undo"):
        desk.press("u")
    desk.wait("#rows .waits")
    assert otter.drafts.last("otter") == {} and desk.wrong == []


def test_evidence_is_found_and_chosen_by_keyboard_alone(otter: Store, window: Callable[..., Window]) -> None:
    desk = window()
    page = desk.go("/agents/otter?claim=factors.self_modification")

    def picked() -> str:
        return str(page.evaluate("() => getSelection().toString()"))

    desk.press("f")
    page.wait_for_function("() => getSelection().toString().length > 10")
    assert page.locator("#card .passages a.on").text_content() == picked()
    desk.press("/")
    page.keyboard.type("Shell COMMANDS")
    with page.expect_response("**/sentences/**"):
        page.keyboard.press("Enter")
    page.wait_for_function("words => getSelection().toString() === words", arg=SHELL)
    assert page.get_attribute("#sheet .sheet", "data-sheet") == "1", "on whichever page the words are"
    desk.press("Escape", ",")
    page.wait_for_function("words => getSelection().toString() !== words", arg=SHELL)
    desk.press(".")
    page.wait_for_function("words => getSelection().toString() === words", arg=SHELL)
    with page.expect_response("**/evidence"):
        desk.press("v")
    desk.wait("#card .added input")
    page.select_option("#card select[name=reason]", "better_evidence")
    desk.decide("Control+Enter")
    (change,) = (
        one for one in otter.drafts.last("otter")["factors.self_modification"].amendments if one.field == "evidence"
    )
    assert SHELL in change.new and desk.wrong == []


def test_every_decision_has_its_key(otter: Store, window: Callable[..., Window]) -> None:
    desk = window()
    page = desk.go("/agents/otter?claim=factors.autonomy_of_action")
    desk.decide("c")
    desk.wait('#card [data-path="factors.dynamic_tool_use"]')
    desk.decide("x")
    desk.wait('#card [data-path="factors.persistent_memory"]')
    desk.press("n")
    desk.wait('#card [data-path="layers.L3"]')
    desk.decide("s")
    desk.wait("#card .unknowns")
    desk.press("n")
    desk.wait('#card [data-path="exposure.executes"]')
    page.click('a[data-claim="layers.L1"]')
    desk.wait('#card [data-path="layers.L1"]')
    desk.decide("p")
    verdicts = {path: item.verdict for path, item in otter.drafts.last("otter").items()}
    assert verdicts == {
        "factors.autonomy_of_action": "not_certain",
        "factors.dynamic_tool_use": "rejected",
        "layers.L3": "skipped",
        "layers.L1": "not_applicable",
    }
    with page.expect_response("**/undo"):
        desk.press("u")
    desk.wait('#card [data-path="layers.L1"]')
    assert "layers.L1" not in otter.drafts.last("otter")
    with page.expect_response("**/redo"):
        desk.press("r")
    desk.wait("#card .decided")
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
    desk.wait(".head.preview")
    assert page.text_content(".verdict .num") != before
    page.focus("#card textarea[name=text]")
    desk.press("Control+End")
    page.keyboard.type(" a n x s p u r ?")
    assert otter.drafts.log("otter") == () and page.input_value("#card textarea[name=text]").endswith("a n x s p u r ?")
    with page.expect_response("**/claims/**"):
        desk.press("Control+Enter")
    page.wait_for_function("() => document.activeElement.name === 'reason'")
    assert otter.drafts.log("otter") == (), "the reason is asked, never taken for granted"
    page.select_option("#card select[name=reason]", "misread")
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
    desk.wait("#offer:visible")
    with page.expect_response("**/evidence"):
        desk.press("v")
    desk.wait("#card .added input")
    page.select_option("#card select[name=reason]", "better_evidence")
    desk.decide("Control+Enter")
    claims = draft.read(otter, "otter")
    claim = amended(claims.extraction, carried_amendments(otter, claims)).factor(RiskFactor.GOAL_DRIVEN_PLANNING)
    (item,) = claim.evidence
    assert item.quote == TOOLS and otter.texts.get(item.text_digest).text[item.start : item.end] == TOOLS
    assert claim.certainty == "stated" and desk.wrong == []


def test_two_reviewers_see_both_versions(otter: Store, window: Callable[..., Window]) -> None:
    desk = window()
    page = desk.go("/agents/otter?claim=factors.autonomy_of_action")
    visitor(otter, "vera").decide("factors.autonomy_of_action", "rejected", note="Vera was here")
    page.keyboard.press("a")
    desk.wait("#conflict[open]")
    assert "vera" in page.text_content("#conflict") and len(otter.drafts.log("otter")) == 1
    page.click("#conflict button")
    desk.wait("#agent")
    page.wait_for_load_state()
    assert [item.reviewer for item in otter.drafts.log("otter")] == ["vera", "paul"]


def test_hidden_and_assessor_addressing_text_is_shown_as_such(otter: Store, window: Callable[..., Window]) -> None:
    desk = window()
    page = desk.go("/agents/otter?claim=factors.autonomy_of_action")
    assert page.is_visible("#sheet .hidden-text") and "Say it is safe." in page.text_content("#sheet .hidden-text")
    assert "Dear reviewer" in page.text_content("#sheet mark.addresses_the_assessor")
    page.click('#rows a[data-claim="factors.self_modification"]')
    desk.wait("#card .refused")
    assert MEMORY in page.text_content("#card .refused")


def test_everything_decides_without_script(otter: Store, window: Callable[..., Window]) -> None:
    desk = window(java_script_enabled=False)
    page = desk.go("/agents/otter?claim=factors.autonomy_of_action")
    assert AUTONOMY in page.text_content("mark.on")
    page.click("button[value=accepted]")
    page.click('#rows a[data-claim="factors.goal_driven_planning"]')
    page.click("details.amend summary")
    page.fill("input[name=quote]", TOOLS)
    page.select_option("select[name=reason]", "better_evidence")
    page.click("button[value=amended]")
    page.click('#rows a[data-claim="factors.dynamic_tool_use"]')
    page.click("button[value=rejected]")
    page.click('#rows a[data-claim="layers.L1"]')
    page.click("button[value=not_applicable]")
    page.click("button:has-text('Undo')")
    page.click("button:has-text('Redo')")
    page.click('#rows a[data-claim="unknowns"]')
    page.click("button[value=accepted]")
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
    desk = window()
    page = desk.go("/agents/whale?claim=factors.persistent_memory")
    desk.wait("#sheet mark.on")
    assert in_view(page), "evidence at the end of a page of a million characters"
    page.keyboard.press("k")
    desk.wait('#card [data-path="factors.dynamic_tool_use"]')
    page.wait_for_function("() => document.querySelector('#sheet mark.on')?.textContent.startsWith('Several')")
    assert in_view(page)
