"""A reviewer's work on one agent before the decision: claim by claim, with undo, redo and notes.

Idea: an accepted claim stays accepted through model noise: it is asked about again only if the words it rests on
*and* the claim itself have changed. Invariant: a decision names what the reviewer saw (the assessment and the
last decision on that claim); if either has moved on, `StaleState` is raised and nothing is stored.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Literal, NamedTuple, get_args

import sqlalchemy as sa

from records.assessments.reviews import StaleState
from records.database.store_part import StorePart
from records.database.tables import claim_decisions, notes
from scoring.claims import Digest
from scoring.errors import BadInput
from scoring.reviews import Amendment

Verdict = Literal["accepted", "amended", "not_certain", "not_applicable", "rejected", "skipped"]
Way = Literal["one_by_one", "unknowns_together", "by_rule"]
"""How a claim was decided: alone, with the other unknowns of its draft, or with all claims on one rule."""


class ClaimDecision(NamedTuple):
    """One decision about one claim."""

    id: int
    slug: str
    path: str
    """`factors.autonomy_of_action`, `layers.L3`, `exposure.runs_at`, `summary`."""
    verdict: Verdict
    assessment_digest: Digest
    """What the reviewer had before them."""
    source_digest: Digest
    """Of the words that the claim rests on, or of the pages read when it rests on none."""
    claim_digest: Digest
    """Of the claim as the extraction had it."""
    amendments: tuple[Amendment, ...]
    reviewer: str
    at: datetime
    seconds: int | None
    note: str
    undone: bool
    act: str
    """Shared by all that one press decided."""
    way: Way
    reason: str
    """On what the claim rested, see `extractors.support.reason`; empty for one without a quote."""


class Note(NamedTuple):
    id: int
    path: str
    """Empty for a note about the agent as a whole."""
    author: str
    at: datetime
    text: str


class Drafts(StorePart):
    """Claim decisions that a review will be made of."""

    def decide(
        self,
        slug: str,
        path: str,
        verdict: Verdict,
        *,
        assessment_digest: Digest,
        source_digest: Digest,
        claim_digest: Digest,
        reviewer: str,
        after: int | None,
        amendments: Sequence[Amendment] = (),
        seconds: int | None = None,
        note: str = "",
        act: str = "",
        way: Way = "one_by_one",
        reason: str = "",
        log: Sequence[ClaimDecision] | None = None,
    ) -> ClaimDecision:
        """Keeps one decision. `after` is the id of the decision on this path that the reviewer saw, or None; `act` is
        that of the press that decided it with others, and a new one when left out; `log` is that of the agent, from
        who has read it since the agent's row was locked in this unit of work."""
        if verdict not in get_args(Verdict):
            raise BadInput(f"a verdict is one of {', '.join(get_args(Verdict))}", subject=slug, step="review")
        with self._db.writing():
            current = self._lock_agent(slug, "review").assessment_digest
            last = last_of(self.log(slug) if log is None else log).get(path)
            if current != assessment_digest:
                raise StaleState("it changed since you read it", subject=slug, current=current, read=assessment_digest)
            if (last.id if last else None) != after:
                raise StaleState(
                    f"{path} was decided by {last.reviewer if last else 'nobody any more'} meanwhile",
                    subject=slug,
                    current=current,
                    read=assessment_digest,
                )
            row = {
                "slug": slug,
                "path": path,
                "verdict": verdict,
                "assessment_digest": assessment_digest,
                "source_digest": source_digest,
                "claim_digest": claim_digest,
                "amendments": [amendment.model_dump(mode="json") for amendment in amendments],
                "reviewer": reviewer,
                "at": self._db.now(),
                "seconds": seconds,
                "note": note,
                "undone": False,
                "act": act,
                "way": way,
                "reason": reason,
            }
            number = self._db.add(claim_decisions, **row)
            if not act:
                act = f"d{number}"
                self._db.write(sa.update(claim_decisions).where(claim_decisions.c.id == number).values(act=act))
            return ClaimDecision(**(row | {"id": number, "amendments": tuple(amendments), "act": act}))  # type: ignore[arg-type]

    def log(self, slug: str) -> tuple[ClaimDecision, ...]:
        """Every decision, oldest first, undone ones included."""
        return self._where(claim_decisions.c.slug == slug)

    def _where(self, chosen: sa.ColumnElement[bool]) -> tuple[ClaimDecision, ...]:
        query = sa.select(*claim_decisions.c[ClaimDecision._fields]).where(chosen).order_by(claim_decisions.c.id)
        return tuple(
            decision._replace(amendments=tuple(map(Amendment.model_validate, decision.amendments)))
            for decision in self._db.read(ClaimDecision, query)
        )

    def last(self, slug: str) -> dict[str, ClaimDecision]:
        """The last decision on each path that is not undone."""
        return last_of(self.log(slug))

    def redo(self, slug: str, reviewer: str) -> ClaimDecision | None:
        """Brings back what was undone last, unless the reviewer or another has decided one of its claims since."""
        with self._db.writing():
            mine = [decision for decision in self.log(slug) if decision.reviewer == reviewer]
            done = max((decision.id for decision in mine if not decision.undone), default=0)
            undone = [decision for decision in mine if decision.undone and decision.id > done]
            if not undone:
                return None
            for decision in self.of_act(undone[0].act):
                last = self.last(decision.slug).get(decision.path)
                if last is not None and last.id > decision.id:
                    return None
            self.flip(undone[0].act, undone=False)
            return undone[0]._replace(undone=False)

    def of_act(self, act: str) -> tuple[ClaimDecision, ...]:
        """All that one press decided, undone ones included."""
        return self._where(claim_decisions.c.act == act)

    def last_of(self, reviewer: str) -> ClaimDecision | None:
        """This reviewer's last decision about any agent that is not undone."""
        mine = (claim_decisions.c.reviewer == reviewer) & claim_decisions.c.undone.is_(False)
        number = sa.select(claim_decisions.c.id).where(mine).order_by(claim_decisions.c.id.desc()).limit(1)
        return next(iter(self._where(claim_decisions.c.id == number.scalar_subquery())), None)

    def flip(self, act: str, *, undone: bool, left: Collection[str] = ()) -> None:
        """Takes back an act, or brings it back, but for the agents `left` as they are. The others are taken in one
        order, so that no two wait for each other."""
        with self._db.writing():
            slugs = sorted({decision.slug for decision in self.of_act(act)} - set(left))
            for slug in slugs:
                self._lock_agent(slug, "review")
            mine = (claim_decisions.c.act == act) & claim_decisions.c.slug.in_(slugs)
            self._db.write(sa.update(claim_decisions).where(mine).values(undone=undone))

    def add_note(self, slug: str, text: str, *, author: str, path: str = "") -> Note:
        at = self._db.now()
        return Note(self._db.add(notes, slug=slug, path=path, author=author, at=at, text=text), path, author, at, text)

    def notes(self, slug: str) -> tuple[Note, ...]:
        """Oldest first."""
        return self._db.read(Note, sa.select(*notes.c[Note._fields]).where(notes.c.slug == slug).order_by(notes.c.id))


def last_of(log: Sequence[ClaimDecision]) -> dict[str, ClaimDecision]:
    """The last decision of a log on each path that is not undone."""
    return {decision.path: decision for decision in log if not decision.undone}


def standing(
    last: Mapping[str, ClaimDecision], claims: Mapping[str, tuple[Digest, Digest]]
) -> dict[str, ClaimDecision]:
    """The last decisions that still hold for these claims: path to (source digest, claim digest), as they are now.

    One is reset only if source and claim have both changed.
    """
    return {
        path: decision
        for path, decision in last.items()
        if path in claims and (decision.source_digest == claims[path][0] or decision.claim_digest == claims[path][1])
    }
