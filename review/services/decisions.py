"""What a reviewer decides, as plain functions: the terminal and the desk do the same thing by them.

Idea: claims are decided one by one; a review gathers what holds and names the assessment digest that was read.
Invariants: every rule about a decision (whose role, which reason, on what was read) is here and nowhere else;
nothing is approved by the way (an amendment alone publishes nothing); a decision that was made on something else
than what is current raises `StaleState` and stores nothing.
"""

import json
from collections.abc import Collection, Sequence

from extractors.support.reason import reason_of
from records.agents.review_queue import AgentStatus
from records.assessments.review_drafts import ClaimDecision, Verdict, Way
from records.assessments.reviews import StaleState, StoredReview
from records.store import Store
from review.roles import PROGRAM, Actor, is_program, require
from review.services import draft
from review.services.confirmations import confirmed_by, unconfirmed
from review.services.draft import Claims, check, digests, paths
from review.services.kept_decisions import EarlierDecisions, carried_decisions, decision_sources
from scoring.amendments import amended, read_field
from scoring.claims import Evidence, Extraction
from scoring.errors import BadInput, NotFound, Refused, required
from scoring.labels import DECISIONS
from scoring.reviews import LONGEST_OPEN, LONGEST_SITTING, Amendment, AmendmentReason, Decision, Review


def decide(
    store: Store,
    claims: Claims,
    path: str,
    verdict: Verdict,
    *,
    reviewer: str,
    role: str = "reviewer",
    amendments: Sequence[Amendment] = (),
    note: str = "",
    seconds: int | None = None,
    after: int | None = None,
    seen: bool = False,
    anew: bool = False,
    act: str = "",
    way: Way = "one_by_one",
    decided: EarlierDecisions | None = None,
) -> ClaimDecision:
    """Keeps a decision about one claim. With `seen`, `after` is the last decision that the reviewer saw; `act` is that
    of the first decision of the same press; `decided` is from who has read it since the agent's row was locked.

    A draft that is decided as a whole takes none, unless the whole is decided `anew` with it.
    """
    slug = claims.extraction.slug
    require(Actor(reviewer, role), "reviewer", subject=slug, step="review")
    marks = digests(claims.extraction)
    if path not in marks:
        raise BadInput(f"no claim {path!r}", subject=slug, step="review", next_step=f"assay review show {slug}")
    check_amendments(claims.extraction, amendments, note, "review")
    source, claim = marks[path]
    with store.writing():
        if not anew and (is_decided(store, claims) if decided is None else decided.is_whole(claims)):
            raise Refused(
                "the draft as a whole is decided already",
                subject=slug,
                step="review",
                next_step="take that decision back first",
            )
        if not seen:
            last = store.drafts.last(slug).get(path)
            after = last.id if last else None
        return store.drafts.decide(
            slug,
            path,
            verdict,
            assessment_digest=claims.digest,
            source_digest=source,
            claim_digest=claim,
            reviewer=reviewer,
            after=after,
            amendments=amendments,
            seconds=seconds,
            note=note,
            act=act,
            way=way,
            reason=reason_of(path, draft.claim_at(claims.extraction, path)),
            log=decided.log if decided else None,
        )


def check_amendments(extraction: Extraction, amendments: Sequence[Amendment], note: str, step: str) -> None:
    """Raises `BadInput` for *another reason* that the note does not say, `Refused` for what does not fit the draft."""
    if any(a.reason is AmendmentReason.OTHER and not (a.note or note).strip() for a in amendments):
        raise BadInput("say the reason in the note", subject=extraction.slug, step=step)
    if amendments:
        amended(extraction, amendments)


def sat(store: Store, opened: int) -> int | None:
    """Seconds since the moment at which a draft was opened, given in seconds of Unix time; None for one that has not
    come yet, or is longer ago than a page lies open."""
    seconds = int(store.now().timestamp()) - opened
    return min(seconds, LONGEST_SITTING) if 0 <= seconds <= LONGEST_OPEN else None


def is_decided(store: Store, claims: Claims) -> bool:
    """Whether the standing decision is about this very draft."""
    return EarlierDecisions((), store.reviews.standing(claims.extraction.slug)).is_whole(claims)


def amendment(
    extraction: Extraction, path: str, field: str, new: str, reason: AmendmentReason, note: str = ""
) -> Amendment:
    """A change of one field of one claim, with its current value as `old`."""
    claim = required(
        paths(extraction).get(path),
        BadInput(
            f"no claim {path!r}",
            subject=extraction.slug,
            step="amend",
            next_step=f"assay review show {extraction.slug}",
        ),
    )
    old = read_field(claim, path, field)
    return Amendment.model_validate(
        {"path": path, "field": field, "old": old, "new": new, "reason": reason, "note": note}
    )


def work_mark(store: Store, slug: str) -> str:
    """See `EarlierDecisions.mark`."""
    return EarlierDecisions(store.drafts.log(slug), None).mark


def conclude(
    store: Store,
    claims: Claims,
    decision: Decision,
    *,
    reviewer: str,
    role: str = "reviewer",
    note: str = "",
    seconds: int | None = None,
    mark: str | None = None,
    act: str = "",
    anew: bool = False,
    two_people: Collection[str] = (),
) -> Review:
    """Approves or rejects the draft that was read, with every amendment that holds. A rejection needs a note.

    `mark` is the `work_mark` that the reviewer saw, or the first signs of it; without it what is kept now is taken.
    Raises `StaleState`, also for a draft that is decided already, unless it is decided `anew`. `act` is that of the
    press that decides others with it. What waits for a second person by `two_people` is confirmed as it was approved,
    without seconds, since those were another's.
    """
    slug = claims.extraction.slug
    require(Actor(reviewer, role), "reviewer", subject=slug, step="review")
    role = PROGRAM if is_program(reviewer) else role
    if decision is Decision.REJECT and not note.strip():
        raise BadInput("a rejection needs its reason", subject=slug, step="review", next_step="write it in the note")
    with store.writing():
        if mark is not None:
            check(mark, work_mark(store, slug), slug, "claims of it were decided meanwhile", claims.digest)
        last = store.reviews.standing(slug)
        confirms = None
        same = last is not None and last.review.assessment_digest == claims.digest and not anew
        waits = same and unconfirmed(store, slug, two_people) is not None
        if waits:
            confirms = confirmed_by(store, slug, Actor(reviewer, role))
        elif last is not None and same:
            _, did = DECISIONS[last.review.decision]
            done = f"{last.review.reviewer} {did} this draft on {last.review.at:%Y-%m-%d %H:%M}"
            raise StaleState(f"{done}; nothing was stored again", subject=slug, current=claims.digest)
        approving = decision is Decision.APPROVE
        holding = carried_decisions(store, claims) if approving else {}
        changes = tuple(change for item in holding.values() for change in item.amendments)
        if changes:
            amended(claims.extraction, changes)
        review = Review(
            slug=slug,
            assessment_digest=claims.digest,
            decision=decision,
            amendments=changes,
            reviewer=reviewer,
            role=role,
            at=store.now(),
            note=note,
            decided=decision_sources(holding, claims, reviewer) if approving else {},
            seconds=seconds,
        )
        if waits and approving and last is not None:
            review = review.model_copy(
                update={"amendments": last.review.amendments, "decided": last.review.decided, "seconds": None}
                | {"confirms": confirms}
            )
        store.reviews.append(review, seconds=seconds, act=act)
    return review


def reverse(
    store: Store, slug: str, *, reviewer: str, role: str = "reviewer", note: str = "", seen: int | None = None
) -> Review:
    """Takes back the last decision about an agent; both stay in the log. `seen` is its number as it was shown.

    What is published is taken back by a publisher only, with a note.
    """
    slug = store.listings.find(slug)
    with store.writing():
        last = store.reviews.standing(slug)
        published = is_published(store, slug, last)
        require(Actor(reviewer, role), "publisher" if published else "reviewer", subject=slug, step="reversal")
        if published and not note.strip():
            raise BadInput(
                "taking back what is published needs its reason",
                subject=slug,
                step="reversal",
                next_step="write it in the note",
            )
        if last is None:
            raise NotFound("there is no decision to take back", subject=slug, step="review")
        if seen is not None and last.id != seen:
            current = store.assessments.current_digest(slug)
            raise StaleState("another decision stands by now", subject=slug, current=current)
        review = Review(
            slug=slug,
            assessment_digest=last.review.assessment_digest,
            decision=Decision.REVERSE,
            reviewer=reviewer,
            role=role,
            at=store.now(),
            note=note,
        )
        store.reviews.append(review)
    return review


def is_published(store: Store, slug: str, last: StoredReview | None) -> bool:
    """Whether the record that is out rests on this decision, also while a newer draft waits."""
    current = store.publications.current(slug)
    live = current is not None and not current.record.withdrawn and last is not None and current.review == last.id
    return live or store.queue.status(slug) is AgentStatus.PUBLISHED


def evidence_json(evidence: Sequence[Evidence]) -> str:
    """Evidence as the text that an amendment carries."""
    return json.dumps([item.model_dump(mode="json") for item in evidence], sort_keys=True, ensure_ascii=False)
