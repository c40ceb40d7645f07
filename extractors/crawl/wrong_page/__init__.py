"""Whether an answer is the page that was asked for."""

from extractors.crawl.wrong_page.detection import (
    Refusal,
    RequestedPage,
    challenged,
    find_wrong_page,
    may_be_the_front,
    same_as,
)
from extractors.crawl.wrong_page.page_shape import PageOutline, outline_of

__all__ = [
    "PageOutline",
    "Refusal",
    "RequestedPage",
    "challenged",
    "find_wrong_page",
    "may_be_the_front",
    "outline_of",
    "same_as",
]
