"""`assay demo`, `check`, `policy`, `status` and `doctor`: see it work, use its records, what needs a person, what is
wrong with this machine."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from flows.commands.common import Json, opened
from flows.exit_codes import ExitCode
from flows.report.console import emit, say

if TYPE_CHECKING:
    from assay_check.bundles import Verified
    from assay_check.lookup.record_summary import RecordSummary
    from assay_check.lookup.site_lookup import Records
    from assay_check.subjects import Entry


def demo(
    home: Annotated[Path | None, typer.Option(help="Where to keep it; `data/run/demo` when left out.")] = None,
) -> None:
    """Crawl, assess, review and publish the nine bundled sample agents; no key and no internet needed."""
    from flows.operations.demonstration import demonstrate

    demonstrate(home)


def check(context: typer.Context) -> None:
    """Check MCP servers, plugins and packages of your configurations against the records: see `assay check --help`."""
    _check(context.args)


def policy(
    file: Annotated[Path, typer.Argument(help="A policy file; `assay check --default-policy` shows one.")],
    client: Annotated[str, typer.Option("--for", help="vscode, claude-code, copilot or registry.")] = "",
    config: Annotated[
        list[Path] | None, typer.Option(help="A configuration whose spelling counts; may be repeated.")
    ] = None,
    records: Annotated[str, typer.Option(help="A published site; without one what is kept here.")] = "",
    output: Annotated[Path | None, typer.Option(help="Write to this file, or folder for a registry.")] = None,
) -> None:
    """Write the allow list of a client from a policy, or show the policy as sentences."""
    named = {"--for": client, "--records": records, "--output": output}
    options = [word for name, value in named.items() if value for word in (name, str(value))]
    prose = [] if client else ["--explain-policy"]
    _check(["--policy", str(file), *options, *prose, "--", *map(str, config or ())], "assay policy")


def _check(arguments: list[str], name: str = "assay check") -> None:
    from assay_check.cli import Program, main

    with ExitStack() as until_done:

        def store_records() -> Records:
            from publishing.store_catalogue import KeptRecords

            store, settings = until_done.enter_context(opened(create="--assess-missing" in arguments))
            return KeptRecords(store, settings.publish.base_url.rstrip("/"))

        code = main(arguments, Program(name, store_records, _local_record, _replayed))
    raise typer.Exit(ExitCode(code))


def _local_record(entry: Entry, file: Path, leave_out: Sequence[Path]) -> RecordSummary:
    from flows.operations.local_record import local_record
    from flows.settings import load

    return local_record(entry, file, leave_out, load())


def _replayed(bundle: Path) -> Verified:
    from publishing.bundles.replay import verify_bundle

    return verify_bundle(bundle)


def status(
    check: Annotated[
        bool, typer.Option("--check", help="Exit with 4 when an alarm holds: for cron and monitors.")
    ] = False,
    as_json: Json = False,
) -> None:
    """What changed, what failed, what needs a person; with --check an alarm is an exit code."""
    from flows.report.alarms import alarms
    from flows.report.status import report
    from flows.store_access import now

    with opened() as (store, settings):
        standing_report = report(store, settings)
        raised = alarms(store, settings, now())
    if as_json:
        emit({**standing_report, "alarms": raised})
    else:
        for alarm in raised:
            say(f"ALARM: {alarm}")
        known = [f"  source   {alarm.removeprefix('source ')}" for alarm in raised if alarm.startswith("source ")]
        for line in standing_report["lines"]:
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
