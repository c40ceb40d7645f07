"""`assay demo`: the whole way on the bundled sample directory, from crawl to site."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    app.command()(demo)


def demo(
    home: Annotated[Path | None, typer.Option(help="Where to keep it; `data/run/demo` when left out.")] = None,
) -> None:
    """Crawl, assess, review and publish the nine bundled sample agents; no key and no internet needed."""
    from flows.operations.demonstration import demonstrate

    demonstrate(home)
