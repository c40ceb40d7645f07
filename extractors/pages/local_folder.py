"""One agent from files in a folder: a checkout, a download, a demo.

Idea: a folder is read as a crawl would read a repository, so that everything after it is the same code.
Invariants: a document's address is `file:` and its path inside the folder, so that records do not depend on
the machine; nothing outside the folder is read; every file that was tried and gave no text is named.
"""

from __future__ import annotations

import errno
import os
import re
import stat
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

from extractors.injection.names import name_findings, shown_name
from extractors.listing import Listing, slugify
from extractors.pages.deadline import SECONDS, TOO_COSTLY, TooCostly, within
from extractors.pages.page_text import PageText
from extractors.pages.text_extraction import NoText, page_text
from scoring.claims import Finding, SourceNotRead
from scoring.errors import BadInput

MAX_FILE_BYTES = 5_000_000
MAX_FILES = 400
MAX_ENTRIES = 50_000
_READ = re.compile(
    r"\A(?:.*\.(?:md|mdx|markdown|rst|txt|html?|ipynb|json|ya?ml|toml|cfg|ini|mod|mdc|example)|readme|security|"
    r"dockerfile|\.(?:cursorrules|windsurfrules|clinerules))$",
    re.IGNORECASE | re.DOTALL,
)
_LEFT_OUT = re.compile(
    r"\A(?:meta\.json|tree\.txt|(?:license|licence|copying|notice|changelog|code_of_conduct)(?:[.-].*)?|"
    r"(?:package-lock|npm-shrinkwrap|composer\.lock|tsconfig.*)\.json|.*[.-]lock\.ya?ml|.*\.min\..*)\Z",
    re.IGNORECASE,
)
_LEFT_OUT_FOLDERS = frozenset(
    {
        ".git",
        "node_modules",
        ".venv",
        "venv",
        "__pycache__",
        "dist",
        "build",
        "vendor",
        "tests",
        "test",
        "site-packages",
    }
)
_NOT_TEXT = re.compile(r"\A.*\.(?:png|jpe?g|gif|webp|pdf|zip|gz|docx?|pptx?)$", re.IGNORECASE | re.DOTALL)


class FolderRead(NamedTuple):
    """An agent's folder: the listing, the documents that gave text, and those that did not."""

    listing: Listing
    pages: tuple[PageText, ...]
    not_read: tuple[SourceNotRead, ...]
    findings: tuple[Finding, ...] = ()
    """Of the documents that gave no text, and of the name; the others carry their own."""


class Document(NamedTuple):
    """One file of a folder."""

    path: str
    """Inside the folder, as part of an address."""
    body: bytes | None
    outcome: str = ""
    """Why there is no body."""


def documents_in(folder: Path) -> Iterator[Document]:
    """The files that an agent's documents may be in, most telling first. Never follows a link, never waits for a
    pipe, never reads on when a file grows; what is beyond the limits is named."""
    if folder.is_file():
        yield Document(quote(os.fsencode(folder.name)), *_bytes_of(folder))
        return
    found = sorted(_documents(folder), key=lambda path: _rank(path.relative_to(folder)))
    for number, path in enumerate(found):
        place = quote(os.fsencode(path.relative_to(folder).as_posix()))
        if number >= MAX_FILES:
            yield Document(place, None, "not_reached")
        elif _NOT_TEXT.match(path.name):
            yield Document(place, None, "unsupported_type")
        else:
            yield Document(place, *_bytes_of(path))


def read_folder(folder: Path) -> FolderRead:
    """Raises `BadInput` when the folder is missing or holds nothing that can be read."""
    if not folder.is_dir() and not (folder.is_file() and _READ.match(folder.name)):
        problem = "not a folder" if folder.exists() else "no such folder"
        raise BadInput(problem, subject=str(folder), step="reading documents", next_step="give a folder with a README")
    pages: list[PageText] = []
    not_read: list[SourceNotRead] = []
    findings = list(name_findings(name_of(folder)))
    for document in documents_in(folder):
        url = "file:" + document.path
        if document.body is None:
            not_read.append(SourceNotRead(url=url, outcome=document.outcome))
            continue
        try:
            with within(SECONDS, url):
                pages.append(page_text(document.body, url=url))
        except TooCostly:
            not_read.append(SourceNotRead(url=url, outcome=TOO_COSTLY))
        except NoText as nothing:
            not_read.append(SourceNotRead(url=url, outcome="no_text"))
            findings += nothing.findings
    if not pages:
        raise BadInput(
            "no document with readable text in this folder",
            subject=str(folder),
            step="reading documents",
            next_step="put a README, a listing.txt or a SKILL.md into it",
        )
    return FolderRead(_listing(folder), tuple(pages), tuple(not_read), tuple(findings))


def _documents(folder: Path) -> list[Path]:
    """Up to a number that no agent's documents have; nearest first, so that a deep tree hides nothing at the top."""
    found: list[Path] = []
    waiting, seen = [folder], 0
    while waiting and seen < MAX_ENTRIES:
        here = waiting.pop(0)
        try:
            with os.scandir(here) as entries:
                inside = sorted(islice(entries, MAX_ENTRIES), key=lambda entry: entry.name)
        except OSError:
            continue
        seen += len(inside)
        for entry in inside:
            if entry.is_dir(follow_symlinks=False):
                if entry.name not in _LEFT_OUT_FOLDERS:
                    waiting.append(Path(entry.path))
            elif not _LEFT_OUT.fullmatch(entry.name) and (_READ.match(entry.name) or _NOT_TEXT.match(entry.name)):
                found.append(Path(entry.path))
    return found[: 2 * MAX_FILES]


def _bytes_of(path: Path) -> tuple[bytes | None, str]:
    """The bytes of a plain file, or why not. What is opened is what is checked, so that nothing can be put between."""
    try:
        opened = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        return None, "blocked_address" if error.errno in (errno.ELOOP, errno.ENXIO) else "unreachable"
    with os.fdopen(opened, "rb") as file:
        if not stat.S_ISREG(os.fstat(opened).st_mode):
            return None, "blocked_address"
        try:
            body = file.read(MAX_FILE_BYTES + 1)
        except OSError:
            return None, "unreachable"
    return (None, "too_large") if len(body) > MAX_FILE_BYTES else (body, "")


def _rank(path: Path) -> tuple[int, int, str]:
    """The listing's own entry first, then the README, then what lies nearest."""
    name = path.name.lower()
    first = 0 if name == "listing.txt" else 1 if name.startswith("readme.") and len(path.parts) == 1 else 2
    return first, len(path.parts), path.as_posix()


def name_of(folder: Path) -> str:
    """The agent's name: the folder's own, or that of the one above a folder called `files`; of a record's file that
    without its ending."""
    place = folder.resolve()
    if folder.is_file():
        place = place.with_suffix("")
    name = (place.parent.name if place.name == "files" else place.name) or "unnamed"
    return os.fsencode(name).decode("utf-8", "replace")[:200]


def _listing(folder: Path) -> Listing:
    name = shown_name(name_of(folder))
    return Listing(slug=slugify(name), name=name, source="folder")
