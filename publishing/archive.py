"""all.jsonl and all.zip: every record in two files, in the order of their slugs.

Idea: a new version of either file copies the unchanged stretches of the one before by byte range, so that ten
changed records of ten thousand cost ten records. Invariant: a file made that way is byte for byte the file
that would be made from nothing.

The zip is written here because the standard library cannot take over a compressed member unread. Members
are deflated, dated 1980-01-01, without extra fields (PKWARE APPNOTE 4.3; zip64 where the counts need it).
"""

from __future__ import annotations

import os
import struct
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

_FAT_DATE = (1 << 5) | 1  # 1980-01-01, the first day that the format knows
_U16, _U32 = 0xFFFF, 0xFFFFFFFF


class Stretch(NamedTuple):
    """Where one record stands in a file that was published, and what the zip's directory must say of it."""

    digest: str
    start: int
    length: int
    crc: int = 0
    packed: int = 0
    size: int = 0


Places = Mapping[str, Stretch]
Body = Callable[[str], bytes]


@dataclass(slots=True)
class ArchiveFile:
    """One of the two files: a `Write` that mostly copies, so that it may go beside others."""

    make: Callable[[Path, Mapping[str, str], Body, Path | None, Places], dict[str, Stretch]]
    digests: Mapping[str, str]
    body: Body
    old: Path | None
    places: Places
    """Where each record stands in `old`."""
    kept: dict[str, Any]
    """Takes where each record stands now, without its digest, for the next publication."""

    def __call__(self, target: Path) -> None:
        places = self.make(target, self.digests, self.body, self.old, self.places)
        self.kept[target.name] = {slug: place[1:] for slug, place in places.items()}


def write_jsonl(
    path: Path, digests: Mapping[str, str], body: Body, old: Path | None, known: Places
) -> dict[str, Stretch]:
    """One record a line. Lines of `old` that are still right are copied."""

    def line(slug: str, out: BinaryIO, start: int) -> Stretch:
        written = out.write(body(slug) + b"\n")
        return Stretch(digests[slug], start, written)

    with path.open("xb") as out:
        return _write(out, digests, line, old, known)


def write_zip(
    path: Path, digests: Mapping[str, str], body: Body, old: Path | None, known: Places
) -> dict[str, Stretch]:
    """One member `<slug>.json` a record. Members of `old` that are still right are copied, still packed."""

    def member(slug: str, out: BinaryIO, start: int) -> Stretch:
        plain = body(slug)
        deflate = zlib.compressobj(6, zlib.DEFLATED, -zlib.MAX_WBITS)
        packed = deflate.compress(plain) + deflate.flush()
        name = f"{slug}.json".encode()
        made = Stretch(digests[slug], start, 30 + len(name) + len(packed), zlib.crc32(plain), len(packed), len(plain))
        out.write(struct.pack("<4s5H3I2H", b"PK\x03\x04", 20, 0, 8, 0, _FAT_DATE, *made[3:], len(name), 0))
        out.write(name + packed)
        return made

    with path.open("xb") as out:
        places = _write(out, digests, member, old, known)
        _directory(out, places)
    return places


def _write(
    out: BinaryIO,
    digests: Mapping[str, str],
    fresh: Callable[[str, BinaryIO, int], Stretch],
    old: Path | None,
    known: Places,
) -> dict[str, Stretch]:
    """Records in the order of their slugs; runs that stand together in `old` are copied in one piece."""
    places: dict[str, Stretch] = {}
    run_start = run_end = 0  # the pending stretch of the old file
    at = 0
    source = old.open("rb") if old else None
    try:
        for slug in sorted(digests):
            place = known.get(slug) if source else None
            if place and place.digest == digests[slug]:
                if place.start != run_end:
                    _copy(source, out, run_start, run_end)
                    run_start = place.start
                run_end = place.start + place.length
                places[slug] = place._replace(start=at)
            else:
                _copy(source, out, run_start, run_end)
                run_start = run_end
                places[slug] = fresh(slug, out, at)
            at += places[slug].length
        _copy(source, out, run_start, run_end)
    finally:
        if source:
            source.close()
    return places


def _copy(source: BinaryIO | None, out: BinaryIO, start: int, end: int) -> None:
    if source is None or start == end:
        return
    out.flush()
    left, offset = end - start, start
    while left:
        try:
            done = os.copy_file_range(source.fileno(), out.fileno(), left, offset_src=offset)
        except (OSError, AttributeError):  # another file system, or a system without the call
            done = out.write(os.pread(source.fileno(), min(left, 1 << 20), offset))
            out.flush()
        if not done:
            raise EOFError(f"{source.name} is shorter than its manifest says")
        left, offset = left - done, offset + done
    out.seek(0, os.SEEK_END)


def _directory(out: BinaryIO, places: Places) -> None:
    """The central directory and its end, zip64 where a number does not fit."""
    start = out.tell()
    for slug, place in places.items():
        name = f"{slug}.json".encode()
        extra = struct.pack("<2HQ", 1, 8, place.start) if place.start >= _U32 else b""
        out.write(
            struct.pack(
                "<4s6H3I5H2I",
                *(b"PK\x01\x02", 45 if extra else 20, 45 if extra else 20, 0, 8, 0, _FAT_DATE),
                *(place.crc, place.packed, place.size, len(name), len(extra), 0, 0, 0, 0, min(place.start, _U32)),
            )
        )
        out.write(name + extra)
    size, end, count = out.tell() - start, out.tell(), len(places)
    if count >= _U16 or start >= _U32:
        out.write(struct.pack("<4sQ2H2I4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, count, count, size, start))
        out.write(struct.pack("<4sIQI", b"PK\x06\x07", 0, end, 1))
    out.write(
        struct.pack("<4s4H2IH", b"PK\x05\x06", 0, 0, min(count, _U16), min(count, _U16), size, min(start, _U32), 0)
    )
