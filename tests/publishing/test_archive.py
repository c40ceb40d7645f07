"""all.jsonl and all.zip, written over what was there, equal those written from nothing."""

from __future__ import annotations

import json
import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extractors.snapshot import sha256
from publishing import archive
from publishing.catalogue import Catalogue

BODIES = st.dictionaries(st.sampled_from([f"s{n}" for n in range(8)]), st.binary(min_size=1, max_size=40), max_size=8)


@pytest.mark.parametrize("write", [archive.write_jsonl, archive.write_zip])
@given(history=st.lists(BODIES, min_size=1, max_size=5))
@settings(max_examples=40, deadline=None)
def test_over_the_old_one_equals_from_nothing(write: object, history: list[dict[str, bytes]], tmp_path_factory) -> None:  # type: ignore[no-untyped-def]
    folder = tmp_path_factory.mktemp("archive")
    old: Path | None = None
    places: dict[str, archive.Stretch] = {}
    for number, bodies in enumerate(history):
        digests = {slug: sha256(body) for slug, body in bodies.items()}
        grown, alone = folder / f"grown-{number}", folder / f"alone-{number}"
        places = write(grown, digests, bodies.__getitem__, old, places)  # type: ignore[operator]
        again = write(alone, digests, bodies.__getitem__, None, {})  # type: ignore[operator]
        assert grown.read_bytes() == alone.read_bytes()
        assert places == again
        old = grown
    shutil.rmtree(folder)


def test_unchanged_records_are_not_read_again(tmp_path: Path) -> None:
    bodies = {f"s{n}": bytes([65 + n]) * 1000 for n in range(20)}
    digests = {slug: sha256(body) for slug, body in bodies.items()}
    places = archive.write_zip(tmp_path / "a", digests, bodies.__getitem__, None, {})
    bodies["s7"] = b"new"
    digests["s7"] = sha256(b"new")
    read: list[str] = []

    def body(slug: str) -> bytes:
        read.append(slug)
        return bodies[slug]

    archive.write_zip(tmp_path / "b", digests, body, tmp_path / "a", places)
    assert read == ["s7"]


def test_other_programs_read_the_zip(site: Path, catalogue: Catalogue) -> None:
    with zipfile.ZipFile(site / "all.zip") as read:
        assert read.testzip() is None
        names = read.namelist()
        assert names == [f"{slug}.json" for slug in sorted(catalogue.digests)]
        assert all(read.read(name) == (site / "agents" / name).read_bytes() for name in names)
    if shutil.which("unzip"):
        subprocess.run(["unzip", "-tqq", str(site / "all.zip")], check=True)


@pytest.mark.slow
def test_more_members_than_the_old_format_counts(tmp_path: Path) -> None:
    bodies = {f"a{n}": b"{}" for n in range(70_000)}
    digests = dict.fromkeys(bodies, sha256(b"{}"))
    archive.write_zip(tmp_path / "big.zip", digests, bodies.__getitem__, None, {})
    with zipfile.ZipFile(tmp_path / "big.zip") as read:
        assert len(read.namelist()) == 70_000
        assert read.read("a69999.json") == b"{}"


def test_jsonl_holds_every_record(site: Path, catalogue: Catalogue) -> None:
    lines = (site / "all.jsonl").read_bytes().splitlines()
    assert [json.loads(line)["slug"] for line in lines] == sorted(catalogue.digests)
    assert {sha256(line) for line in lines} == set(catalogue.digests.values())
