"""`assay publish`, `withdraw` and its kin, `verify`, `bundle`, `serve-api`: what the public gets, and how anyone
checks it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from flows.exit_codes import ExitCode

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
By = Annotated[str, typer.Option(help="Who decides, a publisher of the desk; your user name when left out.")]


def register(app: typer.Typer) -> None:
    app.command()(publish)
    app.command()(withdraw)
    app.command()(reinstate)
    app.command()(supersede)
    app.command(name="opt-out")(opt_out)
    app.command()(verify)
    app.command()(bundle)
    app.command(name="serve-api")(serve_api)


def publish(
    out: Annotated[Path | None, typer.Option(help="Folder of the site; the one of the settings when left out.")] = None,
    released_by: Annotated[str, typer.Option(help="Your name: publish although the sanity gate holds it.")] = "",
    back: Annotated[bool, typer.Option(help="Serve the generation before again, and publish nothing.")] = False,
    as_json: Json = False,
) -> None:
    """Publish every approved record: one generation of the site, switched in at once."""
    from flows.operations.publication import publish_site, serve_the_one_before
    from flows.report.console import emit, say
    from flows.settings import load
    from flows.store_access import acting, open_store

    settings = load()
    with open_store(settings, create=False) as store:
        if released_by or back:
            acting(store, released_by, least="publisher", step="publish")
        if back:
            number = serve_the_one_before(store, out or settings.site)
            say(f"site generation {number} is served again. Next: correct what was wrong, then assay publish")
            return
        told = publish_site(store, settings, out or settings.site, released_by=released_by)
    if as_json:
        emit(told._asdict())
    else:
        say(told.line)
        for line in told.skipped:
            say(f"SKIPPED: {line}")
    if told.skipped:
        raise typer.Exit(ExitCode.ALARM)


def withdraw(
    slug: Annotated[str, typer.Argument(help="Slug of a published agent.")],
    reason: Annotated[str, typer.Option(help="Why, one line; it is shown on the page.", prompt=False)] = "",
    by: By = "",
) -> None:
    """Withdraw a published record: its page stays, with the reason. `assay publish` then shows it."""
    from flows.operations.record_lifecycle import withdraw_record
    from flows.report.console import say
    from flows.settings import load
    from flows.store_access import acting, open_store

    with open_store(load(), create=False, actor=by) as store:
        record = withdraw_record(store, slug, reason, acting(store, by, least="publisher", slug=slug))
    say(f"{record.slug}: withdrawn. Next: assay publish")


def reinstate(
    slug: Annotated[str, typer.Argument(help="Slug of a withdrawn agent.")],
    reason: Annotated[str, typer.Option(help="Why, one line; it is shown on the page.", prompt=False)] = "",
    by: By = "",
) -> None:
    """Undo a withdrawal: the record counts again. `assay publish` then shows it."""
    from flows.operations.record_lifecycle import reinstate_record
    from flows.report.console import say
    from flows.settings import load
    from flows.store_access import acting, open_store

    with open_store(load(), create=False, actor=by) as store:
        record = reinstate_record(store, slug, reason, acting(store, by, least="publisher", slug=slug))
    say(f"{record.slug}: reinstated. Next: assay publish")


def supersede(
    slug: Annotated[str, typer.Argument(help="Slug of the record that stays.")],
    older: Annotated[str, typer.Argument(help="Slug of the record whose place it takes.")],
    by: By = "",
) -> None:
    """Two records of one product: one takes the place of the other, whose page stays and points to it."""
    from flows.operations.record_lifecycle import supersede_record
    from flows.report.console import say
    from flows.settings import load
    from flows.store_access import acting, open_store

    with open_store(load(), create=False, actor=by) as store:
        record = supersede_record(store, slug, older, acting(store, by, least="publisher", slug=slug))
    say(f"{record.slug}: supersedes {', '.join(record.supersedes)}. Next: assay publish")


def opt_out(
    slug: Annotated[str, typer.Argument(help="Slug of an agent.")],
    reason: Annotated[str, typer.Option(help="Why, one line.")] = "its owner asked not to be listed",
    undo: Annotated[bool, typer.Option(help="Crawl it again from now on; a withdrawn record stays withdrawn.")] = False,
    by: By = "",
) -> None:
    """An owner asked not to be listed: never crawl it again, and withdraw its record."""
    from flows.operations import record_lifecycle
    from flows.report.console import say
    from flows.settings import load
    from flows.store_access import acting, open_store

    with open_store(load(), create=False, actor=by) as store:
        if undo:
            record_lifecycle.opt_in(store, slug, reason, acting(store, by, least="publisher", slug=slug))
            say(f"{slug}: is crawled again. Next: assay crawl")
            return
        withdrawn = record_lifecycle.opt_out(store, slug, reason, acting(store, by, least="publisher", slug=slug))
    say(f"{slug}: opted out{', record withdrawn. Next: assay publish' if withdrawn else ''}")


def verify(
    file: Annotated[Path | None, typer.Argument(help="A replay bundle; the whole store when left out.")] = None,
    as_json: Json = False,
) -> None:
    """Re-derive every digest, offset, score and the event chain; or reproduce a record from its bundle, offline."""
    from flows.operations.verification import verify_bundle_file, verify_store
    from flows.report.console import emit, say

    result = verify_bundle_file(file) if file is not None else verify_store()
    if as_json:
        emit({"checked": result.checked, "problems": list(result.problems)})
    else:
        for name, count in result.checked.items():
            say(f"{name}: {count}")
        for problem in result.problems:
            say(f"WRONG: {problem}")
        say("all of it holds" if not result.problems else f"{len(result.problems)} problems")
    if result.problems:
        raise typer.Exit(ExitCode.FAILED)


def bundle(
    slug: Annotated[str, typer.Argument(help="Slug of a published agent.")],
    out: Annotated[Path | None, typer.Option(help="File to write; `<slug>.assay.zip` here when left out.")] = None,
) -> None:
    """Write a replay bundle: page bytes, texts, prompt, reply, decisions, versions of one published record."""
    from flows.operations.publication import write_bundle_file
    from flows.report.console import say
    from flows.settings import load
    from flows.store_access import open_store

    with open_store(load(), create=False) as store:
        written = write_bundle_file(store, slug, out)
    say(f"{written}. Next: assay verify {written}")


def serve_api(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port; 0 takes a free one.")] = 8766,
) -> None:
    """Serve the published records as a small read-only JSON API."""
    from flows.operations.web_servers import serve_records
    from flows.settings import load

    serve_records(load(), host, port)
