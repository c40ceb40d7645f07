"""A directory web site: index pages with pagination, or a sitemap, that lead to one page an agent.

Idea: what differs between sites are CSS selectors, so a site is a small TOML in `data/sites` and no code; bs4
reads it, since listing sites are the place for tolerance. Invariants: only pages of the site itself are
listings; no page is asked for twice; a walk that meets the page limit, an index page without a single card
(sites under maintenance answer 200) or a sitemap that is none ends as incomplete.
"""

import re
import tomllib
import warnings
from collections import Counter
from html import unescape
from itertools import islice
from pathlib import Path
from urllib.parse import urljoin, urlsplit

from bs4 import BeautifulSoup, XMLParsedAsHTMLWarning
from pydantic import Field, ValidationError

from extractors.listing import Listing
from extractors.pages.charset import decode
from extractors.sources import Get, Walk, counted
from extractors.sources.directory_markup import base_of, link_of, not_too_deep, soup_of, text_of, words_of
from extractors.sources.identity import place_key
from extractors.sources.listing_entry import Link, kind_of, listing, web_address
from scoring.claims import Frozen
from scoring.errors import BadInput
from scoring.vocabulary import AgentKind

warnings.filterwarnings("ignore", category=XMLParsedAsHTMLWarning)  # a page may call itself what it likes

SITES = Path(__file__).resolve().parents[2] / "data" / "sites"


class Selectors(Frozen):
    """One file of `data/sites`. Every value is a CSS selector, unless said otherwise."""

    start: tuple[str, ...] = ("/",)
    """Paths or URLs of the first index pages."""
    sitemap: str = ""
    """Path or URL of a sitemap, of an index of them (`.xml.gz` as well), or of the robots.txt that names them; with
    one, index pages are read only if `card` is set as well."""
    listing_path: str = ""
    """Regular expression that the path of a listing page matches."""
    card: str = ""
    """One agent on an index page."""
    card_link: str = "a[href]"
    card_name: str = ""
    """Empty: the link's text."""
    card_kind: str = ""
    card_text: str = ""
    """The card's description."""
    next: str = "a[rel=next]"
    name: str = "h1"
    kind: str = ""
    homepage: str = ""
    repository: str = ""
    documents: str = ""
    entry: str = ""
    kinds: dict[str, AgentKind] = Field(default_factory=dict)
    """The site's own words for a kind, in lower case."""
    max_pages: int = Field(default=500, gt=0)


def selectors_of(name_or_path: str) -> Selectors:
    """A file of `data/sites` by its name, or any path that ends in `.toml`."""
    path = Path(name_or_path) if name_or_path.endswith(".toml") else SITES / f"{name_or_path}.toml"
    try:
        return Selectors.model_validate(tomllib.loads(path.read_text("utf-8")))
    except OSError as error:
        known = ", ".join(sorted(file.stem for file in SITES.glob("*.toml")))
        raise BadInput(
            "no such site file", subject=name_or_path, step="sources", next_step=f"known sites: {known}"
        ) from error
    except (ValueError, ValidationError) as error:
        line = str(error).replace("\n", " ")[:200]
        raise BadInput(f"cannot be used: {line}", subject=str(path), step="sources") from error


class DirectorySite:
    def __init__(self, name: str, location: str, selectors: Selectors) -> None:
        self.name = name
        self.location = location
        self.selectors = selectors

    async def walk(self, get: Get) -> Walk:
        walk = Walk()
        found: dict[str, Listing] = {}
        if self.selectors.sitemap:
            await self._sitemap(walk, get, found)
            if not found and not walk.problems:
                walk.problems.append(f"{self.location}: no page of an agent in its sitemap{_summed(walk.left_out)}")
        waiting = [urljoin(self.location, path) for path in self.selectors.start] if self.selectors.card else []
        known = set(waiting)
        for url in waiting:
            if self._asked_enough(walk, "index pages"):
                break
            if (answer := await walk.page(get, url)) is None:
                continue
            body, fetched = answer
            soup = soup_of(body)
            base = base_of(soup, fetched.final_url)
            cards = self._cards(soup, base, walk.left_out)
            if not cards:
                walk.problems.append(f"{fetched.url}: no agent on this index page{_summed(walk.left_out)}")
            for card in cards:
                found.setdefault(place_key(card.listing_url) or card.slug, card)
            further = link_of(soup, self.selectors.next, base)
            if further and further not in known and _same_site(further, self.location):
                known.add(further)
                waiting.append(further)
        walk.listings = list(found.values())
        return walk

    def _asked_enough(self, walk: Walk, what: str) -> bool:
        if len(walk.answers) < self.selectors.max_pages:
            return False
        walk.problems.append(f"{self.name}: more than {self.selectors.max_pages} {what}")
        return True

    def refined(self, known: Listing, body: bytes, url: str = "") -> Listing:
        """The listing with what its own page adds: name, kind, links. Call it when that page was fetched; `url` is
        where it was found."""
        soup = soup_of(body)
        base = base_of(soup, url or known.listing_url or self.location)
        links = [
            Link("repository", link_of(soup, self.selectors.repository, base)),
            Link("homepage", link_of(soup, self.selectors.homepage, base)),
        ]
        documents = soup.select(self.selectors.documents) if self.selectors.documents else []
        links += [Link("docs", web_address(document.get("href"), base)) for document in documents]
        name = words_of(soup, self.selectors.name) or known.name
        fresh = listing(
            name,
            self.name,
            links=links,
            kind=self._kind(words_of(soup, self.selectors.kind)) or known.kind,
            listing_url=known.listing_url,
            aliases=[*known.aliases, known.name],
            entry=words_of(soup, self.selectors.entry) or known.entry,
        )
        return fresh.model_copy(update={"slug": known.slug})

    async def _sitemap(self, walk: Walk, get: Get, found: dict[str, Listing]) -> None:
        waiting = [urljoin(self.location, self.selectors.sitemap)]
        known = set(waiting)
        for url in waiting:
            if self._asked_enough(walk, "sitemaps"):
                return
            if (answer := await walk.page(get, url)) is None:
                continue
            body, fetched = answer
            is_robots = urlsplit(url).path == "/robots.txt"
            places, further = ([], _named_by_robots(body)) if is_robots else locations_in(body, fetched.final_url)
            if not places and not further and b"urlset" not in body:
                walk.problems.append(f"{fetched.url}: this is no sitemap")
            for place in places:
                if reason := self._not_an_agents(place):
                    walk.left_out[reason] += 1
                else:
                    found.setdefault(place_key(place), self._bare(place))
            fresh = [place for place in further if place not in known]  # a site may keep its sitemaps elsewhere
            known.update(fresh)
            waiting += fresh

    def _cards(self, soup: BeautifulSoup, base: str, left_out: Counter[str]) -> list[Listing]:
        found = []
        for card in not_too_deep(soup, soup.select(self.selectors.card)):
            link = card.select_one(self.selectors.card_link) if card.name != "a" else card
            url = web_address(link.get("href"), base) if link is not None else ""
            name = words_of(card, self.selectors.card_name) or (text_of(link) if link is not None else "")
            if not name or not url:
                left_out["a card without a name or a link"] += 1
            elif reason := self._not_an_agents(url):
                left_out[reason] += 1
            else:
                kind = self._kind(words_of(card, self.selectors.card_kind))
                entry = words_of(card, self.selectors.card_text)
                found.append(listing(name, self.name, kind=kind, listing_url=url, entry=entry))
        return found

    def _bare(self, url: str) -> Listing:
        last = [part for part in urlsplit(url).path.split("/") if part] or ["unnamed"]
        return listing(re.sub(r"\.\w+$", "", last[-1]).replace("-", " "), self.name, listing_url=url)

    def _not_an_agents(self, url: str) -> str:
        """Why a page is left out; empty for an agent's."""
        if not _same_site(url, self.location):
            return f"a page of another site, {urlsplit(url).netloc}"
        is_listing = re.search(self.selectors.listing_path, urlsplit(url).path)  # without a pattern every page is one
        return "" if is_listing else "a page whose path is no agent's"

    def _kind(self, words: str) -> AgentKind | None:
        return self.selectors.kinds.get(words.lower()) or kind_of(words)


MOST_LOCATIONS = 50_000
"""By the protocol, in one sitemap."""
_LOCATION = re.compile(
    r"<(?!image:|video:|news:|xhtml:)(?:[a-z][\w.-]{0,40}:)?loc(?:\s[^<>]{0,200})?>\s{0,99}(?:<!\[CDATA\[)?"
    r"([^<]{1,2000})(?:<|\]\]>)",
    re.IGNORECASE,
)
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)


def locations_in(body: bytes, base: str = "") -> tuple[list[str], list[str]]:
    """(pages, further sitemaps) of a sitemap, a plain list of addresses, or a sitemap index, whatever prefix its
    elements have; a document type's own entities are never expanded, since nothing here parses one."""
    text = _COMMENT.sub("", decode(body))
    if "<" not in text:
        lines = (line.strip() for line in islice(text.splitlines(), MOST_LOCATIONS))
        return list(dict.fromkeys(web_address(line) for line in lines if web_address(line))), []
    is_index = "sitemapindex" in text[:5_000]
    named = dict.fromkeys(islice((match[1] for match in _LOCATION.finditer(text)), MOST_LOCATIONS))
    found = (web_address(unescape(place.removesuffix("]]>").strip()), base) for place in named)
    places = list(dict.fromkeys(filter(None, found)))
    return ([], places) if is_index else (places, [])


def _named_by_robots(body: bytes) -> list[str]:
    named = re.findall(r"(?im)^[ \t]*sitemap[ \t]*:[ \t]*(\S{1,2000})", decode(body))
    return list(dict.fromkeys(filter(None, map(web_address, named))))


def _summed(left_out: Counter[str]) -> str:
    return f" ({left_out.total()} left out: {counted(left_out)})" if left_out else ""


def _same_site(url: str, location: str) -> bool:
    """True for one host with `www` or without, by either scheme."""
    return _host_of(url) == _host_of(location)


def _host_of(url: str) -> tuple[str, int | None]:
    parts = urlsplit(url)
    return (parts.hostname or "").removeprefix("www."), parts.port if parts.port not in (80, 443) else None
