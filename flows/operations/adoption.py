"""New versions over a whole store: what they would move, shown first; then taken in slices, stopped, taken back.

Idea: a preview does with each agent what adopting it does, and lets go of the transaction instead of keeping it, so
the two cannot differ. Invariants: a preview keeps no draft, no decision and no event, and asks no model; adopting
publishes nothing, and approves only what a person approved on the same words; what a person decided since is never
taken back.
"""

import json
from collections import Counter
from contextlib import aclosing, suppress
from functools import partial
from typing import Literal, NamedTuple

from extractors.canonical_json import digest
from extractors.model.completion import Completion, CompletionClient, CompletionOutcome, CompletionRequest, computed
from extractors.model.reply_cache_key import completion_key
from extractors.prompting.prompt_files import load as prompt
from extractors.record_decision import decision
from flows.assessment.agent_assessment import keep_assessed, worked_out
from flows.assessment.agent_outcomes import AgentResult
from flows.assessment.answer_threads import in_worker_thread
from flows.assessment.assessment import PROMPT, Assessed, completion_client, provenance
from flows.assessment.completion_cache import Answer, complete
from flows.assessment.stored_pages import agent_pages
from flows.night.concurrency import limited, run_bounded
from flows.reading.time_limited_pool import USUAL_READERS, read_in_process
from flows.settings import Settings
from records.adoptions import Adoption, Versions, keep_adoption, last_adoption
from records.agents.review_queue import AgentStatus
from records.maintenance.skipped_agents import skip_on_error
from records.store import Store
from review.roles import Actor
from review.services import draft
from review.services.kept_decisions import carried_decisions
from review.services.reapproval import reapprove_one
from scoring.amendments import amended
from scoring.assessment import assess
from scoring.band_change import band_change
from scoring.claims import Extraction, SecondOutcome
from scoring.errors import NotFound
from scoring.formulas.table import profile_named
from scoring.likely.advice import Limits
from scoring.reviews import Decision, Review
from scoring.scores import Assessment
from scoring.vocabulary import Severity

ASKS = "the model has to be asked"
_OUT = (AgentStatus.OPTED_OUT, AgentStatus.WITHDRAWN)
_APPROVALS = ("falls", "none", "stands")
_BANDS: tuple[str | None, ...] = (None, *Severity)


class AssessedState(NamedTuple):
    """What an agent's record or draft says. Score as text; score and band are None when withheld."""

    score: str | None = None
    band: str | None = None
    advice: str = ""
    """allow, ask or deny; empty where no reference class is named."""


class RenewedAgent(NamedTuple):
    """What new versions make of one agent, beside what is published of it, else its draft. Claims by their paths."""

    slug: str
    before: AssessedState = AssessedState()
    after: AssessedState = AssessedState()
    why: tuple[str, ...] = ()
    """Which intermediates of the score differ, and why it is withheld."""
    lost: tuple[str, ...] = ()
    gained: tuple[str, ...] = ()
    again: tuple[str, ...] = ()
    """Claims of an approved draft that a person has to look at again."""
    approval: Literal["falls", "none", "stands"] = "none"
    problem: str = ""
    """Why there is no new draft."""

    @property
    def differs(self) -> bool:
        return not self.problem and self.before != self.after

    @property
    def moved(self) -> bool:
        return self.before.band != self.after.band

    @property
    def order(self) -> tuple[bool, int, int, bool, int, str]:
        """First what has to be looked at again: approvals that fall, by how far the band moves, up before down."""
        step = _BANDS.index(self.after.band) - _BANDS.index(self.before.band)
        rank = _APPROVALS.index(self.approval)
        return bool(self.problem), rank, -abs(step), step < 0, -len(self.again), self.slug


class RenewalPlan(NamedTuple):
    """What new versions would do to a store, or did to a slice of it."""

    versions: Versions
    """In force."""
    differ: dict[str, int]
    """`prompt assess@1 -> assess@2` to the number of agents."""
    standing: int
    """Agents whose draft was made by the versions in force."""
    rows: tuple[RenewedAgent, ...]
    """In the order in which to look at them."""
    left: int = 0
    """Agents that a later slice takes."""

    @property
    def calls(self) -> int:
        return sum(row.problem == ASKS for row in self.rows)


async def preview(store: Store, settings: Settings) -> RenewalPlan:
    """What the versions in force would do to each draft of other versions. Nothing is kept but page texts."""
    async with aclosing(limited(completion_client(settings), settings.model.in_flight)) as client:
        return await _renewed(store, settings, client, partial(_known, store, settings), commit=False, most=None)


async def adopt(store: Store, settings: Settings, agents: int, actor: Actor, reason: str) -> RenewalPlan:
    """Makes the drafts of the next `agents` anew, and lets each night make as many. `Refused` while another one does.

    Stopped at any time it goes on with the rest, as an answer that was paid for is not paid for twice.
    """
    run = store.runs.begin("adopt")
    try:
        async with aclosing(limited(completion_client(settings), settings.model.in_flight)) as client:
            versions, last = _in_force(client, settings), last_adoption(store)
            goes_on = last is not None and last.state != "back" and last.versions == versions
            began = last.began if last is not None and goes_on else store.now()
            keep_adoption(store, Adoption("open", versions, began, agents), actor.name, reason)
            answer = partial(complete, store, run=run.id, seconds=settings.night.read_seconds)
            plan = await _renewed(store, settings, client, answer, commit=True, most=agents)
    except BaseException:
        store.runs.finish(run, "interrupted")
        raise
    store.runs.finish(run, "finished", {"agents": len(plan.rows), "left": plan.left})
    return plan


def stop(store: Store, actor: Actor, reason: str) -> None:
    """No night makes a further draft only because versions changed; what was made stays. `NotFound` without one."""
    keep_adoption(store, _under_way(store)._replace(state="stopped", a_night=0), actor.name, reason)


def back(store: Store, actor: Actor, reason: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Puts the drafts and approvals from before the adoption back in place; gives the slugs, and those left since a
    person decided on the new draft. What was published by it is published as before by the next publication."""
    last = _under_way(store)
    keep_adoption(store, last._replace(state="back", a_night=0), actor.name, reason)
    restored, left = list[str](), list[str]()
    for pair in store.assessments.stored():
        if json.loads(pair.assessment)["provenance"] == last.versions:
            with store.writing():
                outcome = _restored(store, pair.slug, last, actor, reason)
            if outcome is not None:
                (restored if outcome else left).append(pair.slug)
    return tuple(restored), tuple(left)


def _under_way(store: Store) -> Adoption:
    last = last_adoption(store)
    if last is None or last.state == "back":
        raise NotFound("no adoption is under way", subject="store", step="adopt", next_step="assay adopt")
    return last


def _restored(store: Store, slug: str, last: Adoption, actor: Actor, reason: str) -> bool | None:
    """None when there is nothing to go back to; False when a person decided since."""
    entries = store.assessments.history(slug)
    if entries[-1].at < last.began:
        return None
    for entry in reversed(entries[:-1]):
        before = store.assessments.assessment(entry.assessment_digest)
        if before.provenance.model_dump(mode="json") == last.versions:
            continue
        stored = store.reviews.standing(slug)
        if stored is not None and stored.review.assessment_digest == entries[-1].assessment_digest:
            if not stored.review.automatic:
                return False
            decision = {
                "assessment_digest": stored.review.assessment_digest,
                "reviewer": actor.name,
                "role": actor.role,
            }
            store.reviews.append(Review(slug=slug, decision=Decision.REVERSE, at=store.now(), note=reason, **decision))
        store.assessments.put(store.assessments.extraction(entry.extraction_digest), before)
        return True
    return None


def _in_force(client: CompletionClient, settings: Settings) -> Versions:
    return provenance(prompt(PROMPT), client.model, settings.profile).model_dump(mode="json")


async def _renewed(
    store: Store, settings: Settings, client: CompletionClient, answer: Answer, *, commit: bool, most: int | None
) -> RenewalPlan:
    versions = _in_force(client, settings)
    differ, standing, pending = Counter[str](), 0, list[str]()
    for pair in store.assessments.stored():
        made_by = json.loads(pair.assessment)["provenance"]
        if made_by == versions:
            standing += 1
        elif store.queue.status(pair.slug) not in _OUT:
            pending.append(pair.slug)
            differ.update(
                f"{name} {made_by.get(name)} -> {now}" for name, now in versions.items() if made_by.get(name) != now
            )
    rows, skipped = list[RenewedAgent](), dict[str, str]()
    room = len(pending) if most is None else most

    async def renew(slug: str) -> None:
        nonlocal room
        if not room:
            return
        room -= 1
        with skip_on_error(slug, skipped):
            assessed = await worked_out(store, agent_pages(store, slug), client, settings, answer)
            if isinstance(assessed, AgentResult) and assessed.outcome.is_terminal:
                room += 1  # one that cannot be read takes no other's place
            rows.append(await in_worker_thread(client, _renewal, store, slug, assessed, commit, settings.limits))

    await run_bounded(renew, pending, settings.model.in_flight if client.waits else USUAL_READERS)
    rows += (RenewedAgent(slug, problem=why) for slug, why in skipped.items())
    ordered = tuple(sorted(rows, key=lambda row: row.order))
    return RenewalPlan(versions, dict(sorted(differ.items())), standing, ordered, len(pending) - len(rows))


async def _known(store: Store, settings: Settings, request: CompletionRequest, client: CompletionClient) -> Completion:
    """The answer that is kept or can be computed here; else that the model has to be asked. Keeps nothing."""
    key = completion_key(request, client.model, client.settings)
    known = store.completions.answered(key) or store.completions.refused(key)
    if known is not None:
        return known
    if not client.waits:
        size = sum(len(document.text) for document in request.documents)
        return await read_in_process(settings.night.read_seconds, size, computed, client, request)
    outcome = CompletionOutcome.OVER_BUDGET
    return Completion(key=key, model=client.model, outcome=outcome, reply="", reason=ASKS)


def _renewal(
    store: Store, slug: str, assessed: Assessed | str | AgentResult, commit: bool, limits: Limits
) -> RenewedAgent:
    """What the agent's new draft changes; without `commit` the transaction is let go."""
    if isinstance(assessed, AgentResult):
        return RenewedAgent(slug, problem=assessed.reason)
    again = assessed.extraction.second_reading if isinstance(assessed, Assessed) else None
    if not commit and again is not None and again.outcome is SecondOutcome.NOT_READ:
        return RenewedAgent(slug, problem=ASKS)
    found = RenewedAgent(slug)
    with suppress(_NotKept), store.writing():
        found = _compared(store, slug, assessed, limits)
        if not commit:
            raise _NotKept
    return found


class _NotKept(Exception):
    """Lets go of a transaction."""


def _compared(store: Store, slug: str, assessed: Assessed | str, limits: Limits) -> RenewedAgent:
    published, last = store.publications.current(slug), store.reviews.standing(slug)
    before = published.record if published is not None else store.assessments.current(slug)
    assert before is not None
    ended = keep_assessed(store, assessed)
    if ended.assessed is None:
        return RenewedAgent(slug, problem=ended.reason)
    claims = draft.read(store, slug)
    decided = carried_decisions(store, claims)
    after = amended(claims.extraction, [change for item in decided.values() for change in item.amendments])
    versions = claims.assessment.provenance
    scored = assess(after, digest(after), versions, versions.formula)
    band = band_change(after, before.assessment, profile_named(versions.formula))
    old, new = draft.paths(before.extraction), draft.paths(after)
    known_before, known_after = (
        frozenset(path for path, claim in side.items() if draft.is_known(claim)) for side in (old, new)
    )
    approved = last is not None and last.review.decision is Decision.APPROVE
    reapproved = reapprove_one(store, slug)
    return RenewedAgent(
        slug,
        AssessedState(band.before, band.band_before, _advice(before.extraction, before.assessment, limits)),
        AssessedState(band.after, band.band_after, _advice(after, scored, limits)),
        why=(*band.why, *filter(None, (scored.headline.withheld,))),
        lost=tuple(path for path in old if path in known_before - known_after),
        gained=tuple(path for path in old if path in known_after - known_before),
        again=tuple(path for path in draft.PATHS if approved and (path not in decided or not decided[path].done)),
        approval="stands" if reapproved else "falls" if approved else "none",
    )


def _advice(extraction: Extraction, assessment: Assessment, limits: Limits) -> str:
    made = decision(extraction, assessment, limits, asks=False)
    return made.advice.word if made is not None else ""
