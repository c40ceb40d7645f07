"""A2A agent cards: what an agent says about itself at a well-known address.

Idea: `/.well-known/agent-card.json` first, the older `agent.json` where that is absent. Invariant: the card's
`url` is an endpoint to call, not a page to read; it is evidence and never fetched.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any
from urllib.parse import urljoin

from extractors.listing import Listing
from extractors.pages.snapshot import Fetched
from extractors.sources import Get, Walk, body_of, problem_of
from extractors.sources.listing_entry import Link, listing, web_address
from extractors.sources.mcp_registry import json_of
from scoring.errors import BadInput
from scoring.vocabulary import AgentKind

WELL_KNOWN = ("/.well-known/agent-card.json", "/.well-known/agent.json")


class AgentCards:
    """`locations` are sites, or addresses of cards that end in `.json`."""

    def __init__(self, name: str, locations: Sequence[str]) -> None:
        self.name = name
        self.locations = tuple(locations)

    def parse(self, body: bytes, url: str = "") -> tuple[Listing, ...]:
        card = json_of(body, url or self.name)
        if not is_card(card):
            raise BadInput("this is no agent card", subject=url or self.name, step="listings")
        return (card_listing(card, self.name, url),)

    async def walk(self, get: Get) -> Walk:
        found: list[Listing] = []
        asked: list[Fetched] = []
        problems: list[str] = []
        for location in self.locations:
            places = [location] if location.endswith(".json") else [urljoin(location, path) for path in WELL_KNOWN]
            problem = ""
            for url in places:
                fetched = await get(url)
                asked.append(fetched)
                body = body_of(fetched)
                try:
                    found += self.parse(body, url) if body is not None else ()
                    problem = "" if body is not None else problem or problem_of(fetched)
                except BadInput as error:
                    problem = problem or str(error)
                    continue
                if body is not None:
                    break
            problems += [problem] if problem else []
        return Walk(tuple(found), tuple(asked), tuple(problems))


def is_card(card: Any) -> bool:
    return (
        isinstance(card, dict)
        and isinstance(card.get("name"), str)
        and bool(card["name"].strip())
        and any(key in card for key in ("skills", "capabilities", "url", "supportedInterfaces"))
    )


def card_listing(card: dict[str, Any], source: str, url: str = "") -> Listing:
    provider = card.get("provider")
    home = web_address(provider.get("url")) if isinstance(provider, dict) else ""
    documents = web_address(card.get("documentationUrl"))
    links = [Link("homepage", home)] if home else []
    return listing(
        card["name"],
        source,
        links=[*links, Link("documentation", documents)] if documents else links,
        kind=AgentKind.AGENT,
        listing_url=web_address(url),
        entry=json.dumps(card, ensure_ascii=False, indent=1),
    )
