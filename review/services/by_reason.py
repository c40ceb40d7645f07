"""Review by reason: all claims that rest on one rule and cue, over all agents, decided once with exceptions.

Idea: hundreds of claims are few reasons, and who judges the reason need not read it a hundred times. Invariants: each
claim keeps its own decision, on what was shown; what changed meanwhile stays as it is; all that one press decided is
one act, which the record calls *by rule*.
"""

from collections.abc import Sequence
from typing import Any

from extractors.support.reason import parts_of
from records.assessments.review_drafts import ClaimDecision, Verdict
from records.store import Store
from review.desk_state import Desk
from review.forms import ClaimForm, amendments
from review.roles import Actor, require
from review.services import decisions, draft
from review.services.agent_review import read_claims
from review.services.draft import Claims
from review.services.kept_decisions import carried_decisions
from scoring.errors import BadInput, NotFound, Refused

MOST = 100
"""Claims on one screen; the rest follow when these are decided."""
VERDICTS: tuple[Verdict, ...] = ("accepted", "rejected", "not_certain")
OVERRIDDEN = ("amended", "rejected", "not_certain", "not_applicable")


def reasons(store: Store) -> list[dict[str, Any]]:
    """The reasons of drafts that wait: claims (decided ones among them) and agents, and over all drafts how many claims
    on each people decided and how many of these otherwise than accepted."""
    verdicts = store.claim_reasons.verdicts()
    rows = []
    for found in store.claim_reasons.waiting():
        counts = verdicts.get(found.reason, {})
        row = {"key": found.reason, "parts": parts_of(found.reason), "claims": found.claims, "agents": found.agents}
        row["decided"] = sum(count for verdict, count in counts.items() if verdict != "skipped")
        row["overridden"] = sum(counts.get(verdict, 0) for verdict in OVERRIDDEN)
        rows.append(row)
    return rows


def claims_on(desk: Desk, reason: str) -> list[dict[str, Any]]:
    """The claims that rest on a reason and wait for a decision, at most `MOST`. `mark` is what a form sends back: the
    claim and what was shown of it."""
    found: list[dict[str, Any]] = []
    with desk.store.reading():
        for slug, path in desk.store.claim_reasons.claims(reason, 20 * MOST):
            if len(found) == MOST:
                break
            claims, last = read_claims(desk, slug), desk.store.drafts.last(slug)
            if not _is_done(desk.store, claims, path, last):
                claim = draft.paths(claims.extraction)[path]
                after = last[path].id if path in last else ""
                mark = f"{slug}|{path}|{claims.digest}|{after}"
                found.append({"slug": slug, "name": claims.extraction.name, "path": path, "claim": claim, "mark": mark})
    return found


def _is_done(store: Store, claims: Claims, path: str, last: dict[str, ClaimDecision]) -> bool:
    """Whether a decision about it holds; the whole draft is only compared where an earlier one was decided."""
    claim_decision = last.get(path)
    if claim_decision is not None and claim_decision.assessment_digest == claims.digest:
        return claim_decision.verdict != "skipped"
    if claim_decision is None and store.reviews.standing(claims.extraction.slug) is None:
        return False
    item = carried_decisions(store, claims).get(path)
    return item is not None and item.done


def decide(store: Store, actor: Actor, verdict: Verdict, marks: Sequence[str], note: str = "") -> tuple[int, int, str]:
    """Decides the named claims, each on what was shown of it; `marks` are those of `claims_on`. Gives how many were
    decided, how many somebody or something else changed meanwhile (they stay as they are), and the act that takes all
    back."""
    require(actor, "reviewer", step="review by reason")
    if verdict not in VERDICTS or not marks or len(marks) > MOST:
        problem = "no claim is chosen" if not marks else f"a verdict is one of {', '.join(VERDICTS)}, on {MOST} at most"
        raise BadInput(problem, step="review by reason", next_step="choose the claims of the list")
    decided = moved = 0
    act = ""
    with store.writing():
        for mark in sorted(set(marks)):
            slug, path, shown, after = ([*mark.split("|"), "", "", "", ""])[:4]
            try:
                claims = draft.read_as(store, slug, shown)
                claim = draft.paths(claims.extraction).get(path, {})
                wish = ClaimForm(verdict, note=note)
                changes = amendments(claims.extraction, claim, path, wish, tuple) if claim else ()
                stored = decisions.decide(
                    store,
                    claims,
                    path,
                    verdict,
                    reviewer=actor.name,
                    role=actor.role,
                    amendments=changes,
                    note=note,
                    after=int(after) if after.isdecimal() else None,
                    seen=True,
                    act=act,
                    way="by_rule",
                )
                act, decided = stored.act, decided + 1
            except (NotFound, Refused):
                moved += 1
    return decided, moved, act
