"""Is this the page that was asked for? Checks, walls, front pages and error pages come with status 200 as well.

Idea: known marks (`known_marks`), the place where a redirect ended (`redirects`), and the page itself (`page_shape`)
held against the last good page, the agent's name and the host's other pages. Invariants: pure; a page that keeps its
own words is never refused for a mark; what is refused says what it was.
"""

import re
from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from extractors.crawl.wrong_page.known_marks import Mark, in_headers, in_page
from extractors.crawl.wrong_page.page_shape import PageOutline, names, plain, share_in_common
from extractors.crawl.wrong_page.redirects import place_of, redirect_end

MOST_KEPT = 0.5
"""A page that has so much of the last good one's words is that page."""
MOST_KEPT_ELSEWHERE = 0.8
"""The same, where a redirect led to an index: it is there that the page is now."""
FEW_KEPT = 0.3
_ROOM_BESIDE_A_GOOD_PAGE = 3.0
"""So many times more words may be beside a mark where a good page is known that the new one has little of."""


class RequestedPage(NamedTuple):
    """What was asked for, and for whom."""

    url: str
    name: str = ""
    """The agent's, as its source lists it; empty for a page of a source."""
    is_listing: bool = False
    """The page that a directory gives to this agent."""


class Refusal(NamedTuple):
    """Why an answer is not the page."""

    reason: str
    """For a person: `a bot check: …`."""
    gone: bool = False
    """True when it says that the page is not there."""


def challenged(headers: Mapping[str, str]) -> str:
    """What an answer's headers say that takes the page's place, or nothing."""
    mark = in_headers(headers)
    return _reason(mark) if mark is not None else ""


def find_wrong_page(
    request: RequestedPage, final_url: str, page: PageOutline, good: PageOutline | None = None
) -> Refusal | None:
    """Why this answer is not the page; None when it may be. `good` is the last good page of the same address."""
    path, whole_path = _path_words(request.url), plain(unquote(request.url))
    in_common = share_in_common(good, page) if good is not None else 0.0
    same = in_common >= MOST_KEPT
    titled = _is_titled(request, path, page)
    if led := redirect_end(request.url, final_url):
        at_front = bool(request.name) and titled
        own = not request.is_listing and led.gone and (at_front if led.to_front else in_common >= MOST_KEPT_ELSEWHERE)
        if not own:
            return Refusal(f"it leads to {led.where}, {final_url}"[:300], led.gone)
    room = _ROOM_BESIDE_A_GOOD_PAGE if good is not None and in_common < FEW_KEPT else 1.0
    mark = in_page(page, request.name, whole_path, room, same)
    own_word = mark is not None and good is not None and in_page(good, request.name, whole_path, 1.0, False) == mark
    if mark is not None and not own_word:
        return Refusal(_reason(mark), mark.kind.gone)
    if not page.is_html or not page.whole or not request.name:
        return None
    return _another(request, path, page, good, in_common, titled)


def _another(
    request: RequestedPage, path: str, page: PageOutline, good: PageOutline | None, in_common: float, titled: bool
) -> Refusal | None:
    """A page that bears no mark and yet is not the agent's: it does not name it, or no longer."""
    words = " ".join((page.headings, *page.words))
    named = titled or names(request.name, words) or (bool(path) and names(path, words))
    shown = " ".join(page.title_parts[:1])[:80] or "no title"
    has_given_name = request.name != path  # a name made from an address is none that a page must bear
    if (
        request.is_listing
        and has_given_name
        and page.words
        and not named
        and not (in_common >= MOST_KEPT and _same_title(good, page))
    ):
        return Refusal(f"a page that does not name the agent: {shown}")
    if good is None or in_common >= FEW_KEPT or not good.words:
        return None
    if not page.words:
        return Refusal("an empty application: the page that was read shows nothing any more")
    was_named = names(request.name, " ".join((good.headings, *good.words)))
    was_titled = _is_titled(request, path, good)
    if (was_named and not named) or (was_titled and not titled and not _same_title(good, page)):
        return Refusal(f"a page that no longer names the agent: {shown}")
    return None


def may_be_the_front(request: RequestedPage, page: PageOutline, good: PageOutline | None) -> bool:
    """True when only the front page can tell: the page bears no name of its own, or no longer does."""
    return not is_page_of(request, page) and (good is None or is_page_of(request, good))


def is_page_of(request: RequestedPage, page: PageOutline) -> bool:
    """True when nothing says that the page belongs to another address: it bears the name of the agent or of its
    address in its title, or was asked for as a front page."""
    return not page.is_html or place_of(request.url).is_front or _is_titled(request, _path_words(request.url), page)


def same_as(request: RequestedPage, page: PageOutline, other_url: str) -> bool:
    """True when a page that `other_url` answered alike cannot be this address's own."""
    return place_of(request.url) != place_of(other_url) and not is_page_of(request, page)


def _is_titled(request: RequestedPage, path: str, page: PageOutline) -> bool:
    return (bool(request.name) and names(request.name, page.headings)) or (bool(path) and names(path, page.headings))


def _same_title(good: PageOutline | None, page: PageOutline) -> bool:
    return good is not None and bool(page.title_parts) and good.title_parts == page.title_parts


def _reason(mark: Mark) -> str:
    return f"{mark.kind.name}: {mark.shown}"[:300]


def _path_words(url: str) -> str:
    """The words of the last part of a path, without its ending; a number alone says nothing."""
    try:
        parts = [part for part in unquote(urlsplit(url).path).split("/") if part]
    except ValueError:
        return ""
    words = plain(re.sub(r"\.\w{1,5}$", "", parts[-1]).replace("-", " ").replace("_", " ")) if parts else ""
    return "" if words.replace(" ", "").isdigit() else words
