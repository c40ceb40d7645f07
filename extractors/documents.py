"""One agent from files in a folder: a checkout, a download, a demo.

Idea: a folder is read as a crawl would read a repository, so that everything after it is the same code.
Invariants: a document's address is `file:` and its path inside the folder, so that records do not depend on
the machine; nothing outside the folder is read; every file that was tried and gave no text is named.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

from extractors.listing import Listing, slugify
from extractors.page import NoText, page_text
from extractors.page_text import PageText
from scoring.claims import Finding, SourceNotRead
from scoring.errors import BadInput

MAX_FILE_BYTES = 5_000_000
MAX_FILES = 400
_READ = re.compile(
    r"(?:.*\.(?:md|mdx|markdown|rst|txt|html?|ipynb|json|ya?ml|toml|cfg|ini|mod|mdc|example)|readme|security|"
    r"dockerfile|\.(?:cursorrules|windsurfrules|clinerules))$",
    re.IGNORECASE,
)
_LEFT_OUT = re.compile(
    r"meta\.json|tree\.txt|(?:license|licence|copying|notice|changelog|code_of_conduct)(?:[.-].*)?|"
    r"(?:package-lock|npm-shrinkwrap|composer\.lock|tsconfig.*)\.json|.*[.-]lock\.ya?ml|.*\.min\..*",
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
_NOT_TEXT = re.compile(r".*\.(?:png|jpe?g|gif|webp|pdf|zip|gz|docx?|pptx?)$", re.IGNORECASE)


class FolderRead(NamedTuple):
    """An agent's folder: the listing, the documents that gave text, and those that did not."""

    listing: Listing
    pages: tuple[PageText, ...]
    not_read: tuple[SourceNotRead, ...]
    findings: tuple[Finding, ...] = ()
    """Of the documents that gave no text; the others carry their own."""


def read_folder(folder: Path) -> FolderRead:
    """Raises `BadInput` when the folder is missing or holds nothing that can be read."""
    if not folder.is_dir():
        problem = "not a folder" if folder.exists() else "no such folder"
        raise BadInput(problem, subject=str(folder), step="reading documents", next_step="give a folder with a README")
    pages: list[PageText] = []
    not_read: list[SourceNotRead] = []
    findings: list[Finding] = []
    for path in sorted(_documents(folder), key=lambda p: _rank(p.relative_to(folder))):
        url = "file:" + quote(path.relative_to(folder).as_posix())
        if outcome := _unreadable(path):
            not_read.append(SourceNotRead(url=url, outcome=outcome))
            continue
        try:
            pages.append(page_text(path.read_bytes(), url=url))
        except NoText as nothing:
            not_read.append(SourceNotRead(url=url, outcome="no_text"))
            findings += nothing.findings
        except OSError:
            not_read.append(SourceNotRead(url=url, outcome="unreachable"))
    if not pages:
        raise BadInput(
            "no document with readable text in this folder",
            subject=str(folder),
            step="reading documents",
            next_step="put a README, a listing.txt or a SKILL.md into it",
        )
    return FolderRead(_listing(folder, pages), tuple(pages), tuple(not_read), tuple(findings))


def _documents(folder: Path) -> list[Path]:
    found: list[Path] = []
    for root, folders, files in os.walk(folder):
        folders[:] = sorted(f for f in folders if f not in _LEFT_OUT_FOLDERS)
        for name in sorted(files):
            if not _LEFT_OUT.fullmatch(name) and (_READ.match(name) or _NOT_TEXT.match(name)):
                found.append(Path(root) / name)
    return found[:MAX_FILES]


def _rank(path: Path) -> tuple[int, int, str]:
    """The listing's own entry first, then the README, then what lies nearest."""
    name = path.name.lower()
    first = 0 if name == "listing.txt" else 1 if name.startswith("readme.") and len(path.parts) == 1 else 2
    return first, len(path.parts), path.as_posix()


def _unreadable(path: Path) -> str:
    if path.is_symlink():
        return "blocked_address"
    if _NOT_TEXT.match(path.name):
        return "unsupported_type"
    try:
        return "too_large" if path.stat().st_size > MAX_FILE_BYTES else ""
    except OSError:
        return "unreachable"


def _listing(folder: Path, pages: list[PageText]) -> Listing:
    place = folder.resolve()
    name = (place.parent.name if place.name == "files" else place.name) or "unnamed"
    return Listing(slug=slugify(name), name=name[:200], source="folder")
