"""What follows from a sentence in one step, where it does not say the value itself.

Idea: some values are hardly ever said, least of all the low ones: nobody writes "this breaks no goal down", they write
"lists all tables". `data/support/steps.toml` names such steps, each with the words that it starts from and the words
with which it does not hold. Invariant: a step gives an inference and never a statement, and its name is on the record.
"""

import re
import tomllib
from collections.abc import Mapping
from functools import cache, lru_cache
from typing import NamedTuple

from extractors.support.passage import DATA
from extractors.support.topics import Cue, cue, distance, is_denied


class Step(NamedTuple):
    cue: Cue
    """The name of the step, the values that follow, and the words that it starts from."""
    unless: re.Pattern[str]


@cache
def steps() -> Mapping[str, tuple[Step, ...]]:
    """The table by claim; a part in braces is written out."""
    table = tomllib.loads((DATA / "steps.toml").read_text(encoding="utf-8"))
    parts = table.pop("parts")

    def whole(pattern: str) -> str:
        for name, words in parts.items():
            pattern = pattern.replace(f"{{{name}}}", words)
        return pattern

    return {
        claim: tuple(
            Step(cue(claim, name, values, whole(words), whole(words)), re.compile(whole(unless)))
            for name, values, words, unless in rows
        )
        for group in table.values()
        for claim, rows in group.items()
    }


@lru_cache(maxsize=8_192)
def matching_steps(claim: str, text: str) -> tuple[tuple[Cue, str], ...]:
    """The steps of a claim that a folded sentence allows, each with the words that it starts from."""
    found = ((each, each.cue.pattern.search(text)) for each in steps().get(claim, ()) if not each.unless.search(text))
    return tuple((each.cue, match.group()) for each, match in found if match and not is_denied(text, match))


def step(claim: str, value: str, text: str) -> tuple[str, str] | None:
    """The name of the first step from a folded sentence to a value, and the words that it starts from."""
    return next(((cue.name, words) for cue, words in matching_steps(claim, text) if distance(cue, value) == 0), None)
