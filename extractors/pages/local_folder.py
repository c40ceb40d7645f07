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
from collections.abc import Iterator, Sequence
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote, unquote

from extractors.injection.names import name_findings, shown_name
from extractors.listing import Listing, slugify
from extractors.pages.charset import decode
from extractors.pages.deadline import SECONDS, TOO_COSTLY, TooCostly, within
from extractors.pages.page_text import PageText
from extractors.pages.text_extraction import NoText, page_text
from extractors.program_paths import shipped
from scoring.claims import Finding, SourceNotRead
from scoring.errors import BadInput

if TYPE_CHECKING:
    from extractors.model.declared import Declared

MAX_FILE_BYTES = 5_000_000
MAX_FILES = 400
MAX_PROGRAM_BYTES = 4_000_000
"""Bytes of program text of one folder that are read."""
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
    re.findall(r"\S+", ".git node_modules .venv venv __pycache__ dist build vendor tests test site-packages")
)
_AS_TEXT = re.compile(r"(?<=\.(?:json|toml|yaml))\.txt$|(?<=\.(?:yml|mod|mdx))\.txt$|(?<=\.md)\.txt$", re.IGNORECASE)
"""The ending of a manifest that is kept as plain text."""
_NOT_TEXT = re.compile(r"\A.*\.(?:png|jpe?g|gif|webp|pdf|zip|gz|docx?|pptx?)$", re.IGNORECASE | re.DOTALL)


class FolderRead(NamedTuple):
    """An agent's folder: the listing, the documents that gave text, and those that did not."""

    listing: Listing
    pages: tuple[PageText, ...]
    not_read: tuple[SourceNotRead, ...]
    findings: tuple[Finding, ...] = ()
    """Of the documents that gave no text, and of the name; the others carry their own."""
    declared: Declared | None = None
    """What the files declare, program text among them."""


class Document(NamedTuple):
    """One file of a folder."""

    path: str
    """Inside the folder, as part of an address."""
    body: bytes | None
    outcome: str = ""
    """Why there is no body."""
    is_program: bool = False


def documents_in(folder: Path) -> Iterator[Document]:
    """The files that an agent's documents may be in, most telling first. Never follows a link, never waits for a
    pipe, never reads on when a file grows; what is beyond the limits is named."""
    return _documents(folder, _files(folder))


def files_in(folder: Path) -> Iterator[Document]:
    """These, and then program text in the same way: what declares tools is read by rule."""
    files = _files(folder)
    return chain(_documents(folder, files), _programs(folder, files))


def _documents(folder: Path, files: Sequence[Path]) -> Iterator[Document]:
    documents = [path for path in files if _READ.match(path.name) or _NOT_TEXT.match(path.name)]
    found = sorted(documents, key=lambda path: _rank(path.relative_to(folder)))
    for number, path in enumerate(found[: 2 * MAX_FILES]):
        body, outcome = None, "not_reached"
        if number < MAX_FILES:
            body, outcome = _bytes_of(path) if not _NOT_TEXT.match(path.name) else (None, "unsupported_type")
        yield Document(_place(folder, path), body, outcome)


def _programs(folder: Path, files: Sequence[Path]) -> Iterator[Document]:
    """Program text that may be part of what is delivered, up to the limits."""
    places = {path.relative_to(folder).as_posix(): path for path in files}
    left = MAX_PROGRAM_BYTES
    for place in sorted(shipped(list(places))[0], key=lambda place: (place.count("/"), place))[:MAX_FILES]:
        body, outcome = _bytes_of(places[place])
        left -= len(body or b"")
        yield Document(_place(folder, places[place]), body if left >= 0 else None, outcome or "not_reached", True)


def _place(folder: Path, path: Path) -> str:
    return quote(os.fsencode(path.name if path == folder else path.relative_to(folder).as_posix()))


def read_folder(folder: Path, *, leave_out: Sequence[Path] = ()) -> FolderRead:
    """Raises `BadInput` when the folder is missing or holds nothing that can be read. `leave_out`: files in it that are
    not read, such as a buyer's own configuration."""
    if not folder.is_dir() and not (folder.is_file() and _READ.match(folder.name)):
        problem = "not a folder" if folder.exists() else "no such folder"
        raise BadInput(problem, subject=str(folder), step="reading documents", next_step="give a folder with a README")
    pages: list[PageText] = []
    not_read: list[SourceNotRead] = []
    findings = list(name_findings(name_of(folder)))
    left_out = {path.resolve() for path in leave_out}
    files = [path for path in _files(folder) if not left_out or path.resolve() not in left_out]
    declaring: list[tuple[str, PageText, bytes]] = []
    for document in chain(_documents(folder, files), _programs(folder, files)):
        url = "file:" + document.path
        if document.body is None:
            not_read += [SourceNotRead(url=url, outcome=document.outcome)] if not document.is_program else []
            continue
        try:
            with within(SECONDS, url):
                page = page_text(document.body, url=url)
        except TooCostly:
            not_read.append(SourceNotRead(url=url, outcome=TOO_COSTLY))
        except NoText as nothing:
            not_read.append(SourceNotRead(url=url, outcome="no_text"))
            findings += nothing.findings
        else:
            declaring.append((unquote(document.path), page, document.body))
            pages += [page] if not document.is_program else []
    if not pages:
        raise BadInput(
            "no document with readable text in this folder",
            subject=str(folder),
            step="reading documents",
            next_step="put a README, a listing.txt or a SKILL.md into it",
        )
    tree = [path.relative_to(folder).as_posix() for path in files]
    try:
        with within(SECONDS, str(folder)):
            declared = _declared(declaring, tree, not_read)
    except TooCostly as error:
        from extractors.model.declared import not_read as unreadable

        declared = unreadable(error.problem)
    name = shown_name(name_of(folder))
    listing = Listing(slug=slugify(name), name=name, source="folder")
    return FolderRead(listing, tuple(pages), tuple(not_read), tuple(findings), declared)


def _declared(
    read: Sequence[tuple[str, PageText, bytes]], tree: Sequence[str], not_read: Sequence[SourceNotRead]
) -> Declared | None:
    from extractors.claims.certainty import is_missing_page
    from extractors.inventory.completeness import unread
    from extractors.inventory.from_pages import declared_in
    from extractors.model.declared import DeclaringFile

    files = [DeclaringFile(_AS_TEXT.sub("", path), decode(body), page) for path, page, body in read]
    left = unread([_AS_TEXT.sub("", path) for path in tree], {file.path for file in files})
    missing = [source.url for source in not_read if is_missing_page(source)]
    return declared_in(files, "", left, missing)


def _files(folder: Path) -> list[Path]:
    """Up to a number that no agent's documents have; nearest first, so that a deep tree hides nothing at the top. A
    record's file is one itself."""
    if folder.is_file():
        return [folder]
    found: list[Path] = []
    waiting, entry_count = [folder], 0
    while waiting and entry_count < MAX_ENTRIES:
        here = waiting.pop(0)
        try:
            with os.scandir(here) as entries:
                inside = sorted(islice(entries, MAX_ENTRIES), key=lambda entry: entry.name)
        except OSError:
            continue
        entry_count += len(inside)
        for entry in inside:
            if entry.is_dir(follow_symlinks=False):
                if entry.name not in _LEFT_OUT_FOLDERS:
                    waiting.append(Path(entry.path))
            elif not _LEFT_OUT.fullmatch(entry.name):
                found.append(Path(entry.path))
    return found


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
