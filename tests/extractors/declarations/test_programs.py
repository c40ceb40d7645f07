"""Ten declarations in each idiom, with constants, prefixes and helpers; some things only look like tools."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from extractors.declarations import Declarations, SourceFile, read_declarations

PROGRAMS = sorted(path for path in (Path(__file__).parent / "programs").iterdir() if path.is_dir())


def load(folder: Path) -> list[SourceFile]:
    paths = sorted(folder.rglob("*.txt"))
    names = [path.relative_to(folder).as_posix().removesuffix(".txt") for path in paths]
    return [SourceFile(f"https://example.org/{n}", n, p.read_text("utf-8")) for n, p in zip(names, paths, strict=True)]


@pytest.mark.parametrize("folder", PROGRAMS, ids=lambda path: path.name)
def test_an_idiom_gives_its_tools_and_nothing_else(folder: Path) -> None:
    expected = tomllib.loads((folder / "expected.toml").read_text("utf-8"))
    found = read_declarations(load(folder))
    tools = {tool.name: tool for tool in reversed(found.tools)}
    assert sorted(tools) == sorted(expected["tools"])
    for name, text in expected.get("descriptions", {}).items():
        assert tools[name].description == text, name
    for name, value in expected.get("read_only", {}).items():
        annotations = tools[name].annotations
        assert annotations is not None and annotations.read_only is value, name


@pytest.mark.parametrize("folder", PROGRAMS, ids=lambda path: path.name)
def test_every_fact_stands_where_it_says(folder: Path) -> None:
    files = load(folder)
    check_places(files, read_declarations(files))


def check_places(files: list[SourceFile], found: Declarations) -> None:
    texts = {file.url: file.text for file in files}
    for facts in found:
        for fact in facts:
            place = fact.place
            assert texts[place.url][place.start : place.end] == place.quote
            assert place.quote.strip() == place.quote != ""


@pytest.mark.parametrize("folder", PROGRAMS, ids=lambda path: path.name)
def test_the_order_of_the_files_does_not_matter(folder: Path) -> None:
    files = load(folder)
    names = {tool.name for tool in read_declarations(files).tools}
    assert {tool.name for tool in read_declarations(files[::-1]).tools} == names


@pytest.mark.parametrize("folder", PROGRAMS, ids=lambda path: path.name)
def test_letters_of_any_script_do_not_move_a_place(folder: Path) -> None:
    files = [file._replace(text="\ufeff" * 0 + file.text.replace("the", "thé 🦦 日本")) for file in load(folder)]
    check_places(files, read_declarations(files))


@pytest.mark.parametrize("folder", PROGRAMS, ids=lambda path: path.name)
def test_a_cut_file_raises_nothing_and_invents_nothing(folder: Path) -> None:
    files = load(folder)
    names = {tool.name for tool in read_declarations(files).tools}
    for cut in range(0, 1_000, 97):
        halves = [file._replace(text=file.text[: len(file.text) * cut // 1_000], truncated=True) for file in files]
        found = read_declarations(halves)
        check_places(halves, found)
        whole = {
            tool.name for tool in found.tools if not any(tool.name != n and n.startswith(tool.name) for n in names)
        }
        assert len(whole - names) <= 2, whole - names


def test_a_name_that_is_made_at_run_time_is_a_gap_and_no_tool() -> None:
    texts = {
        "src/a.py": "for entry in fetch():\n    mcp.tool(name=entry.name)(entry.run)\n",
        "src/b.ts": "for (const d of await api.get()) { server.tool(d.name, d.text, d.run); }\n",
        "src/c.go": "func f() { for _, d := range load() { s.AddTool(mcp.NewTool(d.Name), d.H) } }\n",
    }
    for path, text in texts.items():
        found = read_declarations([SourceFile("u", path, text)])
        assert not found.tools and any("run time" in gap.why for gap in found.gaps), path


def test_a_parameter_hides_a_constant_of_the_same_name() -> None:
    text = 'const name = "outer";\nfunction add(name: string) { server.tool(name, "Text", {}, run); }\nadd("inner");\n'
    found = read_declarations([SourceFile("u", "src/a.ts", text)])
    assert [tool.name for tool in found.tools] == ["inner"]


def test_two_values_of_one_name_are_no_value() -> None:
    files = [
        SourceFile("u1", "src/a.ts", 'server.tool(NAME, "Text", {}, run);\n'),
        SourceFile("u2", "src/b.ts", 'export const NAME = "one"; // tool\n'),
        SourceFile("u3", "src/c.ts", 'export const NAME = "two"; // tool\n'),
    ]
    found = read_declarations(files)
    assert not found.tools and found.gaps


def test_a_card_that_is_built_in_program_text() -> None:
    found = read_declarations(load(Path(__file__).parent / "programs/agent_cards"))
    assert {(scheme.name, scheme.kind) for scheme in found.schemes} == {("X-Walk-Key", "apiKey"), ("oauth2", "oauth2")}
    values = {each.name: each.value for each in found.capabilities}
    assert values == {"streaming": "true", "pushnotifications": "false"}
    assert {tool.origin for tool in found.tools} == {"card"}


def test_a_tool_behind_a_condition_says_so() -> None:
    text = (
        'if (config.write) {\n  server.tool("drop_table", "Drops a table", {}, run);\n}\n'
        'server.tool("list_tables", "Lists", {}, run);\n'
    )
    found = {tool.name: tool.behind for tool in read_declarations([SourceFile("u", "src/a.ts", text)]).tools}
    assert found == {"drop_table": "(config.write)", "list_tables": ""}
