"""`assay lab`: numbers in and scores out, the exact question to a model, and how good an assessor is."""

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from flows.commands.agents import Documents, Target
from flows.commands.common import Json
from flows.exit_codes import ExitCode
from flows.report.console import emit, say
from scoring.errors import BadInput

group = typer.Typer(help="Score numbers, print a prompt, measure assessors. Stores nothing.", no_args_is_help=True)
evaluation = typer.Typer(help="Measure assessors and the quote check.", no_args_is_help=True)
group.add_typer(evaluation, name="eval")

Agents = Annotated[Path, typer.Argument(help="Folder with one folder an agent.", exists=True, file_okay=False)]


@group.command()
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


@group.command()
def prompt(target: Target = "", documents: Documents = None) -> None:
    """Print the exact request to a model as JSON: messages and reply schema. Nothing is sent."""
    from extractors.prompting.messages import request_json
    from flows.assessment.assessment import completion_client, request_for
    from flows.settings import load

    settings = load()
    client = completion_client(settings)
    if documents is not None:
        from extractors.pages.local_folder import read_folder

        read = read_folder(documents)
        request = request_for(read.listing, read.pages, settings, client, read.declared)
    elif target:
        from flows.operations.single_agent import stored_request

        request = stored_request(target, settings, client)
    else:
        raise BadInput("which agent?", step="prompt", next_step="assay lab prompt SLUG | --documents FOLDER")
    emit(request_json(request, client.model, client.sampling(request.prompt)))


@evaluation.command()
def agreement(
    folder: Agents,
    reference: Annotated[Path, typer.Option(help="JSON lines of published factors and layer flags.", exists=True)],
    assessor: Annotated[
        str, typer.Option(help="A provider such as `lexical`, or `model` for what the settings say.")
    ] = "lexical",
    replies: Annotated[Path | None, typer.Option(help="Folder of recorded replies `<slug>.json`.")] = None,
    report: Annotated[Path | None, typer.Option(help="Write an HTML report with plots here.")] = None,
    as_json: Json = False,
) -> None:
    """Compare an assessor's factors and layer flags with a reference."""
    from extractors.evaluation.agreement import evaluate_agreement
    from flows.assessment.assessment import completion_client
    from flows.settings import load

    settings = load()
    if assessor != "model":
        settings = settings.model_copy(update={"model": settings.model.model_copy(update={"provider": assessor})})
    elif not settings.model.name:
        raise BadInput("no model is set", step="eval agreement", next_step="set ASSAY_MODEL__NAME")
    client = None if replies else completion_client(settings)
    result = evaluate_agreement(folder, reference, client=client, replies=replies)
    if report is not None:
        from extractors.evaluation.report import agreement_report

        report.write_text(agreement_report(result), encoding="utf-8")
    _print(result, as_json, f"report: {report}" if report else "")


@evaluation.command()
def quotes(
    file: Annotated[Path, typer.Argument(help="JSON lines: document, kind, stands, quote.", exists=True)],
    documents: Annotated[Path, typer.Option(help="Folder that the rows' documents are relative to.", exists=True)],
    as_json: Json = False,
) -> None:
    """Count falsified quotes that are accepted and true quotes that are refused."""
    from extractors.evaluation.quotes import evaluate_quotes

    _print(evaluate_quotes(file, documents), as_json)


def _print(result: dict[str, Any], as_json: bool, last: str = "") -> None:
    if as_json:
        emit(result)
        return
    for key, value in result.items():
        if isinstance(value, dict):
            say(f"{key}:")
            for name, inner in value.items():
                say(f"  {name}: {inner}")
        else:
            say(f"{key}: {value}")
    if last:
        say(last)
