"""The command `assay`: a noun and a verb, one module a group under `flows/commands`, every body imported when it runs.

Idea: a command about one agent calls plain functions and answers in about a second; only what is
scheduled starts Prefect. Invariant: an error is one line on standard error, and the exit code says of
which sort (`flows.exit_codes`).
"""

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from flows.commands import (
    adopt,
    agents,
    config,
    lab,
    night,
    overview,
    people,
    record,
    review,
    serve,
    site,
    sources,
    store,
)
from flows.commands.common import Json
from flows.exit_codes import TABLE, ExitCode, code_of
from flows.report.console import note, say
from scoring.errors import AssayError

app = typer.Typer(
    name="assay",
    help="Checkable threat assessments of AI agents: every number rests on a sentence on a stored page.",
    epilog=TABLE,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
for command in (overview.demo, overview.status, overview.doctor):
    app.command()(command)
app.command(add_help_option=False, context_settings={"allow_extra_args": True, "ignore_unknown_options": True})(
    overview.check
)
app.command()(overview.policy)
for group in (sources, night, agents, adopt, review, people, record, site, serve, store, lab, config):
    app.add_typer(group.group, name=group.__name__.rpartition(".")[2])


def verify(
    file: Annotated[Path | None, typer.Argument(help="A replay bundle; the whole store when left out.")] = None,
    as_json: Json = False,
) -> None:
    """`assay store verify`, or with a file `assay record verify`."""
    store.verify(as_json=as_json) if file is None else record.verify(file, as_json)


OLD_NAMES: dict[str, Callable[..., None]] = {
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
    "verify": verify,
}
"""The names that commands had before they were put in groups: the same functions, in no help, for one version.

`assay review` and `assay serve` without a further word are in their groups; `--back` is an option of `publish`."""
for old_name, command in OLD_NAMES.items():
    app.command(old_name, hidden=True)(command)
app.add_typer(lab.evaluation, name="eval", hidden=True)


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        say(f"assay {version('listing-assay')}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and stop.")
    ] = False,
) -> None:
    """What goes before every command."""


def main() -> None:
    """Entry point: runs the command and turns every error into one line and a code."""
    os.environ.setdefault("DO_NOT_TRACK", "1")
    os.environ.setdefault("PREFECT_SERVER_ANALYTICS_ENABLED", "false")
    try:
        sys.exit(ExitCode(app(prog_name="assay", standalone_mode=False) or ExitCode.DONE))
    except AssayError as error:
        note(f"assay: {error}")
        sys.exit(code_of(error))
    except typer.TyperException as error:
        note(_how_it_was_called(error))
        sys.exit(ExitCode.BAD_INPUT)
    except BrokenPipeError:
        os._exit(0)
    except KeyboardInterrupt:
        note("assay: interrupted; what was finished is kept")
        sys.exit(ExitCode.INTERRUPTED)
    except Exception as error:
        if os.environ.get("ASSAY_DEBUG"):
            raise
        line = " ".join(f"{type(error).__name__}: {error}".split())
        note(f"assay: defect: {line}. Next: run it again with ASSAY_DEBUG=1 and report the trace")
        sys.exit(ExitCode.DEFECT)


def _how_it_was_called(error: typer.TyperException) -> str:
    """One line in the parser's words, with the command whose help says more; for a group alone, its help."""
    context = getattr(error, "ctx", None)
    if type(error).__name__ == "NoArgsIsHelpError" and context is not None:
        return str(context.get_help())
    where = context.command_path if context is not None else "assay"
    message = " ".join(error.format_message().split())
    return f"assay: {message}{'' if message.endswith(('.', '?')) else '.'} Next: {where} --help"


if __name__ == "__main__":
    main()
