"""`assay review`: a person decides, at the terminal or at the desk in the browser."""

from typing import Annotated

import typer

from flows.commands.common import By, Json, acting, opened
from flows.commands.review_measurement import errors, measure
from flows.commands.serve import desk
from flows.report.console import emit, printable, say, table
from scoring.errors import BadInput

group = typer.Typer(help="Review drafts: the desk in the browser, or list, show, approve, amend, reject.")

Slug = Annotated[str, typer.Argument(help="Slug of the agent.")]
Note = Annotated[str, typer.Option(help="A note; taking back what is published needs one.")]
Why = Annotated[str, typer.Option("--reason", "--note", help="Why, one line; it is kept with the decision.")]
Digest = Annotated[str, typer.Option(help="Of the draft that you read: 8 signs or more of what `show` prints.")]
Opened = Annotated[
    int | None,
    typer.Option("--opened", help="When you opened it, as `show` prints it; the record says how long it was."),
]
Mark = Annotated[str, typer.Option(help="Of the claim decisions that you read, as `show` prints it.")]


@group.callback(invoke_without_command=True)
def _without_name(
    context: typer.Context,
    host: Annotated[str, typer.Option(hidden=True)] = "",
    port: Annotated[int, typer.Option(hidden=True)] = -1,
) -> None:
    """`assay review` alone meant the desk."""
    if context.invoked_subcommand is None:
        desk(host, port)


group.command()(desk)
group.command()(measure)
group.command()(errors)


@group.command("list")
def list_(limit: Annotated[int, typer.Option(help="How many.")] = 50, as_json: Json = False) -> None:
    """What waits for a person, what matters most first."""
    from records.agents.agent_lists import Filter
    from records.agents.review_queue import IN_QUEUE
    from review.services.confirmations import waiting

    with opened() as (store, settings):
        page = store.queue.page(Filter(statuses=IN_QUEUE), limit=limit)
        second = waiting(store, settings.approval.two_people)
    if as_json:
        emit([row._asdict() | {"why": list(row.why)} for row in page.rows])
        return
    rows = [
        (
            row.slug,
            "–" if row.score is None else str(row.score),
            row.severity or "withheld",
            f"{row.low} to {row.high}",
            row.status.value,
            "; ".join(row.why),
        )
        for row in page.rows
    ]
    table(rows, ("agent", "score", "band", "range", "status", "why it is here"))
    say(f"{len(rows)} wait{'; more follow (--limit)' if page.more else ''}. Next: assay review show SLUG")
    for decision in second:
        say(printable(f"{decision.review.slug}, approved by {decision.review.reviewer}, waits for a second person"))


@group.command()
def show(slug: Slug, as_json: Json = False) -> None:
    """One draft with its digest: each claim with its path, its sentence and what was decided about it."""
    from extractors.record_decision import decision
    from flows.report import assessment_text
    from review.services import decisions, draft, kept_decisions
    from review.services.confirmations import unconfirmed
    from scoring.amendments import amended
    from scoring.assessment import assess
    from scoring.claims import claim_count

    with opened() as (store, settings):
        claims = draft.read(store, slug)
        decided = kept_decisions.carried_decisions(store, claims)
        mark = decisions.work_mark(store, claims.extraction.slug)
        opened_at = int(store.now().timestamp())
        whole = decisions.is_decided(store, claims)
        waits = whole and unconfirmed(store, claims.extraction.slug, settings.approval.two_people) is not None
        stated, rivals = store.subjects.of(claims.extraction.slug), store.subjects.rivals(claims.extraction.slug)
    extraction, assessment = claims.extraction, claims.assessment
    if as_json:
        emit(
            {
                "digest": claims.digest,
                "decisions": mark,
                "opened": opened_at,
                "decided": {path: claim.verdict for path, claim in decided.items()},
                "claims": claim_count(extraction).model_dump(),
                "extraction": extraction.model_dump(mode="json"),
                "assessment": assessment.model_dump(mode="json"),
                "subjects": [subject.model_dump(mode="json") for subject in stated],
                "rivals": [{"value": rival.value, "slug": rival.slug} for rival in rivals],
            }
        )
        return
    changes = tuple(change for decision in decided.values() for change in decision.amendments)
    if changes:
        extraction = amended(extraction, changes)
        assessment = assess(extraction, assessment.extraction_digest, assessment.provenance)
    made = decision(extraction, assessment, settings.limits, asks=False)
    assessment_text.show(extraction, assessment, made)
    assessment_text.show_subjects(stated, rivals)
    for path, claim in decided.items():
        say(printable(f"decided: {path} {claim.verdict} by {claim.by} {claim.note}").rstrip())
        for change in claim.amendments:
            say(printable(f"  amended: {change.field}: {change.old or 'empty'} → {change.new or 'empty'}"))
    say(f"digest {claims.digest}; decisions {mark}")
    if whole and not waits:
        say(f"The draft is decided. Next: assay review reverse {extraction.slug}, or assay site publish")
        return
    named = f"--digest {_first(claims.digest)} --decisions {_first(mark)} --opened {opened_at}"
    second = f"It waits for a second person. Next: assay review approve {extraction.slug} {named} --by NAME"
    first = f"Next: assay review approve|reject {extraction.slug} {named}, or amend {extraction.slug} PATH FIELD=VALUE"
    say(second if waits else first)


def _first(digest: str) -> str:
    return digest.removeprefix("sha256:")[:12]


@group.command()
def approve(
    slug: Slug, digest: Digest, by: By = "", note: Note = "", decisions: Mark = "", opened: Opened = None
) -> None:
    """Approve the draft that you read, with the amendments made so far; a newer one is refused."""
    _conclude(slug, digest, decisions, by, note, opened, approve=True)


@group.command()
def reject(slug: Slug, digest: Digest, reason: Why, by: By = "", decisions: Mark = "", opened: Opened = None) -> None:
    """Reject the draft that you read: it is not published, and a published record stays as it is."""
    _conclude(slug, digest, decisions, by, reason, opened, approve=False)


@group.command()
def amend(
    slug: Slug,
    path: Annotated[str, typer.Argument(help="Claim, such as factors.autonomy_of_action or layers.L3.")],
    change: Annotated[str, typer.Argument(help="FIELD=VALUE; fields: value, certainty, status, text, evidence.")],
    reason: Annotated[str, typer.Option(help="misread, better_evidence, outdated, … or other, with a note.")] = "",
    by: By = "",
    note: Note = "",
    digest: Digest = "",
    opened_at: Opened = None,
) -> None:
    """Change one field of one claim in the draft; `approve` then publishes it with the change."""
    from review.services import decisions, draft
    from review.services.kept_decisions import carried_amendments, carried_decisions
    from review.services.lowered_value import drop_offer
    from scoring.amendments import amended
    from scoring.assessment import assess
    from scoring.reviews import AmendmentReason

    field, equals, value = change.partition("=")
    if not equals:
        raise BadInput(f"a change is FIELD=VALUE, not {change!r}", subject=slug, step="amend")
    if reason not in tuple(AmendmentReason):
        problem = f"its --reason is one of {', '.join(AmendmentReason)}; for other, say the reason in the note"
        raise BadInput(problem, subject=slug, step="amend")
    if field not in ("value", "certainty", "text", "evidence", "status"):
        raise BadInput(f"a claim has no field {field!r}", subject=slug, step="amend", next_step="value, certainty, …")
    with opened(actor=by) as (store, _), store.writing():
        actor = acting(store, by, slug=slug)
        claims = draft.read_as(store, slug, _read(slug, digest)) if digest else draft.read(store, slug)
        made = decisions.amendment(claims.extraction, path, field, value, AmendmentReason(reason), note)
        before = carried_decisions(store, claims).get(path)
        others = tuple(change for change in before.amendments if change.field != field) if before else ()
        changes = (*others, made) if made.old != made.new else others
        decisions.decide(
            store,
            claims,
            path,
            "amended" if changes else "accepted",
            reviewer=actor.name,
            role=actor.role,
            note=note,
            amendments=changes,
        )
        after = amended(claims.extraction, carried_amendments(store, claims))
        scored = assess(after, claims.assessment.extraction_digest, claims.assessment.provenance)
        mark = decisions.work_mark(store, claims.extraction.slug)
        shown, changed = (draft.paths(state)[path] for state in (claims.extraction, after))
        quotes = range(len(draft.quotes(changed)))
        lowered = drop_offer(path, claims.extraction.name, shown, changed, quotes) if field == "value" else None
    named = f"--digest {_first(claims.digest)} --decisions {_first(mark)}"
    named += "" if opened_at is None else f" --opened {opened_at}"
    say(printable(f"{claims.extraction.slug}: {path} {field}: {made.old or 'empty'} → {made.new}"))
    say(f"score {claims.assessment.headline.score} → {scored.headline.score}.")
    for line in lowered.lines() if lowered else ():
        say(printable(f"  {line}"))
    say(f"Next: assay review approve {claims.extraction.slug} {named}")


@group.command()
def reverse(slug: Slug, by: By = "", note: Note = "") -> None:
    """Take back the last decision about an agent; both stay in the log. What is published needs a publisher."""
    from review.services import decisions

    with opened(actor=by) as (store, _):
        actor = acting(store, by, slug=slug)
        review = decisions.reverse(store, slug, reviewer=actor.name, role=actor.role, note=note)
    say(f"{review.slug}: the last decision was taken back")


@group.command()
def undo(
    slug: Annotated[str, typer.Argument(help="Slug of the agent; the last anywhere when left out.")] = "", by: By = ""
) -> None:
    """Take back what you did last: a claim, many at once, an approval or rejection. What is published is not undone."""
    from review.services.undo import undo as take_back

    with opened(actor=by) as (store, _):
        found = take_back(store, acting(store, by, slug=slug, step="undo"), slug=slug)
    say(f"undone: {found.description}")


@group.command()
def keep(as_json: Json = False) -> None:
    """Approve what needs no person: drafts as they were approved before, then what the automatic rule allows."""
    from review.services.reapproval import approve_by_rule, reapprove_unchanged

    with opened() as (store, settings):
        reapproved = reapprove_unchanged(store)
        ruled = approve_by_rule(store, enabled=settings.approval.automatic)
    if as_json:
        emit({"kept": list(reapproved), "by_rule": list(ruled)})
        return
    rule = f"{len(ruled)} by the rule" if settings.approval.automatic else "the automatic rule is off"
    say(f"{len(reapproved)} kept as they were approved; {rule}")


def _read(slug: str, digest: str) -> str:
    """The digest that somebody names as read, if it can be one."""
    from review.services.draft import is_shown

    if is_shown(digest):
        return digest
    problem = f"{digest!r} is no digest (its first 8 signs or more, of 0-9 and a-f)" if digest else "which draft?"
    raise BadInput(problem, subject=slug, step="review", next_step=f"assay review show {slug}, then name its --digest")


def _conclude(slug: str, digest: str, mark: str, by: str, note: str, opened_at: int | None, *, approve: bool) -> None:
    from review.services import decisions, draft
    from review.services.confirmations import unconfirmed
    from scoring.labels import how_decided
    from scoring.reviews import Decision

    with opened(actor=by) as (store, settings):
        actor = acting(store, by, slug=slug)
        claims = draft.read_as(store, slug, _read(slug, digest))
        seconds = None if opened_at is None else decisions.sat(store, opened_at)
        if opened_at is not None and seconds is None:
            problem = f"--opened {opened_at} is no moment of the last seven days, in seconds of Unix time"
            raise BadInput(problem, subject=slug, step="review", next_step=f"assay review show {slug} prints it")
        review = decisions.conclude(
            store,
            claims,
            Decision.APPROVE if approve else Decision.REJECT,
            reviewer=actor.name,
            role=actor.role,
            note=note.strip(),
            mark=_read(slug, mark) if mark else None,
            seconds=seconds,
            two_people=settings.approval.two_people,
        )
        waits = unconfirmed(store, review.slug, settings.approval.two_people) is not None
    how = f": {how_decided(review.decided)}" if review.decided else ""
    changed = f" with {len(review.amendments)} amendments" if review.amendments else ""
    say(f"{review.slug}: {'approved' if approve else 'rejected'} by {review.reviewer}{changed}{how}")
    if waits:
        say("It waits for a second person. Next: assay review approve, by another one")
    elif approve:
        say("Next: assay site publish")
