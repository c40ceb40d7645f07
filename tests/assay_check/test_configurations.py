"""Configurations as their clients read them: the given ones with their truth, and forms written for this test."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from packageurl import PackageURL

from assay_check.configurations import read_configuration, read_path
from assay_check.configurations.json_text import read_json
from assay_check.configurations.toml_text import read_toml
from assay_check.configurations.yaml_text import read_yaml
from assay_check.errors import BadInput
from assay_check.subjects import Entry, SubjectKind


def _truth(shared: Path) -> dict[tuple[str, str], list[dict[str, Any]]]:
    rows: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for line in (shared / "conformance/use/configs/configs.jsonl").read_text("utf-8").splitlines():
        row = json.loads(line)
        rows.setdefault((row["file"], row["path"]), []).append(row)
    return rows


def _differences(entry: Entry, row: dict[str, Any]) -> list[str]:
    subject, wanted = entry.subject, row["subject"]
    parsed = [PackageURL.from_string(purl) if purl else None for purl in (subject.purl, wanted["purl"])]
    pairs = {
        "kind": (subject.kind, wanted["kind"]),
        "purl": (parsed[0], parsed[1]),
        "version": (subject.version, wanted["version"]),
        "matchable": (subject.matchable, wanted["matchable"]),
        "image": (None if subject.image is None else subject.image._asdict(), wanted.get("image")),
        "disabled": (entry.disabled, row["disabled"]),
        "transport": (entry.transport, row["transport"]),
        "runner": (entry.runner, row["runner"]),
        "also": (list(entry.also), row["also"]),
    }
    if wanted["kind"] == "url":
        pairs["endpoint"] = (subject.endpoint, wanted["endpoint"])
    if wanted["kind"] == "package":
        pairs["tag"] = (subject.tag, wanted.get("tag"))
    return [f"{name}: {got} for {due}" for name, (got, due) in pairs.items() if got != due]


def test_every_given_configuration_is_read_as_its_truth_says(shared: Path) -> None:
    wrong = []
    entries = 0
    for (file, path), rows in _truth(shared).items():
        configuration = read_configuration(path, (shared / "conformance/use/configs" / file).read_bytes())
        wanted = {(row["entry"], row["line"]): row for row in rows if row["entry"] is not None}
        found = {(entry.name, entry.line): entry for entry in configuration.entries}
        entries += len(wanted)
        if set(found) != set(wanted) or configuration.problems:
            wrong.append(f"{file}: {sorted(set(found) ^ set(wanted), key=str)} {configuration.problems}")
        wrong += [
            f"{file} {key}: {bad}"
            for key in found.keys() & wanted.keys()
            if (bad := _differences(found[key], wanted[key]))
        ]
    assert entries == 125
    assert wrong == []


def _only(path: str, text: str) -> Entry:
    configuration = read_configuration(path, text.encode())
    assert configuration.problems == (), configuration.problems
    assert len(configuration.entries) == 1, configuration
    return configuration.entries[0]


FORMS = {
    "claude user, in a project": (
        ".claude.json",
        '{"projects": {"/w": {"mcpServers": {"a": {"command": "npx", "args": ["-y", "left@1.0.0"]}}}}}',
        "pkg:npm/left@1.0.0",
    ),
    "windsurf": (
        ".codeium/windsurf/mcp_config.json",
        '{"mcpServers": {"a": {"serverUrl": "https://a.example.com/x/"}}}',
        None,
    ),
    "zed, path and args": (
        ".zed/settings.json",
        '{"context_servers": {"a": {"command": {"path": "uvx", "args": ["left==1.0"]}}}}',
        "pkg:pypi/left@1.0",
    ),
    "opencode": ("opencode.json", '{"mcp": {"a": {"type": "local", "command": ["bunx", "left"]}}}', "pkg:npm/left"),
    "goose": (
        "goose/config.yaml",
        "extensions:\n  a:\n    type: stdio\n    cmd: uvx\n    args: [left]\n",
        "pkg:pypi/left",
    ),
    "dev container": (
        "devcontainer.json",
        '{"customizations": {"vscode": {"mcp": {"servers": {"a": {"command": "npx", "args": ["left"]}}}}}}',
        "pkg:npm/left",
    ),
    "codex, inline": (
        ".codex/config.toml",
        '[mcp_servers]\na = { command = "npx", args = ["-y", "left"] }\n',
        "pkg:npm/left",
    ),
    "codex, quoted name": (
        ".codex/config.toml",
        '[mcp_servers."a b"]\ncommand = "npx"\nargs = ["left"]\n',
        "pkg:npm/left",
    ),
    "one command line": (
        "mcp.json",
        '{"mcpServers": {"a": {"command": "npx -y left@2.0.0 --x"}}}',
        "pkg:npm/left@2.0.0",
    ),
    "a marketplace": (
        ".claude-plugin/marketplace.json",
        '{"plugins": [{"name": "a", "source": {"source": "github", "repo": "o/r"}}]}',
        "pkg:github/o/r",
    ),
    "a plugin with its marketplace": (
        ".claude/settings.json",
        '{"enabledPlugins": {"a@m": true},'
        ' "extraKnownMarketplaces": {"m": {"source": {"source": "github", "repo": "o/r"}}}}',
        "pkg:github/o/r",
    ),
    "a plugin with its marketplace, older spelling": (
        ".claude/settings.json",
        '{"enabledPlugins": {"a@m": true}, "extraKnownMarketplaces": {"m": {"source": "github", "repo": "o/r"}}}',
        "pkg:github/o/r",
    ),
    "continue, before its YAML": (
        ".continue/config.json",
        '{"experimental": {"modelContextProtocolServers": [{"transport": {"type": "stdio", "command": "npx",'
        ' "args": ["left"]}}]}}',
        "pkg:npm/left",
    ),
    "a bundle": (
        "manifest.json",
        '{"name": "a", "server": {"type": "node", "mcp_config": {"command": "npx", "args": ["left"]}}}',
        "pkg:npm/left",
    ),
    "a Dockerfile": ("Dockerfile", "ARG V=20\nFROM --platform=x node:${V} AS base\nFROM base\n", "pkg:oci/node"),
    "a compose file": ("compose.yaml", "services:\n  a:\n    image: ghcr.io/o/n:1\n", "pkg:oci/n"),
    "a package lock": (
        "package-lock.json",
        '{"packages": {"": {"name": "me"}, "node_modules/@s/left": {"version": "1.0.0"}}}',
        "pkg:npm/%40s/left@1.0.0",
    ),
    "uv.lock": (
        "uv.lock",
        '[[package]]\nname = "Left_Pad"\nversion = "1.0"\nsource = { registry = "x" }\n',
        "pkg:pypi/left-pad@1.0",
    ),
    "requirements": (
        "requirements.txt",
        "# none\nleft[extra]==1.0 ; python_version > '3' --hash=sha256:00\n",
        "pkg:pypi/left@1.0",
    ),
    "a list": ("packages.txt", "npm:@s/left@^1\n", "pkg:npm/%40s/left"),
    "a list with a requirement": ("packages.txt", "Left_Pad==1.0\n", "pkg:pypi/left-pad@1.0"),
    "yarn.lock": ("yarn.lock", '"@s/left@^1.0.0":\n  version "1.2.0"\n', "pkg:npm/%40s/left@1.2.0"),
    "go.mod": ("go.mod", "module m\n\nrequire (\n\tgithub.com/o/r v1.2.3\n)\n", "pkg:golang/github.com/o/r@v1.2.3"),
}


@pytest.mark.parametrize("form", FORMS)
def test_a_form_gives_its_entry(form: str) -> None:
    path, text, purl = FORMS[form]
    entry = _only(path, text)
    assert entry.subject.matchable
    if purl is None:
        assert entry.subject.endpoint == "https://a.example.com/x/"
    else:
        assert (entry.subject.purl or "").split("?")[0] == purl
    assert text.split("\n")[entry.line - 1].strip()


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (".codex/config.toml", '[mcp_servers.a]\ncommand = "x"\nenabled = false\n'),
        ("opencode.json", '{"mcp": {"a": {"type": "local", "command": ["x"], "enabled": false}}}'),
        ("cline_mcp_settings.json", '{"mcpServers": {"a": {"command": "x", "disabled": true}}}'),
        (".gemini/settings.json", '{"mcp": {"excluded": ["A"]}, "mcpServers": {"a": {"command": "x"}}}'),
        (".gemini/settings.json", '{"mcp": {"allowed": ["b"]}, "mcpServers": {"a": {"command": "x"}}}'),
        (".claude/settings.json", '{"enabledPlugins": {"a@b": false}}'),
    ],
)
def test_what_a_file_switches_off_is_off(path: str, text: str) -> None:
    assert _only(path, text).disabled


def test_a_name_that_stands_twice_counts_as_clients_count_it() -> None:
    configuration = read_configuration(
        ".mcp.json", b'{"mcpServers": {"a": {"command": "x"},\n"a": {"command": "npx", "args": ["left"]}}}'
    )
    assert [entry.subject.purl for entry in configuration.entries] == ["pkg:npm/left"]
    assert configuration.entries[0].line == 2
    assert not configuration.unread


@pytest.mark.parametrize(
    "text", ['{"mcpServers": {"a": {"command": "npx"', '{"mcpServers": [}', "", "{]", "not json {"]
)
def test_a_broken_file_is_not_a_file_without_entries(text: str) -> None:
    assert read_configuration(".mcp.json", text.encode()).unread


@pytest.mark.parametrize("text", ["{}", '{"mcpServers": {}}', "// nothing\n{}\n"])
def test_a_file_without_entries_is_read(text: str) -> None:
    configuration = read_configuration(".mcp.json", text.encode())
    assert configuration.entries == () and not configuration.unread


def test_marks_encodings_and_line_ends_keep_the_line() -> None:
    text = '{\r\n  "mcpServers": {\r\n    "a": {"command": "npx", "args": ["left"]}}}'
    for body in (text.encode("utf-8-sig"), text.encode("utf-16"), text.replace("\r\n", "\r").encode()):
        assert [entry.line for entry in read_configuration(".mcp.json", body).entries] == [3]


def test_a_folder_of_skills_gives_each_skill_by_its_digest(tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "one/SKILL.md").write_text("---\ndescription: x\nname: first\n---\nname: other\n")
    (tmp_path / "two").mkdir()
    (tmp_path / "two/SKILL.md").symlink_to("/etc/hostname")
    first, second = read_path(tmp_path)
    assert (first.entries[0].name, first.entries[0].line) == ("first", 3)
    assert (first.entries[0].subject.digest or "").startswith("sha256:")
    assert second.unread


def test_nothing_to_read_is_an_error(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "none.json"):
        with pytest.raises(BadInput):
            read_path(path)


_FRAGMENTS = st.lists(
    st.sampled_from(
        [
            *"{}[]:,\"'\\/*#\n\t -=.&<|>!%@$",
            "mcpServers",
            "command",
            '"a"',
            "npx",
            "${x}",
            "[[",
            "]]",
            "- ",
            "\x00",
            "é",
            "\ud7ff",
        ]
    )
).map("".join)


@given(_FRAGMENTS | st.text())
@example('{"a":' * 3000)
@example("[" * 100_000)
@example("a: &a [*a, *a]")
@example("a." * 5000 + "=1")
@example('"\\ud800"')
def test_readers_of_text_never_raise(text: str) -> None:
    for reader in (read_json, read_yaml, read_toml):
        document = reader(text)
        assert document.root is not None or document.problems


_NAMES = [
    ".mcp.json",
    "a.yaml",
    "a.toml",
    "Dockerfile",
    "uv.lock",
    "yarn.lock",
    "requirements.txt",
    "x.txt",
    "smithery.yaml",
    "go.mod",
]


@given(st.sampled_from(_NAMES), st.binary() | _FRAGMENTS.map(str.encode))
def test_no_bytes_make_a_reader_raise(name: str, body: bytes) -> None:
    configuration = read_configuration(name, body)
    assert all(entry.line >= 1 for entry in configuration.entries)


_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from(["npx", "-y", "left@1.0.0", "https://a.example.com", "${x}", "", "docker", "run", "-e"]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                [
                    "mcpServers",
                    "servers",
                    "command",
                    "args",
                    "url",
                    "env",
                    "headers",
                    "type",
                    "a",
                    "mcp",
                    "name",
                    "source",
                    "plugins",
                    "skills",
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(
    st.sampled_from([*_NAMES[:3], ".claude/settings.json", ".gemini/settings.json", "agents.toml", "marketplace.json"]),
    _VALUES,
)
def test_no_value_of_any_type_makes_a_reader_raise(name: str, value: Any) -> None:
    for entry in read_configuration(name, json.dumps(value).encode()).entries:
        assert entry.subject.matchable or entry.subject.why
        if entry.subject.kind is SubjectKind.PACKAGE:
            assert entry.subject.purl


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("requirements.txt", "left" + " " * 200_000 + "\x00"),
        ("requirements.txt", ("left" + " " * 90 + "\x00\n") * 2_000),
        ("requirements.txt", "a" + "." * 200_000 + "!"),
        ("packages.txt", "left" + " " * 200_000 + "--x"),
        ("go.mod", "a." * 100_000 + " x"),
        ("Dockerfile", "RUN npm" + " " * 200_000),
        ("Dockerfile", "COPY " + "--a " * 50_000),
        ("yarn.lock", "a@" * 100_000),
        ("a.toml", "a." * 100_000 + "b = 1"),
        (".mcp.json", '{"mcpServers": {"a": {"command": "' + "npx " * 50_000 + '"}}}'),
        (".mcp.json", '{"mcpServers": {"a": {"url": "https://' + "a." * 50_000 + '"}}}'),
    ],
)
def test_a_long_line_costs_no_more_than_its_length(name: str, text: str) -> None:
    """What takes more than linear time here does not end within the suite's limit of time."""
    assert read_configuration(name, text.encode()).form


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("plugin.json", '{"name": "x", "author": {"name": "y", "url": "https://a.example.com"}}'),
        ("openapi.json", '{"servers": [{"url": "https://a.example.com"}]}'),
        (
            "settings.json",
            '{"homepage": {"url": "https://a.example.com"}, "extensions": {"a": {"url": "https://b.example"}}}',
        ),
    ],
)
def test_an_address_elsewhere_is_no_server(name: str, text: str) -> None:
    assert read_configuration(name, text.encode()).entries == ()
