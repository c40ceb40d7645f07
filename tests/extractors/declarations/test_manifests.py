"""Manifests, cards, configuration and container files: typed facts, and nothing where a file states nothing."""

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.declarations import Declarations, SourceFile, read_declarations
from extractors.declarations.facts import RunsAt, SubjectKind
from extractors.declarations.located import read_json, read_toml, read_yaml
from extractors.declarations.start_commands import read_command
from extractors.declarations.subjects import image_purl, purl, where


def read(path: str, text: str, repository: str = "") -> Declarations:
    return read_declarations([SourceFile("https://example.org/" + path, path, text)], repository)


def packages(found: Declarations) -> list[tuple[str, bool]]:
    return [(s.value, s.own) for s in found.subjects if s.kind in (SubjectKind.PACKAGE, SubjectKind.IMAGE)]


SERVER = {
    "$schema": "https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json",
    "name": "org.otters/den",
    "version": "1.4.0",
    "repository": {"url": "https://github.com/otters/den.git", "source": "github"},
    "packages": [
        {
            "registryType": "npm",
            "identifier": "@otters/den",
            "version": "1.4.0",
            "transport": {"type": "stdio"},
            "environmentVariables": [
                {"name": "DEN_TOKEN", "isSecret": True, "isRequired": True},
                {"name": "DEN_LEVEL", "isSecret": False},
            ],
        },
        {
            "registryType": "oci",
            "identifier": "ghcr.io/otters/den:1.4.0",
            "transport": {"type": "streamable-http", "url": "http://localhost:1/mcp"},
        },
        {"registryType": "mcpb", "identifier": "https://example.org/den.mcpb", "fileSha256": "a" * 64},
    ],
    "remotes": [
        {
            "type": "streamable-http",
            "url": "https://den.otters.example/mcp",
            "headers": [{"name": "Authorization", "isSecret": True}],
        }
    ],
}


def test_server_json() -> None:
    found = read("server.json", json.dumps(SERVER, indent=2))
    assert ("pkg:npm/%40otters/den@1.4.0", True) in packages(found)
    assert ("pkg:oci/den?repository_url=ghcr.io/otters/den&tag=1.4.0", True) in packages(found)
    assert any(s.ecosystem == "mcpb" and "a" * 64 in s.value and s.version == "1.4.0" for s in found.subjects)
    assert {s.kind for s in found.subjects} >= {SubjectKind.REGISTRY_NAME, SubjectKind.REPOSITORY, SubjectKind.ENDPOINT}
    assert [(c.name, c.secret) for c in found.credentials] == [
        ("DEN_TOKEN", True),
        ("DEN_LEVEL", False),
        ("Authorization", True),
    ]
    assert {launch.runs_at for launch in found.launches} == {RunsAt.LOCAL, RunsAt.INTERNAL_NETWORK, RunsAt.HOSTED}
    assert not found.tools


def test_a_placeholder_is_no_version_and_no_package() -> None:
    text = json.dumps(
        {
            **SERVER,
            "version": "${VERSION}",
            "packages": [
                {"registryType": "oci", "identifier": "ghcr.io/otters/den:${VERSION}"},
                {"registryType": "npm", "identifier": "<your-package>"},
            ],
        }
    )
    found = read("server.json", text)
    assert packages(found) == [("pkg:oci/den?repository_url=ghcr.io/otters/den", True)]
    assert all(subject.version is None for subject in found.subjects)


@pytest.mark.parametrize("address", ["  ", "/", "https://example.org/.mcpb"])
def test_a_bundle_without_a_name_is_no_subject(address: str) -> None:
    text = json.dumps({**SERVER, "packages": [{"registryType": "mcpb", "identifier": address}]})
    assert packages(read("server.json", text)) == []


def test_mcpb_manifest() -> None:
    manifest = {
        "dxt_version": "0.1",
        "name": "den",
        "version": "2.0.0",
        "server": {
            "type": "node",
            "entry_point": "index.js",
            "mcp_config": {"command": "node", "args": ["index.js"], "env": {"DEN_TOKEN": "${user_config.token}"}},
        },
        "user_config": {"token": {"type": "string", "sensitive": True, "required": True}},
        "tools": [{"name": "find_otter", "description": "Finds an otter"}, {"name": "no tool"}],
        "tools_generated": True,
    }
    found = read("manifest.json", json.dumps(manifest))
    assert [(t.name, t.description) for t in found.tools] == [("find_otter", "Finds an otter")]
    assert {c.name for c in found.credentials} == {"token", "DEN_TOKEN"}
    assert found.launches[0].command == "node" and found.launches[0].runs_at is RunsAt.LOCAL
    assert found.gaps == ("tools are made at run time",)


def test_a_dump_has_schemas_and_hints() -> None:
    tools = [
        {
            "name": "a_b",
            "description": "One\nTwo",
            "inputSchema": {"type": "object"},
            "annotations": {"readOnlyHint": True},
        },
        {"name": "c_d", "description": "Three", "inputSchema": {}},
    ]
    found = read("tools.json", json.dumps({"tools": tools}))
    assert [(t.name, t.description, t.annotations and t.annotations.read_only) for t in found.tools] == [
        ("a_b", "One", True),
        ("c_d", "Three", None),
    ]
    assert found.tools[0].schema_text and found.tools[1].annotations is not None


def test_client_configuration_in_a_readme() -> None:
    text = """# Den
```jsonc
{
  // for Claude Desktop
  "mcpServers": {
    "den": {"command": "npx", "args": ["-y", "@otters/den@latest"], "env": {"DEN_TOKEN": "..."},},
    "remote": {"type": "http", "url": "https://den.otters.example/mcp"},
    "carried": {"command": "npx", "args": ["mcp-remote", "https://other.otters.example/sse"]}
  }
}
```
```toml
[mcp_servers.den]
command = "uvx"
args = ["otter-den"]
```
```sh
$ docker run -i --rm -e DEN_TOKEN \\
    ghcr.io/otters/den:1.2
claude mcp add --transport http den https://claude.otters.example/mcp
pip install -e .
```
"""
    found = read("README.md", text, "https://github.com/otters/den")
    assert {s.value: s.own for s in found.subjects if s.kind in ("package", "image")} == {
        "pkg:npm/%40otters/den": True,
        "pkg:pypi/otter-den": False,
        "pkg:oci/den?repository_url=ghcr.io/otters/den&tag=1.2": True,
    }
    urls = {launch.url for launch in found.launches if launch.url}
    assert urls >= {
        "https://den.otters.example/mcp",
        "https://other.otters.example/sse",
        "https://claude.otters.example/mcp",
    }
    assert {c.name for c in found.credentials} == {"DEN_TOKEN"}


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (
            "README.md",
            "# Den\n```sh\ndocker run -i --rm \\\n  -v /var/run/docker.sock:/var/run/docker.sock \\\n"
            "  ghcr.io/otters/den:1\n"
            "claude mcp add den \\\n  -- npx otter-den\n```\n",
        ),
        (
            "Dockerfile",
            "FROM otters/base:1\nRUN apt-get \\\n  install x\nENV DEN_TOKEN=1 \\\n  B_C=2\nUSER den\nEXPOSE 80\n",
        ),
        ("compose.yaml", "services:\n  den:\n    image: otters/den:1\n    environment:\n      - DEN_TOKEN=x\n"),
        (".env.example", "# the key\nDEN_TOKEN=\nDEN_LEVEL=1\n"),
        (
            "SKILL.md",
            "---\nname: den\ndescription: Use it: often\nallowed-tools:\n  - Read\n  - Bash(git add:*)\n---\nText\n",
        ),
        ("pyproject.toml", '[project]\nname = "otter-den"\nversion = "1.0"\ndependencies = [\n  "mcp>=1",\n]\n'),
        ("requirements.txt", "mcp==1.0 \\\n  --hash=sha256:00\nhttpx\n"),
        ("src/a.py", '@mcp.tool()\ndef dig():\n    """Digs.\n\n    Deep."""\n'),
    ],
)
def test_line_ends_of_either_kind_give_the_same(path: str, text: str) -> None:
    assert _values(read(path, text)) and _values(read(path, text.replace("\n", "\r\n"))) == _values(read(path, text))


def _values(found: Declarations) -> list[dict[str, object]]:
    places = {"place", "wiring", "allowed_at", "prose", "schema_text"}
    return [fact.model_dump(exclude=places) for facts in found for fact in facts if not isinstance(fact, str)]


@pytest.mark.parametrize(
    ("command", "value", "runs_at"),
    [
        ("npx -y @otters/den@1.2.3 --stdio", "pkg:npm/%40otters/den@1.2.3", "local"),
        ("npx --package=otter-den den", "pkg:npm/otter-den", "local"),
        ("cmd /c npx otter-den", "pkg:npm/otter-den", "local"),
        ("uvx --from otter_den==0.3 den", "pkg:pypi/otter-den@0.3", "local"),
        ("uv run --with otter-den den", "pkg:pypi/otter-den", "local"),
        ("pipx run otter-den", "pkg:pypi/otter-den", "local"),
        ("docker run --rm -i -v /a:/b otters/den:2", "pkg:docker/otters/den@2", "local"),
        ("docker run -i my-own-build", "", "local"),
        ("go run github.com/otters/den/cmd@v1.0.0", "pkg:golang/github.com/otters/den/cmd@v1.0.0", "local"),
        ("dnx Otters.Den@1.0.0 --yes", "pkg:nuget/Otters.Den@1.0.0", "local"),
        ("cargo install otter-den", "pkg:cargo/otter-den", "local"),
        ("sudo npm install -g otter-den@2.0.0", "pkg:npm/otter-den@2.0.0", "local"),
        ("pip install otter-den[all]>=1.0", "pkg:pypi/otter-den", "local"),
        ("python3 -m pip install otter-den", "pkg:pypi/otter-den", "local"),
        ("pip install -r requirements.txt", "", "local"),
        ("uv tool install --python 3.12 otter-den", "pkg:pypi/otter-den", "local"),
        ("docker pull otters/den:2", "pkg:docker/otters/den@2", "local"),
        ("dotnet tool install -g Otters.Den --version 1.0.0", "pkg:nuget/Otters.Den@1.0.0", "local"),
        ("node ./build/index.js", "", "local"),
        ("npx mcp-remote https://den.otters.example/mcp", "", "hosted"),
        ("npx ./local/path", "", "local"),
        ("npx <package>", "", "local"),
    ],
)
def test_start_commands(command: str, value: str, runs_at: str) -> None:
    words = command.split()
    found = read_command(words[0], words[1:])
    assert (found.purl, found.runs_at) == (value, runs_at)


@pytest.mark.parametrize(
    ("command", "transport", "words"),
    [
        ("den -- npx -y otter-den", "", "npx -y otter-den"),
        ("-- den npx -y otter-den", "", "npx -y otter-den"),
        ("den npx -- -y otter-den", "", "npx -y otter-den"),
        ("den npx -y otter-den -- --flag", "", "npx -y otter-den --flag"),
        ("den npx otter-den --scope user", "", "npx otter-den"),
        ("--scope=user den npx otter-den -s project", "", "npx otter-den"),
        ("den --env A=1 B=2 -- npx otter-den", "", "npx otter-den"),
        ("--env A=1 B=2 -t stdio den npx otter-den", "stdio", "npx otter-den"),
        ("den npx otter-den -t stdio", "stdio", "npx otter-den"),
        ("den npx otter-den --url https://a.otters.example", "", "npx otter-den --url https://a.otters.example"),
        ("den -- docker run -e K=V otters/den -s user", "", "docker run -e K=V otters/den -s user"),
        ("den docker run -i -v /:/h -e K=V otters/den", "", "docker run -i -v /:/h -e K=V otters/den"),
        ("den https://den.otters.example/in -t sse -H 'A: b'", "sse", ""),
        ("-t sse den https://den.otters.example/in", "sse", ""),
        ("den https://den.otters.example/in?a=b --transport=http", "http", ""),
        ("--url https://den.otters.example/in den", "http", ""),
    ],
)
def test_a_client_is_told_of_a_server_with_its_own_options_anywhere(command: str, transport: str, words: str) -> None:
    (launch, *_) = read("README.md", f"```sh\nclaude mcp add {command}\n```\n").launches
    assert (launch.server, launch.transport) == ("den", transport)
    assert " ".join([launch.command, *launch.arguments]).strip() == words
    assert bool(launch.package) == bool(words) and bool(launch.url) != bool(words)


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("http://localhost:1/mcp", "local"),
        ("http://127.0.0.1/", "local"),
        ("http://10.1.2.3/mcp", "internal_network"),
        ("http://den/mcp", "internal_network"),
        ("http://den.cluster.local/", "internal_network"),
        ("https://mcp.otters.example/", "hosted"),
        ("http://localhost:PORT/mcp", "local"),
        ("http://den.intranet/mcp", "internal_network"),
        ("https://<your-host>/mcp", None),
        ("https://${HOST}/mcp", None),
        ("den", None),
    ],
)
def test_where_an_address_leads(url: str, place: str | None) -> None:
    assert where(url) == place


def test_skill_agent_and_command() -> None:
    skill = read(
        "skills/den/SKILL.md",
        "---\nname: den\ndescription: Digs dens\nallowed-tools: Bash(git add:*, git push), Read Write\n"
        "model: small\n---\nText\n",
    )
    assert skill.tools[0].allowed_tools == ("Bash(git add:*, git push)", "Read", "Write")
    assert skill.tools[0].allowed_at and skill.tools[0].allowed_at.quote.startswith("allowed-tools: Bash")
    agent = read("agents/finder.md", "---\nname: finder\ndescription: Use it: often\ntools:\n  - Grep\n  - Bash\n---\n")
    assert agent.tools[0].name == "finder" and agent.tools[0].allowed_tools == ("Grep", "Bash")
    command = read("commands/dig.md", "Digs a den now.\n")
    assert command.tools[0].name == "dig" and command.tools[0].description == "Digs a den now."
    assert not read("agents/README.md", "# Agents\n").tools


@pytest.mark.parametrize(
    ("written", "tools"),
    [
        ("Bash(echo $(a $(b c))) Read", ("Bash(echo $(a $(b c)))", "Read")),
        ("Bash(((((a b))))), Read", ("Bash(((((a b)))))", "Read")),
        ("Bash(a) b) Read", ("Bash(a)", "b)", "Read")),
        ("Read Bash(git add", ("Read", "Bash(git add")),
        ("\n  - |\n    Bash(git add\n  - Read", ("Bash(git add", "Read")),
    ],
)
def test_tools_are_told_apart_outside_of_parentheses_however_deep(written: str, tools: tuple[str, ...]) -> None:
    found = read("SKILL.md", f"---\nname: den\ndescription: Digs\nallowed-tools: {written}\n---\n")
    assert found.tools[0].allowed_tools == tools


def test_plugin_and_hooks() -> None:
    plugin = read(
        ".claude-plugin/plugin.json",
        json.dumps({"name": "den", "version": "1.0.0", "mcpServers": {"d": {"command": "npx", "args": ["otter-den"]}}}),
    )
    assert plugin.subjects[0].kind is SubjectKind.PLUGIN and plugin.subjects[0].version == "1.0.0"
    assert [t.name for t in plugin.tools] == ["d"]
    hooks = {
        "hooks": {
            "PostToolUse": [
                {
                    "matcher": "Edit|Write",
                    "hooks": [
                        {"type": "command", "command": "sh a.sh"},
                        {"type": "command", "command": "sh b.sh", "if": "Bash(git push:*)"},
                    ],
                }
            ],
            "Stop": [{"hooks": [{"type": "command", "command": "sh c.sh"}]}],
        }
    }
    found = read("hooks/hooks.json", json.dumps(hooks))
    assert [(t.origin, t.name, t.description) for t in found.tools] == [
        ("hook", "PostToolUse", "sh a.sh"),
        ("hook", "PostToolUse", "sh b.sh"),
        ("hook", "Stop", "sh c.sh"),
    ]


CARD = {
    "name": "Otter agent",
    "url": "https://agent.otters.example/",
    "version": "1.0.0",
    "protocolVersion": "0.3.0",
    "preferredTransport": "JSONRPC",
    "capabilities": {"streaming": True},
    "securitySchemes": {"oauth": {"type": "oauth2", "flows": {}}, "key": {"apiKeySecurityScheme": {"name": "X-Key"}}},
    "skills": [{"id": "find_otter", "name": "Find an otter", "description": "Finds one", "tags": []}],
}


def test_agent_card_alone_and_in_a_record() -> None:
    record = {
        "schema_version": "1.0.0",
        "name": "org/otter",
        "version": "2",
        "skills": [{"name": "a/b", "id": 1}],
        "locators": [{"type": "container_image", "urls": ["https://ghcr.io/otters/agent"]}],
        "modules": [{"name": "integration/a2a", "data": {"card_data": CARD}}],
    }
    for path, value in (("agent-card.json", CARD), ("record.json", record)):
        found = read(path, json.dumps(value))
        assert [(t.name, t.description) for t in found.tools] == [("find_otter", "Finds one")]
        assert [(s.name, s.kind) for s in found.schemes] == [("oauth", "oauth2"), ("key", "apiKey")]
        assert [(launch.url, launch.runs_at) for launch in found.launches] == [(CARD["url"], RunsAt.HOSTED)]
    assert ("pkg:oci/agent?repository_url=ghcr.io/otters/agent", True) in packages(found)


def test_an_older_agent_card_says_how_it_is_authenticated() -> None:
    card = {**CARD, "securitySchemes": {}, "authentication": {"schemes": ["OAuth2", "Basic"]}}
    assert [(s.name, s.kind) for s in read("agent.json", json.dumps(card, indent=1)).schemes] == [
        ("OAuth2", "OAuth2"),
        ("Basic", "Basic"),
    ]


def test_a_skill_inside_a_record() -> None:
    data = base64.b64encode(b"---\nname: den\ndescription: Digs\nallowed-tools: Bash\n---\n").decode()
    record = {
        "schema_version": "1",
        "modules": [{"name": "core/language_model/agentskills", "artifact": {"data": data}}],
    }
    tool = read("record.json", json.dumps(record)).tools[0]
    assert (tool.name, tool.allowed_tools) == ("den", ("Bash",))


def test_package_manifests() -> None:
    npm = read(
        "package.json",
        json.dumps(
            {
                "name": "@otters/den",
                "version": "1.0.0",
                "mcpName": "org.otters/den",
                "bin": {"den": "x.js"},
                "dependencies": {"playwright": "^1", "left-pad": "1", "@langchain/core": "1"},
            }
        ),
    )
    assert packages(npm) == [("pkg:npm/%40otters/den@1.0.0", True)]
    assert {d.name: d.says for d in npm.dependencies} == {
        "playwright": "browser",
        "left-pad": "",
        "@langchain/core": "model_client",
    }
    assert packages(read("package.json", json.dumps({"name": "den", "private": True, "version": "1.0.0"}))) == []
    python = read(
        "pyproject.toml",
        '[project]\nname = "Otter_Den"\nversion = "0.2"\ndependencies = [\n  "psycopg2-binary>=2",\n'
        '  "mcp[cli]"\n]\n[dependency-groups]\ndev = ["pytest"]\n',
    )
    assert packages(python) == [("pkg:pypi/otter-den@0.2", True)]
    assert [(d.name, d.says, d.development) for d in python.dependencies] == [
        ("psycopg2-binary", "sql", False),
        ("mcp", "mcp_sdk", False),
        ("pytest", "", True),
    ]
    assert python.dependencies[0].place.quote == '"psycopg2-binary>=2",'
    assert packages(read("pyproject.toml", '[project]\nname = "den"\ndynamic = ["version"]\n')) == [
        ("pkg:pypi/den", True)
    ]
    go = read(
        "go.mod",
        "module github.com/otters/den\n\ngo 1.22\n\nrequire (\n\tgithub.com/jackc/pgx/v5 v5.1.0\n"
        "\tgolang.org/x/text v0.1.0 // indirect\n)\n",
    )
    assert packages(go) == [("pkg:golang/github.com/otters/den", True)]
    assert [(d.name, d.says) for d in go.dependencies] == [("github.com/jackc/pgx/v5", "sql")]
    cargo = read(
        "Cargo.toml", '[package]\nname = "den"\nversion = "0.1.0"\n[dependencies]\nrmcp = { version = "0.1" }\n'
    )
    assert packages(cargo) == [("pkg:cargo/den@0.1.0", True)] and cargo.dependencies[0].says == "mcp_sdk"
    nuget = read(
        "src/Den.csproj",
        "<Project>\n <PropertyGroup>\n  <PackageId>Otters.Den</PackageId>\n  <Version>1.0.0</Version>\n"
        " </PropertyGroup>\n"
        ' <ItemGroup><PackageReference Include="Npgsql" Version="8.0" /></ItemGroup>\n</Project>',
    )
    assert packages(nuget) == [("pkg:nuget/Otters.Den@1.0.0", True)] and nuget.dependencies[0].says == "sql"
    assert nuget.subjects[0].place.quote == "<PackageId>Otters.Den</PackageId>"


BROWSER = {"devDependencies": {"playwright": "1"}}
OF_A_PEER = {"peerDependencies": {"playwright": "1"}}


@pytest.mark.parametrize(
    ("path", "text", "kind"),
    [
        ("package.json", json.dumps({"dependencies": {"playwright": "1"}}), "used"),
        ("package.json", json.dumps(OF_A_PEER), "used"),
        ("package.json", json.dumps(OF_A_PEER | {"peerDependenciesMeta": {"playwright": {"optional": True}}}), "extra"),
        ("package.json", json.dumps({"optionalDependencies": {"playwright": "1"}}), "extra"),
        ("package.json", json.dumps(BROWSER), "development"),
        ("examples/shop/package.json", json.dumps({"dependencies": {"playwright": "1"}}), "development"),
        ("pyproject.toml", '[project]\nname="den"\ndependencies=["playwright"]\n', "used"),
        ("pyproject.toml", '[project]\nname="den"\n[project.optional-dependencies]\nall=["playwright"]\n', "extra"),
        ("pyproject.toml", '[project]\nname="den"\n[dependency-groups]\ntest=["playwright"]\n', "development"),
        (
            "pyproject.toml",
            '[tool.poetry]\nname="den"\n[tool.poetry.dependencies]\nplaywright={version="1",optional=true}\n',
            "extra",
        ),
        ("requirements.txt", "playwright\n", "used"),
        ("requirements-browser.txt", "playwright\n", "extra"),
        ("requirements-dev.txt", "playwright\n", "development"),
        ("docs/requirements.txt", "playwright\n", "development"),
        ("Cargo.toml", '[package]\nname="den"\n[dependencies]\nthirtyfour={version="1",optional=true}\n', "extra"),
        ("Cargo.toml", '[package]\nname="den"\n[dev-dependencies]\nthirtyfour="1"\n', "development"),
        (
            "src/Den.Tests.csproj",
            '<Project><PackageReference Include="Microsoft.Playwright" /></Project>',
            "development",
        ),
        (
            "src/Den.csproj",
            '<Project><PackageReference Include="Microsoft.Playwright" PrivateAssets="all" /></Project>',
            "development",
        ),
        *(
            (
                "pom.xml",
                "<project><dependencies><dependency><groupId>com.microsoft.playwright</groupId>"
                f"<artifactId>playwright</artifactId>{more}</dependency></dependencies></project>",
                kind,
            )
            for more, kind in (
                ("", "used"),
                ("<scope>test</scope>", "development"),
                ("<optional>true</optional>", "extra"),
            )
        ),
    ],
)
def test_what_a_plain_installation_brings(path: str, text: str, kind: str) -> None:
    (found,) = read(path, text).dependencies
    assert found.says == "browser"
    assert (found.development, found.optional and not found.development) == (kind == "development", kind == "extra")


def test_an_entity_is_not_expanded() -> None:
    bomb = '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><Project><PackageId>&x;</PackageId></Project>'
    assert packages(read("a.csproj", bomb)) == []


def test_container_files() -> None:
    compose = read(
        "docker-compose.yml",
        "services:\n  den:\n    image: otters/den:1\n    build: .\n    privileged: true\n    user: root\n"
        "    volumes:\n      - /var/run/docker.sock:/var/run/docker.sock\n    environment:\n      - DEN_TOKEN=x\n",
    )
    assert [c.value for c in compose.containers] == [
        "root",
        "true",
        "/var/run/docker.sock:/var/run/docker.sock",
        "otters/den:1",
    ]
    assert [c.name for c in compose.credentials] == ["DEN_TOKEN"]
    docker = read(
        "Dockerfile",
        "FROM node:20 AS build\nUSER root\nFROM node:20-slim\nENV DEN_TOKEN=\nUSER den\nEXPOSE 8080\n"
        'ENTRYPOINT ["node", \\\n  "x.js"]\n',
    )
    assert [c.value for c in docker.containers] == ["node:20 AS build", "node:20-slim", "den", "8080"]
    flow = read(
        ".github/workflows/a.yml",
        "on: [push]\npermissions:\n  contents: write\njobs:\n  a:\n    container: node:20\n",
    )
    assert [c.value for c in flow.containers] == ["node:20"]


def test_environment_example() -> None:
    found = read(".env.example", "# needed\nDEN_TOKEN=\n# DEN_LEVEL=info\nexport DEN_MAX_TOKENS=5\n")
    assert [(c.name, c.secret) for c in found.credentials] == [
        ("DEN_TOKEN", True),
        ("DEN_LEVEL", None),
        ("DEN_MAX_TOKENS", None),
    ]


def test_names_that_are_none_of_their_ecosystem() -> None:
    assert purl("pypi", "Otter.Den_x") == "pkg:pypi/otter.den-x"
    assert purl("npm", "@a/b", "^1.0") == "pkg:npm/%40a/b"
    assert purl("maven", "org.otters:den") == "pkg:maven/org.otters/den" and purl("maven", ":/") is None
    assert purl("npm", "a b") is None and purl("golang", "den") is None and purl("pypi", "{name}") is None
    assert image_purl("otters/den@sha256:" + "b" * 64) == "pkg:docker/otters/den@sha256:" + "b" * 64
    assert purl("cargo", "src/main.rs") is None and purl("nuget", "Otters.Json") == "pkg:nuget/Otters.Json"
    assert image_purl("otters/den:${TAG}") == image_purl("otters/den:<tag>") == "pkg:docker/otters/den"
    assert not any(map(image_purl, ("$IMAGE", "a b", "@otters/den", "Otters/den", "./otters/den")))


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(json_values, st.sampled_from([None, 1, 2]))
def test_located_json_is_json(value: object, indent: int | None) -> None:
    for ascii_only in (True, False):
        text = json.dumps(value, indent=indent, ensure_ascii=ascii_only)
        found = read_json(text)
        assert found is not None and found.plain() == value
        assert json.loads(text[found.start : found.end]) == value


@given(st.text(max_size=200))
def test_no_text_raises(text: str) -> None:
    for path in (
        "server.json",
        "README.md",
        "SKILL.md",
        "compose.yaml",
        "pyproject.toml",
        "Cargo.toml",
        "go.mod",
        "a.csproj",
        "Dockerfile",
        ".env.example",
        "plugin.json",
        "src/a.py",
        "src/a.ts",
    ):
        read(path, text)


def test_nesting_without_end_gives_nothing() -> None:
    assert read_json("[" * 10_000) is None
    assert read_yaml("a: &a [*a]\n") and read_yaml("[" * 10_000) == []
    assert read_toml("a" + ".a" * 5_000 + " = 1") is None
