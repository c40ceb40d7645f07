"""Real products: with one file of a crawl less no fact is safer, and no list is called whole that lacks a tool."""

import json
from pathlib import Path
from typing import Any

import pytest

from extractors.inventory.completeness import unread
from extractors.inventory.from_pages import declared_in
from extractors.model.declared import Declared, DeclaringFile
from extractors.pages.local_folder import read_folder
from extractors.pages.text_extraction import page_text
from scoring.vocabulary import EXPOSURE_VALUES, ExposureFact


def files_of(folder: Path, meta: dict[str, Any]) -> list[DeclaringFile]:
    stored = [(file["path"], folder / file["stored"]) for file in meta["files"] if not file.get("not_stored")]
    kept = [(path, file.read_text("utf-8")) for path, file in stored]
    return [DeclaringFile(path, text, page_text(text.encode(), url=f"file:{path}")) for path, text in kept]


def made(files: list[DeclaringFile], tree: list[str], missing: list[str], repository: str) -> Declared:
    return declared_in(files, repository, unread(tree, [file.path for file in files]), missing) or Declared()


@pytest.mark.slow
def test_one_file_less_makes_no_fact_safer_and_no_list_whole(shared: Path) -> None:
    checked = 0
    for folder in sorted(path for path in (shared / "tools").iterdir() if path.is_dir()):
        meta = json.loads((folder / "meta.json").read_text("utf-8"))
        tree, files = (folder / "TREE.txt").read_text("utf-8").split(), files_of(folder, meta)
        repository = f"https://github.com/{meta['repository']}"
        whole = made(files, tree, [], repository)
        before = {claim.claim: claim.value for claim in whole.claims}
        truth = {tool["name"] for tool in json.loads((folder / "truth.json").read_text("utf-8"))["tools"]}
        if whole.inventory and whole.inventory.complete:
            assert truth <= {tool.name for tool in whole.inventory.tools}, folder.name
        for gone in files:
            rest = [file for file in files if file is not gone]
            less = made(rest, tree, [gone.path], repository)
            assert not (less.inventory and less.inventory.complete), (folder.name, gone.path)
            for claim in less.claims:
                if claim.claim in set(ExposureFact):
                    values = EXPOSURE_VALUES[ExposureFact(claim.claim)]
                    was = values.index(before.get(claim.claim, values[-1]))
                    assert values.index(claim.value) >= was, (folder.name, gone.path, claim.claim, claim.value)
            checked += 1
    assert checked > 150


def test_a_folder_is_read_with_its_program_text(tmp_path: Path) -> None:
    files = {
        "README.md": "# Tern\n\nTern is an MCP server.\n",
        "package.json": '{"name": "tern", "version": "1.0.0", "dependencies": {"@modelcontextprotocol/sdk": "1"}}',
        "src/index.ts": 'const server = new McpServer({});\nserver.tool("list_nests", "Lists nests", {}, run);\n',
        "src/index.test.ts": 'server.tool("never", "Of a test", {}, run);\n',
        "tests/more.ts": 'server.tool("never_either", "Of a test", {}, run);\n',
    }
    for path, text in files.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(text)
    read = read_folder(tmp_path)
    assert {page.url for page in read.pages} == {"file:README.md", "file:package.json"}
    assert read.declared is not None and read.declared.inventory is not None
    assert [tool.name for tool in read.declared.inventory.tools] == ["list_nests"] and read.declared.inventory.complete
    (tmp_path / "src/deep.rb").write_text("# another language\n")
    again = read_folder(tmp_path).declared
    assert again is not None and again.inventory is not None and not again.inventory.complete
