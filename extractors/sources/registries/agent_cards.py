"""A2A agent cards: what an agent says about itself at a well-known address, or a catalogue that names cards.

Idea: below a location's own path, `.well-known/agent-card.json` first, the older `agent.json` where that is absent.
Invariants: the card's `url` is an endpoint to call, not a page to read; it is evidence and never fetched; no other
card of a host stands for the one that was named.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from extractors.listing import Listing
from extractors.pages.snapshot import Fetched
from extractors.sources import Get, Walk, body_of, problem_of
from extractors.sources.listing_entry import Link, listing, web_address
from extractors.sources.mcp_registry import json_of
from extractors.sources.registries.latest_version import withdrawn
from extractors.sources.registries.paging import next_page
from extractors.sources.registries.record_kinds import looks_like, not_of_this_kind, stated_kind
from scoring.errors import BadInput
from scoring.vocabulary import AgentKind

WELL_KNOWN = (".well-known/agent-card.json", ".well-known/agent.json")
MAX_CARDS = 2_000
_CATALOGUE = ("agents", "cards", "agentCards", "agent_cards", "items", "data", "results", "entries")
_CARD = ("card", "agentCard", "agent_card")
_CARD_URL = ("cardUrl", "card_url", "agentCardUrl", "agent_card_url", "wellKnownUrl", "well_known_url", "href", "url")


class AgentCards:
    """`locations` are sites or paths of theirs, or addresses of cards and catalogues that end in `.json`."""

    def __init__(self, name: str, locations: Sequence[str]) -> None:
        self.name = name
        self.locations = tuple(locations)

    def parse(self, body: bytes, url: str = "") -> tuple[Listing, ...]:
        page = json_of(body, url or self.name)
        if is_card(page):
            return (card_listing(page, self.name, url),)
        entries = catalogue_of(page)
        cards = [card for entry in entries or () if (card := _card_in(entry)) is not None]
        if entries is None or (entries and not cards and not any(_card_url(entry, url) for entry in entries)):
            raise not_of_this_kind("agent card", page, url or self.name)
        return tuple(card_listing(card, self.name, "", shared=True) for card in cards if not withdrawn([card]))

    async def walk(self, get: Get) -> Walk:
        found: list[Listing] = []
        asked: list[Fetched] = []
        problems: list[str] = []
        left_out: dict[str, int] = {}
        for location in self.locations:
            problem = ""
            for url in _places(location):
                fetched = await get(url)
                asked.append(fetched)
                body = body_of(fetched)
                if body is None:
                    problem = problem or problem_of(fetched)
                    continue
                try:
                    found += self.parse(body, fetched.final_url if is_card(json_of(body, url)) else url)
                    await self._catalogued(get, body, fetched, found, asked, problems, left_out)
                except BadInput as error:
                    problem = problem or str(error)
                    continue
                problem = ""
                break
            problems += [problem] if problem else []
        return Walk(tuple(found), tuple(asked), tuple(problems), left_out)

    async def _catalogued(
        self,
        get: Get,
        body: bytes,
        fetched: Fetched,
        found: list[Listing],
        asked: list[Fetched],
        problems: list[str],
        left_out: dict[str, int],
    ) -> None:
        """The cards that a catalogue only names, and its further pages."""
        page, url, read = json_of(body, fetched.url), fetched.final_url, 0
        while (entries := catalogue_of(page)) is not None and not is_card(page):
            read += len(entries)
            for entry in entries:
                if isinstance(entry, dict) and (status := withdrawn([entry])):
                    reason = f"its source says that it is {status}"
                    left_out[reason] = left_out.get(reason, 0) + 1
                elif _card_in(entry) is None and (place := _card_url(entry, url)):
                    await self._card(get, place, found, asked, problems)
                elif _card_in(entry) is None:
                    left_out["an entry without a card"] = left_out.get("an entry without a card", 0) + 1
            further = next_page(page, url, read, len(entries), fetched.link)
            if further.problem:
                problems.append(f"{url}: {further.problem}")
            if not further.url or len(asked) >= MAX_CARDS:
                return
            fetched = await get(further.url)
            asked.append(fetched)
            more = body_of(fetched)
            if more is None:
                problems.append(problem_of(fetched))
                return
            page, url = json_of(more, fetched.url), fetched.final_url
            found += self.parse(more, url)

    async def _card(self, get: Get, url: str, found: list[Listing], asked: list[Fetched], problems: list[str]) -> None:
        if len(asked) >= MAX_CARDS:
            problems.append(f"{self.name}: more than {MAX_CARDS} cards")
            return
        fetched = await get(url)
        asked.append(fetched)
        body = body_of(fetched)
        try:
            found += self.parse(body, fetched.final_url) if body is not None else ()
        except BadInput as error:
            problems.append(str(error))
        problems += [problem_of(fetched)] if body is None else []


def _places(location: str) -> list[str]:
    parts = urlsplit(location)
    if parts.path.endswith(".json"):
        return [location]
    folder = parts.path if parts.path.endswith("/") else parts.path + "/"
    return [parts._replace(path=folder + path, query="", fragment="").geturl() for path in WELL_KNOWN]


def is_card(card: Any) -> bool:
    return (
        isinstance(card, dict)
        and isinstance(card.get("name"), str)
        and bool(card["name"].strip())
        and any(key in card for key in ("skills", "capabilities", "url", "supportedInterfaces"))
        and catalogue_of(card) is None
        and looks_like(card) in ("", "agent_cards")
    )


def catalogue_of(page: Any) -> list[Any] | None:
    """The entries of a page that names several cards; None for anything else."""
    if isinstance(page, list):
        return page
    if not isinstance(page, dict):
        return None
    return next((page[key] for key in _CATALOGUE if isinstance(page.get(key), list)), None)


def _card_in(entry: Any) -> dict[str, Any] | None:
    if not isinstance(entry, dict):
        return None
    inner = next((entry[key] for key in _CARD if is_card(entry.get(key))), None)
    if inner is not None:
        return dict(inner)
    full = is_card(entry) and any(key in entry for key in ("skills", "capabilities", "supportedInterfaces"))
    return entry if full else None


def _card_url(entry: Any, base: str) -> str:
    if isinstance(entry, str):
        return web_address(entry, base)
    places = (web_address(entry.get(key), base) for key in (*_CARD_URL, *_CARD)) if isinstance(entry, dict) else ()
    return next(filter(None, places), "")


def card_listing(card: dict[str, Any], source: str, url: str = "", *, shared: bool = False) -> Listing:
    """`shared` is the card of a file that holds several: the file is nobody's page, its name and endpoint tell it."""
    provider = card.get("provider")
    home = web_address(provider.get("url")) if isinstance(provider, dict) else ""
    documents = web_address(card.get("documentationUrl"))
    links = [Link("homepage", home)] if home else []
    return listing(
        card["name"],
        source,
        links=[*links, Link("documentation", documents)] if documents else links,
        kind=stated_kind(card) or AgentKind.AGENT,
        listing_url=web_address(url),
        entry=json.dumps(card, ensure_ascii=False, indent=1),
        identity=f"{card['name']} {card.get('url') or ''}".strip() if shared else "",
    )
