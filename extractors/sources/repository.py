"""Repositories named one by one: each is an agent.

Idea: the listing comes from the address alone; what to read is decided by `pages_of` when the agent is due.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple
from urllib.parse import urlsplit

from extractors.listing import Listing
from extractors.pages.snapshot import Fetched
from extractors.sources import Get, Walk
from extractors.sources.git_forge import DECLARING, DECLARING_BYTES, Forge, Place
from extractors.sources.listing_entry import listing, web_address
from scoring.vocabulary import AgentKind


class Repository:
    def __init__(self, name: str, locations: Sequence[str], *, kind: AgentKind | None = None) -> None:
        self.name = name
        self.locations = tuple(locations)
        self.kind = kind

    async def walk(self, get: Get) -> Walk:
        found: list[Listing] = []
        problems: list[str] = []
        for location in self.locations:
            address = web_address(location)
            segments = [s for s in urlsplit(address).path.split("/") if s]
            if len(segments) < 2:
                problems.append(f"{self.name}: {location} is no repository")
                continue
            name = segments[-1] if segments[2:3] == ["tree"] else segments[1].removesuffix(".git")
            found.append(listing(name, self.name, kind=self.kind).model_copy(update={"repository": address}))
        return Walk(tuple(found), (), tuple(problems))


class Pages(NamedTuple):
    """What to fetch for one agent."""

    first: tuple[str, ...]
    """To be read: the directory's page, named documents, the repository's README, manifests, …"""
    further: tuple[str, ...]
    """The repository's other documents, for `look_further`."""
    declaring: tuple[str, ...] = ()
    """The repository's files that may declare tools, starts or hooks; its program text is shown to no assessor."""
    asked: tuple[Fetched, ...] = ()
    """Calls that were needed to know (the forge's tree)."""
    moved_to: str = ""
    problems: tuple[str, ...] = ()


def code_of(agent: Listing, forges: Sequence[Forge]) -> tuple[str, Forge, Place] | None:
    """Address, forge and place of an agent's repository; None where it has none on these forges."""
    for url in (agent.repository, agent.homepage):
        for forge in forges if url else ():
            if url and (place := forge.place(url)):
                return url, forge, place
    return None


async def pages_of(
    agent: Listing,
    get: Get,
    forges: Sequence[Forge] = (Forge(),),
    declaring: int = DECLARING,
    declaring_bytes: int = DECLARING_BYTES,
) -> Pages:
    """At most one call, for the tree of a repository on a known forge. Other addresses are pages themselves."""
    first = [agent.listing_url, *agent.documents]
    further: tuple[str, ...] = ()
    asked: tuple[Fetched, ...] = ()
    moved = ""
    problems: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()
    code = None
    if (known := code_of(agent, forges)) is not None:
        code, forge, place = known
        found = await forge.documents(place, get, declaring, declaring_bytes)
        first += found.first
        further, asked, moved, problems = found.further, found.asked, found.moved_to, found.problems
        beside = found.declaring
    elif agent.repository:
        first.append(agent.repository)
    if agent.homepage != code:
        first.append(agent.homepage)
    return Pages(tuple(dict.fromkeys(filter(None, first))), further, beside, asked, moved, problems)
