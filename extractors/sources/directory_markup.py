"""Elements of a directory's pages by CSS selectors: their words and their links.

Invariant: linear in the page; a page over which the parser would spend minutes names no agent.
"""

from collections.abc import Sequence
from typing import Any

from bs4 import BeautifulSoup, Tag

from extractors.pages.charset import decode
from extractors.pages.markup.nesting_limits import TooMuchMarkup, bounded
from extractors.sources.listing_entry import web_address

MOST_CARDS_AROUND = 8
"""A card in more cards than this is none: each is read as a whole."""


def soup_of(body: bytes) -> BeautifulSoup:
    """Empty for a page over which the parser would spend minutes: such an index page names no agent."""
    text = decode(body, html=True)
    try:
        bounded(text)
    except TooMuchMarkup:
        text = ""
    return BeautifulSoup(text, "lxml")


def not_too_deep(soup: BeautifulSoup, cards: Sequence[Tag]) -> list[Tag]:
    """The cards but those in cards in cards: each card is read as a whole."""
    wanted = {id(card) for card in cards}
    around = {id(soup): 0}
    links: list[Tag] = []
    for element in soup.find_all(True):
        above = around.get(id(element.parent), 0)
        around[id(element)] = above + (id(element) in wanted)
        if id(element) in wanted and above < MOST_CARDS_AROUND:
            links.append(element)
    return links


def text_of(element: Tag) -> str:
    return " ".join(element.get_text(" ").split())


def words_of(element: Any, selector: str) -> str:
    chosen = element.select_one(selector) if selector else None
    return text_of(chosen) if chosen is not None else ""


def link_of(soup: BeautifulSoup, selector: str, base: str) -> str:
    chosen = soup.select_one(selector) if selector else None
    return web_address(chosen.get("href"), base) if chosen is not None else ""


def base_of(soup: BeautifulSoup, url: str) -> str:
    """What the page's relative links go by: its `<base>`, else its own address."""
    base_element = soup.select_one("base[href]")
    return (web_address(base_element.get("href"), url) if base_element is not None else "") or url
