"""A vendor's correction from its receipt to its decision, as plain functions.

Idea: a correction is a proposal with its own quote and page; the next flow fetches that page like any other, and
only then can it be accepted. Invariants: a vendor changes nothing; an accepted value rests on a sentence of a
fetched page; every decision has a reason and a date.
"""

from typing import Annotated, Any, NamedTuple

from pydantic import BaseModel, ConfigDict, Field

from extractors.canonical_json import digest
from extractors.grounding.quote_check import ground
from extractors.pages.page_text import PageText
from extractors.pages.text_extraction import PARSER
from records.assessments.review_drafts import Verdict
from records.assessments.reviews import StaleState
from records.pages.page_texts import NoTextKept
from records.store import Store
from review.desk_state import Desk
from review.evidence_view import text_of
from review.forms import Text
from review.roles import Actor, require
from review.services import decisions, draft
from review.services.agent_review import AgentReview, read_work
from review.services.kept_decisions import FIELDS
from scoring.claims import Evidence
from scoring.errors import BadInput, Refused
from scoring.labels import choices
from scoring.reviews import Amendment, AmendmentReason, Correction, CorrectionState, Decision
from scoring.scores import Assessment
from scoring.what_if import what_if

MOST_OPEN = 20
"""Undecided corrections of one agent; more have to wait."""
UNDECIDED = (CorrectionState.RECEIVED, CorrectionState.UNDER_REVIEW)


class Proposal(BaseModel):
    """What a vendor sends."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    slug: Annotated[Text, Field(min_length=1, max_length=100)]
    path: Annotated[Text, Field(min_length=1, max_length=100)]
    field: Annotated[Text, Field(min_length=1, max_length=20)]
    proposed: Annotated[Text, Field(min_length=1, max_length=2_000)]
    quote: Annotated[Text, Field(min_length=1, max_length=2_000)]
    url: Annotated[Text, Field(min_length=1, max_length=2_000)]
    vendor: Annotated[Text, Field(min_length=1, max_length=200)]


def receive(store: Store, proposal: Proposal, *, actor: str) -> Correction:
    """Keeps a proposal and asks the next flow for its page. Raises `BadInput` for what cannot be a correction."""
    slug = store.listings.find(proposal.slug)
    claims = draft.read(store, slug)
    named = draft.paths(claims.extraction)
    if proposal.path not in named or proposal.field not in correctable(proposal.path):
        raise BadInput(f"nothing to correct at {proposal.path} {proposal.field}", subject=slug, step="correction")
    if not proposal.url.startswith(("https://", "http://")) or any(char.isspace() for char in proposal.url):
        raise BadInput("the page's address starts with https://", subject=slug, step="correction")
    legal = [value for value, _ in choices(proposal.path)]
    if proposal.field == "value" and proposal.proposed not in legal:
        name = proposal.path.partition(".")[2]
        raise BadInput(f"{name} is one of {', '.join(legal)}", subject=slug, step="correction")
    if not proposal.quote.strip() or not proposal.proposed.strip() or not proposal.vendor.strip():
        raise BadInput("quote, proposal and vendor are needed", subject=slug, step="correction")
    fields = proposal.model_dump() | {"slug": slug}
    with store.writing():
        waiting = store.corrections.all(slug=slug, states=UNDECIDED)
        for same in waiting:
            if {name: getattr(same, name) for name in fields} == fields:
                return same
        if len(waiting) >= MOST_OPEN:
            raise Refused(f"{MOST_OPEN} corrections wait already", subject=slug, step="correction")
        now = store.now()
        correction = Correction(
            id="c-" + digest([*fields.values(), now.isoformat()]).removeprefix("sha256:")[:16], received=now, **fields
        )
        store.corrections.append(correction, actor=actor)
        store.requests.add(slug, "correction", proposal.url, actor=actor)
    return correction


def correctable(path: str) -> tuple[str, ...]:
    """The fields of a claim that a vendor may propose for; certainty and evidence follow from its quote."""
    return tuple(field for field in FIELDS.get(path.split(".")[0], ()) if field in ("value", "text"))


class CorrectionView(NamedTuple):
    """A correction as the desk shows it."""

    correction: Correction
    work: AgentReview
    evidence: Evidence | None
    """Its quote on the fetched page."""
    problem: str
    """Why the quote does not count (yet)."""
    before: Assessment
    after: Assessment
    """What if it were accepted."""


def correction_view(desk: Desk, identifier: str) -> CorrectionView:
    """A correction, where its quote is, and the score before and after."""
    correction = desk.store.corrections.get(identifier)
    work = read_work(desk, correction.slug)
    evidence, problem = placed(desk, work, correction)
    before = after = work.score
    if correction.field == "value" and correction.state in UNDECIDED:
        profile, settings = work.score.headline.profile, {correction.path.partition(".")[2]: correction.proposed}
        found = what_if(work.result, digest(work.result), work.score.provenance, settings, profile, profile)
        before, after = found.before, found.after
    return CorrectionView(correction, work, evidence, problem, before, after)


def placed(desk: Desk, work: AgentReview, correction: Correction) -> tuple[Evidence | None, str]:
    """Where the quote is on the vendor's page; otherwise why it does not count."""
    text = page_at(desk, work, correction.url)
    if text is None:
        return None, "the next flow fetches this page first"
    found = ground(correction.quote, text)
    if isinstance(found, Evidence):
        return found, ""
    near = f"; nearest: “{found.nearest.quote[:200]}”" if found.nearest else ""
    return None, f"the quote does not count: {found.why}{near}"


def page_at(desk: Desk, work: AgentReview, url: str) -> PageText | None:
    """The newest kept text of an address."""
    state = desk.store.pages.states([url]).get(url)
    if state is not None and state.digest is not None:
        text = desk.store.texts.derived(url, state.digest, parser=PARSER)
        if text is not None and not isinstance(text, NoTextKept):
            return text
    digest = next((source.text_digest for source in work.claims.extraction.read if source.url == url), None)
    return None if digest is None else text_of(desk, work.slug, digest, url)


def as_changes(view: CorrectionView) -> tuple[Amendment, ...]:
    """The amendments that accepting a correction makes. `Refused` while its quote is on no page."""
    correction, extraction = view.correction, view.work.claims.extraction
    if view.evidence is None:
        raise Refused(view.problem, subject=correction.slug, step="correction", next_step="decline it, or wait")
    claim = draft.paths(extraction)[correction.path]
    evidence = [view.evidence]
    if correction.field == "text":
        evidence = [Evidence.model_validate(item) for item in claim.get("evidence", [])] + evidence  # type: ignore[attr-defined]
    wanted = {correction.field: correction.proposed, "evidence": decisions.evidence_json(list(dict.fromkeys(evidence)))}
    if "certainty" in claim:
        wanted["certainty"] = "stated"
        if correction.field == "text" and claim["certainty"] == "not_certain" and claim.get("value") is None:
            raise Refused("a fact that is not known needs a value, not a text", subject=correction.slug)
    if claim.get("status") == "not_certain":
        wanted["status"] = "mapped"
    reason, note = AmendmentReason.VENDOR_CORRECTION, f"correction {correction.id} of {correction.vendor}"
    made = (decisions.amendment(extraction, correction.path, name, new, reason, note) for name, new in wanted.items())
    return tuple(change for change in made if change.old != change.new)


def settle(desk: Desk, identifier: str, state: CorrectionState, actor: Actor, *, reason: str, seen: str) -> Correction:
    """Moves a correction on. Accepting it amends the draft; a draft approved before is approved anew with it. What was
    decided goes back under review with all that it changed."""
    store = desk.store
    with store.writing():
        view = correction_view(desk, identifier)
        before = view.correction
        require(actor, "publisher", subject=before.slug, step="correction")
        if before.state != seen:
            raise StaleState(f"it is {before.state} by now", subject=before.slug, current=None)
        if state is CorrectionState.UNDER_REVIEW and before.state not in UNDECIDED:
            return take_back(store, identifier, actor, reason)
        if state is not CorrectionState.UNDER_REVIEW and not reason.strip():
            raise BadInput("a decision needs its reason", subject=before.slug, step="correction")
        decided = None if state is CorrectionState.UNDER_REVIEW else store.now()
        after = before.model_copy(update={"state": state, "reason": reason.strip(), "decided": decided})
        if state is CorrectionState.ACCEPTED:
            changes = as_changes(view)
            claims = view.work.claims
            verdict: Verdict = "amended" if changes else "accepted"
            decided_by: dict[str, Any] = {"reviewer": actor.name, "role": actor.role, "note": _note(after)}
            act = decisions.decide(store, claims, before.path, verdict, amendments=changes, anew=True, **decided_by).act
            review = view.work.review
            if view.work.decided and review is not None and review.review.decision is Decision.APPROVE:
                decisions.conclude(store, claims, Decision.APPROVE, anew=True, act=act, **decided_by)
        store.corrections.append(after, actor=actor.name)
    return after


def take_back(store: Store, identifier: str, actor: Actor, reason: str = "") -> Correction:
    """Puts a decided correction under review again; one that was accepted leaves the draft, and the approval that it
    made is reversed, which needs a reason once that is published. `Refused` when the draft was decided since."""
    require(actor, "publisher", step="correction")
    with store.writing():
        before = store.corrections.get(identifier)
        slug, note = before.slug, _note(before)
        if before.state in UNDECIDED:
            raise BadInput("it is not decided", subject=slug, step="correction")
        if before.state is CorrectionState.ACCEPTED:
            last = store.reviews.standing(slug)
            if last is not None and last.review.note == note:
                decisions.reverse(store, slug, reviewer=actor.name, role=actor.role, note=reason.strip(), seen=last.id)
            elif decisions.is_decided(store, draft.read(store, slug)):
                reviewer = last.review.reviewer if last else ""
                raise Refused(f"{reviewer} decided the draft since", subject=slug, step="correction",
                              next_step=f"take that back first at /agents/{slug}")  # fmt: skip
            for claim_decision in store.drafts.log(slug):
                if claim_decision.note == note and not claim_decision.undone:
                    store.drafts.flip(claim_decision.act, undone=True)
        after = before.model_copy(update={"state": CorrectionState.UNDER_REVIEW, "reason": "", "decided": None})
        store.corrections.append(after, actor=actor.name)
    return after


def _note(correction: Correction) -> str:
    """The note of what accepting it decided."""
    return f"correction {correction.id}: {correction.reason}"
