"""A2A agent cards: what an agent says about itself at a well-known address, or a catalogue that names cards.

Idea: below a location's own path, `.well-known/agent-card.json` first, the older `agent.json` where that is absent.
Invariants: the card's `url` is an endpoint to call, not a page to read; it is evidence and never fetched; no other
card of a host replaces the one that was named.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from extractors.listing import Listing
from extractors.sources import Get, Walk
from extractors.sources.listing_entry import Link, listing, web_address
from extractors.sources.registries.paging import json_of, read_pages
from extractors.sources.registries.record_kinds import KEYS, list_in, looks_like, not_of_this_kind, stated_kind
from extractors.sources.registries.registry_entries import withdrawn
from scoring.errors import BadInput
from scoring.vocabulary import AgentKind

WELL_KNOWN = (".well-known/agent-card.json", ".well-known/agent.json")
MAX_CARDS = 2_000
_NO_CARD = "an entry without a card"


class AgentCards:
    """`locations` are sites or paths of theirs, or addresses of cards and catalogues that end in `.json`."""

    def __init__(self, name: str, locations: Sequence[str]) -> None:
        self.name = name
        self.locations = tuple(locations)

    async def walk(self, get: Get) -> Walk:
        walk = Walk()
        for location in self.locations:
            before = len(walk.problems)
            for url in _places(location):
                here = len(walk.problems)
                named = await read_pages(walk, get, url, self._named)
                if named or len(walk.problems) == here:
                    del walk.problems[before:here]  # of the places that were tried in vain
                    break
            else:
                del walk.problems[before + 1 :]
            for entry in named:
                await self._read(walk, get, entry)
        return walk

    async def _read(self, walk: Walk, get: Get, named: _Named) -> None:
        if named.card is not None:
            walk.listings.append(named.card)
        elif named.left_out:
            walk.left_out[named.left_out] += 1
        elif len(walk.answers) >= MAX_CARDS:
            if (problem := f"{self.name}: more than {MAX_CARDS} cards") not in walk.problems:
                walk.problems.append(problem)
        elif (answer := await walk.page(get, named.place)) is not None:
            body, fetched = answer
            try:
                cards = self._named(json_of(body, fetched.final_url), fetched.final_url)
                walk.listings += [entry.card for entry in cards if entry.card is not None]
            except BadInput as error:
                walk.problems.append(str(error))

    def _named(self, page: Any, url: str) -> list[_Named]:
        if is_card(page):
            return [_Named(card_listing(page, self.name, url))]
        entries = list_in(page, KEYS["cards"])
        named = [self._entry(entry, url) for entry in entries or ()]
        if entries is None or (entries and all(entry.left_out == _NO_CARD for entry in named)):
            raise not_of_this_kind("agent card", page, url or self.name)
        return named

    def _entry(self, entry: Any, url: str) -> _Named:
        card = _card_in(entry)
        if status := withdrawn([entry, card]):
            return _Named(left_out=f"its source says that it is {status}")
        if card is not None:
            return _Named(card_listing(card, self.name, "", shared=True))
        place = _card_url(entry, url)
        return _Named(place=place, left_out="" if place else _NO_CARD)


class _Named(NamedTuple):
    """What an entry names: a card, the address of one, or why neither."""

    card: Listing | None = None
    place: str = ""
    left_out: str = ""


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
        and list_in(card, KEYS["cards"]) is None
        and looks_like(card) in ("", "agent_cards")
    )


def _card_in(entry: Any) -> dict[str, Any] | None:
    if not isinstance(entry, dict):
        return None
    is_full = is_card(entry) and any(key in entry for key in KEYS["card_only"])
    return next((dict(entry[key]) for key in KEYS["card"] if is_card(entry.get(key))), entry if is_full else None)


def _card_url(entry: Any, base: str) -> str:
    if isinstance(entry, str):
        return web_address(entry, base)
    places = (
        (web_address(entry.get(key), base) for key in (*KEYS["card_address"], *KEYS["card"]))
        if isinstance(entry, dict)
        else ()
    )
    return next(filter(None, places), "")


def card_listing(card: dict[str, Any], source: str, url: str = "", *, shared: bool = False) -> Listing:
    """`shared`: the file holds several cards and is nobody's page, so that name and endpoint identify this one."""
    provider = card.get("provider")
    home = web_address(provider.get("url")) if isinstance(provider, dict) else ""
    return listing(
        card["name"],
        source,
        links=[Link("homepage", home), Link("documentation", web_address(card.get("documentationUrl")))],
        kind=stated_kind(card) or AgentKind.AGENT,
        listing_url=web_address(url),
        entry=json.dumps(card, ensure_ascii=False, indent=1),
        identity=f"{card['name']} {card.get('url') or ''}".strip() if shared else "",
    )
