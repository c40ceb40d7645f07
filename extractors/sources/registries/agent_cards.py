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
from extractors.sources import Asking, Get, Walk
from extractors.sources.listing_entry import Link, listing, web_address
from extractors.sources.registries.paging import json_of, next_page
from extractors.sources.registries.record_kinds import looks_like, not_of_this_kind, stated_kind
from extractors.sources.registries.withdrawn_entries import withdrawn
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
        asking = Asking(get)
        for location in self.locations:
            before = len(asking.problems)
            for url in _places(location):
                here = len(asking.problems)
                if await self._place(asking, url):
                    del asking.problems[before:here]  # of the places that were tried in vain
                    break
            else:
                del asking.problems[before + 1 :]
        return asking.walk()

    async def _place(self, asking: Asking, url: str) -> bool:
        """One card, or a catalogue with the cards that it only names and its further pages; False where there is
        neither."""
        if (answer := await asking.page(url)) is None:
            return False
        read = 0
        try:
            while True:
                body, fetched = answer
                page, at = json_of(body, fetched.url), fetched.final_url
                asking.found += self.parse(body, at if read or is_card(page) else url)
                entries = catalogue_of(page)
                if entries is None or is_card(page):
                    return True
                read += len(entries)
                for entry in entries:
                    await self._entry(asking, entry, at)
                further = next_page(page, at, read, len(entries), fetched.link)
                if further.problem:
                    asking.problems.append(f"{at}: {further.problem}")
                if not further.url or len(asking.asked) >= MAX_CARDS:
                    return True
                if (answer := await asking.page(further.url)) is None:
                    return True
        except BadInput as error:
            asking.problems.append(str(error))
            return False

    async def _entry(self, asking: Asking, entry: Any, at: str) -> None:
        """What an entry of a catalogue names beside its own card."""
        if isinstance(entry, dict) and (status := withdrawn([entry])):
            asking.left_out[f"its source says that it is {status}"] += 1
        elif _card_in(entry) is None and not (place := _card_url(entry, at)):
            asking.left_out["an entry without a card"] += 1
        elif _card_in(entry) is None and len(asking.asked) >= MAX_CARDS:
            asking.problems.append(f"{self.name}: more than {MAX_CARDS} cards")
        elif _card_in(entry) is None and (answer := await asking.page(place)) is not None:
            try:
                asking.found += self.parse(answer[0], answer[1].final_url)
            except BadInput as error:
                asking.problems.append(str(error))


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
