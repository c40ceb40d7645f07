"""all.jsonl and all.zip: every record in two files, in the order of their slugs.

Idea: one file for programs that read line by line and one for people who unpack; the standard library writes both.
Invariant: the same records give the same bytes, so members carry a fixed date and no attributes of this machine.
"""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterable
from pathlib import Path

Body = Callable[[str], bytes]
FIRST_DAY = (1980, 1, 1, 0, 0, 0)
"""The first day that the format knows."""
QUICK = 1
"""Compression level: records are alike, so a higher one saves a tenth and takes three times as long."""


def write_jsonl(path: Path, slugs: Iterable[str], body: Body) -> None:
    """One record a line."""
    with path.open("xb") as out:
        for slug in sorted(slugs):
            out.write(body(slug) + b"\n")


def write_zip(path: Path, slugs: Iterable[str], body: Body) -> None:
    """One member `<slug>.json` a record."""
    with zipfile.ZipFile(path, "x", zipfile.ZIP_DEFLATED, compresslevel=QUICK) as archive:
        for slug in sorted(slugs):
            member = zipfile.ZipInfo(f"{slug}.json", FIRST_DAY)
            member.compress_type = zipfile.ZIP_DEFLATED
            member.create_system = 0
            archive.writestr(member, body(slug), compresslevel=QUICK)
