"""Of several versions of one thing in one source the latest counts, wherever it stands and however it is told."""

import asyncio
import json
from itertools import permutations
from typing import Any

import pytest

from extractors.pages.snapshot import Fetched, FetchOutcome
from extractors.sources.registries.mcp_registry import McpRegistry
from extractors.sources.registries.oasf import OasfRecords
from scoring.vocabulary import AgentKind
from tests.extractors.sources.answering import walked

OFFICIAL = "io.modelcontextprotocol.registry/official"
URL = "https://registry.example/v0.1/servers"


def server(version: str, name: str = "io.example/otter", **more: Any) -> dict[str, Any]:
    return {"name": name, "description": f"Says {version}.", "version": version, **more}


WAYS = {
    "isLatest": [
        {"server": server("0.1.0"), "_meta": {OFFICIAL: {"isLatest": False, "publishedAt": "2026-03-01T00:00:00Z"}}},
        {"server": server("0.3.0"), "_meta": {OFFICIAL: {"isLatest": False, "publishedAt": "2026-02-01T00:00:00Z"}}},
        {"server": server("0.2.0"), "_meta": {OFFICIAL: {"isLatest": True, "publishedAt": "2026-01-01T00:00:00Z"}}},
    ],
    "publishedAt": [
        {"server": server("9.0.0"), "_meta": {OFFICIAL: {"publishedAt": "2026-01-01T00:00:00Z"}}},
        {"server": server("0.2.0"), "_meta": {OFFICIAL: {"publishedAt": "2026-03-01T00:30:00+01:00"}}},
        {"server": server("0.3.0"), "_meta": {OFFICIAL: {"publishedAt": "2026-02-28T22:00:00Z"}}},
    ],
    "the version": [{"server": server("0.2.0-rc.1")}, {"server": server("0.1.10")}, {"server": server("0.2.0")}],
    "the version, in numbers": [{"server": server("0.1.9")}, {"server": server("0.1.10")}, {"server": server("0.2.0")}],
    "the older form": [
        {"server": server("0.1.0"), "x-io.modelcontextprotocol.registry": {"is_latest": False}},
        {"server": server("0.2.0"), "x-io.modelcontextprotocol.registry": {"is_latest": True}},
    ],
    "the oldest form": [
        server("", version_detail={"version": "0.1.0", "is_latest": False}),
        server("", description="Says 0.2.0.", version_detail={"version": "0.2.0", "is_latest": True}),
    ],
    "a mark against none": [
        {"server": server("0.2.0"), "_meta": {OFFICIAL: {"isLatest": True}}},
        {"server": server("0.9.0"), "_meta": {OFFICIAL: {"publishedAt": "2026-03-01T00:00:00Z"}}},
    ],
}


@pytest.mark.parametrize("records", WAYS.values(), ids=WAYS)
def test_the_latest_version_counts_in_any_order_and_over_pages(records: list[dict[str, Any]]) -> None:
    for order in permutations(records):
        (one,) = walked(McpRegistry("r", URL), json.dumps({"servers": order}).encode()).listings
        assert "Says 0.2.0." in one.entry and one.kind is AgentKind.MCP_SERVER
        pages = {
            (f"{URL}?cursor={number}" if number else URL): {
                "servers": [record],
                "metadata": {"nextCursor": str(number + 1)} if number + 1 < len(order) else {},
            }
            for number, record in enumerate(order)
        }

        async def get(url: str, pages: dict[str, Any] = pages) -> Fetched:
            body = json.dumps(pages[url]).encode()
            return Fetched(url=url, outcome=FetchOutcome.FETCHED, at="2026-01-01T00:00:00Z", body=body)

        walk = asyncio.run(McpRegistry("r", URL).walk(get))
        assert walk.complete and [listing.entry for listing in walk.listings] == [one.entry]


def test_others_keep_their_place_and_two_servers_of_one_repository_are_two() -> None:
    place = {"repository": {"url": "https://github.com/o/otters"}}
    records = [
        {"server": server("0.1.0", "io.example/otter", **place)},
        {"server": server("0.1.0", "io.example/heron", **place)},
        {"server": server("0.2.0", "io.example/otter", **place)},
    ]
    found = walked(McpRegistry("r", URL), json.dumps({"servers": records}).encode()).listings
    assert [listing.name for listing in found] == ["io.example/otter", "io.example/heron"]
    assert "0.2.0" in found[0].entry


@pytest.mark.parametrize("dates", [("2026-02-01T00:00:00Z", "2026-01-01T00:00:00Z"), ("", "")])
def test_oasf_records_of_several_versions(dates: tuple[str, str]) -> None:
    records = [
        {"name": "otter", "version": "v1.10.0", "schema_version": "0.7.0", "locators": [], "created_at": dates[0]},
        {"name": "otter", "version": "v1.9.0", "schema_version": "0.7.0", "locators": [], "created_at": dates[1]},
        {"name": "heron", "version": "v1.0.0", "schema_version": "0.7.0", "locators": []},
    ]
    found = walked(OasfRecords("d", [URL]), json.dumps(records).encode()).listings
    assert [listing.name for listing in found] == ["otter", "heron"] and "v1.10.0" in found[0].entry
