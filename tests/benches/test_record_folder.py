"""A folder of records: every file is measured or told, and none stops the others."""

import zipfile
from pathlib import Path

import pytest

from benches.evidence.record_folder import read


def locked(path: Path) -> None:
    """A bundle that asks for a password."""
    with zipfile.ZipFile(path, "w") as made:
        made.writestr("record.json", "{}")
    body = bytearray(path.read_bytes())
    body[6] |= 1
    body[body.find(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(body)


def damaged(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("record.json", "{}" * 1_000)
    body = bytearray(path.read_bytes())
    body[41:46] = b"\xff" * 5
    path.write_bytes(body)


@pytest.mark.parametrize("body", [b"[" * 200_000, b"\xff\xfe", b"", b"[]", b'{"extraction": {}}', b"1" * 9_000])
def test_a_file_that_is_no_record_is_told(body: bytes, tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(body)
    (tmp_path / "b.json").write_text("no JSON")
    found, left = read(tmp_path)
    assert not found and [line["file"] for line in left] == ["a.json", "b.json"] and all(line["why"] for line in left)


def test_bundles_hide_no_other_file(tmp_path: Path) -> None:
    locked(tmp_path / "locked.zip")
    damaged(tmp_path / "damaged.zip")
    for name in ("bundle/record.json", "bundle/pages/one.json", "other/one.json", "two.json"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("[]")
    assert {line["file"] for line in read(tmp_path)[1]} == {
        "locked.zip",
        "damaged.zip",
        "bundle/record.json",
        "other/one.json",
        "two.json",
    }
