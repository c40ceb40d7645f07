"""`assay record`: what becomes of one published record, and how anyone recomputes it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from flows.commands.common import By, Json, Reason, acting, opened
from flows.exit_codes import ExitCode
from flows.report.console import emit, printable, say

if TYPE_CHECKING:
    from assay_check.bundles import Verified

group = typer.Typer(help="Published records: withdraw, correct their place, recompute.", no_args_is_help=True)

Published = Annotated[str, typer.Argument(help="Slug of a published agent.")]


@group.command()
def withdraw(slug: Published, reason: Reason, by: By = "") -> None:
    """Withdraw a published record: its page stays, with the reason. `assay site publish` then shows it."""
    from flows.operations.record_lifecycle import withdraw_record

    with opened(actor=by) as (store, _):
        record = withdraw_record(store, slug, reason, by)
    say(f"{record.slug}: withdrawn. Next: assay site publish")


@group.command()
def reinstate(slug: Published, reason: Reason, by: By = "") -> None:
    """Undo a withdrawal: the record counts again. `assay site publish` then shows it."""
    from flows.operations.record_lifecycle import reinstate_record

    with opened(actor=by) as (store, _):
        record = reinstate_record(store, slug, reason, by)
    say(f"{record.slug}: reinstated. Next: assay site publish")


@group.command()
def supersede(
    slug: Annotated[str, typer.Argument(help="Slug of the record that stays.")],
    older: Annotated[str, typer.Argument(help="Slug of the record whose place it takes.")],
    by: By = "",
) -> None:
    """Two records of one product: one takes the place of the other, whose page stays and points to it."""
    from flows.operations.record_lifecycle import supersede_record

    with opened(actor=by) as (store, _):
        record = supersede_record(store, slug, older, by)
    say(f"{record.slug}: supersedes {', '.join(record.supersedes)}. Next: assay site publish")


@group.command()
def notice(
    slug: Annotated[str, typer.Argument(help="Slug of an agent; what waits is listed when left out.")] = "",
    given: Annotated[bool, typer.Option(help="Note that the mail was sent.")] = False,
    by: By = "",
) -> None:
    """First publications that wait for a notice to their vendor (`publish.notice_days`), and the mail to send."""
    from flows.operations import first_notice

    with opened(actor=by) as (store, settings):
        if given:
            actor = acting(store, by, least="publisher", slug=slug).name
            contact = first_notice.give(store, settings, slug, actor).contact
            say(f"{slug}: {contact} was told; published in {settings.publish.notice_days} days at the earliest")
            return
        pending = [item for item in first_notice.pending_notices(store, settings) if slug in ("", item.slug)]
        for item in pending:
            if slug:
                say(first_notice.text_of(store, settings, item))
            else:
                when = f"told {item.given_at:%Y-%m-%d}" if item.given_at else "not told yet"
                say(f"{item.slug}: {item.contact}, {when}")
        if not pending:
            days = settings.publish.notice_days
            why = "" if days else ": `publish.notice_days` is 0, so that no publication waits for one"
            say(f"{slug or 'No first publication'} waits for {'no' if slug else 'a'} notice{why}")


@group.command("opt-out")
def opt_out(
    slug: Annotated[str, typer.Argument(help="Slug of an agent.")],
    reason: Annotated[str, typer.Option(help="Why, one line.")] = "its owner asked not to be listed",
    undo: Annotated[bool, typer.Option(help="Crawl it again from now on; a withdrawn record stays withdrawn.")] = False,
    by: By = "",
) -> None:
    """An owner asked not to be listed: never crawl it again, and withdraw its record."""
    from flows.operations import record_lifecycle

    with opened(actor=by) as (store, _):
        if undo:
            record_lifecycle.opt_in(store, slug, reason, by)
            say(f"{slug}: is crawled again. Next: assay night run")
            return
        withdrawn = record_lifecycle.opt_out(store, slug, reason, by)
    say(f"{slug}: opted out{', record withdrawn. Next: assay site publish' if withdrawn else ''}")


@group.command()
def bundle(
    slug: Published,
    out: Annotated[Path | None, typer.Option(help="File to write; `<slug>.assay.zip` here when left out.")] = None,
) -> None:
    """Write a replay bundle: page bytes, texts, prompt, reply, decisions, versions of one published record."""
    from flows.operations.publication import write_bundle_file

    with opened() as (store, _):
        written = write_bundle_file(store, slug, out)
    say(f"{written}. Next: assay record verify {written}")


@group.command()
def verify(file: Annotated[Path, typer.Argument(help="A replay bundle.")], as_json: Json = False) -> None:
    """Reproduce a record from its replay bundle, offline."""
    from publishing.bundles.replay import verify_bundle

    print_verified(verify_bundle(file), as_json)


def print_verified(result: Verified, as_json: bool) -> None:
    """What was checked and what is wrong; exit code 1 when anything is."""
    if as_json:
        emit(result._asdict())
    else:
        for name, count in result.checked.items():
            say(f"{name}: {count}")
        for problem in result.problems:
            say(printable(f"WRONG: {problem}"))
        for left_out in result.not_made_again:
            say(printable(f"not made again: {left_out}"))
        holds = "what was checked holds" if result.not_made_again else "all of it holds"
        say(f"{len(result.problems)} problems" if result.problems else holds)
    if result.problems:
        raise typer.Exit(ExitCode.FAILED)
