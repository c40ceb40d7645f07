"""A replay bundle, as far as it can be checked without the program that made it.

    bundle.json → files by digest → texts by digest → quotes at their places → the record that a site publishes

The claims and scores themselves are made again by the full program alone. Invariant: nothing is unpacked to a disk,
and a bundle that claims more bytes than the limit is refused before it is read.
"""

from __future__ import annotations

import hashlib
import json
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from assay_check.errors import BadInput
from assay_check.lookup.site import Files

FORMAT = "assay-bundle-1"
MOST_BYTES = 500_000_000
"""Unpacked."""
_SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,99}")
_PLACE = ("quote", "start", "end", "text_digest", "url")


class Verified(NamedTuple):
    """What was checked, by step and count, and every problem in one line."""

    checked: dict[str, int]
    problems: tuple[str, ...]

    @property
    def holds(self) -> bool:
        return not self.problems


def verify(path: Path, site: Files | None) -> Verified:
    """Checks files, texts and quotes of a bundle, and that the site publishes its record. Raises `BadInput` for what is
    no bundle."""
    try:
        with zipfile.ZipFile(path) as archive:
            if sum(member.file_size for member in archive.infolist()) > MOST_BYTES:
                raise BadInput("unpacks to too many bytes", subject=str(path))
            members = {member.filename: archive.read(member) for member in archive.infolist()}
        about, record = json.loads(members["bundle.json"]), json.loads(members["record.json"])
        listed: dict[str, str] = about["files"]
        texts = [json.loads(members[name]) for name in sorted(members) if name.startswith("texts/")]
        page_texts = {(text["url"], text["digest"]): str(text["text"]) for text in texts}
        if about["format"] != FORMAT:
            raise ValueError
    except (
        OSError,
        zipfile.BadZipFile,
        EOFError,
        NotImplementedError,
        RuntimeError,
        ValueError,
        LookupError,
        TypeError,
    ):
        raise BadInput("this is no replay bundle", subject=str(path), next_step="download one from its site") from None
    odd = set(listed) ^ (set(members) - {"bundle.json"})
    problems = [f"{name} is missing or not listed" for name in sorted(odd)]
    bodies = {name: (members[name], listed[name]) for name in sorted(set(listed) - odd)}
    bodies |= {f"the text of {url}": (text.encode(), digest) for (url, digest), text in page_texts.items()}
    problems += [f"{name} does not match its digest" for name, (body, due) in bodies.items() if _sha256(body) != due]
    quotes = list(_quotes(record))
    for quote in quotes:
        if page_texts.get((quote["url"], quote["text_digest"]), "")[quote["start"] : quote["end"]] != quote["quote"]:
            problems.append(f"a quote of {quote['url']} does not stand at {quote['start']}")
    checked = {"files": len(listed), "texts": len(page_texts), "quotes": len(quotes)}
    if site is not None:
        slug = str(record.get("slug"))
        if not _SLUG.fullmatch(slug) or site.read(f"agents/{slug}.json") != members["record.json"]:
            problems.append(f"{site.place} publishes another version of this record")
        checked["published record"] = 1
    return Verified(checked, tuple(problems))


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
