"""What must be remembered of a host so that tomorrow, or a restart, is as polite as tonight.

Invariant: frozen values, handed in and handed back; a crawler that starts with the last memory a host had
asks no earlier than one that was never stopped.
"""

from enum import StrEnum

from pydantic import AwareDatetime, Field

from scoring.claims import Frozen


class RobotsState(StrEnum):
    """What asking for robots.txt gave (RFC 9309 section 2.3.1)."""

    RULES = "rules"
    """It was read: its rules hold."""
    ABSENT = "absent"
    """4xx, or more than five redirects: everything may be asked."""
    UNREACHABLE = "unreachable"
    """5xx, 429, network or TLS failure: nothing may be asked until it can be had."""


class RobotsCopy(Frozen):
    """The robots.txt of one origin, as last asked for."""

    origin: str
    state: RobotsState
    body: str = ""
    """The rules, decoded and cut to the length that is parsed."""
    fetched_at: AwareDatetime
    reason: str = ""
    """`HTTP 503`, for a person."""
    etag: str | None = None
    last_modified: str | None = None


class HostState(Frozen):
    """One host, all its ports and both schemes."""

    host: str
    not_before: AwareDatetime | None = None
    """Retry-After, a rate limit's reset, or a pause after failures."""
    not_before_reason: str = ""
    last_asked_at: AwareDatetime | None = None
    last_ended_at: AwareDatetime | None = None
    """End of the last answer; None while one is under way, so that a killed run shows."""
    last_latency: float = Field(0.0, ge=0)
    """Seconds of the last answer, first byte to last included."""
    crawl_delay: float = Field(0.0, ge=0)
    """Seconds that robots.txt asks for; the longest of the host's origins."""
    failures: int = Field(0, ge=0)
    """Answers in a row that were errors of the server, or none at all."""
    night: str = ""
    """The night that the two counts belong to."""
    asked: int = Field(0, ge=0)
    received: int = Field(0, ge=0)
    """Bytes over the wire."""
    robots: tuple[RobotsCopy, ...] = ()
