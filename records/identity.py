"""When two listings mean the same agent, and which slug a mistyped one may have meant.

Idea: an agent is told by where it lives, not by its name: two entries are one agent when they share a link.
"""

from __future__ import annotations

import difflib
import re

import sqlalchemy as sa

from extractors.listing import Listing, slugify
from records.tables import agents


def identity(url: str) -> str:
    """One form for the spellings of a URL: no scheme, `www.`, `.git`, fragment or closing slash; lower case."""
    plain = url.strip().casefold().split("#")[0]
    plain = re.sub(r"^[a-z+]+://(www\.)?", "", plain)
    return plain.rstrip("/").removesuffix(".git")[:600]


def links(listing: Listing) -> tuple[str, ...]:
    """The links that tell an agent, best first: its page in the directory, its repository, its homepage."""
    return tuple(link for link in (listing.listing_url, listing.repository, listing.homepage) if link)


def mark(listing: Listing) -> str:
    """By what a source's entry is known again next time."""
    found = links(listing)
    return identity(found[0]) if found else listing.slug


def same_agent(one: Listing, other: Listing) -> bool:
    """True when they share a link, or when one of them has none and their names are equal."""
    first, second = {identity(link) for link in links(one)}, {identity(link) for link in links(other)}
    if not first or not second:
        return one.name.casefold() == other.name.casefold()
    return bool(first & second)


def near(connection: sa.Connection, words: str, count: int = 3) -> list[str]:
    """Slugs that look like what was typed, best first."""
    slug = slugify(words)
    part = max(slug.split("-"), key=len)
    pattern = sa.or_(agents.c.slug.startswith(slug[:2], autoescape=True), agents.c.slug.contains(part, autoescape=True))
    candidates = list(connection.scalars(sa.select(agents.c.slug).where(pattern).order_by(agents.c.slug).limit(5000)))
    return difflib.get_close_matches(slug, candidates, count, 0.6)
