"""What commands share: the options that many of them take, and the store of the settings.

Invariant: importing a command imports neither the store nor Prefect, so that help and completion answer at once.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from flows.settings import Settings
    from records.store import Store
    from review.roles import Actor

Slug = Annotated[str, typer.Argument(help="Slug, name or URL of an agent.")]
Reason = Annotated[str, typer.Option(help="Why, one line; it is kept, and shown where the record is.")]
By = Annotated[str, typer.Option(help="Who decides, a person of the desk; your user name when left out.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Host = Annotated[str, typer.Option(help="Address to listen on; loopback unless the settings say otherwise.")]
Port = Annotated[int, typer.Option(help="Port; 0 takes a free one, and the settings' when left out.")]


@contextmanager
def opened(*, create: bool = False, actor: str = "") -> Iterator[tuple[Store, Settings]]:
    """The store of the settings in force, and these."""
    from flows.settings import load
    from flows.store_access import open_store

    settings = load()
    with open_store(settings, create=create, actor=actor) as store:
        yield store, settings


def acting(store: Store, by: str = "", *, least: str = "reviewer", slug: str = "", step: str = "review") -> Actor:
    """Who acts at the terminal, with the role of their row at the desk. Raises `NotAllowed` for less than `least`."""
    from flows import store_access

    return store_access.acting(store, by, least=least, slug=slug, step=step)
