"""A folder is one agent, and says what it did not read."""

import os
from pathlib import Path

import pytest

from extractors.pages.local_folder import read_folder
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


def test_nothing_outside_the_folder_is_read_and_nothing_is_waited_for(tmp_path: Path) -> None:
    folder, outside = tmp_path / "otter", tmp_path / "outside"
    folder.mkdir()
    outside.mkdir()
    (outside / "secret.md").write_text("secret words of the machine")
    (folder / "README.md").write_text("# Otter")
    (folder / "docs").symlink_to(outside)
    (folder / "up").symlink_to("..")
    (folder / "hosts.txt").symlink_to("/etc/hosts")
    (folder / "gone.md").symlink_to("nowhere")
    os.mkfifo(folder / "pipe.md")
    (folder / "folder.md").mkdir()
    read = read_folder(folder)
    assert [page.url for page in read.pages] == ["file:README.md"]
    assert {one.url: one.outcome for one in read.not_read} == {
        "file:hosts.txt": "blocked_address",
        "file:gone.md": "blocked_address",
        "file:pipe.md": "blocked_address",
    }


def test_names_and_bytes_in_any_encoding(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_bytes("# Рысь".encode("utf-16"))
    (tmp_path / "b.txt").write_bytes("Café mails".encode("latin-1"))
    (tmp_path / "c.md").write_bytes(b"\x00\x01\x02" * 900)
    (tmp_path / "d e%2F..\n.md").write_text("Odd name.")
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff\xfe.md")).write_text("Odd bytes.")
    read = read_folder(tmp_path)
    texts = {page.url: page.text for page in read.pages}
    assert texts["file:a.md"] == "Рысь" and texts["file:b.txt"] == "Café mails"
    assert texts["file:d%20e%252F..%0A.md"] == "Odd name." and texts["file:%FF%FE.md"] == "Odd bytes."
    assert [(one.url, one.outcome) for one in read.not_read] == [("file:c.md", "no_text")]


def test_of_very_many_files_the_nearest_are_read_and_the_rest_is_named(tmp_path: Path) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    for number in range(420):
        (tmp_path / "a" / "b" / f"{number}.md").write_text("Deep.")
    (tmp_path / "z.md").write_text("# Otter")
    read = read_folder(tmp_path)
    assert read.pages[0].url == "file:z.md" and len(read.pages) == 400
    assert {one.outcome for one in read.not_read} == {"not_reached"} and len(read.not_read) == 21
