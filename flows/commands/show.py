"""`assay show` and `assay status`: one agent, and the whole."""

from __future__ import annotations

from typing import Annotated

import typer

from flows.exit_codes import ExitCode

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def register(app: typer.Typer) -> None:
    app.command()(show)
    app.command()(status)


def show(slug: Annotated[str, typer.Argument(help="Slug, name or URL of an agent.")], as_json: Json = False) -> None:
    """Show one agent: its status, its claims each with its sentence, its score and its history."""
    from flows.report import assessment_text
    from flows.report.console import emit, say
    from flows.settings import load
    from flows.store_access import open_store
    from scoring.errors import NotKnown

    with open_store(load(), create=False) as store:
        slug = store.listings.find(slug)
        row = store.queue.get(slug)
        current = store.assessments.current(slug)
        history = store.assessments.history(slug)
        reviews = store.reviews.all(slug)
    if as_json:
        emit(
            {
                "agent": row._asdict(),
                "extraction": current.extraction.model_dump(mode="json") if current else None,
                "assessment": current.assessment.model_dump(mode="json") if current else None,
                "history": [entry._asdict() for entry in history],
                "reviews": [kept.review.model_dump(mode="json") for kept in reviews],
            }
        )
        return
    if current is None:
        why = f" ({row.outcome_reason or row.outcome})" if row.outcome else ""
        raise NotKnown(
            f"{row.status.value}, never assessed{why}", subject=slug, next_step=f"assay assess {slug} --refresh"
        )
    assessment_text.show(current.extraction, current.assessment)
    say(f"\nstatus: {row.status.value}; assessed {row.assessed_at:%Y-%m-%d %H:%M}, {len(history)} assessments so far")
    for kept in reviews:
        review = kept.review
        say(f"  {review.at:%Y-%m-%d} {review.decision.value} by {review.reviewer} {review.note}".rstrip())


def status(
    check: Annotated[
        bool, typer.Option("--check", help="Exit with 4 when an alarm holds: for cron and monitors.")
    ] = False,
    as_json: Json = False,
) -> None:
    """What changed, what failed, what needs a person; with --check an alarm is an exit code."""
    from flows.report.console import emit, say
    from flows.report.status import alarms, report
    from flows.settings import load
    from flows.store_access import now, open_store

    settings = load()
    with open_store(settings, create=False) as store:
        told = report(store)
        raised = alarms(store, settings, now())
    if as_json:
        emit({**told, "alarms": raised})
    else:
        for alarm in raised:
            say(f"ALARM: {alarm}")
        for line in told["lines"]:
            say(line)
    if check and raised:
        raise typer.Exit(ExitCode.ALARM)
