"""`assay demo`, `check`, `status` and `doctor`: see it work, use its records, what needs a person, what is wrong with
this machine."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from flows.commands.common import Json, opened
from flows.exit_codes import ExitCode
from flows.report.console import emit, say

if TYPE_CHECKING:
    from assay_check.sites import Records


def demo(
    home: Annotated[Path | None, typer.Option(help="Where to keep it; `data/run/demo` when left out.")] = None,
) -> None:
    """Crawl, assess, review and publish the nine bundled sample agents; no key and no internet needed."""
    from flows.operations.demonstration import demonstrate

    demonstrate(home)


def check(context: typer.Context) -> None:
    """Check MCP servers, plugins and packages of your configurations against the records: see `assay check --help`."""
    from assay_check.cli import main

    with ExitStack() as until_done:

        def kept() -> Records:
            from publishing.store_catalogue import KeptRecords

            store, settings = until_done.enter_context(opened())
            return KeptRecords(store, settings.publish.base_url.rstrip("/"))

        code = main(context.args, "assay check", kept)
    raise typer.Exit(ExitCode(code))


def status(
    check: Annotated[
        bool, typer.Option("--check", help="Exit with 4 when an alarm holds: for cron and monitors.")
    ] = False,
    as_json: Json = False,
) -> None:
    """What changed, what failed, what needs a person; with --check an alarm is an exit code."""
    from flows.report.status import alarms, report
    from flows.store_access import now

    with opened() as (store, settings):
        told = report(store, settings)
        raised = alarms(store, settings, now())
    if as_json:
        emit({**told, "alarms": raised})
    else:
        for alarm in raised:
            say(f"ALARM: {alarm}")
        known = [f"  source   {alarm.removeprefix('source ')}" for alarm in raised if alarm.startswith("source ")]
        for line in told["lines"]:
            if line not in known:
                say(line)
    if check and raised:
        raise typer.Exit(ExitCode.ALARM)


def doctor(as_json: Json = False) -> None:
    """Check settings, versions, keys, contacts, disk, database and Prefect, with the fix for each; what is wrong stands
    first, then what only warns."""
    from flows.operations.doctor import examine

    checks = examine()
    if as_json:
        emit([check._asdict() for check in checks])
    else:
        for check in sorted(checks, key=lambda check: (check.ok, check.warns)):
            say(f"{'ok  ' if check.ok else 'WARN' if check.warns else 'FIX '} {check.name}: {check.found}")
            if not check.ok:
                say(f"     → {check.fix}")
    if not all(check.ok or check.warns for check in checks):
        raise typer.Exit(ExitCode.FAILED)
