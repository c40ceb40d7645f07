"""Where a redirect ended, held against what was asked for.

Invariant: a page that moved (to another name, a slash, https, `www`, a further folder, another host's page) is
followed; one that leads to a front page, an index, a log-in or an error page is not there.
"""

import re
from typing import NamedTuple
from urllib.parse import parse_qsl, unquote, urlsplit

from extractors.crawl.wrong_page.known_marks import table

_TOLD_ABOUT = re.compile(r"utm_\w+|ref|source|src|via|from|lang|locale|hl|fbclid|gclid|mc_\w+", re.IGNORECASE)
"""Parts of a query that choose no page."""
_LEADS_BACK = re.compile(r"next|return\w*|redirect\w*|continue|callback\w*|dest\w*|goto|from|r|u", re.IGNORECASE)
_LANGUAGE = re.compile(r"[a-z]{2}(?:[-_][a-z]{2,4})?", re.IGNORECASE)
_FRONT = re.compile(r"(?:index|default|home)(?:\.\w+)?", re.IGNORECASE)
_OWN_START = re.compile(
    r"(?:index|default|home|readme|overview|introduction|intro|latest|stable|main|master|start|about|welcome|docs|"
    r"v?\d+(?:\.\d+)*(?:\.x)?)(?:\.\w+)?|[a-z]{2}(?:[-_][a-z]{2,4})?",
    re.IGNORECASE,
)
"""Last parts of a path that a site may drop without leading elsewhere."""


class Place(NamedTuple):
    """An address without what chooses no page."""

    host: str
    parts: tuple[str, ...]
    query: tuple[tuple[str, str], ...]

    @property
    def is_front(self) -> bool:
        return not self.parts and not self.query


class RedirectEnd(NamedTuple):
    """Where the redirect ended, if not at the page."""

    where: str
    """`the front page`, `a log-in page`, …"""
    gone: bool
    to_front: bool = False


def place_of(url: str) -> Place:
    """Host without `www`, path without index file and language alone, query without what tells where one came from."""
    try:
        there = urlsplit(url)
        port = f":{there.port}" if there.port not in (None, 80, 443) else ""
    except ValueError:
        return Place("", (url,), ())
    parts = [unquote(part).casefold() for part in there.path.split("/") if part]
    if parts and _FRONT.fullmatch(parts[-1]):
        parts.pop()
    if len(parts) == 1 and _LANGUAGE.fullmatch(parts[0]):
        parts.pop()
    query = tuple(sorted((k, v) for k, v in parse_qsl(there.query) if not _TOLD_ABOUT.fullmatch(k)))
    return Place((there.hostname or "").removeprefix("www.") + port, tuple(parts), query)


def redirect_end(asked_url: str, final_url: str) -> RedirectEnd | None:
    """Where the answer came from when it is surely not what was asked for; None otherwise."""
    if asked_url == final_url:
        return None
    requested, final = place_of(asked_url), place_of(final_url)
    if requested == final or requested.is_front:
        return _at_a_desk(requested, final, final_url) if requested != final else None
    same_site = requested.host == final.host or requested.host.endswith(f".{final.host}")
    if same_site and (final.is_front or (requested.parts and not final.parts)):
        return RedirectEnd("the front page", True, True)
    desk = _at_a_desk(requested, final, final_url)
    if desk is not None or not same_site:
        return desk
    if len(final.parts) < len(requested.parts) and requested.parts[: len(final.parts)] == final.parts:
        dropped = requested.parts[len(final.parts) :]
        return None if all(_OWN_START.fullmatch(part) for part in dropped) else RedirectEnd("an index page", True)
    if final.parts == requested.parts and requested.query and not final.query and requested.host == final.host:
        return RedirectEnd("an index page", True)
    named = [part for part in final.parts if not _LANGUAGE.fullmatch(part)]
    if len(named) == 1 and len(requested.parts) > 1 and named[0] in table()[1]["index"]:
        return RedirectEnd("an index page", True)
    return None


def _at_a_desk(requested: Place, final: Place, final_url: str) -> RedirectEnd | None:
    """A log-in, check, consent, maintenance or error page, as its address says."""
    known = table()[1]
    host, label = final.host.split(":")[0], final.host.split(".")[0]
    if (
        any(host == parked or host.endswith(f".{parked}") for parked in known["parked_host"])
        and requested.host != final.host
    ):
        return RedirectEnd("a parked domain", False)
    if label != requested.host.split(".")[0]:
        if label in known["login_host"]:
            return RedirectEnd("a log-in page", False)
        if label in known["consent_host"]:
            return RedirectEnd("a consent wall", False)
    fresh = [part for part in final.parts if part not in requested.parts]
    if not fresh:
        return None
    returns = any(_LEADS_BACK.fullmatch(key) for key, _ in parse_qsl(urlsplit(final_url).query))
    near = fresh if returns or len(final.parts) <= 2 else fresh[-1:] if len(final.parts) <= 3 else []
    if fresh[-1].rsplit(".", 1)[0] in known["missing"]:
        return RedirectEnd("an error page", True)
    for kind, where in (
        ("login", "a log-in page"),
        ("check", "a bot check"),
        ("consent", "a consent wall"),
        ("maintenance", "a maintenance page"),
    ):
        if any(part.rsplit(".", 1)[0] in known[kind] for part in near):
            words = " ".join(requested.parts)
            return None if any(part in words for part in near) else RedirectEnd(where, False)
    return None
