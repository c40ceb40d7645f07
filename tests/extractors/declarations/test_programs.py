"""Ten declarations in each idiom, with constants, prefixes and helpers; some things only look like tools."""

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from extractors.declarations import Declarations, SourceFile, read_declarations
from extractors.declarations.facts import Power

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
    for place in (fact.place for facts in found for fact in facts if not isinstance(fact, (str, Power))):
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
        assert not found.tools and any("run time" in why for why in found.gaps), path


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
    assert {tool.origin for tool in found.tools} == {"card"}


def test_a_tool_behind_a_condition_says_so() -> None:
    text = (
        'if (config.write) {\n  server.tool("drop_table", "Drops a table", {}, run);\n}\n'
        'server.tool("list_tables", "Lists", {}, run);\n'
    )
    found = {tool.name: tool.behind for tool in read_declarations([SourceFile("u", "src/a.ts", text)]).tools}
    assert found == {"drop_table": "(config.write)", "list_tables": ""}


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        (
            "src/a.py",
            'class A(BaseTool):\n    def __init__(self):\n        super().__init__(name="dig", description="Digs")\n',
            {"dig": "Digs"},
        ),
        ("src/a.py", 'x = ToolDefinition(name="dig", description="Digs", parameters={})\n', {"dig": "Digs"}),
        ("src/a.py", 'TOOLS = {"dig": {"description": "Digs", "parameters": {}}}  # tools\n', {"dig": "Digs"}),
        (
            "src/a.py",
            'for name, fn in TOOLS.items():\n    mcp.tool(name=name)(fn)\nTOOLS = {"dig": dig, "fill": fill}\n',
            {"dig": "", "fill": ""},
        ),
        ("src/a.py", 'P = "dig"\nmcp.tool(name="%s_den" % P, description="Digs")(run)\n', {"dig_den": "Digs"}),
        (
            "src/a.py",
            "A = [dig]\nB = [fill]\nfor fn in A + B:\n    mcp.add_tool(fn)\n"
            "for fn in list(MORE):\n    mcp.add_tool(fn)\nMORE = [mark]\n"
            "def dig(): ...\ndef fill(): ...\ndef mark(): ...\n",
            {"dig": "", "fill": "", "mark": ""},
        ),
        (
            "src/a.py",
            'for name in TOOLS:\n    mcp.tool(name=name)(TOOLS[name])\nTOOLS = {"dig": run_dig, "fill": run_fill}\n',
            {"dig": "", "fill": ""},
        ),
        (
            "src/a.ts",
            'const TOOLS = { a: { name: "dig", text: "Digs" }, b: { name: "fill", text: "Fills" } };\n'
            "for (const t of Object.values(TOOLS)) server.tool(t.name, t.text, {}, run);\n",
            {"dig": "", "fill": ""},
        ),
        (
            "src/a.py",
            'self.mcp.tool(description="Digs")(self.dig)\nclass A:\n    def dig(self):\n        "No."\n',
            {"dig": "Digs"},
        ),
        ("src/a.ts", 'class A extends ToolBase { constructor() { super("dig", "Digs"); } }\n', {"dig": "Digs"}),
        (
            "src/a.ts",
            'class A { @Tool({ name: "dig", description: "Digs", parameters: z.object({}) }) async run() {} }\n',
            {"dig": "Digs"},
        ),
        ("src/a.ts", 'export const metadata: ToolMetadata = { name: "dig", description: "Digs" };\n', {"dig": "Digs"}),
        (
            "src/a.ts",
            'const t = createTool({ id: "dig", description: "Digs", inputSchema: z.object({}) });\n',
            {"dig": "Digs"},
        ),
        (
            "src/a.ts",
            'server.tool("dig", "Digs", { description: z.string(), name: z.string() }, run);\n',
            {"dig": "Digs"},
        ),
        ("src/a.ts", 'registerTool(server, "dig", { description: "Digs" }, run);\n', {"dig": "Digs"}),
        ("src/a.js", 'tools.push({ name: "dig", description: "Digs", inputSchema: {} });\n', {"dig": "Digs"}),
        (
            "src/a.ts",
            'const tools = [{ type: "function", function: { name: "dig", description: "Digs", parameters: {} } }];\n',
            {"dig": "Digs"},
        ),
        ("src/a.go", 'package a\nvar t = mcp.NewServerTool[In, Out]("dig", "Digs", run)\n', {"dig": "Digs"}),
        (
            "src/a.go",
            'package a\nfunc f() { mcp.AddTool[In, Out](server, &mcp.Tool{Name: "dig", Description: "Digs"}, run) }\n',
            {"dig": "Digs"},
        ),
        (
            "src/a.go",
            'package a\nvar t = []ToolDefinition{{Name: "dig", Description: "Digs", Handler: run}}\n',
            {"dig": "Digs"},
        ),
        (
            "src/a.cs",
            'class A { [McpServerTool(Name = nameof(Dig)), Description("Digs")] public void Dig() {} }\n',
            {"Dig": "Digs"},
        ),
        (
            "src/a.rs",
            '#[tool_router]\nimpl A {\n    #[tool(description = "Digs")]\n    async fn dig(&self) {}\n}\n',
            {"dig": "Digs"},
        ),
    ],
)
def test_further_ways_to_declare_one(path: str, text: str, expected: dict[str, str]) -> None:
    found = read_declarations([SourceFile("u", path, text)])
    assert {tool.name: tool.description for tool in found.tools} == expected


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("src/a.py", "@app.command()\ndef tool(name: str): ...\n@pytest.mark.tool\ndef check_tool(): ...\n"),
        (
            "src/a.py",
            'parser.add_argument("tool", help="x")\nx = {"name": "den", "description": "a server", "version": "1"}\n',
        ),
        ("src/a.ts", 'server.prompt("greet", "A prompt", run); server.resource("map", "x://y", run); // tool\n'),
        ("src/a.ts", 'const schema = { name: { type: "string", description: "a name" }, tool: { type: "string" } };\n'),
        (
            "src/a.ts",
            'const params = [{ name: "size", description: "How many", type: "number", required: true }]; // tool\n',
        ),
        ("src/a.ts", 'const spec = { get: { description: "Gets", parameters: [], responses: {} } }; // tool\n'),
        (
            "src/a.go",
            'package a\nvar p = mcp.NewPrompt("greet", mcp.WithPromptDescription("tool"))\n',
        ),
        ("tests/a.py", "@mcp.tool()\ndef only_in_a_test(): ...\n"),
        ("src/a.test.ts", 'server.tool("only_in_a_test", "x", run);\n'),
    ],
)
def test_what_only_looks_like_a_tool(path: str, text: str) -> None:
    files = [SourceFile("u", path, text), SourceFile("v", "README.md", "# A\n")]
    assert [tool.name for tool in read_declarations(files).tools] == []


@pytest.mark.slow
def test_constants_nested_without_end_give_no_name() -> None:
    """Six lines that stand for more text than any machine holds."""
    lines = [f"{name} = " + " + ".join([following] * 200) for name, following in zip("abcde", "bcdef", strict=True)]
    text = "\n".join([*lines, 'f = "x"', "mcp.tool(name=a)(run)", 'mcp.tool(name="dig")(run)'])
    found = read_declarations([SourceFile("u", "src/a.py", text)])
    assert [tool.name for tool in found.tools] == ["dig"] and found.gaps


def test_lists_nested_without_end_give_nothing() -> None:
    lines = [
        f"{name} = [" + ", ".join([f"*{following}"] * 200) + "]"
        for name, following in zip("abcde", "bcdef", strict=True)
    ]
    text = "\n".join(
        [*lines, "f = [dig]", "for fn in a:", "    mcp.add_tool(fn)", "def dig(): ...", "mcp.add_tool(dig)"]
    )
    found = read_declarations([SourceFile("u", "src/a.py", text)])
    assert {tool.name for tool in found.tools} <= {"dig"} and found.gaps


@pytest.mark.parametrize(
    "text",
    [
        "for fn in list(A).concat([dig]):\n    mcp.add_tool(fn)\nA = [fill]\ndef dig(): ...\ndef fill(): ...\n",
        'P = "dig"\nmcp.tool(name="%s_%s" % (P, run()))(dig)\n',
        'P = "dig"\nmcp.tool(name="%d_den" % P)(dig)\n',
        "for fn in [dig] + found():\n    mcp.add_tool(fn)\ndef dig(): ...\n",
        'for t in list({**more, "dig": 1}):\n    mcp.tool(name=t)(run)\n',
    ],
)
def test_a_list_or_name_that_is_known_in_part_is_a_gap_and_no_tool(text: str) -> None:
    found = read_declarations([SourceFile("u", "src/a.py", text)])
    assert not found.tools and found.gaps


@pytest.mark.parametrize("path", ["a.py", "a.ts", "a.tsx", "a.go", "a.rs", "a.cs", "A.java", "A.kt"])
def test_a_text_that_ends_within_an_annotation_is_read_to_its_end(path: str) -> None:
    """In its own process: a parser that never ends cannot be stopped from within."""
    texts = [
        "class X {\n val d get() = 1\n @Tool",
        "val a = 1\n@",
        'val a = 1\n@Tool("dig (b',
        "#[tool",
        "[McpServerTool",
    ]
    code = (
        "from extractors.declarations import SourceFile, read_declarations\n"
        f"for text in {texts!r}: read_declarations([SourceFile('u', 'src/{path}', text)])"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=120)


def test_constants_that_name_each_other_give_no_name() -> None:
    found = read_declarations(
        [SourceFile("u", "src/a.ts", "const a = b; const b = a;\nserver.tool(a, 'x', {}, run);\n")]
    )
    assert not found.tools and found.gaps
