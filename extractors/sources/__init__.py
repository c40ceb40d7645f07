"""Where agents are listed: one file a kind of source, all behind one protocol.

Idea: a walk only decides what to ask for next; asking itself is the crawler's, handed in as `get`, so that pace, robots
and outcomes stay in one place. Invariant: a walk never raises for what a server says; what could not be read is named,
and makes the walk incomplete.
"""

import codecs
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Protocol

from extractors.listing import Listing
from extractors.pages.charset import decode
from extractors.pages.snapshot import Fetched, FetchOutcome
from scoring.errors import BadInput

Get = Callable[[str], Awaitable[Fetched]]
"""Asks for one URL. For an unchanged page it gives the stored body, so that an index can be read again."""


@dataclass
class Walk:
    """What a source lists, in its own order, and what was asked for and met on the way."""

    listings: list[Listing] = field(default_factory=list)
    answers: list[Fetched] = field(default_factory=list)
    """Every answer on the way, for the ledger."""
    problems: list[str] = field(default_factory=list)
    """One line each. With any, the walk is not complete: nothing may be marked as missing by it."""
    left_out: Counter[str] = field(default_factory=Counter)
    """What the source names and is not listed, by reason."""
    headings: Counter[str] = field(default_factory=Counter)
    """Of a list with headings: entries by the heading above them."""

    @property
    def complete(self) -> bool:
        return not self.problems

    async def page(self, get: Get, url: str) -> tuple[bytes, Fetched] | None:
        """The page's bytes, in UTF-8, and the whole answer; None where there is no page, which is a problem."""
        fetched = await get(url)
        self.answers.append(fetched)
        body = body_of(fetched)
        if body is None:
            self.problems.append(problem_of(fetched))
            return None
        return body, fetched


def counted(left_out: Mapping[str, int]) -> str:
    """`31 a page of another site; 2 an older version`, most first."""
    return "; ".join(f"{count} {reason}" for reason, count in sorted(left_out.items(), key=lambda item: -item[1]))


class Source(Protocol):
    @property
    def name(self) -> str:
        """Unique among the sources; each of its listings has it."""

    async def walk(self, get: Get) -> Walk:
        """Everything that it lists."""


def body_of(fetched: Fetched) -> bytes | None:
    """The page, when there is one; in UTF-8, marked as such, when its header named another encoding."""
    if fetched.outcome not in (FetchOutcome.FETCHED, FetchOutcome.UNCHANGED) or fetched.body is None:
        return None
    charset = fetched.snapshot.charset if fetched.snapshot else None
    if charset in (None, "utf-8", "utf8", "us-ascii"):
        return fetched.body
    return codecs.BOM_UTF8 + decode(fetched.body, charset).encode("utf-8", "replace")


def problem_of(fetched: Fetched) -> str:
    """Why there is no page, in one line."""
    if fetched.outcome is FetchOutcome.UNCHANGED:
        return f"{fetched.url}: unchanged, but its stored body was not handed in"
    return f"{fetched.url}: {fetched.outcome}" + (f" ({fetched.reason})" if fetched.reason else "")


async def walk_file(get: Get, url: str, read: Callable[[bytes, str], Walk]) -> Walk:
    """The walk of a source that is one file; `read` is given its bytes and where they came from."""
    walk = Walk()
    if (page := await walk.page(get, url)) is not None:
        body, fetched = page
        try:
            return replace(read(body, fetched.final_url), answers=walk.answers)
        except BadInput as error:
            walk.problems.append(str(error))
    return walk
