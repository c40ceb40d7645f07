"""The command `assay`: one module a group under `flows/commands`, every body imported when it runs.

Idea: a command about one agent calls plain functions and answers in about a second; only what is
scheduled starts Prefect. Invariant: an error is one line on standard error, and the exit code says of
which sort (`flows.exit_codes`).
"""

from __future__ import annotations

import io
import os
import sys

import typer

from flows.commands import agents, assess, demo, evaluate, operate, publish, review, score, show, sources
from flows.exit_codes import TABLE, ExitCode, code_of
from flows.report.console import note
from scoring.errors import AssayError

app = typer.Typer(
    name="assay",
    help="Checkable threat assessments of AI agents: every number rests on a sentence on a stored page.",
    epilog=TABLE,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
for group in (demo, sources, agents, assess, show, score, review, publish, evaluate, operate):
    group.register(app)


def main() -> None:
    """Entry point: runs the command and turns every error into one line and a code."""
    os.environ.setdefault("DO_NOT_TRACK", "1")
    os.environ.setdefault("PREFECT_SERVER_ANALYTICS_ENABLED", "false")
    try:
        sys.exit(ExitCode(app(standalone_mode=False) or ExitCode.DONE))
    except AssayError as error:
        note(f"assay: {error}")
        sys.exit(code_of(error))
    except typer.TyperException as error:  # how the command was called, in the parser's own words
        note(_words_of(error))
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


def _words_of(error: typer.TyperException) -> str:
    shown = io.StringIO()
    error.show(shown)  # type: ignore[attr-defined]
    return shown.getvalue().rstrip()


if __name__ == "__main__":
    main()
