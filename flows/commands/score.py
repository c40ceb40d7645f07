"""`assay score` and `assay rescore`: numbers in, scores out; and what one agent's score would be if."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from flows.exit_codes import ExitCode


def register(app: typer.Typer) -> None:
    app.command()(score)
    app.command()(rescore)


def score(
    file: Annotated[
        Path | None, typer.Argument(help="JSON lines, or one JSON object; standard input when left out.")
    ] = None,
) -> None:
    """Score JSON lines by any formula profile: one JSON object a line, in order, with every intermediate.

    A line: {"profile": …, "cvss_base" or "cvss_vector": …, "factors": {…}, "thm": …, "mitigation_factor": …}.
    A bad line gives {"error": …} in its place, the rest continues, and the exit code is 2.
    """
    from flows.operations.score_lines import score_stream
    from scoring.errors import BadInput

    if file is None:
        bad = score_stream(sys.stdin.buffer, typer.echo)
    else:
        try:
            with file.open("rb") as lines:
                bad = score_stream(lines, typer.echo)
        except OSError as error:
            raise BadInput(f"cannot be read ({error.strerror})", subject=str(file), step="score") from error
    if bad:
        raise typer.Exit(ExitCode.BAD_INPUT)


def rescore(
    slug: Annotated[str, typer.Argument(help="Slug of a known agent.")] = "",
    every: Annotated[bool, typer.Option("--all", help="Every agent: report whose band would change, and why.")] = False,
    profile: Annotated[str, typer.Option(help="Formula profile; the one in force when left out.")] = "",
    set_: Annotated[list[str] | None, typer.Option("--set", help="NAME=VALUE, such as autonomy_of_action=0.6.")] = None,
    save: Annotated[bool, typer.Option(help="Store the result as a draft; needs --reason.")] = False,
    reason: Annotated[str, typer.Option(help="Why it is stored.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Score again from what is stored: no network, no model. Without --save nothing is kept."""
    from flows.operations.rescoring import print_band_changes, print_what_if
    from scoring.errors import BadInput

    if every == bool(slug):
        raise BadInput("one agent or --all", step="rescore", next_step="assay rescore SLUG, or assay rescore --all")
    if save and not reason:
        raise BadInput(
            "what is stored needs a reason", subject=slug or "--all", step="rescore", next_step="add --reason"
        )
    if every:
        if set_:
            raise BadInput("--set goes with one agent", step="rescore", next_step="assay rescore SLUG --set …")
        print_band_changes(profile, save=save, reason=reason, as_json=as_json)
    else:
        print_what_if(slug, profile, tuple(set_ or ()), save=save, reason=reason, as_json=as_json)
