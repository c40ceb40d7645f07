"""The names that commands had before they were put in groups: the same functions, in no help, for one version.

`assay review` and `assay serve` without a further word are in their groups; `publish --back` is an option of `publish`.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from flows.commands import agents, lab, night, record, serve, site, store
from flows.commands.common import Json

COMMANDS: dict[str, Callable[..., None]] = {
    "crawl": night.run,
    "assess": agents.assess,
    "show": agents.show,
    "rescore": agents.rescore,
    "publish": site.publish,
    "withdraw": record.withdraw,
    "reinstate": record.reinstate,
    "supersede": record.supersede,
    "opt-out": record.opt_out,
    "bundle": record.bundle,
    "serve-api": serve.api,
    "score": lab.score,
    "prompt": lab.prompt,
    "backup": store.backup,
    "restore": store.restore,
    "prune": store.prune,
    "export": store.export,
    "import": store.import_,
}


def register(app: typer.Typer) -> None:
    for name, function in COMMANDS.items():
        app.command(name, hidden=True)(function)
    app.command("verify", hidden=True)(verify)
    app.add_typer(lab.evaluation, name="eval", hidden=True)


def verify(
    file: Annotated[Path | None, typer.Argument(help="A replay bundle; the whole store when left out.")] = None,
    as_json: Json = False,
) -> None:
    """`assay store verify`, or with a file `assay record verify`."""
    store.verify(as_json=as_json) if file is None else record.verify(file, as_json)
