"""`assay eval`: how good is an assessor, the quote check, the defence against hostile pages?"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

Json = Annotated[bool, typer.Option("--json", help="Print JSON only.")]
Folder = Annotated[Path, typer.Argument(help="Folder with one folder an agent.", exists=True, file_okay=False)]


def register(app: typer.Typer) -> None:
    group = typer.Typer(help="Measure assessors, the quote check and the defence against hostile pages.")
    group.command()(agreement)
    group.command()(quotes)
    group.command()(puppet)
    app.add_typer(group, name="eval")


def agreement(
    folder: Folder,
    reference: Annotated[Path, typer.Option(help="JSON lines of published factors and layer flags.", exists=True)],
    assessor: Annotated[str, typer.Option(help="`lexical`, or `model` for the endpoint of the settings.")] = "lexical",
    replies: Annotated[Path | None, typer.Option(help="Folder of recorded replies `<slug>.json`.")] = None,
    report: Annotated[Path | None, typer.Option(help="Write an HTML report with plots here.")] = None,
    as_json: Json = False,
) -> None:
    """Compare an assessor's factors and layer flags with a reference."""
    from extractors.evaluation.agreement import evaluate_agreement
    from flows.night.assessment import completion_client
    from flows.settings import load
    from scoring.errors import BadInput

    settings = load()
    if assessor not in ("lexical", "model"):
        raise BadInput(f"no assessor {assessor!r}", step="eval agreement", next_step="--assessor lexical or model")
    if assessor == "model" and not settings.model.name:
        raise BadInput("no model is set", step="eval agreement", next_step="set ASSAY_MODEL__NAME")
    if assessor == "lexical":
        settings = settings.model_copy(update={"model": settings.model.model_copy(update={"name": ""})})
    client = None if replies else completion_client(settings)
    result = evaluate_agreement(folder, reference, client=client, replies=replies)
    if report is not None:
        from extractors.evaluation.report import agreement_report

        report.write_text(agreement_report(result), encoding="utf-8")
    _print(result, as_json, f"report: {report}" if report else "")


def quotes(
    file: Annotated[Path, typer.Argument(help="JSON lines: document, kind, stands, quote.", exists=True)],
    documents: Annotated[Path, typer.Option(help="Folder that the rows' documents are relative to.", exists=True)],
    as_json: Json = False,
) -> None:
    """Count falsified quotes that are accepted and true quotes that are refused."""
    from extractors.evaluation.quotes import evaluate_quotes

    _print(evaluate_quotes(file, documents), as_json)


def puppet(
    attacks: Annotated[Path, typer.Option(help="Folder of attack texts.", exists=True, file_okay=False)],
    as_json: Json = False,
) -> None:
    """Let a model obey every attacker completely and count what gets through."""
    from extractors.evaluation.puppet import evaluate_puppet

    _print(evaluate_puppet(attacks), as_json)


def _print(result: dict[str, Any], as_json: bool, last: str = "") -> None:
    from flows.report.console import emit, say

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
