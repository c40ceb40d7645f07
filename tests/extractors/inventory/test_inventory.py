"""The inventory: one row a tool, completeness only where nothing speaks against it, changes with both texts."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.declarations import SourceFile, read_declarations
from extractors.inventory.completeness import unread
from extractors.inventory.inventory import ToolInventory, inventory
from extractors.inventory.tool_traits import runs_code
from scoring.tools.changes import ToolChangeKind, changes, note
from scoring.tools.inventory import Verb

SERVER = """import { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
import { addReading } from "./reading.js";
const server = new McpServer({ name: "den", version: "1.0.0" });
const config = { description: "Creates a den", inputSchema: {}, annotations: { readOnlyHint: true } };
server.registerTool("create_den", config, async () => ({ content: [] }));
addReading(server);
await server.connect(new StdioServerTransport());
"""
READING = """export function addReading(server: McpServer) {
  server.tool("list_dens", "Lists dens", {}, async () => ({ content: [] }));
}
"""
FILES = {
    "package.json": json.dumps(
        {"name": "den", "version": "1.0.0", "dependencies": {"@modelcontextprotocol/sdk": "1", "zod": "3"}}
    ),
    "README.md": "# Den\n## Tools\n- `create_den`: Creates\n- `list_dens`: Lists\n",
    "src/index.ts": SERVER,
    "src/reading.ts": READING,
}
TREE = [*FILES, "tests/den.test.ts", "LICENSE"]


def made(files: dict[str, str], tree: list[str] | None = TREE, cut: bool = False, truncated: str = "") -> ToolInventory:
    sources = [SourceFile(f"https://example.org/{path}", path, text, path == truncated) for path, text in files.items()]
    missed = None if tree is None else unread(tree, list(files), cut)
    return inventory(read_declarations(sources), sources, missed)


def test_a_whole_program_is_a_whole_list() -> None:
    found = made(FILES)
    assert found.complete, found.open_ends
    assert [(tool.name, tool.verb) for tool in found.tools] == [("create_den", Verb.WRITE), ("list_dens", Verb.READ)]
    assert "all 2 tools are declared in 2 of 2 program files" in found.why
    assert found.counts()[Verb.WRITE] == 1 and found.of(Verb.READ)[0].name == "list_dens"


def test_what_a_tool_says_of_itself_lowers_nothing() -> None:
    tool = made(FILES).tools[0]
    assert tool.annotations is not None and tool.annotations.read_only
    assert tool.verb is Verb.WRITE and "readOnlyHint" in tool.contradiction


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"src/reading.ts": None}, "program file was not read"),
        ({"src/index.ts": None}, "program file was not read"),
        ({"src/index.ts": None, "src/reading.ts": None}, "document only"),
        ({"src/reading.ts": READING.replace('"list_dens"', "name")}, "run time"),
        (
            {"src/index.ts": SERVER + 'if (process.env.WRITE) { server.tool("drop_den", "Drops", {}, run); }\n'},
            "condition",
        ),
        (
            {"src/index.ts": SERVER.replace("addReading(server);", "if (config.reading) addReading(server);")},
            "condition",
        ),
        (
            {"src/index.ts": SERVER + "for (const t of await client.listTools()) { server.tool(t.name, run); }\n"},
            "run time",
        ),
        ({"src/index.ts": SERVER + "await import(path);\n"}, "loaded at run time"),
        ({"src/index.ts": SERVER + "registerMore(server);\n"}, "not read"),
        ({"src/index.ts": SERVER + "const enabledTools = argv.tools;\n"}, "setting"),
        ({"src/index.ts": SERVER + 'server.tool("broken\n'}, "does not parse"),
        ({"src/index.ts": SERVER + "const list = [...(write ? [dropTool] : []), findTool];\n"}, "condition"),
        ({"src/index.ts": SERVER + 'config.write && server.tool("drop_den", "Drops", {}, run);\n'}, "condition"),
        (
            {"src/index.ts": SERVER + 'function callTool(name) { switch (name) { case "fill_den": return 1; } }\n'},
            "answered",
        ),
        ({"src/index.ts": SERVER + "handle(async () => ({ tools: await upstream.listTools() }));\n"}, "another server"),
        ({"src/index.ts": SERVER + "tools.push(...domain);\n"}, "put together"),
        ({"README.md": FILES["README.md"] + "- `hidden_den`: Another\n"}, "does not declare"),
        ({"package.json": FILES["package.json"].replace('"zod"', '"@den/mcp-tools"')}, "dependency"),
        ({"manifest.json": '{"manifest_version": "0.3", "server": {}, "tools_generated": true}'}, "at run time"),
    ],
)
def test_one_reason_is_enough(change: dict[str, str | None], reason: str) -> None:
    files = {path: text for path, text in {**FILES, **change}.items() if text is not None}
    found = made(files)
    assert not found.complete
    assert any(reason in each for each in found.open_ends), found.open_ends


def test_without_the_tree_or_with_a_cut_one_nothing_is_complete() -> None:
    assert not made(FILES, None).complete
    assert not made(FILES, TREE, cut=True).complete
    assert not made(FILES, [*TREE, "src/more.rb"]).complete
    assert not made(FILES, [*TREE, "src/further.ts"]).complete
    assert not made(FILES, [*TREE, "src/tools/tests/list.ts"]).complete
    assert made(FILES, [*TREE, "src/index.test.ts", "examples/client.ts", "vite.config.ts"]).complete
    assert not made(FILES, truncated="src/index.ts").complete
    assert not made({"README.md": FILES["README.md"]}, ["README.md"]).complete


@pytest.mark.parametrize("path", list(FILES))
def test_a_file_less_never_closes_a_list(path: str) -> None:
    for start in (FILES, {**FILES, "src/index.ts": SERVER + "await import(path);\n"}):
        rest = {name: text for name, text in start.items() if name != path}
        if made(rest).complete:
            assert made(start).complete


@pytest.mark.parametrize(
    "folder", sorted((Path(__file__).parents[1] / "declarations/programs").iterdir()), ids=lambda path: path.name
)
def test_a_part_of_a_program_is_never_complete(folder: Path) -> None:
    texts = {
        path.relative_to(folder).as_posix().removesuffix(".txt"): path.read_text("utf-8")
        for path in folder.rglob("*.txt")
    }
    for path in texts:
        rest = {name: text for name, text in texts.items() if name != path}
        assert not made(rest, list(texts)).complete


def test_the_gravest_text_counts() -> None:
    files = {
        "src/a.ts": 'server.tool("query", "Queries the store", {}, run);\n',
        "README.md": "# Tools\n- `query`: Executes any SQL statement\n",
    }
    assert made(files).tools[0].verb is Verb.EXECUTE


def test_a_sibling_that_asks_for_a_cost() -> None:
    text = (
        "# Tools\n- `create_den`: Creates a den\n"
        "- `confirm_cost`: Confirms the cost; required to create a new den or hole\n- `create_note`: Creates a note\n"
    )
    found = {tool.name: tool.verb for tool in made({"README.md": text}).tools}
    assert found["create_den"] is Verb.SPEND and found["create_note"] is Verb.WRITE


def test_skills_and_hooks_act_by_their_permissions() -> None:
    files = {
        "skills/den/SKILL.md": "---\nname: den\ndescription: Reads dens\nallowed-tools: Read, Bash(ls:*)\n---\n",
        "agents/look.md": "---\nname: look\ndescription: Looks\ntools: Read, Grep\n---\n",
        "hooks/hooks.json": json.dumps({"hooks": {"Stop": [{"hooks": [{"type": "command", "command": "sh a.sh"}]}]}}),
    }
    assert {tool.name: tool.verb for tool in made(files).tools} == {
        "den": Verb.EXECUTE,
        "look": Verb.READ,
        "Stop": Verb.EXECUTE,
    }


@pytest.mark.parametrize(
    ("allowed", "verb", "any_code"),
    [
        ("Bash(git add:*), Bash(gh pr view:*), Read", Verb.EXECUTE, False),
        ("Bash(${CLAUDE_PLUGIN_ROOT}/scripts/start.sh:*)", Verb.EXECUTE, False),
        ("Bash(git add:*), Bash(python:*)", Verb.EXECUTE, True),
        ("Bash(git:*)", Verb.EXECUTE, True),
        ("Bash(git bisect run:*)", Verb.EXECUTE, True),
        ("Bash(git submodule foreach:*)", Verb.EXECUTE, True),
        ("Bash(gh alias set:*)", Verb.EXECUTE, True),
        ("Bash(gh extension exec:*)", Verb.EXECUTE, True),
        ("Bash(${CLAUDE_PLUGIN_ROOT}/../../bin/sh:*)", Verb.EXECUTE, True),
        ("mcp__den__run_fixed, Bash(git add:*)", Verb.EXECUTE, True),
        ("Bash(echo x; sh:*)", Verb.EXECUTE, True),
        ("Bash(*)", Verb.EXECUTE, True),
        ("Bash", Verb.EXECUTE, True),
        ("Read, BashOutput, TodoWrite", Verb.READ, False),
        ("Read, Task", Verb.UNKNOWN, False),
        ("Read, Task, Write", Verb.WRITE, False),
        ("Read, SomethingNew", Verb.UNKNOWN, False),
    ],
)
def test_a_permission_weighs_what_it_allows(allowed: str, verb: Verb, any_code: bool) -> None:
    skill = f"---\nname: den\ndescription: Looks after dens\nallowed-tools: {allowed}\n---\n"
    tool = made({"skills/den/SKILL.md": skill}).tools[0]
    assert (tool.verb, tool.verb is Verb.EXECUTE and runs_code(tool)) == (verb, any_code)


def test_changes() -> None:
    before = made(FILES)
    assert changes(before.tools, made(dict(reversed(FILES.items()))).tools) == () and note(()) == ""
    assert made(dict(reversed(FILES.items()))).digest == before.digest
    after = made(
        {
            **FILES,
            "src/reading.ts": READING.replace("Lists dens", "Runs shell commands").replace(
                "}\n", '  server.tool("map_dens", "Maps dens", {}, run);\n}\n', 1
            ),
        }
    )
    found = changes(before.tools, after.tools)
    assert [(change.kind, change.name) for change in found] == [
        (ToolChangeKind.DESCRIPTION, "list_dens"),
        (ToolChangeKind.VERB, "list_dens"),
        (ToolChangeKind.CAME, "map_dens"),
    ]
    assert (found[0].before, found[0].after) == ("Lists dens", "Runs shell commands")
    assert found[1].reopens_review and after.digest != before.digest
    assert note(found) == "1 tool came, 1 description changed, 1 class changed"
    fallen = changes(after.tools, before.tools)
    assert not any(change.reopens_review for change in fallen if change.kind is ToolChangeKind.VERB)


@given(st.permutations(list(FILES)))
def test_the_order_of_files_makes_no_difference(order: list[str]) -> None:
    assert made({path: FILES[path] for path in order}).digest == made(FILES).digest
