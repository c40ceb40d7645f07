"""Where an agent lives, in one spelling: the same agent under old owners, old names and in several lists.

Idea: an agent is identified by where the entry's own name leads, or by a link that is labelled as its repository or
page; by its name only where it has no link. A link somewhere in a text never counts, since entries thank, compare and
build on each other; nor does a homepage, which anybody can claim and many agents of one vendor share, while there is
anything better.
Invariant: pure; spellings of one place give one key, two folders of a repository give two.
"""

import re
from urllib.parse import unquote, urlsplit

from extractors.listing import Listing, slugify
from extractors.sources.listing_entry import is_repository

LONGEST_KEY = 600
_INDEX = re.compile(r"(?:index|default)\.(?:html?|xhtml|php|aspx?|jsp|md)", re.IGNORECASE)
_TRACKING = re.compile(
    r"\A(?:utm_\w+|ref|ref_\w+|referrer|fbclid|gclid|dclid|msclkid|yclid|igshid|mc_[ce]id|_g[al]|_hs\w+|mkt_tok|si|spm|"
    r"trk|source|via|from)(?:=|$)",
    re.IGNORECASE,
)
"""Parameters that only say where a reader comes from."""


def place_key(url: str | None) -> str:
    """`https://www.GitHub.com/O/Otter.git/` is `github.com/o/otter`; branch and README of a folder do not count."""
    if not url:
        return ""
    try:
        parts = urlsplit(url if "//" in url else f"//{url}")
        host = (parts.hostname or "").removeprefix("www.")
        port = f":{parts.port}" if parts.port not in (None, 80, 443) else ""
    except ValueError:
        return ""
    segments = [s for s in unquote(parts.path).split("/") if s and s.lower() != "index.php"]
    if segments and _INDEX.fullmatch(segments[-1]):
        segments.pop()
    if is_repository(f"https://{host}/" + "/".join(segments)):
        folder = segments[4:] if segments[2:3] in (["tree"], ["blob"]) else []
        if folder and re.match(r"readme(?:\.\w+)?$", folder[-1], re.IGNORECASE):
            folder = folder[:-1]
        segments = [segments[0], segments[1].removesuffix(".git"), *folder]
    else:
        if segments:
            segments[-1] = segments[-1].removesuffix(".git")
        parameters = [part for part in parts.query.split("&") if part and not _TRACKING.match(part)]
        if parameters:
            segments.append("?" + "&".join(parameters))
    return "/".join([f"{host}{port}", *segments]).casefold()[:LONGEST_KEY]


def links(listing: Listing) -> tuple[str, ...]:
    """The links that identify an agent, best first: its page in the directory, its repository, its homepage."""
    return tuple(link for link in (listing.listing_url, listing.repository, listing.homepage) if link)


def mark(listing: Listing) -> str:
    """By what a source's entry is known again next time."""
    if listing.identity:
        return f"name {listing.identity.casefold()}"[:LONGEST_KEY]  # no place has a space in its host
    key = next(filter(None, map(place_key, links(listing))), "")
    if not key:
        return listing.slug
    return f"{key}/" if key == slugify(key) else key  # `http://otter` is not the entry without a link


def places(listing: Listing) -> tuple[str, ...]:
    """By what the agent is known in another list: its page, its repository. Never by what it calls itself."""
    found = (place_key(link) for link in (listing.listing_url, listing.repository))
    return tuple(dict.fromkeys(filter(None, found)))


def same_agent(agent: Listing, other: Listing) -> bool:
    """True when they share a place of their own, or when neither has a link and their names are equal.

    Own are page and repository; a homepage only of who has neither, since with them it is a mere claim. What a source
    keeps apart stays apart, and a record that has a name of its own in its source is not joined for want of a link.
    """
    if agent.source == other.source and agent.identity and other.identity:
        return agent.identity.casefold() == other.identity.casefold()
    first, second = ({*places(listing)} or {*filter(None, [place_key(listing.homepage)])} for listing in (agent, other))
    if not first and not second:
        return not agent.identity and not other.identity and agent.name.casefold() == other.name.casefold()
    return not first.isdisjoint(second)


def same_owner(place: str, other: str) -> bool:
    """True for two repositories of one owner on a forge; elsewhere a path does not say who holds an address."""
    on_a_forge = all(is_repository(f"https://{key}") for key in (place, other))
    return on_a_forge and place.split("/")[:2] == other.split("/")[:2]
