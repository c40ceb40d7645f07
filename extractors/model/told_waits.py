"""How long an endpoint says to wait, in every form in use: headers, keys of the body, words.

Invariant: whatever stands there gives a finite number of seconds of at most a day, or None; the longest one holds.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
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
_IN_WORDS = rf"(?:try|retry|wait|again|available|resets?)\b[^.\d]{{0,40}}?((?:{_SPAN}[ ,]*(?:and )?)+)"


def longest_wait(headers: Mapping[str, str], keys: Iterable[tuple[str, str]], words: str) -> float | None:
    """Seconds. A quota's reset counts where that quota is used up, or nothing else is said."""
    told = [("", match[1]) for match in re.finditer(_IN_WORDS, words, re.IGNORECASE)]
    told += [(name, value) for name in ("retry-after", "retry-after-ms") if (value := headers.get(name))]
    told += [(key, value) for key, value in keys if "reset" not in key]
    if not any(_seconds(name, value) is not None for name, value in told):
        resets = [(name.lower(), value) for name, value in [*headers.items(), *keys] if "reset" in name.lower()]
        told = [pair for pair in resets if headers.get(pair[0].replace("reset", "remaining"), "0") == "0"]
    return max((wait for name, value in told if (wait := _seconds(name, value)) is not None), default=None)


def _seconds(name: str, value: str) -> float | None:
    """From a number (of milliseconds where the name ends so), seconds since 1970, an ISO or HTTP date, or `1m30.5s`."""
    value = value.strip()
    try:
        number = float(value)
        since_1970 = number / 1000 if number >= 1e11 else number
        seconds = number * _UNITS["ms" if name.endswith("ms") else "s"] if number < 1e9 else since_1970 - time()
    except ValueError:
        if (moment := _moment(value)) is not None:  # before a span: "01 Dec" is no day
            seconds = moment.timestamp() - time()
        elif spans := re.findall(_SPAN, value.lower()):
            seconds = sum(float(number) * _UNITS["".join(unit).replace("milli", "ms")] for number, *unit in spans)
        else:
            return None
    return min(max(0.0, seconds), _MOST) if isfinite(seconds) else None


def _moment(value: str) -> datetime | None:
    for read in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            moment = read(value)
            return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        except (ValueError, OverflowError, TypeError, IndexError):
            continue
    return None
