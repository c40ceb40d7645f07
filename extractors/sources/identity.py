"""The same agent under old owners, old names and in several lists: one listing with aliases.

Idea: three rules, in this order, and nothing else: the heading link leads to the same place; a labelled link
does; the names are the same and the owners are too. A link somewhere in a text never counts, since entries
thank, compare and build on each other. Invariants: the first entry's slug and name stay; the order of the
others does not change what is merged; two agents never get the same slug.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from urllib.parse import unquote, urlsplit

from extractors.listing import Listing, slugify
from extractors.sources.entry import is_repository

_GENERIC = frozenset(
    re.findall(
        r"[\w-]+",
        "mcp server servers agent agents mcp-server mcp-servers agent-server app api sdk plugins skills tools",
    )
)
_SEPARATOR = "\n\n=== listing entry: {source} ===\n"


def place_key(url: str | None, moved: Mapping[str, str] | None = None) -> str:
    """One spelling of an address: `github.com/owner/name/folder`, lower case, where it is now."""
    key = _spelled(url)
    for _ in range(10):
        root, rest = _split(key)
        further = _spelled((moved or {}).get(root))
        if not further or further == root:
            break
        key = "/".join([further, *rest])
    return key


def _split(key: str) -> tuple[str, list[str]]:
    """A repository and the folder in it: a repository moves as a whole."""
    parts = key.split("/")
    count = 3 if is_repository(f"https://{key}") else len(parts)
    return "/".join(parts[:count]), parts[count:]


def _spelled(url: str | None) -> str:
    if not url:
        return ""
    try:
        parts = urlsplit(url if "//" in url else f"//{url}")
        host = (parts.hostname or "").removeprefix("www.")
    except ValueError:
        return ""
    segments = [segment for segment in unquote(parts.path).split("/") if segment]
    if is_repository(f"https://{host}/" + "/".join(segments)):
        folder = segments[4:] if segments[2:3] in (["tree"], ["blob"]) else []
        if folder and re.match(r"readme(?:\.\w+)?$", folder[-1], re.IGNORECASE):
            folder = folder[:-1]
        segments = [segments[0], re.sub(r"\.git$", "", segments[1]), *folder]
    elif parts.query:
        segments.append("?" + parts.query)
    return "/".join([host, *segments]).lower()


def merged(
    listings: Iterable[Listing], known: Iterable[Listing] = (), moved: Mapping[str, str] | None = None
) -> tuple[Listing, ...]:
    """One listing an agent. `known` come first and keep their slugs; `moved` maps old addresses to new ones."""
    redirects = {_spelled(old): new for old, new in (moved or {}).items()}
    groups: list[list[Listing]] = []
    by_place: dict[str, int] = {}
    by_name: dict[str, int] = {}
    for listing in (*known, *listings):
        places = list(filter(None, _places(listing, redirects)))
        name = _named(listing, redirects)
        number = next((by_place[place] for place in places if place in by_place), None)
        if number is None and name:
            number = by_name.get(name)
        if number is None:
            number = len(groups)
            groups.append([])
        groups[number].append(listing)
        for place in places:
            by_place.setdefault(place, number)
        if name:
            by_name.setdefault(name, number)
    return _with_own_slugs([_one(group, redirects) for group in groups])


def _places(listing: Listing, moved: Mapping[str, str]) -> list[str]:
    """Where the entry's own name leads, and its labelled repository and directory page.

    A homepage tells an agent only if there is no repository: many agents of one vendor share a homepage.
    """
    places = [place_key(listing.repository, moved), place_key(listing.listing_url)]
    if not listing.repository and not listing.listing_url:
        places.append(place_key(listing.homepage, moved))
    return places


def _named(listing: Listing, moved: Mapping[str, str]) -> str:
    """Name and owner together, where the name is telling; owners that differ by `-labs`, `inc` … are one."""
    key = place_key(listing.repository, moved)
    parts = key.split("/")
    if len(parts) < 3 or not is_repository(f"https://{key}"):
        return ""
    last = parts[-1]
    if last in _GENERIC or len(last) < 4:
        return ""
    owner = re.sub(
        r"[^a-z0-9]", "", re.sub(r"[-_.](?:labs?|inc|hq|ai|io|dev|org|team|official|community)$", "", parts[1])
    )
    return f"{owner}/{last}"


def _one(group: list[Listing], moved: Mapping[str, str]) -> Listing:
    first = group[0]
    aliases: dict[str, None] = dict.fromkeys(first.aliases)
    documents: dict[str, None] = dict.fromkeys(first.documents)
    entries: dict[str, str] = {first.entry.strip(): first.source} if first.entry.strip() else {}
    for other in group[1:]:
        aliases.update(dict.fromkeys((other.name, *other.aliases)))
        documents.update(dict.fromkeys(other.documents))
        if other.repository and first.repository and _spelled(other.repository) != _spelled(first.repository):
            aliases[other.repository] = None
        if other.entry.strip():
            entries.setdefault(other.entry.strip(), other.source)
    repository = next((one.repository for one in group if one.repository), None)
    if repository and (now := moved.get(_split(_spelled(repository))[0])):
        aliases[repository] = None
        tail = [segment for segment in urlsplit(repository).path.split("/") if segment][2:]
        repository = "/".join([now.rstrip("/"), *tail])
    aliases.pop(first.name, None)
    entry = first.entry
    if len(entries) > 1:
        entry = "".join(_SEPARATOR.format(source=source) + text for text, source in entries.items()).strip()
    return first.model_copy(
        update={
            "kind": next((one.kind for one in group if one.kind), None),
            "listing_url": next((one.listing_url for one in group if one.listing_url), None),
            "homepage": next((one.homepage for one in group if one.homepage), None),
            "repository": repository,
            "documents": tuple(documents),
            "aliases": tuple(aliases),
            "entry": entry,
        }
    )


def _with_own_slugs(listings: list[Listing]) -> tuple[Listing, ...]:
    """A slug that is taken is made longer by the owner, then by a number."""
    taken: set[str] = set()
    found: list[Listing] = []
    for listing in listings:
        slug = listing.slug
        parts = place_key(listing.repository).split("/")
        if slug in taken and len(parts) >= 3:
            slug = slugify(f"{slug[:60]}-{parts[1]}")
        number = 2
        while slug in taken:
            slug = f"{listing.slug[:90].rstrip('-')}-{number}"
            number += 1
        taken.add(slug)
        found.append(listing if slug == listing.slug else listing.model_copy(update={"slug": slug}))
    return tuple(found)
