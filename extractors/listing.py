"""One agent as its sources name it.

Idea: identity is decided by rule (heading link, labelled link, name), never by any link on a page.
Invariant: a slug is made from the name once and never given to another agent.
"""

import re
import unicodedata
from hashlib import sha256

from pydantic import Field

from scoring.claims import Frozen, added
from scoring.record import StatedSubject
from scoring.vocabulary import AgentKind


class RegistryEntry(Frozen):
    """What an MCP registry calls the server, and which of its versions the entry is of."""

    name: str = Field(max_length=200)
    version: str | None = Field(default=None, max_length=100)
    is_latest: bool | None = None
    """None where the registry does not say."""
    subjects: tuple[StatedSubject, ...] = ()
    """Its name, packages and remotes."""


class Listing(Frozen):
    """What a source says about where an agent lives. `kind` is None when the source does not say."""

    slug: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,99}$")
    name: str = Field(min_length=1, max_length=200)
    kind: AgentKind | None = None
    source: str
    """Name of the source that lists it."""
    listing_url: str | None = None
    """The page of this agent in its directory."""
    homepage: str | None = None
    repository: str | None = None
    documents: tuple[str, ...] = ()
    """Further URLs that the source names as this agent's documents."""
    aliases: tuple[str, ...] = ()
    """Other names, old owners and old repositories of the same agent."""
    entry: str = ""
    """The listing's own text about the agent, as the source prints it; becomes a page of its own."""
    identity: str | None = added()
    """What identifies the thing in its source (a registry's name of a server); None where a link does."""
    registry: RegistryEntry | None = added()
    """Of the MCP registry that lists it, whichever source lists the rest."""


def slugify(name: str) -> str:
    """`io.github.Foo/Bar baz` becomes `io-github-foo-bar-baz`; letters that have no Latin form become a hash of the
    name, so that each such name has a slug of its own. Empty names give `unnamed`."""
    apart = unicodedata.normalize("NFKD", name.translate(_LATIN))
    plain = apart.encode("ascii", "ignore").decode()
    slug = re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")
    if any(character.isalnum() and not character.isascii() for character in apart):
        known_by = sha256(unicodedata.normalize("NFKC", name).casefold().encode("utf-8", "replace")).hexdigest()[:8]
        slug = f"{slug[:90].strip('-')}-{known_by}".lstrip("-")
    return slug[:100].strip("-") or "unnamed"


_LATIN = str.maketrans(
    {"ß": "ss", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "æ": "ae", "Æ": "AE", "œ": "oe", "ı": "i"}
)
