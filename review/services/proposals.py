"""What a program proposes about a claim, until a person takes or refuses it.

Invariants: a proposal changes nothing by itself; it waits only while its draft and the last decision on its claim are
those it was made on; who takes it decides the claim, as a person.
"""

from typing import Literal

from records.assessments.proposals import StandingProposal, note_answer, note_proposal
from records.assessments.review_drafts import Verdict
from review.desk_state import Desk
from review.roles import Actor, require
from review.services import decisions
from review.services.agent_review import AgentReview, read_work
from scoring.errors import NotFound, Refused
from scoring.reviews import Amendment


def propose(
    desk: Desk, actor: Actor, work: AgentReview, path: str, verdict: Verdict, changes: tuple[Amendment, ...], note: str
) -> StandingProposal:
    """Keeps a proposal about a claim as it is in this unit of work; the same one again is not kept twice."""
    slug, last = work.slug, work.last.get(path)
    require(actor, "reviewer", subject=slug, step="proposal")
    if work.decided:
        raise Refused("the draft as a whole is decided already", subject=slug, step="proposal")
    decisions.check_amendments(work.claims.extraction, changes, note, "proposal")
    made = StandingProposal(0, actor.name, desk.store.now(), path, verdict, changes, note, last.id if last else None)
    if not any(one._replace(id=0, at=made.at) == made for one in work.proposals):
        with desk.store.writing():
            note_proposal(desk.store, slug, work.claims.digest, made)
    return made


def answer(desk: Desk, actor: Actor, slug: str, number: int, reply: Literal["taken", "refused"]) -> StandingProposal:
    """Takes a proposal, which decides its claim, or refuses it. `NotFound` for one that waits no more."""
    with desk.store.writing():
        work = read_work(desk, slug, locked=True)
        require(actor, "reviewer", subject=work.slug, step="proposal")
        found = next((proposed for proposed in work.proposals if proposed.id == number), None)
        if found is None:
            raise NotFound(
                "this proposal waits no more: the draft or the claim moved",
                subject=work.slug,
                step="proposal",
                next_step="load the page again",
            )
        if reply == "taken":
            decisions.decide(
                desk.store,
                work.claims,
                found.path,
                found.verdict,
                reviewer=actor.name,
                role=actor.role,
                amendments=found.amendments,
                note=found.note,
                after=found.after,
                seen=True,
            )
        note_answer(desk.store, work.slug, found, reply, actor.name)
    return found
