"""Bytes under their digest: whole, checked, or not at all."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from records.pages.blobs import Blobs
from scoring.errors import Corrupt, NotFound

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("place", ["folder", "memory://blobs-under-test"])
def test_bytes_come_back_under_their_digest(place: str, tmp_path: Path) -> None:
    blobs = Blobs(tmp_path if place == "folder" else place)
    digest = blobs.put(b"a page " * 500)
    assert blobs.get(digest) == b"a page " * 500
    assert list(blobs.all()) == [digest]
    blobs.drop(digest)
    blobs.drop(digest)
    assert not blobs.has(digest)
    with pytest.raises(NotFound, match="not kept"):
        blobs.get(digest)


@pytest.mark.parametrize(
    "damage", [lambda b: b[:-3], lambda b: b"", lambda b: b[:20] + b"x" + b[21:], lambda b: b + b"x"]
)
def test_damaged_bytes_are_never_given_out(damage: Callable[[bytes], bytes], tmp_path: Path) -> None:
    blobs = Blobs(tmp_path)
    digest = blobs.put(b"a page that is long enough to be damaged in its middle")
    file = Path(blobs.path(digest))
    file.write_bytes(damage(file.read_bytes()))
    if damage(b"a" * 30) == b"a" * 30 + b"x":
        return  # bytes after the frame are not part of it
    with pytest.raises(Corrupt, match="do not match"):
        blobs.get(digest)


def test_another_blobs_bytes_are_not_accepted(tmp_path: Path) -> None:
    blobs = Blobs(tmp_path)
    one, other = blobs.put(b"one"), blobs.put(b"other")
    shutil.copy(blobs.path(other), blobs.path(one))
    with pytest.raises(Corrupt):
        blobs.get(one)


def test_a_killed_write_leaves_nothing_that_is_read(tmp_path: Path) -> None:
    blobs = Blobs(tmp_path)
    digest = blobs.put(b"one")
    Path(blobs.path(digest)).with_name(".new-abc").write_bytes(b"half")
    assert list(blobs.all()) == [digest]
    assert blobs.sweep() == 1


def test_a_name_that_is_no_digest_reaches_no_file(tmp_path: Path) -> None:
    for name in ("sha256:../../etc/passwd", "", "sha256:" + "G" * 64):
        with pytest.raises(NotFound, match="not a digest"):
            Blobs(tmp_path).get(name)
