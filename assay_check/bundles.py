"""A replay bundle, as far as it can be checked without the program that made it.

    bundle.json → files by digest → texts by digest → quotes at their places → the record that a site publishes

The claims and scores themselves are made again by the full program alone. Invariant: nothing is unpacked to a disk,
and a bundle that claims more bytes than the limit is refused before it is read.
"""

import hashlib
import json
import re
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from assay_check.errors import BadInput
from assay_check.lookup.site_lookup import Files

FORMAT = "assay-bundle-1"
MOST_BYTES = 500_000_000
"""Unpacked."""
_SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,99}")
_NO_BUNDLE = (OSError, zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, ValueError, LookupError, TypeError)
"""What a zip raises that is damaged, or that holds something else; `RuntimeError` holds for nesting without end too."""
_PLACE = ("quote", "start", "end", "text_digest", "url")


class Verified(NamedTuple):
    """What was checked, by step and count, and every problem in one line."""

    checked: dict[str, int]
    problems: tuple[str, ...]
    not_made_again: tuple[str, ...] = ()
    """What this program cannot check, since another version made it."""

    @property
    def holds(self) -> bool:
        return not self.problems


def verify(path: Path, site: Files | None) -> Verified:
    """Checks files, texts and quotes of a bundle, and that the site publishes its record. Raises `BadInput` for what is
    no bundle."""
    members = read(path)
    try:
        if json.loads(members["bundle.json"])["format"] != FORMAT:
            raise ValueError
        checked, problems = _checked(members)
    except _NO_BUNDLE:
        raise _no_bundle(path) from None
    if site is not None:
        slug = str(json.loads(members["record.json"]).get("slug"))
        if not _SLUG.fullmatch(slug) or site.read(f"agents/{slug}.json") != members["record.json"]:
            problems.append(f"{site.place} publishes another version of this record")
        checked["published record"] = 1
    return Verified(checked, tuple(problems))


def read(path: Path) -> dict[str, bytes]:
    """The members of a zip by name. Raises `BadInput` for what is none, or claims too many bytes."""
    try:
        with zipfile.ZipFile(path) as archive:
            if sum(member.file_size for member in archive.infolist()) > MOST_BYTES:
                raise BadInput("unpacks to too many bytes", subject=str(path))
            return {member.filename: archive.read(member) for member in archive.infolist()}
    except _NO_BUNDLE:
        raise _no_bundle(path) from None


def _no_bundle(path: Path) -> BadInput:
    return BadInput("this is no replay bundle", subject=str(path), next_step="download one from its site")


def _checked(members: dict[str, bytes]) -> tuple[dict[str, int], list[str]]:
    """Counts and problems of files, texts and quotes."""
    listed: dict[str, str] = dict(json.loads(members["bundle.json"])["files"])
    texts = [json.loads(members[name]) for name in sorted(members) if name.startswith("texts/")]
    page_texts = {(text["url"], text["digest"]): str(text["text"]) for text in texts}
    odd = set(listed) ^ (set(members) - {"bundle.json"})
    problems = [f"{name} is missing or not listed" for name in sorted(odd)]
    bodies = {name: (members[name], listed[name]) for name in sorted(set(listed) - odd)}
    bodies |= {f"the text of {url}": (text.encode(), digest) for (url, digest), text in page_texts.items()}
    problems += [f"{name} does not match its digest" for name, (body, due) in bodies.items() if _sha256(body) != due]
    quotes = list(_quotes({**json.loads(members["record.json"])}))
    for quote in quotes:
        if page_texts.get((quote["url"], quote["text_digest"]), "")[quote["start"] : quote["end"]] != quote["quote"]:
            problems.append(f"a quote of {quote['url']} does not stand at {quote['start']}")
    return {"files": len(listed), "texts": len(page_texts), "quotes": len(quotes)}, problems


def _quotes(value: Any) -> Iterator[dict[str, Any]]:
    """Every quote of a record with its place."""
    waiting = [value]
    while waiting:
        here = waiting.pop()
        if isinstance(here, dict):
            if all(name in here for name in _PLACE):
                yield here
            waiting += here.values()
        elif isinstance(here, list):
            waiting += here


def _sha256(body: bytes) -> str:
    return f"sha256:{hashlib.sha256(body).hexdigest()}"
