"""all.jsonl and all.zip hold every record, and other programs read them."""

from __future__ import annotations

import json
import shutil
import subprocess
import zipfile
from pathlib import Path

from extractors.pages.snapshot import sha256
from publishing.catalogue import Catalogue
from publishing.formats import archive


def test_the_same_records_give_the_same_bytes(tmp_path: Path) -> None:
    bodies = {f"s{n}": bytes([65 + n]) * 1000 for n in range(20)}
    for name, write in (("jsonl", archive.write_jsonl), ("zip", archive.write_zip)):
        write(tmp_path / f"a.{name}", bodies, bodies.__getitem__)
        write(tmp_path / f"b.{name}", reversed(bodies), bodies.__getitem__)
        assert (tmp_path / f"a.{name}").read_bytes() == (tmp_path / f"b.{name}").read_bytes()


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
