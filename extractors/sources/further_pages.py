"""The pages that may answer what the first ones left open.

Idea: a hub README says nothing because the facts are one link further; so links of the same site or
repository are ranked by the open questions, and only while there are any. Invariants: never more pages or
bytes than the budget, never off the agent's own places, never a page twice; every page tried is on record,
whatever came of it.
"""

import re
from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress
from urllib.parse import SplitResult, unquote, urlsplit

from selectolax.lexbor import LexborHTMLParser

from extractors.listing import Listing
from extractors.pages.charset import decode
from extractors.pages.markup.format_detection import format_of
from extractors.pages.markup.nesting_limits import TooMuchMarkup, bounded
from extractors.pages.markup.page_formats import HTML, MARKDOWN, MDX
from extractors.pages.snapshot import Fetched
from extractors.sources import Get, body_of
from extractors.sources.listing_entry import FORGES, Link, is_repository, web_address
from scoring.vocabulary import RiskFactor

_MARKDOWN_LINK = re.compile(
    r"(?<!!)\[([^\[\]\n]{1,200})\]\(\s*<?([^()\s<>]{1,1000}+)>?(?:\s+[\"'][^\n]{0,300}?[\"'])?\s*\)"
)
_NO_PAGE = re.compile(r"\.(?:png|jpe?g|gif|svg|webp|ico|css|js|zip|gz|pdf|mp4|woff2?|exe|dmg|whl)$", re.IGNORECASE)
_ALWAYS = "docs? documentation overview introduction concept architecture how-it-works features? readme llms"
_EXPOSURE = "security privacy telemetry trust deploy self-host docker compose configuration settings install"
_TELLING: dict[RiskFactor, str] = {
    RiskFactor.AUTONOMY_OF_ACTION: "autonom approv human confirm permission safe-?mode run scheduler? automation",
    RiskFactor.GOAL_DRIVEN_PLANNING: "plan workflow task agents? reasoning orchestrat",
    RiskFactor.SELF_MODIFICATION: "learn self evolv skills? training fine-?tun reflect",
    RiskFactor.DYNAMIC_TOOL_USE: "tools? integrations? mcp plugins? commands? sandbox execution browser api",
    RiskFactor.PERSISTENT_MEMORY: "memory storage database retention sessions? history knowledge vector checkpoint",
    RiskFactor.CONTEXTUAL_AWARENESS: "context retriev rag documents? connectors? data",
    RiskFactor.DYNAMIC_IDENTITY: "auth oauth login identity permissions? access roles? credentials? tokens? scope sso",
    RiskFactor.MULTI_AGENT_INTERACTIONS: "multi-?agent a2a handoff delegat teams? swarm crew subagents?",
    RiskFactor.NON_DETERMINISM: "models? llm providers? configuration temperature",
    RiskFactor.OPACITY_REFLEXIVITY: "telemetry observab logging logs? audit tracing monitor transparen evaluation",
    RiskFactor.NATURAL_LANGUAGE_INTERFACE: "usage quickstart getting-started chat prompts? examples?",
}


def links_on(body: bytes, url: str, media_type: str = "", charset: str | None = None) -> tuple[Link, ...]:
    """The links of a page with their words, in order, absolute; pictures and anchors are none."""
    form = format_of(url, media_type, body)
    text = decode(body[:2_000_000], charset, html=form is HTML)
    found: list[tuple[str, str]] = []
    if form in (MARKDOWN, MDX):
        found = _MARKDOWN_LINK.findall(text)
    if form is HTML or "<a " in text:
        with suppress(TooMuchMarkup):
            bounded(text)
            tree = LexborHTMLParser(text.encode("utf-8", "replace").decode())
            base_element = tree.css_first("base[href]")
            url = (
                web_address(base_element.attributes.get("href"), _base(url)) if base_element is not None else ""
            ) or url
            anchors = tree.css("a[href]")
            found += [(a.text() or "", a.attributes.get("href") or "") for a in anchors[:5_000]]
    links: dict[str, Link] = {}
    for label, href in found:
        address = web_address(href, _base(url))
        if address and not href.startswith("#") and not _NO_PAGE.search(urlsplit(address).path):
            links.setdefault(address, Link(" ".join(label.split())[:200], address))
    return tuple(links.values())


def _base(url: str) -> str:
    return url if url.startswith(("http://", "https://")) else ""


def candidates(
    listing: Listing,
    links: Iterable[Link],
    files: Sequence[str],
    unknown: Collection[RiskFactor],
    tried: Collection[str] = (),
) -> tuple[str, ...]:
    """Addresses worth trying, best first. `files` are the repository's further documents (raw addresses)."""
    tried_keys = {_key(url) for url in tried}
    scores: dict[str, int] = {}
    for link in (*(Link("", url) for url in files), *(link for link in links if belongs(link.url, listing))):
        if _key(link.url) not in tried_keys and (score := _score(link, unknown)):
            scores.setdefault(link.url, score)
    return tuple(sorted(scores, key=lambda url: -scores[url]))


def belongs(url: str, listing: Listing) -> bool:
    """True for the same repository, and for the host of the agent's homepage or one below it.

    A directory's own host is not the agent's: only the listing page itself belongs.
    """
    parts = urlsplit(url)
    host = (parts.hostname or "").removeprefix("www.")
    if listing.repository and not is_repository(listing.repository) and _below(parts, urlsplit(listing.repository)):
        return True
    if listing.repository:
        place = urlsplit(listing.repository)
        home = (place.hostname or "").removeprefix("www.")
        owner_and_name = [s.lower() for s in place.path.split("/") if s][:2]
        segments = [s.lower() for s in parts.path.split("/") if s]
        raw = host == f"raw.{home}" or (home == "github.com" and host == "raw.githubusercontent.com")
        if (host == home or raw) and segments[:2] == owner_and_name:
            return (not raw and not segments[2:]) or segments[2:3] in (["blob"], ["tree"], ["wiki"]) or raw
    if listing.homepage:
        home = (urlsplit(listing.homepage).hostname or "").removeprefix("www.")
        return home not in FORGES and bool(home) and (host == home or host.endswith(f".{home}"))
    return False


def _below(parts: SplitResult, document: SplitResult) -> bool:
    """True in the folder of a document that is served as a plain file, but not for a whole site."""
    folder = document.path.rsplit("/", 1)[0] + "/"
    return parts.netloc == document.netloc and folder != "/" and parts.path.startswith(folder)


def _score(link: Link, unknown: Collection[RiskFactor]) -> int:
    path = unquote(urlsplit(link.url).path).lower()
    last = "/".join(path.strip("/").split("/")[-2:])
    words = f"{link.label.lower()} {last}"
    score = 2 * _count(_EXPOSURE, words) + _count(_ALWAYS, words)
    return score + sum(4 * min(2, _count(_TELLING[factor], words)) for factor in RiskFactor if factor in unknown)


def _count(patterns: str, words: str) -> int:
    return sum(1 for pattern in patterns.split() if re.search(rf"(?<![a-z]){pattern}", words))


def _key(url: str) -> str:
    return url.split("#")[0].rstrip("/").lower()


async def look_further(
    get: Get,
    listing: Listing,
    unknown: Collection[RiskFactor],
    *,
    links: Iterable[Link] = (),
    files: Sequence[str] = (),
    tried: Collection[str] = (),
    pages: int = 4,
    budget_bytes: int = 400_000,
) -> tuple[Fetched, ...]:
    """Every page asked for, with its outcome: the best candidates until a budget is used up. Nothing is asked when
    nothing is unknown."""
    answers: list[Fetched] = []
    for url in candidates(listing, links, files, unknown, tried)[:pages] if unknown else ():
        if sum(len(body_of(answer) or b"") for answer in answers) < budget_bytes:
            answers.append(await get(readable(url)))
    return tuple(answers)


def readable(url: str) -> str:
    """A file's page on GitHub is an application around it; its raw address is the text."""
    match = re.match(r"https://github\.com/([^/]+/[^/]+)/blob/([^?#]+)$", url)
    return f"https://raw.githubusercontent.com/{match.group(1)}/{match.group(2)}" if match else url
