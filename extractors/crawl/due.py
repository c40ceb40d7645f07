"""Which pages tonight is for: new ones, ones that changed upstream, then the oldest, within a host's budget.

Invariant: deterministic; every known page is either due, waiting or left over, so that the age of coverage
can be shown. Age is counted from when a page was last *asked for*: one that keeps failing does not push
the others of its host out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from pydantic import AwareDatetime

from extractors.crawl.url import parse
from scoring.claims import Frozen
from scoring.errors import BadInput

_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


class KnownPage(Frozen):
    """A page and when it was last asked for."""

    url: str
    last_asked_at: AwareDatetime | None = None
    """None for a page that was never asked for."""
    changed_upstream: bool = False
    """A source says that it changed (a commit date, a sitemap's lastmod)."""


class Due(NamedTuple):
    """All known pages, in three parts."""

    tonight: tuple[KnownPage, ...]
    waiting: tuple[KnownPage, ...]
    """Asked for recently enough."""
    left_over: tuple[KnownPage, ...]
    """Due, but beyond their host's page budget."""


def due(pages: Iterable[KnownPage], *, now: datetime, pages_per_host: int, least_age: timedelta) -> Due:
    """Splits the pages: a page is due when new, changed upstream, or asked for `least_age` ago."""
    waiting: list[KnownPage] = []
    candidates: list[KnownPage] = []
    for page in pages:
        recent = page.last_asked_at is not None and now - page.last_asked_at < least_age
        (waiting if recent and not page.changed_upstream else candidates).append(page)
    candidates.sort(key=_urgency)
    tonight: list[KnownPage] = []
    left_over: list[KnownPage] = []
    taken: Counter[str] = Counter()
    for page in candidates:
        host = _host(page.url)
        taken[host] += 1
        (tonight if taken[host] <= pages_per_host else left_over).append(page)
    return Due(tuple(tonight), tuple(waiting), tuple(left_over))


def _urgency(page: KnownPage) -> tuple[bool, bool, datetime, str]:
    return page.last_asked_at is not None, not page.changed_upstream, page.last_asked_at or _LONG_AGO, page.url


def _host(url: str) -> str:
    try:
        return parse(url).host
    except BadInput:
        return ""
