"""The blind second review: which claims are read again and by whom, and what an answer means.

Idea: what is decided is read a second time by somebody who decided nothing about the agent, in the draft as it was
before any decision. Invariants: the same drafts and settings give the same sample, chosen by hash; nothing that the
first reviewer decided is shown; an answer changes no draft and no record.
"""

from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from hashlib import sha256
from typing import Any, NamedTuple

from extractors.canonical_json import digest
from records.assessments.second_reviews import Answer, Question, Seed
from records.maintenance.skipped_agents import skip_on_error
from records.store import Store
from review.desk_options import DeskOptions
from review.measurement.seeded_errors import SEEDS, shown
from review.roles import Actor, require
from review.services import draft
from review.services.kept_decisions import draft_of
from scoring.amendments import amended
from scoring.claims import Digest, Extraction
from scoring.errors import BadInput, Refused
from scoring.labels import choices
from scoring.reviews import Review

AT_ONCE = 50
ROUND_DRAFTS = 100
"""Drafts that the claims of a round come from."""
UNKNOWN = "not_certain"


class ShownQuestion(NamedTuple):
    """A question with what is shown of it."""

    question: Question
    extraction: Extraction
    """The draft, nothing of it amended."""
    claim: dict[str, Any]

    @property
    def mark(self) -> str:
        """Names the question and nothing of what is false about it."""
        question = self.question
        return digest([question.assessment_digest, question.path, question.round])


@lru_cache(4096)
def sample(assessment: Digest, share: float, claims: tuple[str, ...]) -> tuple[str, ...]:
    """Paths of a draft that are read a second time, in an order of their own; `claims` are `factors`, `exposure`,
    `layers`, or single paths."""
    marks = {path: sha256(f"{assessment} {path}".encode()).digest() for path in draft.PATHS[1:]}
    chosen = [path for path in marks if {path, path.partition(".")[0]} & set(claims)]
    return tuple(
        path for path in sorted(chosen, key=lambda path: marks[path]) if int.from_bytes(marks[path][:8]) < share * 2**64
    )


def next_question(store: Store, reader: str, options: DeskOptions) -> ShownQuestion | None:
    """What this reader is asked next: their open round first, then the sample, the newest decisions first. A draft
    that is damaged is passed over."""
    damaged: dict[str, str] = {}
    with store.reading():
        for question in store.second_reviews.waiting(reader):
            with skip_on_error(question.slug, damaged):
                if (found := _asked(store, question)) is not None:
                    return found
        approved = store.second_reviews.approved(reader) if options.second_share else ()
        for start in range(0, len(approved), AT_ONCE):
            drafts = approved[start : start + AT_ONCE]
            done = store.second_reviews.answered([assessment for _, assessment, _ in drafts], reader)
            for slug, assessment, review in drafts:
                for path in sample(assessment, options.second_share, options.second_claims):
                    with skip_on_error(slug, damaged):
                        if (assessment, path) not in done and slug not in damaged:
                            return _asked(store, _question(store, slug, path, store.reviews.get(review).review))
    return None


def _asked(store: Store, question: Question) -> ShownQuestion | None:
    extraction = draft_of(store, question.assessment_digest)
    claim = shown(extraction, question.path, question.seed)
    return None if claim is None else ShownQuestion(question, extraction, claim)


def _question(store: Store, slug: str, path: str, review: Review) -> Question:
    result = amended(draft_of(store, review.assessment_digest), review.amendments)
    first_value = value_of(draft.claim_at(result, path))
    return Question(slug, path, review.assessment_digest, review.reviewer, first_value)


def value_of(claim: dict[str, Any]) -> str:
    """What a claim says, as one word; `not_certain` for an unknown one."""
    return str(claim.get("value") or claim.get("status")) if draft.is_known(claim) else UNKNOWN


def answer(
    store: Store, actor: Actor, options: DeskOptions, mark: str, verdict: Answer, value: str, seconds: int | None
) -> None:
    """Keeps what the reader holds true of the claim they are asked about. `Refused` when that is another by now."""
    require(actor, "reviewer", step="second review")
    with store.writing():
        current = next_question(store, actor.name, options)
        if current is None or current.mark != mark:
            raise Refused("another claim is asked by now", step="second review", next_step="load the page again")
        question, before = current.question, value_of(current.claim)
        if verdict == "amended":
            legal = {name for name, _ in choices(question.path)} or {"mapped", "not_applicable"}
            if value not in legal:
                raise BadInput(
                    f"a value is one of {', '.join(sorted(legal))}", subject=question.slug, step="second review"
                )
        after = {"accepted": before, "amended": value, "not_certain": UNKNOWN}[verdict]
        same = verdict != "accepted" and after == before
        store.second_reviews.answer(question, actor.name, "accepted" if same else verdict, after, seconds)


def begin_round(store: Store, reader: str, errors: int) -> int:
    """Asks a reader about so many false claims among as many true ones, of drafts that others approved and none that
    this reader was asked about before; gives how many are false. `Refused` when there is none to make."""
    with store.writing():
        if store.second_reviews.waiting(reader):
            problem = f"a round of {reader} is open"
            raise Refused(problem, subject=reader, step="seeded errors", next_step="finish it, or end it with --end")
        approved = sorted(store.second_reviews.approved(reader), key=lambda row: digest([reader, row[1]]))
        read = (answered.question for answered in store.second_reviews.answers() if answered.reviewer == reader)
        done = {(question.assessment_digest, question.path) for question in read}
        found: list[tuple[Question, Extraction]] = []
        for row in approved[:ROUND_DRAFTS]:
            with skip_on_error(row[0], {}):
                found += _true_claims(store, *row)
        found = [pair for pair in found if (pair[0].assessment_digest, pair[0].path) not in done]
        found.sort(key=lambda pair: digest([reader, pair[0].assessment_digest, pair[0].path]))
        false: list[Question] = []
        true: list[Question] = []
        for question, extraction in found:
            made = Counter(question.seed for question in false)
            kinds = sorted(SEEDS, key=lambda kind: made[kind]) if len(false) < errors else ()
            kind: Seed = next((kind for kind in kinds if shown(extraction, question.path, kind) is not None), "")
            (false if kind else true).append(question._replace(seed=kind))
        if not false:
            problem = "no claim of a draft that somebody else approved can be made false"
            raise Refused(
                problem, subject=reader, step="seeded errors", next_step="let another person approve some drafts"
            )
        mixed = (*false, *true[: len(false)])
        store.second_reviews.begin(
            reader, sorted(mixed, key=lambda question: digest([question.path, question.assessment_digest]))
        )
    return len(false)


def _true_claims(store: Store, slug: str, assessment: Digest, number: int) -> Iterator[tuple[Question, Extraction]]:
    """Claims that stand approved as they were drafted."""
    review = store.reviews.get(number).review
    extraction = draft_of(store, assessment)
    changed = {change.path for change in review.amendments}
    for path in draft.PATHS[1:]:
        if path not in changed and path.partition(".")[0] in ("factors", "exposure"):
            value = value_of(draft.claim_at(extraction, path))
            yield Question(slug, path, assessment, review.reviewer, value), extraction
