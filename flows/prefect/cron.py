"""Whether a line is a cron schedule, told when settings are read and not at two in the night.

Invariant: what passes here, Prefect takes as well (`@daily` and seconds are not taken).
"""

from __future__ import annotations

import re

_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_DAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]
_FIELDS: tuple[tuple[int, int, list[str]], ...] = (
    (0, 59, []),
    (0, 23, []),
    (1, 31, []),
    (1, 12, _MONTHS),
    (0, 7, _DAYS),
)
_PART = re.compile(r"(\*|(?P<low>\w+)(-(?P<high>\w+))?)(/(?P<step>\d+))?")


def is_cron(line: str) -> bool:
    """minute hour day-of-month month day-of-week, each `*`, a number, a range, a list or a step."""
    fields = line.split()
    return len(fields) == 5 and all(
        all(_fits(part, *allowed) for part in field.split(",")) for field, allowed in zip(fields, _FIELDS, strict=True)
    )


def _fits(part: str, least: int, most: int, names: list[str]) -> bool:
    match = _PART.fullmatch(part.lower())
    if match is None or match["step"] == "0":
        return False
    if match["step"] and match["low"] and not match["high"]:
        return False
    ends = [_number(end, least, names) for end in (match["low"], match["high"]) if end]
    return all(end is not None and least <= end <= most for end in ends) and ends == sorted(ends, key=lambda n: n or 0)


def _number(text: str, least: int, names: list[str]) -> int | None:
    if text in names:
        return names.index(text) + least
    return int(text) if text.isdecimal() else None
