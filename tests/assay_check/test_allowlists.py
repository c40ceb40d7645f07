"""Allow lists and the registry: valid by the clients' schemas, read by the clients as meant, or refused."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay_check.allowlists import SETTINGS, allow_list
from assay_check.allowlists.from_records import configuration_of
from assay_check.checking import Checked, check
from assay_check.clients import CLIENTS, Policies, Server
from assay_check.configurations import read_configuration
from assay_check.errors import BadInput
from assay_check.lookup.record_summary import Statement
from assay_check.lookup.site_lookup import Site
from assay_check.policy import Advice, Policy
from tests.assay_check.conftest import BUYER, RECORDS, TODAY, summary, write_index

LISTS = ("allowedMcpServers", "chat.mcp.allowedServers")


def _checked(servers: dict[str, Any], site: Path, policy: dict[str, Any] | None = None) -> Checked:
    body = json.dumps({"mcpServers": servers}).encode()
    return check([read_configuration(".mcp.json", body)], Site(str(site)), Policy.model_validate(policy or {}), TODAY)


def _buyer(site: Path) -> Checked:
    return check([read_configuration(".mcp.json", BUYER.encode())], Site(str(site)), Policy(), TODAY)


def _content(client: str, checked: Checked) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(next(iter(allow_list(client, checked).files.values())))
    return content


def _allowed(client: str, checked: Checked) -> Any:
    content = _content(client, checked)
    return next(content[name] for name in LISTS if name in content)


SCHEMAS = {
    "vscode": "derived/vscode-mcp-access.derived.schema.json",
    "claude-code": "claude_code/claude-code-settings.json",
    "copilot": "derived/copilot-managed-settings-mcp.derived.schema.json",
}


@pytest.mark.parametrize("client", SETTINGS)
def test_settings_are_valid_by_the_client_s_schema(client: str, site: Path, shared: Path) -> None:
    schema = json.loads((shared / "conformance/use/schemas" / SCHEMAS[client]).read_text("utf-8"))
    content = _content(client, _buyer(site))
    jsonschema.validators.validator_for(schema)(schema).validate(content)
    assert not any("serverName" in entry for entry in _allowed(client, _buyer(site)))


def test_the_policy_form_of_vscode_holds_the_lists_as_text(site: Path) -> None:
    files = allow_list("vscode", _buyer(site)).files
    settings, policy = (json.loads(files[f"vscode.{name}.json"]) for name in ("settings", "policy"))
    assert json.loads(policy["ChatAllowedMcpServers"]) == settings["chat.mcp.allowedServers"]
    assert json.loads(policy["ChatDeniedMcpServers"]) == settings["chat.mcp.deniedServers"]


SPELLINGS: list[dict[str, Any]] = [
    {"command": "npx", "args": ["-y", "@example/weather-mcp@1.4.2"]},
    {"command": "npx", "args": ["@example/weather-mcp@1.4.2", "--flag"]},
    {"command": "cmd", "args": ["/c", "npx", "-y", "@example/weather-mcp@1.4.2"]},
    {"command": "npx -y @example/weather-mcp@1.4.2"},
    {"type": "http", "url": "https://MCP.example.com/mcp"},
    {"type": "http", "url": "https://mcp.example.com:443/mcp?tenant=1"},
    {"command": "uvx", "args": ["example-scraper-mcp"]},
    {"command": "npx", "args": ["unknown"]},
    {"url": "https://other.example.com/"},
    {"command": "./own.sh"},
    {"command": "npx", "args": ["-y", "@example/weather-mcp@1.4.2", "${HOME}"]},
    {"command": "npx", "args": ["-y", "@example/weather-mcp@1.4.2", "--api-key=hunter2"]},
]
LENIENT = {"limits": {"possible": 8.0}}


@pytest.mark.parametrize("client", SETTINGS)
@given(chosen=st.lists(st.sampled_from(range(len(SPELLINGS))), min_size=1, unique=True))
def test_every_entry_does_in_the_client_what_is_said(
    client: str, chosen: list[int], tmp_path_factory: pytest.TempPathFactory
) -> None:
    site = tmp_path_factory.getbasetemp() / "lists-site"
    if not site.exists():
        write_index(site, RECORDS)
    checked = _checked({f"s{number}": SPELLINGS[number] for number in chosen}, site, LENIENT)
    try:
        made = allow_list(client, checked)
    except BadInput as error:
        assert "empty allow list" in str(error)
        return
    content = json.loads(next(iter(made.files.values())))
    named = {
        "allowedMcpServers": content.get("chat.mcp.allowedServers"),
        "deniedMcpServers": content.get("chat.mcp.deniedServers", []),
    }
    policy = named if client == "vscode" else content
    said = {effect.checked.entry.name: effect.runs for effect in made.effects}
    for item in checked.entries:
        raw = SPELLINGS[int(item.entry.name[1:])]
        command = None if "url" in raw else (raw["command"], *raw.get("args", ()))
        home = {"HOME": "/home/me"}
        decision = CLIENTS[SETTINGS[client].client](
            Policies(policy, environment=home),
            Server(item.entry.name, raw.get("url"), command),
        )
        assert decision.runs is said[item.entry.name], (raw, decision)
        assert not decision.runs or item.verdict.advice is Advice.ALLOW


def test_the_buyer_s_own_spelling_is_kept(site: Path) -> None:
    for raw in SPELLINGS[:4]:
        (entry,) = _allowed("claude-code", _checked({"a": raw}, site))
        assert entry == {"serverCommand": [raw["command"], *raw.get("args", ())]}


def test_the_query_of_an_address_is_not_written(site: Path) -> None:
    (entry,) = _allowed(
        "vscode", _checked({"a": {"url": "https://me:hunter2@mcp.example.com/mcp?key=hunter2"}}, site, LENIENT)
    )
    assert entry == {"serverUrl": "https://mcp.example.com/mcp?*"}


@pytest.mark.parametrize("client", [*SETTINGS, "registry"])
@pytest.mark.parametrize(
    "raw",
    [
        {"command": "npx", "args": ["unknown"]},
        {"command": "uvx", "args": ["example-scraper-mcp"]},
        {"command": "npx", "args": ["a"], "disabled": True},
    ],
)
def test_an_empty_list_is_never_written_by_accident(client: str, raw: dict[str, Any], site: Path) -> None:
    with pytest.raises(BadInput, match="empty"):
        allow_list(client, _checked({"a": raw}, site))


def test_two_entries_of_one_command_with_different_advice_are_refused(site: Path) -> None:
    checked = _buyer(site)
    first = checked.files[0].entries[0]
    other = type(first)(first.entry, first.match, type(first.verdict)(Advice.ASK, first.verdict.reasons))
    both = type(checked)(
        (type(checked.files[0])(checked.files[0].configuration, (first, other)),), checked.policy, TODAY
    )
    with pytest.raises(BadInput, match="the policy says ask"):
        allow_list("vscode", both)


def test_what_will_happen_is_said_for_each_entry_with_its_expiry(site: Path) -> None:
    text = allow_list("vscode", _buyer(site)).explanation
    assert "weather (pkg:npm/%40example/weather-mcp@1.4.2): runs, allowed" in text and "expires on 2027-03-01" in text
    assert "docs (https://mcp.example.com/mcp): blocked, asked about" in text
    assert "scraper (pkg:pypi/example-scraper-mcp): blocked, denied" in text


def test_from_records_alone_only_exact_versions_and_addresses_are_allowed(site: Path) -> None:
    records = [*RECORDS, summary("loose", Statement(purl="pkg:npm/loose"))]
    configuration = configuration_of(records)
    assert not any("loose" in word for entry in configuration.entries for word in entry.argv)
    allowed = _allowed("copilot", check([configuration], Site(str(site)), Policy(), TODAY))
    assert {"serverCommand": ["npx", "-y", "@example/weather-mcp@1.4.2"]} in allowed


def _registry(site: Path) -> dict[str, bytes]:
    servers = {f"s{number}": SPELLINGS[number] for number in (0, 4)}
    return allow_list("registry", _checked(servers, site, LENIENT)).files


def test_the_registry_validates_and_serves_every_habit(site: Path, shared: Path) -> None:
    files = _registry(site)
    folder = shared / "conformance/use/schemas"
    responses = json.loads((folder / "derived/mcp-registry-v0.1-responses.derived.schema.json").read_text("utf-8"))
    server = json.loads((folder / "mcp_registry/server.schema.2025-12-11.json").read_text("utf-8"))
    lists = jsonschema.Draft202012Validator({**responses, "$ref": "#/$defs/ServerList"})
    answers = jsonschema.Draft202012Validator({**responses, "$ref": "#/$defs/ServerResponse"})
    for name, body in files.items():
        if not name.endswith(".json"):
            continue
        content = json.loads(body)
        (lists if "servers" in content else answers).validate(content)
        for answer in content.get("servers", [content]):
            jsonschema.Draft7Validator(server).validate(answer["server"])
            assert answer["server"]["version"] not in ("latest", "")
    every = json.loads(files["v0.1/servers.json"])
    assert every["metadata"]["count"] == len(every["servers"]) == 2
    for answer in every["servers"]:
        name, version = answer["server"]["name"], answer["server"]["version"]
        for prefix in ("v0.1/", "v0/", ""):
            for place in (name, name.replace("/", "%2F")):
                for ending in ("latest", version):
                    assert json.loads(files[f"{prefix}servers/{place}/versions/{ending}.json"]) == answer


def test_the_registry_names_a_server_as_its_record_does(tmp_path: Path) -> None:
    stated = {"name": "com.example/weather", "description": "Forecasts", "version": "7"}
    write_index(
        tmp_path, [summary("w", Statement(purl="pkg:npm/left@1.0.0"), registry=stated, digest="sha256:" + "1" * 64)]
    )
    checked = _checked(
        {"a": {"command": "npx", "args": ["left@1.0.0"]}, "b": {"command": "npx", "args": ["left"]}}, tmp_path
    )
    answer = json.loads(allow_list("registry", checked).files["v0.1/servers/com.example/weather/versions/latest.json"])
    assert answer["server"]["packages"][0]["version"] == answer["server"]["version"] == "1.0.0"
    assert answer["server"]["description"] == "Forecasts"
    provided = answer["server"]["_meta"]["io.modelcontextprotocol.registry/publisher-provided"]["assay/record"]
    assert provided == {
        "record": "records/w.json",
        "record_digest": "sha256:" + "1" * 64,
        "assessed": "2026-11-01",
        "expires": date(2027, 3, 1).isoformat(),
    }


@pytest.mark.parametrize(
    ("purl", "registry", "slug"),
    [
        ("pkg:npm/left@..%2F..%2Fx", None, "w"),
        ("pkg:npm/left@1.0.0", {"name": "../..", "version": "../x"}, ".."),
        ("pkg:npm/left@1.0.0", {"name": "a/../../b"}, "../../etc"),
    ],
)
def test_no_record_leads_a_file_out_of_the_folder(purl: str, registry: Any, slug: str, tmp_path: Path) -> None:
    record = summary("w", Statement(purl=purl), registry=registry).model_copy(update={"slug": slug})
    write_index(tmp_path, [record])
    checked = _checked({"a": {"command": "npx", "args": ["left"]}}, tmp_path)
    try:
        files = allow_list("registry", checked).files
    except BadInput:
        return
    for name in files:
        assert (tmp_path / name).resolve().is_relative_to(tmp_path.resolve()) and ".." not in name


@pytest.mark.parametrize(
    "words",
    [
        ["-s", "HUNTER-two-three"],
        ["--token", "hunter2"],
        ["--api-key=hunter2"],
        ["--header", "X: hunter2"],
        ["postgres://me:hunter2@db/x"],
        ["https://a.example.com/?key=hunter2"],
        ["https://me@a.example.com/"],
        ["Authorization: Bearer hunter2"],
        ["sk-0123456789abcdef"],
        ["uvx right --password hunter2"],
    ],
)
@pytest.mark.parametrize("client", SETTINGS)
def test_a_command_that_may_carry_a_credential_is_refused(client: str, words: list[str], site: Path) -> None:
    servers = {
        "a": {"command": "npx", "args": ["@example/weather-mcp@1.4.2", *words]},
        "b": {"command": "docker", "args": ["run", "-e", "PLAIN=hunter2", "ghcr.io/o/n"]},
        "c": {"command": "env", "args": ["PLAIN=hunter2", "npx", "@example/weather-mcp@1.4.2"]},
        "d": SPELLINGS[0],
    }
    checked = _checked(servers, site, {"unlisted": {"public": "allow"}})
    made = allow_list(client, checked)
    assert _allowed(client, checked) == [{"serverCommand": ["npx", "-y", "@example/weather-mcp@1.4.2"]}]
    assert made.explanation.count("may carry a credential") == 3
