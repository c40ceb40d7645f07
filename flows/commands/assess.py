"""`assay assess` and `assay prompt`: one agent, from stored pages, a URL or local files."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from scoring.errors import BadInput

if TYPE_CHECKING:
    from flows.night.assessment import Assessed
    from flows.settings import Settings

Target = Annotated[str, typer.Argument(help="Slug of a known agent, or the URL of one.", show_default=False)]
Documents = Annotated[Path | None, typer.Option(help="Assess the files of this folder instead; no network.")]
Json = Annotated[bool, typer.Option("--json", help="Print extraction and assessment as JSON.")]


def register(app: typer.Typer) -> None:
    app.command()(assess)
    app.command()(prompt)


def assess(
    target: Target = "",
    documents: Documents = None,
    refresh: Annotated[bool, typer.Option(help="Fetch the agent's pages first.")] = False,
    reply: Annotated[Path | None, typer.Option(help="Use this recorded reply instead of asking a model.")] = None,
    brief: Annotated[bool, typer.Option(help="Only the verdict.")] = False,
    as_json: Json = False,
) -> None:
    """Assess one agent: its stored pages, a URL, or local files (--documents).

    With --documents nothing is stored and nothing is fetched. A slug or URL stores its draft for review.
    """
    from flows.settings import load

    settings = load()
    if documents is not None:
        if target or refresh:
            raise BadInput("--documents goes alone", step="assess", next_step="leave out the slug and --refresh")
        outcome = _documents(documents, reply, settings)
    elif not target:
        raise BadInput("which agent?", step="assess", next_step="assay assess SLUG | URL | --documents FOLDER")
    else:
        from flows.operations.single_agent import assess_stored, assess_url

        if "://" in target:
            outcome = asyncio.run(assess_url(target, settings))
        else:
            outcome = asyncio.run(assess_stored(target, settings, refresh=refresh, reply=reply))
    _print(outcome, brief=brief, as_json=as_json)


def _print(outcome: Assessed, *, brief: bool, as_json: bool) -> None:
    from flows.report import assessment_text
    from flows.report.console import emit

    if as_json:
        emit(
            {
                "extraction_digest": outcome.extraction_digest,
                "extraction": outcome.extraction.model_dump(mode="json"),
                "assessment_digest": outcome.assessment_digest,
                "assessment": outcome.assessment.model_dump(mode="json"),
                "usage": outcome.completion.usage.model_dump(mode="json"),
            }
        )
    else:
        assessment_text.show(outcome.extraction, outcome.assessment, full=not brief)


def _documents(folder: Path, reply: Path | None, settings: Settings) -> Assessed:
    from extractors.lexical import LexicalAssessor
    from extractors.pages.deadline import within
    from extractors.pages.local_folder import read_folder
    from flows.night.assessment import assess_completion, completion_client, recorded, request_for

    read = read_folder(folder)
    client = completion_client(settings)
    request = request_for(read.listing, read.pages, settings, client)
    if reply is not None:
        completion = recorded(reply, request)
    elif isinstance(client, LexicalAssessor):
        with within(settings.night.read_seconds, str(folder)):
            completion = client.answer(request)
    else:
        completion = asyncio.run(client.complete(request))
    with within(settings.night.read_seconds, str(folder)):
        return assess_completion(request, completion, settings.profile, read.not_read, read.findings)


def prompt(target: Target = "", documents: Documents = None) -> None:
    """Print the exact request to a model as JSON: messages and reply schema. Nothing is sent."""
    from extractors.prompting.messages import request_json
    from flows.night.assessment import completion_client, request_for
    from flows.report.console import emit
    from flows.settings import load

    settings = load()
    if documents is not None:
        from extractors.pages.local_folder import read_folder

        read = read_folder(documents)
        listing, pages = read.listing, read.pages
    elif target:
        from flows.operations.single_agent import stored_pages

        listing, pages, _ = stored_pages(target, settings)
    else:
        raise BadInput("which agent?", step="prompt", next_step="assay prompt SLUG | --documents FOLDER")
    client = completion_client(settings)
    request = request_for(listing, pages, settings, client)
    sampling = getattr(client, "sampling", None)
    settings_of = sampling(request.prompt) if sampling is not None else dict(request.prompt.settings)
    emit(request_json(request, client.model, settings_of))
