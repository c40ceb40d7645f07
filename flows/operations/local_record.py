"""A record of what nobody published: one agent from a folder, or from the page that a buyer's entry names.

Idea: the assessment of a single agent, and its summary in the form that a lookup answers. Invariants: a folder is read
and nothing is stored; a page is asked for as the settings allow and its draft waits for review; what a configuration
holds beside the subject is not read, and an address that may hold a key is not asked.
"""

import asyncio
import re
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path

from packageurl import PackageURL

from assay_check.errors import BadInput
from assay_check.lookup.record_summary import RecordSummary
from assay_check.redaction import shown_address
from assay_check.subjects import Entry, SubjectKind
from extractors.claims.extraction import SecondCompletion
from extractors.listing import Listing
from extractors.model.completion import Completion, CompletionClient, CompletionRequest, computed
from extractors.pages.deadline import within
from extractors.pages.local_folder import documents_in, read_folder
from extractors.stated_subjects import Page, read_subjects
from flows.assessment.assessment import Assessed, assess_completion, completion_client, recorded, request_for
from flows.reading.tasks import second_reader_request
from flows.settings import Settings
from scoring.errors import AssayError
from scoring.record import StatedSubject

_MANIFESTS = ("package.json", "pyproject.toml", "go.mod", "Cargo.toml", "server.json", "SKILL.md", "README.md")
_HOSTS = {"github": "github.com", "gitlab": "gitlab.com", "bitbucket": "bitbucket.org"}
_WORKING_FOLDER = re.compile(r"\A(?:\$\{(?:workspaceFolder|workspaceRoot|CLAUDE_PROJECT_DIR)\}|\$PWD)/?")
_MOST_ABOVE = 3
"""Folders above a program in which its project may begin."""


def local_record(entry: Entry, file: Path, leave_out: Sequence[Path], settings: Settings) -> RecordSummary:
    """Of an entry of this configuration. Raises `BadInput` where its subject names nothing that can be read."""
    from extractors.record_decision import decision
    from flows.store_access import now
    from publishing.formats.lookup import assessed_summary

    try:
        if entry.subject.kind is SubjectKind.LOCAL:
            origin, own = "local", () if entry.transport == "skill" else leave_out
            made = assess_folder(_folder(entry, file), settings, leave_out=own)
        else:
            from flows.operations.single_agent import assess_url

            origin, made = "draft", asyncio.run(assess_url(_address(entry), settings))
    except AssayError as error:
        raise BadInput(error.problem, next_step=error.next_step) from error
    at = now()
    return assessed_summary(
        f"{origin}:{made.extraction.slug}",
        made.extraction,
        made.assessment,
        decision(made.extraction, made.assessment),
        assessed=at.date(),
        expires=(at + timedelta(days=settings.publish.shelf_life_days)).date(),
    )


def _address(entry: Entry) -> str:
    """The page of a repository, or an address without anything that looks like a key."""
    subject = entry.subject
    if subject.matchable and subject.purl:
        parsed = PackageURL.from_string(subject.purl)
        if parsed.type in _HOSTS:
            return f"https://{_HOSTS[parsed.type]}/{parsed.namespace}/{parsed.name}"
    if subject.kind in (SubjectKind.URL, SubjectKind.LOCAL_URL) and subject.endpoint:
        if shown_address(subject.endpoint) != subject.endpoint:
            raise BadInput("its address may hold a key, and is not asked")
        return subject.endpoint
    raise BadInput(
        "it names no folder, repository or page", next_step="assay agents assess URL, with the address of its pages"
    )


def _folder(entry: Entry, file: Path) -> Path:
    """The project of a program on this machine: the nearest folder at or above it that holds a manifest or README."""
    if entry.transport == "skill":
        return file.parent
    for place in _places(entry.subject.value or "", file.resolve().parent):
        if place.is_dir():
            return place
        if place.is_file():
            above = [folder for folder in list(place.parents)[:_MOST_ABOVE] if folder not in (Path.home(), Path("/"))]
            found = next((folder for folder in above if any((folder / name).is_file() for name in _MANIFESTS)), None)
            if found is None:
                raise BadInput("no folder above it holds a manifest or a README, so that its project is not known")
            return found
    raise BadInput("it names no file or folder that can be read here")


def _places(value: str, folder: Path) -> Iterator[Path]:
    """Where the path of an entry may lead: from the project that holds a client's folder, else from the file's own."""
    if not re.search(r"[/\\.]", value):
        return
    relative = Path(_WORKING_FOLDER.sub("", value)).expanduser()
    for start in (folder.parent, folder) if folder.name.startswith(".") else (folder,):
        yield (start / relative).resolve()


def assess_folder(
    folder: Path, settings: Settings, *, reply: Path | None = None, leave_out: Sequence[Path] = ()
) -> Assessed:
    """One agent from the files of a folder; `reply` replaces the model. Nothing is stored."""
    read = read_folder(folder, leave_out=leave_out)
    client = completion_client(settings)
    request = request_for(read.listing, read.pages, settings, client, read.declared)
    second = None
    if reply is not None:
        completion = recorded(reply, request)
    elif not client.waits:
        with within(settings.night.read_seconds, str(folder)):
            completion = computed(client, request)
    else:
        completion, second = asyncio.run(_both_readings(client, request))
    with within(settings.night.read_seconds, str(folder)):
        return assess_completion(request, completion, settings.profile, read.not_read, read.findings, second)


def subjects_in(folder: Path, settings: Settings) -> tuple[StatedSubject, ...]:
    """By what a machine matches the product whose files these are."""
    found = documents_in(folder)
    pages = [Page(f"file:{document.path}", document.body) for document in found if document.body is not None]
    with within(settings.night.read_seconds, str(folder)):
        return read_subjects(Listing(slug="folder", name="folder", source="folder"), pages)


async def _both_readings(
    client: CompletionClient, request: CompletionRequest
) -> tuple[Completion, SecondCompletion | None]:
    """The client's reply, and what its second reader says of it."""
    completion = await client.complete(request)
    if client.second is None or (again := second_reader_request(request, completion)) is None:
        return completion, None
    second = await client.second.complete(again) if again.claims else None
    return completion, SecondCompletion(again, client.second.model, second)
