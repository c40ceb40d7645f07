"""`assay agents`: one agent off the list, and back."""

from __future__ import annotations

from typing import Annotated

import typer

Slug = Annotated[str, typer.Argument(help="Slug, name or URL of an agent.")]
Reason = Annotated[str, typer.Option(help="Why, one line; it is kept in the log.")]


def register(app: typer.Typer) -> None:
    group = typer.Typer(help="Take an agent off the list, and back.", no_args_is_help=True)
    group.command()(remove)
    group.command()(restore)
    app.add_typer(group, name="agents")


def remove(slug: Slug, reason: Reason = "") -> None:
    """Take an agent off the list: never crawled, in no queue, nowhere in public. A published record: withdraw it first.

    It stays off while sources go on listing it; `assay agents restore`, or `assay assess URL` of it, brings it back.
    """
    from flows.operations.record_lifecycle import remove_agent
    from flows.report.console import say
    from flows.settings import load
    from flows.store_access import open_store

    with open_store(load(), create=False) as store:
        removed = remove_agent(store, slug, reason)
    say(f"{removed}: removed. Back again: assay agents restore {removed}")


def restore(slug: Slug, reason: Reason = "") -> None:
    """Put a removed agent back on the list, as it was."""
    from flows.operations.record_lifecycle import restore_agent
    from flows.report.console import say
    from flows.settings import load
    from flows.store_access import open_store

    with open_store(load(), create=False) as store:
        restored = restore_agent(store, slug, reason)
    say(f"{restored}: on the list again. Next: assay crawl")
