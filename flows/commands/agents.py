"""`assay agents`: one agent, from its pages to its score; off the list, and back."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from flows.commands.common import Json, Reason, Slug, opened
from flows.report.console import emit, say, table
from scoring.errors import BadInput, NotKnown

group = typer.Typer(help="Agents: list, show, assess, score again, take off the list.", no_args_is_help=True)

Target = Annotated[str, typer.Argument(help="Slug of a known agent, or the URL of one.", show_default=False)]
Documents = Annotated[Path | None, typer.Option(help="Assess the files of this folder instead; no network.")]


@group.command("list")
def list_(
    search: Annotated[str, typer.Option(help="Only those whose name or slug holds this.")] = "",
    limit: Annotated[int, typer.Option(help="How many.", min=1)] = 50,
    as_json: Json = False,
) -> None:
    """The agents that are known, by slug."""
    from records.agents.agent_lists import Filter

    with opened() as (store, _):
        page = store.queue.page(Filter(search=search), sort="slug", limit=limit)
    if as_json:
        emit([row._asdict() for row in page.rows])
        return
    cells = [
        (row.slug, "–" if row.score is None else str(row.score), row.severity or "–", row.status.value, row.source)
        for row in page.rows
    ]
    table(cells, ("agent", "score", "band", "status", "source"))
    say(f"{len(cells)} agents{'; more follow (--limit)' if page.more else ''}. Next: assay agents show SLUG")


@group.command()
def show(slug: Slug, as_json: Json = False) -> None:
    """Show one agent: its status, its claims each with its sentence, its score and its history."""
    from extractors.record_decision import decision
    from flows.report import assessment_text
    from flows.report.crawl_plan import why_waiting
    from flows.report.status import last_night
    from scoring.claims import claim_count
    from scoring.labels import DECISIONS

    with opened() as (store, settings):
        slug = store.listings.find(slug)
        row = store.queue.get(slug)
        current = store.assessments.current(slug)
        history = store.assessments.history(slug)
        reviews = store.reviews.all(slug)
        readings, rivals = store.subjects.history(slug), store.subjects.rivals(slug)
        waits = why_waiting(store, settings, slug, last_night(store))
    made = decision(current.extraction, current.assessment, settings.limits, asks=as_json) if current else None
    if as_json:
        emit(
            {
                "agent": row._asdict(),
                "next_look": waits,
                "claims": claim_count(current.extraction).model_dump() if current else None,
                "extraction": current.extraction.model_dump(mode="json") if current else None,
                "assessment": current.assessment.model_dump(mode="json") if current else None,
                "decision": made.model_dump(mode="json") if made else None,
                "history": [entry._asdict() for entry in history],
                "reviews": [stored.review.model_dump(mode="json") for stored in reviews],
                "subjects": [
                    {**period.subject.model_dump(mode="json"), "since": period.since, "until": period.until}
                    for period in readings
                ],
                "rivals": [rival._asdict() for rival in rivals],
            }
        )
        return
    if current is None:
        why = "; ".join(part for part in ("never assessed", row.outcome_reason or row.outcome, waits) if part)
        raise NotKnown(f"{row.status.value}, {why}", subject=slug, next_step=f"assay agents assess {slug} --refresh")
    assessment_text.show(current.extraction, current.assessment, made)
    assessment_text.show_subjects([period.subject for period in readings if period.until is None], rivals)
    say(f"\nstatus: {row.status.value}; assessed {row.assessed_at:%Y-%m-%d %H:%M}, assessments so far: {len(history)}")
    if waits:
        say(f"next look: {waits}")
    for stored in reviews:
        review = stored.review
        note = f": {review.note}" if review.note else ""
        say(f"  {review.at:%Y-%m-%d} {DECISIONS[review.decision][1]} by {review.reviewer}{note}")


@group.command()
def assess(
    target: Target = "",
    documents: Documents = None,
    refresh: Annotated[bool, typer.Option(help="Fetch the agent's pages first.")] = False,
    reply: Annotated[Path | None, typer.Option(help="Use this recorded reply instead of asking a model.")] = None,
    brief: Annotated[bool, typer.Option(help="Only the verdict.")] = False,
    as_json: Json = False,
) -> None:
    """Assess one agent: its stored pages, a URL, or local files (--documents).

    With --documents nothing is stored and nothing is fetched. A slug or URL stores its draft for review.
    """
    from extractors.record_decision import decision
    from flows.report import assessment_text
    from flows.settings import load
    from scoring.claims import claim_count

    settings = load()
    if documents is not None:
        if target or refresh:
            raise BadInput("--documents goes alone", step="assess", next_step="leave out the slug and --refresh")
        from flows.operations.local_record import assess_folder, subjects_in

        outcome = assess_folder(documents, settings, reply=reply)
        stated = subjects_in(documents, settings)
    elif not target:
        raise BadInput("which agent?", step="assess", next_step="assay agents assess SLUG | URL | --documents FOLDER")
    else:
        from flows.operations.single_agent import assess_stored, assess_url

        if "://" in target:
            if reply is not None:
                raise BadInput("--reply goes with a slug or --documents", step="assess", next_step="name one of them")
            outcome = asyncio.run(assess_url(target, settings))
        else:
            outcome = asyncio.run(assess_stored(target, settings, refresh=refresh, reply=reply))
        with opened() as (store, _):
            stated = store.subjects.of(outcome.extraction.slug)
    made = decision(outcome.extraction, outcome.assessment, settings.limits, asks=as_json)
    if as_json:
        emit(
            {
                "claims": claim_count(outcome.extraction).model_dump(),
                "extraction_digest": outcome.extraction_digest,
                "extraction": outcome.extraction.model_dump(mode="json"),
                "assessment_digest": outcome.assessment_digest,
                "assessment": outcome.assessment.model_dump(mode="json"),
                "decision": made.model_dump(mode="json") if made else None,
                "subjects": [subject.model_dump(mode="json") for subject in stated],
                "usage": outcome.completion.usage.model_dump(mode="json"),
            }
        )
    else:
        assessment_text.show(outcome.extraction, outcome.assessment, made, full=not brief)
        assessment_text.show_subjects(stated)


@group.command()
def rescore(
    slug: Annotated[str, typer.Argument(help="Slug of a known agent.")] = "",
    every: Annotated[bool, typer.Option("--all", help="Every agent: report whose band would change, and why.")] = False,
    profile: Annotated[str, typer.Option(help="Formula profile; the one in force when left out.")] = "",
    set_: Annotated[list[str] | None, typer.Option("--set", help="NAME=VALUE, such as autonomy_of_action=0.6.")] = None,
    save: Annotated[bool, typer.Option(help="Store the result as a draft; needs --reason.")] = False,
    reason: Annotated[str, typer.Option(help="Why it is stored.")] = "",
    as_json: Json = False,
) -> None:
    """Score again from what is stored: no network, no model. Without --save nothing is kept."""
    from flows.operations.rescoring import print_band_changes, print_what_if

    if every == bool(slug):
        raise BadInput("one agent or --all", step="rescore", next_step="assay agents rescore SLUG, or --all")
    if save and not reason:
        raise BadInput(
            "what is stored needs a reason", subject=slug or "--all", step="rescore", next_step="add --reason"
        )
    if every:
        if set_:
            raise BadInput("--set goes with one agent", step="rescore", next_step="assay agents rescore SLUG --set …")
        print_band_changes(profile, save=save, reason=reason, as_json=as_json)
    else:
        print_what_if(slug, profile, tuple(set_ or ()), save=save, reason=reason, as_json=as_json)


@group.command()
def remove(slug: Slug, reason: Reason) -> None:
    """Take an agent off the list: never crawled, in no queue, nowhere in public. A published record: withdraw it first.

    It stays off while sources go on listing it; `assay agents restore`, or `assay agents assess URL`, brings it back.
    """
    from flows.operations.record_lifecycle import remove_agent

    with opened() as (store, _):
        removed = remove_agent(store, slug, reason)
    say(f"{removed}: removed. Back again: assay agents restore {removed}")


@group.command()
def restore(slug: Slug, reason: Annotated[str, typer.Option(help="Why, one line.")] = "") -> None:
    """Put a removed agent back on the list, as it was."""
    from flows.operations.record_lifecycle import restore_agent

    with opened() as (store, _):
        restored = restore_agent(store, slug, reason)
    say(f"{restored}: on the list again. Next: assay night run")
