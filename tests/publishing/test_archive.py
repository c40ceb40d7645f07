"""all.jsonl and all.zip hold every record, and other programs read them."""

import json
import random
import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest

from extractors.pages.snapshot import sha256
from publishing.catalogue import Catalogue
from publishing.formats import archive
from publishing.formats.archive import Published


def bodies_of(dice: random.Random, slugs: range) -> dict[str, bytes]:
    return {f"s{n:02}": b"%d %s" % (n, dice.randbytes(dice.randint(0, 3_000)).hex().encode()) for n in slugs}


def written(folder: Path, bodies: dict[str, bytes], before: Published | None = None) -> Published:
    """The records and their archives, written into a new folder."""
    (folder / "agents").mkdir(parents=True)
    for slug, body in bodies.items():
        (folder / "agents" / f"{slug}.json").write_bytes(body)
    digests = {slug: sha256(body) for slug, body in bodies.items()}
    archive.write_jsonl(folder / "all.jsonl", digests, bodies.__getitem__, before)
    return Published(folder, digests, archive.write_zip(folder / "all.zip", digests, bodies.__getitem__, before))


def contents(published: Published) -> list[bytes]:
    return [(published.folder / name).read_bytes() for name in ("all.jsonl", "all.zip")]


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(20))
def test_archives_after_a_change_are_those_written_anew(tmp_path: Path, seed: int) -> None:
    dice = random.Random(seed)
    bodies = bodies_of(dice, range(20))
    published = written(tmp_path / "none", {})
    published = written(tmp_path / "first", bodies, published)
    for night in range(5):
        bodies |= bodies_of(dice, range(dice.randint(0, 30), 30, 9))
        for slug in dice.sample(sorted(bodies), dice.randint(0, 3)):
            del bodies[slug]
        published = written(tmp_path / f"grown-{night}", bodies, published)
        shuffled = dict(dice.sample(sorted(bodies.items()), len(bodies)))
        assert contents(published) == contents(written(tmp_path / f"alone-{night}", shuffled))


def test_archives_are_copied_without_reading_the_records_that_stayed(tmp_path: Path) -> None:
    bodies = bodies_of(random.Random(1), range(20))
    published = written(tmp_path / "first", bodies)
    digests, read = {**published.digests, "s07": sha256(b"new")}, []

    def body(slug: str) -> bytes:
        read.append(slug)
        return b"new"

    archive.write_jsonl(tmp_path / "all.jsonl", digests, body, published)
    archive.write_zip(tmp_path / "all.zip", digests, body, published)
    assert read == ["s07", "s07"]


def test_nothing_is_taken_from_damaged_archives(tmp_path: Path) -> None:
    dice = random.Random(2)
    bodies = bodies_of(dice, range(20))
    published = written(tmp_path / "first", bodies)
    whole = contents(published)
    for slug, rotten in {"s01": b"not it", "s02": bodies["s02"][:-1], "s03": bodies["s03"] + b"\n", "s04": b""}.items():
        (published.folder / "agents" / f"{slug}.json").write_bytes(rotten)
    bodies["s07"] = b"new"
    wanted = contents(written(tmp_path / "wanted", bodies))
    flipped = [bytes([*part[:at], part[at] ^ 1, *part[at + 1 :]]) for part in whole for at in (len(part) // 3,)]
    other = contents(written(tmp_path / "other", bodies_of(dice, range(20))))
    lines = whole[0].splitlines(keepends=True)
    swapped = b"".join([lines[1], lines[0], *lines[2:]])
    for number, (jsonl, zipped) in enumerate(
        [flipped, other, (whole[0][:-1], whole[1][:-1]), (swapped, b"PK"), (b"", b""), (whole[1], whole[0])]
    ):
        (published.folder / "all.jsonl").write_bytes(jsonl)
        (published.folder / "all.zip").write_bytes(zipped)
        found = contents(written(tmp_path / f"again-{number}", bodies, published))
        assert [*map(sha256, found)] == [*map(sha256, wanted)]
    shutil.rmtree(published.folder)
    assert contents(written(tmp_path / "gone", bodies, published)) == wanted


def test_other_programs_read_the_zip(site: Path, catalogue: Catalogue) -> None:
    with zipfile.ZipFile(site / "all.zip") as read:
        assert read.testzip() is None
        names = read.namelist()
        assert names == [f"{slug}.json" for slug in sorted(catalogue.digests)]
        assert all(read.read(name) == (site / "agents" / name).read_bytes() for name in names)
    if shutil.which("unzip"):
        subprocess.run(["unzip", "-tqq", str(site / "all.zip")], check=True)


def test_jsonl_holds_every_record(site: Path, catalogue: Catalogue) -> None:
    lines = (site / "all.jsonl").read_bytes().splitlines()
    assert [json.loads(line)["slug"] for line in lines] == sorted(catalogue.digests)
    assert {sha256(line) for line in lines} == set(catalogue.digests.values())
