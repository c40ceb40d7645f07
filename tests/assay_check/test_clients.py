"""What five clients decide: the published decisions, and properties that a list's writer relies on."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay_check.clients import CLIENTS, Policies, Server
from assay_check.web_address import parse


def _case(row: dict[str, Any]) -> tuple[Policies, Server]:
    server = row["server"]
    command = tuple(server["command"]) if "command" in server else None
    others = [row[key] for key in ("user_policy", "second_policy") if key in row]
    return (
        Policies(row["policy"], others, row.get("environment", {})),
        Server(server["name"], server.get("url"), command, server.get("type", ""), server.get("builtin", False)),
    )


def test_every_published_decision(shared: Path) -> None:
    rows = [
        json.loads(line) for line in (shared / "conformance/use/matching/cases.jsonl").read_text("utf-8").splitlines()
    ]
    wrong = []
    for row in rows:
        decision = CLIENTS[row["client"]](*_case(row))
        if decision.runs != (row["expect"] == "run") or (row.get("runs") or {}).get("url") != decision.runs_as:
            wrong.append((row["id"], decision))
    assert len(rows) == 108
    assert wrong == []


_MATCHERS = st.sampled_from(
    [
        {"serverName": "a"},
        {"serverUrl": "https://*.example.com/*"},
        {"serverUrl": "https://a.example.com"},
        {"serverCommand": ["npx", "left"]},
        {"serverName": "a", "serverUrl": "https://a.example.com/*"},
        {},
        None,
        7,
        {"serverCommand": []},
        {"serverCommand": "npx left"},
    ]
)
_LISTS = st.none() | st.lists(_MATCHERS, max_size=4) | st.sampled_from(["[]", {}, 3])
_SERVERS = st.sampled_from(
    [
        Server("a", command=("npx", "left")),
        Server("a", url="https://a.example.com/x"),
        Server("b", url="https://evil.test/"),
        Server("b"),
    ]
)


@given(st.sampled_from(sorted(CLIENTS)), _LISTS, _LISTS, _SERVERS)
def test_no_policy_makes_a_client_raise(client: str, allowed: Any, denied: Any, server: Server) -> None:
    policy = {"allowedMcpServers": allowed, "deniedMcpServers": denied, "mcp_servers": allowed, "mcp.allowed": denied}
    assert CLIENTS[client](Policies(policy), server).reason


@given(st.sampled_from(["vscode", "claude_code", "copilot"]), st.lists(_MATCHERS, max_size=4), _MATCHERS, _SERVERS)
def test_a_longer_deny_list_never_lets_more_run(client: str, denied: list[Any], more: Any, server: Server) -> None:
    before = CLIENTS[client](Policies({"deniedMcpServers": denied}), server)
    after = CLIENTS[client](Policies({"deniedMcpServers": [*denied, more]}), server)
    assert before.runs or not after.runs


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("http://0x7f.1/a", "http://127.0.0.1/a"),
        ("http://2130706433", "http://127.0.0.1/"),
        ("https://A.example.com:443/x/../y/./z?q#f", "https://a.example.com/y/z?q"),
        ("https://user:secret@b.example.com\\@c.example.com/", "https://b.example.com/@c.example.com/"),
        ("https://[::1]:8080/x", "https://[::1]:8080/x"),
        ("https://bücher.example/", "https://xn--bcher-kva.example/"),
        ("https://%65vil.example.com/", "https://evil.example.com/"),
        ("https://a b/", None),
        ("https://a:99999/", None),
        ("https:///", None),
        ("ftp://a/", None),
    ],
)
def test_an_address_is_where_a_request_goes(text: str, address: str | None) -> None:
    found = parse(text)
    assert (None if found is None else found.origin + found.path + found.query) == address


@given(st.text(alphabet="htps:/\\@?#%[].0x1aé \n-*", max_size=40))
def test_no_address_raises(text: str) -> None:
    found = parse("http://" + text)
    assert found is None or found.path.startswith("/")
