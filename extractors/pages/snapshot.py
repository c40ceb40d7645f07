"""What is asked for and what a fetch gave: bytes with their headers, or a typed outcome that says why not.

Idea: a failure is never an absence. Invariant: every URL that was due ends in exactly one outcome.
"""

import hashlib
from enum import StrEnum

from pydantic import AwareDatetime

from scoring.claims import Digest, Frozen, added


class FetchOutcome(StrEnum):
    """Every way in which asking for a URL can end."""

    FETCHED = "fetched"
    UNCHANGED = "unchanged"
    """304, or the same bytes as before."""
    NOT_FOUND = "not_found"
    GONE = "gone"
    FORBIDDEN = "forbidden"
    """401, 403, 451: the server says no."""
    ROBOTS_FORBIDDEN = "robots_forbidden"
    OPTED_OUT = "opted_out"
    DEFERRED = "deferred"
    """robots.txt unreachable, Retry-After beyond the night, or the page budget of the host is used up."""
    RATE_LIMITED = "rate_limited"
    SERVER_ERROR = "server_error"
    UNREACHABLE = "unreachable"
    """DNS, connection, TLS or protocol failure."""
    TIMEOUT = "timeout"
    TOO_LARGE = "too_large"
    BLOCKED_ADDRESS = "blocked_address"
    BAD_URL = "bad_url"
    BAD_REDIRECT = "bad_redirect"
    DAMAGED = "damaged"
    """The body could not be decoded."""
    UNSUPPORTED_TYPE = "unsupported_type"
    """Not text: an image, an archive, a binary."""
    NOT_THE_PAGE = "not_the_page"
    """Something else is in its place: a bot check, a wall, a front page. The page may be there tomorrow."""
    NOT_REACHED = "not_reached"
    """Due, but the run ended before it was asked for."""

    @property
    def is_terminal(self) -> bool:
        """True when asking again tonight would not help: the page's state is known."""
        return self in _TERMINAL


_TERMINAL = frozenset(
    {
        FetchOutcome.FETCHED,
        FetchOutcome.UNCHANGED,
        FetchOutcome.NOT_FOUND,
        FetchOutcome.GONE,
        FetchOutcome.FORBIDDEN,
        FetchOutcome.ROBOTS_FORBIDDEN,
        FetchOutcome.OPTED_OUT,
        FetchOutcome.TOO_LARGE,
        FetchOutcome.BLOCKED_ADDRESS,
        FetchOutcome.BAD_URL,
        FetchOutcome.BAD_REDIRECT,
        FetchOutcome.DAMAGED,
        FetchOutcome.UNSUPPORTED_TYPE,
    }
)


class PageRequest(Frozen):
    """One URL, with what is known from the last time. The validators make the request conditional."""

    url: str
    etag: str | None = None
    last_modified: str | None = None
    validated_url: str | None = None
    """The final URL that gave the validators, when it was reached by redirects; None means `url` itself."""
    previous_digest: Digest | None = None
    """Of the body as last fetched: the same bytes again are `unchanged`."""
    accept: str | None = None
    """An `Accept` header, for APIs."""


def sha256(data: bytes) -> Digest:
    """`sha256:<hex>` of the bytes."""
    return "sha256:" + hashlib.sha256(data).hexdigest()


class PageSnapshot(Frozen):
    """One page as it came. The body is kept apart as a blob under `digest`."""

    url: str
    final_url: str
    """After redirects."""
    fetched_at: AwareDatetime
    status: int
    media_type: str
    """Without parameters, lower case; empty when the server sent none."""
    charset: str | None = None
    """From the Content-Type header only."""
    etag: str | None = None
    last_modified: str | None = None
    digest: Digest
    """Of the decoded body."""
    length: int
    """Bytes of the decoded body."""
    link: str | None = added()
    """The answer's `Link` header, where it names a next page: one that answers 304 need not repeat it."""


class Fetched(Frozen):
    """The end of one request: its outcome, and the page when there is one."""

    url: str
    outcome: FetchOutcome
    reason: str = ""
    """For a person: `HTTP 503`, `10.0.0.1 is not a public address`, …"""
    at: AwareDatetime
    snapshot: PageSnapshot | None = None
    body: bytes | None = None
    """Present with `fetched`."""
    not_before: AwareDatetime | None = None
    """Do not ask this host again before (Retry-After, robots deferral)."""
    sent: bool = False
    """True when a request for this URL left this machine."""
    bytes_received: int = 0
    link: str = ""
    """The answer's `Link` header; of an answer without one that confirms the page, the page's."""

    @property
    def final_url(self) -> str:
        """Where the page is, after redirects: what its relative links go by."""
        return self.snapshot.final_url if self.snapshot is not None else self.url
