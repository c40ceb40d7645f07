"""What a server says about when to come back: `Retry-After` in both forms, and a rate limit's reset.

Invariant: never earlier than either clock, the server's (its `Date` header) or ours, says. Nonsense is
read as nothing said; a wait beyond ten years as ten years.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

LONGEST = timedelta(days=3660)


def retry_after(headers: Mapping[str, str], now: datetime) -> datetime | None:
    """The time named by `Retry-After`; None when there is none, it is nonsense, or it is past."""
    value = headers.get("retry-after", "").strip()
    if value.isascii() and value.isdigit():
        wait = timedelta(seconds=int(value)) if len(value) < 10 else LONGEST
        return now + min(wait, LONGEST) if wait else None
    date = http_date(value)
    return _by_both_clocks(date, headers, now) if date else None


def rate_limit_reset(headers: Mapping[str, str], now: datetime) -> datetime | None:
    """`X-RateLimit-Reset` (seconds since 1970) once `X-RateLimit-Remaining` is 0."""
    remaining, reset = headers.get("x-ratelimit-remaining", "").strip(), headers.get("x-ratelimit-reset", "").strip()
    if remaining != "0" or not (reset.isascii() and reset.isdigit()) or len(reset) > 11:
        return None
    at = datetime.fromtimestamp(int(reset), UTC) if int(reset) < 253_402_300_800 else now + LONGEST
    return _by_both_clocks(at, headers, now)


def _by_both_clocks(at: datetime, headers: Mapping[str, str], now: datetime) -> datetime | None:
    server_time = http_date(headers.get("date", ""))
    wait = max(at - now, at - server_time) if server_time else at - now
    return now + min(wait, LONGEST) if wait > timedelta() else None


def http_date(value: str) -> datetime | None:
    """An HTTP date in any of its three spellings."""
    try:
        date = parsedate_to_datetime(value)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return date.replace(tzinfo=UTC) if date.tzinfo is None else date
