"""What is unknown in a draft, taken together: the sentences that may settle it first, then one decision for all.

Invariants: nothing is accepted as unknown by this that was not named; each claim keeps its own decision, all of one
act, which the record calls *unknowns together*.
"""

from collections.abc import Sequence
from typing import Any

from extractors.lexical.candidates import Candidate, plain_candidates, topic_candidates
from extractors.pages.page_text import PageText
from review.desk_state import Desk
from review.evidence_view import SourcePage
from review.roles import Actor
from review.services import decisions, draft
from review.services.agent_review import AgentReview
from scoring.errors import BadInput


def unknowns(desk: Desk, work: AgentReview, sheets: Sequence[SourcePage]) -> list[dict[str, Any]]:
    """The unknown claims that wait, with the sentences that may settle each; those first of which a sentence says
    something, then those that move the band."""
    candidates = candidate_sentences(desk, work, sheets)
    found = [
        {"path": path, "moves_band": path in work.order.movers, "candidates": candidates.get(path, ())}
        for path in work.unknown()
    ]
    return sorted(found, key=lambda claim: (not claim["candidates"], not claim["moves_band"]))


def candidate_sentences(
    desk: Desk, work: AgentReview, sheets: Sequence[SourcePage]
) -> dict[str, tuple[Candidate, ...]]:
    """By path of a claim the sentences that say something of it; worked out once a draft."""
    return desk.memory.get(("candidates", work.claims.digest), lambda: _outright(work, sheets))


def _outright(work: AgentReview, sheets: Sequence[SourcePage]) -> dict[str, tuple[Candidate, ...]]:
    found = plain_candidates([text for _, text in _kept(sheets)], work.claims.extraction.findings)
    by_path = {path: found.get(path.partition(".")[2], ()) for path in draft.PATHS}
    return {path: _numbered(sheets, some) for path, some in by_path.items() if some}


def candidates_for(desk: Desk, work: AgentReview, sheets: Sequence[SourcePage], path: str) -> tuple[Candidate, ...]:
    """The sentences that may settle one claim: those that say something of it, else those on its topic."""
    found = candidate_sentences(desk, work, sheets).get(path, ())
    claim = path.partition(".")[2]
    if found or not claim:
        return found
    return _numbered(
        sheets, topic_candidates([text for _, text in _kept(sheets)], work.claims.extraction.findings, claim)
    )


def _kept(sheets: Sequence[SourcePage]) -> list[tuple[int, PageText]]:
    return [(sheet.number, sheet.text) for sheet in sheets if sheet.text is not None]


def _numbered(sheets: Sequence[SourcePage], found: Sequence[Candidate]) -> tuple[Candidate, ...]:
    """With the number of the page in place of that of the text."""
    numbered_texts = _kept(sheets)
    return tuple(candidate._replace(document=numbered_texts[candidate.document][0]) for candidate in found)


def accept(
    desk: Desk, actor: Actor, work: AgentReview, named: Sequence[str], *, shown: str, mark: str, seconds: int | None
) -> None:
    """Accepts the named claims as unknown, in one act. Raises `StaleState` when the draft or a decision moved since it
    was shown, `BadInput` for a claim that is not unknown and waiting."""
    store, slug = desk.store, work.slug
    with store.writing():
        draft.check(shown, work.claims.digest, slug, "it changed since you read it", work.claims.digest)
        draft.check(mark, work.mark, slug, "claims of it were decided meanwhile", work.claims.digest)
        waiting = work.unknown()
        strange = [path for path in named if path not in waiting]
        if strange or not named:
            problem = f"{strange[0]} is not unknown and waiting" if strange else "no claim was named"
            raise BadInput(problem, subject=slug, step="unknowns", next_step="load the page again")
        act = ""
        for path in dict.fromkeys(named):
            decided = decisions.decide(
                store,
                work.claims,
                path,
                "accepted",
                reviewer=actor.name,
                role=actor.role,
                seconds=None if seconds is None else seconds // len(named),
                act=act,
                way="unknowns_together",
            )
            act = decided.act
