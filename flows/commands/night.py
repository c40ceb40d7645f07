"""`assay night`: one night, now."""

from decimal import Decimal
from pathlib import Path
from typing import Annotated

import typer

from flows.commands.common import Json
from flows.exit_codes import ExitCode
from flows.report.console import emit, say

group = typer.Typer(help="Crawl and assess every agent that is due.", no_args_is_help=True)


@group.command()
def run(
    source: Annotated[str, typer.Option(help="Only this source.")] = "",
    again: Annotated[bool, typer.Option(help="Also agents that were looked at a short while ago.")] = False,
    budget: Annotated[str, typer.Option(help="US dollars; stops before the call that would exceed it.")] = "",
    accept_fewer: Annotated[bool, typer.Option(help="A source may list far fewer agents than last time.")] = False,
    report: Annotated[
        Path | None, typer.Option(help="Also write the summary to this file: .txt, .md or .json.")
    ] = None,
    as_json: Json = False,
) -> None:
    """One night, now: crawl, assess, keep drafts for review. Killed and started again it goes on.

    Exit code 4 when a source failed or gave nothing it should, 1 when the night is not complete otherwise.
    """
    import asyncio

    from flows.night.night import run_night
    from flows.report.morning_report import morning_lines
    from flows.report.progress_bar import bar
    from flows.report.report_formats import ending_of, write_report
    from flows.settings import load
    from flows.store_access import open_store
    from scoring.errors import BadInput

    settings = load()
    if report is not None:
        ending_of(report)
    if budget:
        try:
            model = settings.model.model_copy(update={"budget": Decimal(budget)})
        except ArithmeticError as error:
            raise BadInput(f"{budget!r} is no amount", subject="--budget", step="night run") from error
        settings = settings.model_copy(update={"model": model})
    if accept_fewer:
        alarm = settings.alarm.model_copy(update={"least_share_of_listings": 0.0})
        settings = settings.model_copy(update={"alarm": alarm})
    with open_store(settings) as store, bar("agents") as progress:
        summary = asyncio.run(run_night(store, settings, again=again, source=source or None, progress=progress))
    if as_json:
        emit(summary)
    else:
        for line in morning_lines(summary):
            say(line)
    if report is not None:
        write_report(summary, report)
    if summary.with_failures or not summary.complete:
        raise typer.Exit(ExitCode.ALARM if summary.with_failures else ExitCode.FAILED)
