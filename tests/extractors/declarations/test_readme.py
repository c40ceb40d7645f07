"""READMEs: tools told apart from parameters, settings, features and prose."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.declarations import SourceFile, read_declarations


def names(text: str, path: str = "README.md") -> list[str]:
    return [tool.name for tool in read_declarations([SourceFile("u", path, text)]).tools]


def test_lists_in_every_dress() -> None:
    text = """# Den
## Tools
- `list_otters`: Lists otters
- **feed_otter** - Feeds one
- **`wash_otter`** — Washes one
- `call_otter(name, loud)` - Calls
1. **CountOtters**: Counts
* `move_otter` / `turn_otter`: Moves or turns
- get_otter: Gets one
- [`find_otter`](docs/find.md) - Finds one
"""
    assert names(text) == [
        "list_otters",
        "feed_otter",
        "wash_otter",
        "call_otter",
        "CountOtters",
        "move_otter",
        "turn_otter",
        "get_otter",
        "find_otter",
    ]


@pytest.mark.parametrize("event", ["PreToolUse", "PostToolUse", "SessionStart", "SubagentStop", "beforeShellExecution"])
def test_an_event_of_the_host_is_no_tool(event: str) -> None:
    said = (
        f"# Heron\n\nThe `{event}` hook signs every tool call that it sends.\n\n## Tools\n\n- `{event}`: runs before\n"
    )
    assert names(said) == []


def test_parameters_and_settings_are_no_tools() -> None:
    text = """# Den
## Features
- **Fast**: very fast
- `open_source`: nice
## Configuration
- `OTTER_TOKEN`: the token
- `otter_level`: the level
## Tools
### list_otters
Lists otters.

Parameters:
- `page_size` (number, optional): how many
- `sort_by`: the field

### Feeding
- `feed_otter`: Feeds
  - `otter_id` (string): which
  - Inputs:
    - `food_kind`: what
- `limit_feed` (integer): not a tool but a parameter
- `config.json`: a file
- `--read-only`: a flag
- `true`: a value
## License
- `not_a_tool`: no
"""
    assert names(text) == ["list_otters", "feed_otter"]


def test_tables() -> None:
    text = """# Den
## Available Tools
| Category | Tool | Description |
|---|---|---|
| Read | `list_otters` | Lists them |
| | `get_otter` | Gets one |

| Parameter | Type | Description |
|---|---|---|
| `page_size` | number | how many |

| Operation | River Tools | Lake Tools |
|---|---|---|
| Read | `river_depth` | `lake_depth` |

## Environment
| Variable | Default |
|---|---|
| `otter_level` | info |
"""
    found = read_declarations([SourceFile("u", "README.md", text)]).tools
    assert [tool.name for tool in found] == ["list_otters", "get_otter", "river_depth", "lake_depth"]
    assert [tool.description for tool in found] == ["Lists them", "Gets one", "", ""]


def test_headings_with_descriptions_and_examples() -> None:
    text = """# Den
## Tools
<details><summary>wash_otter</summary>
Washes one.
</details>

### 1. list_otters
Lists all otters.
### Feed (`feed_otter`)
Feeds one.

## Usage
```json
{"name": "call_otter", "arguments": {"loud": true}}
```
Use the `turn_otter` tool; never `some_value`. In code: `call_tool("count", {})`.
"""
    found = {tool.name: tool.description for tool in read_declarations([SourceFile("u", "README.md", text)]).tools}
    assert found == {
        "list_otters": "Lists all otters.",
        "feed_otter": "Feeds one.",
        "wash_otter": "Washes one.",
        "call_otter": "",
        "turn_otter": "",
        "count": "",
    }


def test_a_group_below_a_tools_heading_is_still_of_tools() -> None:
    text = (
        "# Den\n## Tools\n### Debugging\n- `get_logs`: Gets logs\n### Development\n"
        "- `get_url`: Gets the address\n## Debugging\n- `set_level`: no tool\n"
    )
    assert names(text) == ["get_logs", "get_url"]


def test_behind_a_flag() -> None:
    text = "# Den\n## Tools\n- `drop_den`: Drops it (requires `--write`)\n- `old_den`: Shows it\n"
    found = read_declarations([SourceFile("u", "README.md", text)]).tools
    assert [(tool.name, tool.behind) for tool in found] == [("drop_den", "--write"), ("old_den", "")]


def test_a_heading_says_that_its_tools_are_behind_a_flag() -> None:
    text = "# Den\n## Tools\n- `list_dens`: Lists\n### Sight (opt-in via --caps=vision)\n- `see_den`: Sees one\n"
    found = read_declarations([SourceFile("u", "README.md", text)]).tools
    assert [(tool.name, tool.behind) for tool in found] == [("list_dens", ""), ("see_den", "--caps")]


@pytest.mark.parametrize(
    "text",
    [
        "- [DenTracker](https://den.example/docs) - Keeps track of dens\n",
        "| Tool | Link |\n|---|---|\n| DenTracker | [den.example](https://den.example) |\n",
        "| Tool | Site |\n|---|---|\n| otterly | [otterly](https://otterly.example) |\n",
    ],
)
def test_a_product_with_its_page_is_no_tool(text: str) -> None:
    assert names(f"# Den\n## Tools\n{text}") == []
    assert names("# Den\n## Tools\n- [`list_dens`](docs/list_dens.md): Lists dens\n") == ["list_dens"]


@pytest.mark.parametrize("path", ["CHANGELOG.md", "CONTRIBUTING.md", "docs/security.md"])
def test_some_documents_are_not_read_for_tools(path: str) -> None:
    assert names("# Tools\n- `list_otters`: Lists\n", path) == []


words = st.sampled_from(
    [
        "# Tools",
        "## Parameters",
        "- `a_b`: x",
        "  - `c_d`: y",
        "| Tool | What |",
        "|---|---|",
        "| `e_f` | z |",
        "```",
        "text",
        "",
        "<summary>g_h</summary>",
    ]
)


@given(st.lists(words, max_size=30))
def test_every_tool_of_a_document_stands_in_it(lines: list[str]) -> None:
    text = "\n".join(lines)
    for tool in read_declarations([SourceFile("u", "README.md", text)]).tools:
        assert text[tool.place.start : tool.place.end] == tool.place.quote and tool.name in tool.place.quote


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("## Tools\n### Dens\n`get_den` · `create_den` · `delete_den`\n", ["get_den", "create_den", "delete_den"]),
        ("## Tools\n- **Dens**: `get_den`, `move_den`\n- dens: `list_dens`, `find_den`\n", None),
        ("Heron has the following tools:\n\n- Dens (2): `get_den` and `move_den`.\n", ["get_den", "move_den"]),
        ("## Tools\n- **Returns**: `get_at`, `list_at`\n- Formats: `text_plain`, `json_lines`\n", []),
        ("## Settings\n- Dens: `get_den`, `move_den`\n", []),
    ],
)
def test_a_row_of_names(text: str, expected: list[str] | None) -> None:
    assert names(text) == (["get_den", "move_den", "list_dens", "find_den"] if expected is None else expected)


ACTING = ("list_dens", "create_den", "delete_den", "move_otter")
HEADINGS = st.sampled_from(
    ["Tools", "Updates", "Was drin ist", "内容", "Configuration", "Examples", "Other", "- -", ""]
)
DRESSES = {
    "code": "- `{}`: does it",
    "bold": "* **{}** - does it",
    "numbered": "1. **`{}`**: does it\n   - `den_id` (string): which\n   - `get_all`: a setting of it",
    "row of a table": "| `{}` | does it |",
}


@given(HEADINGS, HEADINGS, st.integers(1, 6), st.sampled_from(sorted(DRESSES)), st.booleans())
def test_a_list_of_names_with_verbs_is_one_of_tools_under_any_heading(
    above: str, below: str, level: int, dress: str, after: bool
) -> None:
    head = "| Name | What |\n|---|---|\n" if dress == "row of a table" else ""
    rows = "\n".join(DRESSES[dress].format(name) for name in ACTING)
    parts = [f"{head}{rows}", f"{'#' * level} {above}"]
    text = "\n\n".join(["# Den", *(parts if after else reversed(parts)), f"## {below}", "The end."])
    assert names(text) == list(ACTING)


def test_headings_that_are_names_with_verbs_are_tools_under_any_heading() -> None:
    tools = "".join(f"### {name}\nDoes it.\n\n- `den_id`: which\n" for name in ACTING)
    assert names(f"# Den\n## Updates\n{tools}") == list(ACTING)
    assert names(f"# Den\n# Updates\n{tools.replace('###', '#').replace('_', '-')}# Why\n# How\n") == [
        name.replace("_", "-") for name in ACTING
    ]
    assert names("# Den\n## Updates\n### den_depth\n### set up\n### state-of-the-art\n### otter-facts\n") == []


@pytest.mark.parametrize(
    "text",
    [
        "- `den_level`: how deep\n- `otter_count`: how many\n- `set_by`: who\n",
        "- **Fast**: very fast\n- `open_source`: nice\n",
        "- `list_size` (number): how many\n- `get_all` (boolean): all\n- `read_on` (boolean, optional): go on\n",
        "| Scope | Why |\n|---|---|\n| `read_dens` | shows |\n| `write_dens` | changes |\n| `delete_dens` | clears |\n",
        "Parameters:\n- `list_size`: how many\n- `get_all`: all\n- `read_on`: go on\n",
        "- read-only: no writes\n- set-up: quick\n- add-ons: many\n",
    ],
)
def test_a_list_that_shows_no_tools_is_none(text: str) -> None:
    assert names(f"# Den\n## Updates\n{text}") == []


def test_a_heading_of_a_group_is_no_tool() -> None:
    groups = """## Tools
<details><summary>den-diagnostics</summary>

- **den_debug_exec** - Runs a command in a den
- **den_list** - Lists dens
  - `den_kind` (string): which

</details>

<details><summary><b>DevTools (opt-in)</b></summary>

- **den_trace_start**
</details>

### [denFlags](docs/flags.md)

* [listFlags](docs/flags.md#list) - Lists flags
"""
    assert names(groups) == ["den_debug_exec", "den_list", "den_trace_start", "listFlags"]
    assert names("## Tools\n### find-den\n- **max_count** - how many\n- `den_kind`: which\n") == ["find-den"]


def test_once_a_part_has_listed_tools_the_others_of_it_are_too() -> None:
    shown = "".join(f"- **`{verb}_den`** — does it\n" for verb in ("get", "list", "find"))
    assert names(f"# Heron\n## What it can do\n{shown}- **`did_you_mean`** — asks\n")[-1] == "did_you_mean"
    assert names("# Heron\n## What it can do\n- **`did_you_mean`** — asks\n") == []
    assert "den_depth" not in names(f"# Heron\n## Features\n{shown}## API\n- `den_depth` — how deep\n")


@pytest.mark.parametrize(
    "text",
    [
        "## Tools\n- `den_create_*` - all that create\n- `den_get_{kind}` - one of a kind\n",
        "## Tools\n- `list_guides` (resource): what there is\n- **list_ways** [MCP prompt] - how to start\n",
        "## Tools\n- **HumanHerons**: HumanHerons is a service that asks people.\n",
        "## Tool Naming\n- `get_den` - good\n",
        "## Tools\n### How `passed` is decided\nBy its score.\n### The `loud` flag\nIt is loud.\n",
        "## Use\nThe agent pays by Stork's `create-pay-token` tool.\n",
    ],
)
def test_what_is_something_else(text: str) -> None:
    assert names(text) == []


def test_the_sentence_that_announces_tools_counts_and_not_the_one_before() -> None:
    said = "## Configuration\n### Check\nAfter configuring, restart your client. These tools should be there:\n\n"
    assert names(f"{said}- `dig_den` - Digs\n- `fill_den` - Fills\n") == ["dig_den", "fill_den"]


def test_names_with_double_separators_and_names_in_brackets() -> None:
    assert names("## Tools\n| Tool | Description |\n|---|---|\n| [`den--web-fetch`](u) | Fetches |\n") == [
        "den--web-fetch"
    ]
    assert names("# Heron\nIt adds one introspection tool (`heron_info`).\n") == ["heron_info"]
    assert names("# Heron\nIt uses dig_den and fill_den tools.\n") == ["dig_den", "fill_den"]
