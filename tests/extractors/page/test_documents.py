"""A folder is one agent, and says what it did not read."""

from __future__ import annotations

from pathlib import Path

import pytest

from extractors.documents import read_folder
from scoring.errors import BadInput


def test_a_folder_with_everything(tmp_path: Path) -> None:
    folder = tmp_path / "Otter Mail"
    (folder / "docs").mkdir(parents=True)
    for name, body in {
        "readme.MD": "# Otter\n\nSorts.",
        "listing.txt": "=== listing entry: l ===\n- [Otter](https://o.example) - Sorts.",
        "SKILL.md.txt": "---\nname: otter\n---\nAlways sort.",
        "docs/memory.md": "Nothing is kept.",
        "meta.json": '{"secret": "not read"}',
        "TREE.txt": "not read",
        "LICENSE": "not read",
        "LICENSE.md": "not read",
        "compose.yaml": "services: {db: {image: x}}",
        "empty.md": "\n",
    }.items():
        (folder / name).write_text(body)
    (folder / "logo.png").write_bytes(b"\x89PNG")
    (folder / "link.md").symlink_to("/etc/passwd")
    read = read_folder(folder)
    assert (read.listing.slug, read.listing.name, read.listing.source) == ("otter-mail", "Otter Mail", "folder")
    assert [page.url for page in read.pages] == [
        "file:listing.txt",
        "file:readme.MD",
        "file:SKILL.md.txt",
        "file:compose.yaml",
        "file:docs/memory.md",
    ]
    assert {one.url: one.outcome for one in read.not_read} == {
        "file:empty.md": "no_text",
        "file:link.md": "blocked_address",
        "file:logo.png": "unsupported_type",
    }
    assert not any("not read" in page.text for page in read.pages)
    assert [page.own_instructions for page in read.pages] == [False, False, True, False, False]


def test_addresses_do_not_depend_on_the_machine(tmp_path: Path) -> None:
    for place in ("a", "b"):
        (tmp_path / place / "otter").mkdir(parents=True)
        (tmp_path / place / "otter" / "READ ME.md").write_text("# Otter")
    assert read_folder(tmp_path / "a/otter") == read_folder(tmp_path / "b/otter")
    assert read_folder(tmp_path / "a/otter").pages[0].url == "file:READ%20ME.md"


def test_the_files_of_a_checkout_are_named_by_the_agent(tmp_path: Path) -> None:
    (tmp_path / "otter/files").mkdir(parents=True)
    (tmp_path / "otter/files/README").write_text("Sorts mail.")
    assert read_folder(tmp_path / "otter/files").listing.slug == "otter"


def test_a_missing_or_empty_folder_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    for folder, why in (
        (tmp_path / "none", "no such folder"),
        (tmp_path / "file", "not a folder"),
        (tmp_path, "no document"),
    ):
        (tmp_path / "file").unlink(missing_ok=True) if folder == tmp_path else None
        with pytest.raises(BadInput, match=why) as caught:
            read_folder(folder)
        assert "\n" not in str(caught.value)


def test_a_huge_file_is_named_not_read(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("# Otter")
    (tmp_path / "dump.txt").write_bytes(b"x" * 5_000_001)
    assert [(one.url, one.outcome) for one in read_folder(tmp_path).not_read] == [("file:dump.txt", "too_large")]
