"""What changed between two texts, word by word and paragraph by paragraph.

Invariant: the kept and the deleted pieces put together are the old text, the kept and the inserted the new one.
"""

import re
from difflib import SequenceMatcher
from typing import Literal, NamedTuple

_WORDS = re.compile(r"\s*(?:\w+|[^\w\s])|\s+")
LONGEST = 4_000
"""Words. Longer texts are compared as wholes."""

Op = Literal["same", "gone", "new"]


class Run(NamedTuple):
    op: Op
    text: str


def word_diff(before: str, after: str) -> list[Run]:
    """Runs of words that stayed, went or came."""
    if before == after:
        return [Run("same", before)] if before else []
    old, new = _WORDS.findall(before), _WORDS.findall(after)
    if len(old) > LONGEST or len(new) > LONGEST:
        return [Run("gone", before), Run("new", after)]
    runs: list[Run] = []
    for tag, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            runs.append(Run("same", "".join(old[a:b])))
            continue
        if b > a:
            runs.append(Run("gone", "".join(old[a:b])))
        if d > c:
            runs.append(Run("new", "".join(new[c:d])))
    return runs


def page_diff(before: str, after: str) -> list[list[Run]]:
    """Changed paragraphs with a little of their context; an empty list between two far-apart places."""
    old = [line for line in before.split("\n") if line.strip()]
    new = [line for line in after.split("\n") if line.strip()]
    rows: list[list[Run]] = []
    for group in SequenceMatcher(None, old, new, autojunk=True).get_grouped_opcodes(1):
        if rows:
            rows.append([])
        for tag, a, b, c, d in group:
            if tag == "equal":
                rows += [[Run("same", line)] for line in old[a:b]]
                continue
            paired = min(b - a, d - c)
            rows += [word_diff(old[a + i], new[c + i]) for i in range(paired)]
            rows += [[Run("gone", line)] for line in old[a + paired : b]]
            rows += [[Run("new", line)] for line in new[c + paired : d]]
    return rows
