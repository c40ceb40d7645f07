"""A copy is never written onto what it is a copy of, by whatever way its folder leads there.

Idea: places are compared as the file system knows them, so that a link, `.` or `..` changes nothing. Invariant:
what is refused here has written nothing.
"""

import os
from pathlib import Path

from records.pages.blobs import Blobs
from scoring.errors import BadInput


def same_place(place: Path, other: Path) -> bool:
    """True when both are one file or folder, also before it is made."""
    try:
        return place.samefile(other)
    except OSError:
        return Path(os.path.realpath(place)) == Path(os.path.realpath(other))


def refuse_own_folder(folder: Path, database: Path | None, blobs: Blobs, step: str) -> None:
    """Raises `BadInput` for the folder of the store's database, that of its page bytes, and all inside the latter."""
    if database is not None and same_place(folder, database.parent):
        raise _own(folder, step)
    if blobs.folder is None:
        return
    above = (folder, *Path(os.path.realpath(folder)).parents)
    if any(same_place(place, blobs.folder) for place in above) or same_place(folder / "blobs", blobs.folder):
        raise _own(folder, step)


def refuse_own_file(file: Path, database: Path | None, blobs: Blobs, step: str) -> None:
    """Raises `BadInput` for a file that is the store's database, belongs to it, or lies among its page bytes."""
    own = [database.with_name(database.name + end) for end in ("", "-wal", "-shm")] if database is not None else []
    inside = blobs.folder is not None and any(
        same_place(place, blobs.folder) for place in Path(os.path.realpath(file)).parents
    )
    if inside or any(same_place(file, place) for place in own):
        raise _own(file, step)


def _own(place: Path, step: str) -> BadInput:
    return BadInput("that is the store itself", subject=str(place), step=step, next_step="name another place")
