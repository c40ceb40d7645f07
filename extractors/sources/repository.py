"""Repositories named one by one: each is an agent.

Idea: the listing comes from the address alone; what to read is decided by `pages_of` when the agent is due.
"""

from collections.abc import Sequence
from urllib.parse import urlsplit

from extractors.listing import Listing
from extractors.sources import Get, Walk
from extractors.sources.git_forge import DECLARING, DECLARING_BYTES, Forge, Pages, Place
from extractors.sources.listing_entry import listing, web_address
from scoring.vocabulary import AgentKind


class Repository:
    def __init__(self, name: str, locations: Sequence[str], *, kind: AgentKind | None = None) -> None:
        self.name = name
        self.locations = tuple(locations)
        self.kind = kind

    async def walk(self, get: Get) -> Walk:
        walk = Walk()
        for location in self.locations:
            address = web_address(location)
            segments = [s for s in urlsplit(address).path.split("/") if s]
            if len(segments) < 2:
                walk.problems.append(f"{self.name}: {location} is no repository")
                continue
            name = segments[-1] if segments[2:3] == ["tree"] else segments[1].removesuffix(".git")
            repository = listing(name, self.name, kind=self.kind).model_copy(update={"repository": address})
            walk.listings.append(repository)
        return walk


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
    pages, code = Pages(), None
    if (known := code_of(agent, forges)) is not None:
        code, forge, place = known
        pages = await forge.documents(place, get, declaring, declaring_bytes)
        first += pages.first
    elif agent.repository:
        first.append(agent.repository)
    if agent.homepage != code:
        first.append(agent.homepage)
    return pages._replace(first=tuple(dict.fromkeys(filter(None, first))))
