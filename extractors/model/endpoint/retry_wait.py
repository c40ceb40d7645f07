"""How long an endpoint says to wait, in every form in use: headers, keys of the body, words.

Invariant: any value gives a finite number of seconds of at most a day, or None; the longest one counts.
"""

import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from math import isfinite
from time import time

_MOST = 86_400.0
_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0}
_SPAN = (
    r"(\d+(?:\.\d+)?) ?(?:(ms|milli)[a-z]*|(s)(?:ecs?|econds?)?|(m)(?:ins?|inutes?)?|(h)(?:rs?|ours?)?|(d)(?:ays?)?)"
    r"(?![a-z])"
)
_DATE = r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?(?:Z|[+-]\d\d:?\d\d)?"
_BEFORE = r"(?:(?:try|retry|wait|again|available|resets?|refresh\w*)\b|(?:allowed|request) (?:in|after)\b)"
_IN_WORDS = rf"{_BEFORE}[^.\d]{{0,40}}?((?:{_SPAN}[ ,]*(?:and )?)+|{_DATE})"
_AS_SPANS = tuple(
    (re.compile(pattern, re.IGNORECASE), span)
    for pattern, span in (
        (r"\b(?<=in |or |er )(?:an?|one) (?=second|minute|hour|day)", "1 "),
        (r"\bretry[-_ ]?after\W{1,4}(\d{1,9}(?:\.\d{1,6})?)(?![\d.]*[ \w])", r"wait \1 s"),
        (r"\b(?:in|after) (\d{1,2}):(\d\d):(\d\d)\b", r"wait \1 h \2 m \3 s"),
        (r"(?<!\d)(\d{1,9}(?:\.\d{1,6})?) ?(?:秒|초)[钟鐘]? ?之?[后後후]", r"wait \1 s "),
        (r"(?<!\d)(\d{1,9}(?:\.\d{1,6})?) ?(?:分|분)[钟鐘]? ?之?[后後후]", r"wait \1 m "),
    )
)
"""Waits that words name in another way: "in a minute", a bare number, a clock's span, units of other languages."""
_QUOTA = re.compile(r"\b(r|remaining|t|reset)\s?=\s?(\d+)")
"""The parts of a `RateLimit` header: what is left, and the seconds until it is renewed."""


def longest_wait(headers: Mapping[str, str], keys: Iterable[tuple[str, str]], words: str) -> float | None:
    """Seconds. A quota's reset counts where that quota is used up, or nothing else is said."""
    for pattern, span in _AS_SPANS:
        words = pattern.sub(span, words)
    waits = [("", match[1]) for match in re.finditer(_IN_WORDS, words, re.IGNORECASE)]
    waits += [(name, value) for name, value in headers.items() if "retry-after" in name.lower()]
    waits += [(key, value) for key, value in keys if "reset" not in key]
    if not any(_seconds(name, value) is not None for name, value in waits):
        resets = [(name.lower(), value) for name, value in [*headers.items(), *keys] if "reset" in name.lower()]
        waits = [pair for pair in resets if headers.get(pair[0].replace("reset", "remaining"), "0") == "0"]
        left = "0"
        for name, number in _QUOTA.findall(headers.get("ratelimit", "")):
            if name[0] == "r" and name != "reset":
                left = number
            elif left == "0":
                waits.append(("", number))
    return max((wait for name, value in waits if (wait := _seconds(name, value)) is not None), default=None)


def _seconds(name: str, value: str) -> float | None:
    """From a number (of milliseconds where the name ends so), seconds since 1970, an ISO or HTTP date, or `1m30.5s`."""
    seconds = (
        sum(
            float(amount) * _UNITS["".join(unit).replace("milli", "ms")]
            for amount, *unit in re.findall(_SPAN, value.lower())
        )
        or None
    )
    for read in (parsedate_to_datetime, datetime.fromisoformat):  # "01 Dec" is no day
        with suppress(ValueError, OverflowError, TypeError, IndexError):
            moment = read(value.strip())
            seconds = moment.replace(tzinfo=moment.tzinfo or UTC).timestamp() - time()
    with suppress(ValueError):
        number = float(value.split(",")[0])
        since_1970 = number / 1000 if number >= 1e11 else number
        seconds = since_1970 - time() if number >= 1e9 else number * _UNITS["ms" if name.endswith("ms") else "s"]
    return min(max(0.0, seconds), _MOST) if seconds is not None and isfinite(seconds) else None
