"""One entry of a source becomes a `Listing`; its own text becomes a page.

Idea: which link is the repository and which the homepage is decided by place and label, never by looking for
any link in the text. Invariant: an address that is not plain http(s) never enters a listing.
"""

import re
from collections.abc import Iterable
from typing import NamedTuple
from urllib.parse import urljoin, urlsplit

from extractors.injection.names import UNNAMED, shown_name
from extractors.listing import Listing, slugify
from extractors.pages.page_text import PageText
from scoring.vocabulary import AgentKind

FORGES = ("github.com", "gitlab.com", "bitbucket.org", "codeberg.org")


def word_set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_NOT_OWNERS = word_set("orgs sponsors features marketplace topics apps settings about blog users search")
REPOSITORY = word_set("github gitlab repo repository source code source-code git codeberg")
HOMEPAGE = word_set("website homepage home web site official product web-site official-website")
DOCUMENTS = word_set("docs doc documentation readme guide manual security privacy terms policy")


class Link(NamedTuple):
    label: str
    url: str


def web_address(url: object, base: str = "") -> str:
    """An absolute http(s) address without fragment, or nothing."""
    if not isinstance(url, str) or not 0 < len(url) <= 2_000:
        return ""
    try:
        whole = urljoin(base, url.strip()) if base else url.strip()
        parts = urlsplit(whole)
        port_is_legal = parts.port is None or parts.port > 0
    except ValueError:
        return ""
    host = parts.hostname or ""
    if parts.scheme not in ("http", "https") or not port_is_legal or not re.fullmatch(r"[\w.:-]+", host):
        return ""
    if re.search(r"[\s<>\"{}|\\^`\x00-\x1f\ud800-\udfff]", whole) or parts.username is not None:
        return ""
    return whole.split("#")[0]


def is_repository(url: str) -> bool:
    """True for `host/owner/name…` on a forge."""
    parts = urlsplit(url)
    segments = [s for s in parts.path.split("/") if s]
    host = (parts.hostname or "").removeprefix("www.")
    return host in FORGES and len(segments) >= 2 and segments[0].lower() not in _NOT_OWNERS


def listing(
    name: str,
    source: str,
    *,
    heading_url: str = "",
    links: Iterable[Link] = (),
    kind: AgentKind | None = None,
    listing_url: str | None = None,
    aliases: Iterable[str] = (),
    entry: str = "",
    identity: str = "",
) -> Listing:
    """`heading_url` is where the entry's own name leads; `links` are those with a label of their own;
    one without an address is none."""
    full_name = one_line(name)
    name = shown_name(full_name)[:200] or UNNAMED
    if name != full_name[:200]:
        entry = f"{entry}\n\n{full_name}".strip()  # what the name says is found there
    repository = heading_url if is_repository(heading_url) else ""
    homepage = "" if repository else heading_url
    documents: list[str] = []
    for link in links:
        if not link.url:
            continue
        label = re.sub(r"[^\w]+", "-", link.label.lower()).strip("-")
        words = set(label.split("-"))
        if not repository and (label in REPOSITORY or (words & REPOSITORY and is_repository(link.url))):
            repository = link.url
        elif not homepage and (label in HOMEPAGE or (words & HOMEPAGE and len(words) <= 2)):
            homepage = link.url
        elif words & DOCUMENTS and len(words) <= 3 and link.url not in documents:
            documents.append(link.url)
    others = [alias for alias in dict.fromkeys(one_line(a)[:200] for a in aliases) if alias and alias != name]
    return Listing(
        slug=slugify(name),
        name=name,
        kind=kind,
        source=source,
        listing_url=listing_url or None,
        homepage=homepage or None,
        repository=repository or None,
        documents=tuple(documents),
        aliases=tuple(others),
        entry=entry[:100_000].encode("utf-8", "replace").decode(),
        identity=one_line(identity)[:600] or None,
    )


def one_line(text: str) -> str:
    """One line; half characters, which JSON can carry, become question marks."""
    return " ".join(text.encode("utf-8", "replace").decode().split())


def entry_url(listing: Listing) -> str:
    """The address of the listing's own text as a page."""
    return f"listing:{slugify(listing.source)}/{listing.slug}"


def entry_page(listing: Listing) -> PageText | None:
    """The listing's own text as a page, so that it is evidence. None when it says nothing."""
    if not listing.entry.strip():
        return None
    from extractors.pages.text_extraction import NoText, page_text  # the parsers: a store opens without them

    url = entry_url(listing)
    body = listing.entry.encode("utf-8", "replace")
    try:
        return page_text(body, url=url, media_type="text/x-listing", charset="utf-8")
    except NoText:
        return None


_KINDS = {str(kind): kind for kind in AgentKind} | {
    "mcp": AgentKind.MCP_SERVER,
    "server": AgentKind.MCP_SERVER,
    "ai_agent": AgentKind.AGENT,
    "application": AgentKind.APP,
    "library": AgentKind.FRAMEWORK,
}


def kind_of(words: object) -> AgentKind | None:
    """`MCP Server` → `mcp_server`; None for a kind that is not one of ours."""
    return _KINDS.get(re.sub(r"[^a-z]+", "_", str(words).lower()).strip("_")) if words else None
