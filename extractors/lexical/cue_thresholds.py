"""The thresholds of the built-in reader's cues: what a sentence must weigh, and say, before a cue of it is taken.

Idea: `data/support/built_in_reader_cues.toml` holds for each cue the log odds above which a sentence is taken, the
words that it needs and those with which it says something else. The support stage has its own thresholds, beside its
weights (`carries` in `data/support/weights.json`). Invariant: the topic table has every cue and claim that is named.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from typing import NamedTuple

from extractors.lexical.own_statements import SET_UP
from extractors.support.passage import DATA, table_pattern
from extractors.support.topics import topics
from scoring.errors import BadInput

CUES = "built_in_reader_cues.toml"


class CueThresholds(NamedTuple):
    """What the reader takes for a claim, read from `built_in_reader_cues.toml`."""

    bars: Mapping[str, Mapping[str, float]]
    """By claim the cues that are read, each with the log odds above which a sentence is taken."""
    needs: Mapping[str, re.Pattern[str]]
    """By cue the words that a sentence must have."""
    never: Mapping[str, re.Pattern[str]]
    """By claim or cue the words with which a sentence says something else."""

    def admit(self, claim: str, cue: str, text: str) -> bool:
        """Whether the words of a folded sentence may be taken for what a cue of a claim says."""
        needed = self.needs.get(cue)
        if needed is not None and not needed.search(text):
            return False
        barring = ("all", cue, claim) if claim in SET_UP else ("all", cue, claim, _DOES)
        return not any(name in self.never and self.never[name].search(text) for name in barring)


_DOES = "of what it does"
"""Ruled out for every claim but those on how it is set up."""


@cache
def cue_thresholds() -> CueThresholds:
    """The table, checked on reading."""
    table = tomllib.loads((DATA / CUES).read_text(encoding="utf-8"))
    bars = {claim: cues for group in table["bars"].values() for claim, cues in group.items()}
    known = {cue.name for cues in topics().values() for cue in cues}
    named = {*table["needs"], *(cue for cues in bars.values() for cue in cues)}
    strange = (named - known) | (set(table["never"]) - known - {*topics(), "all", _DOES})
    if strange:
        raise BadInput(f"no such cue or claim: {sorted(strange)}", subject=CUES, step="read the reader's table")
    needs, never = (
        {name: table_pattern(words) for name, words in table[group].items()} for group in ("needs", "never")
    )
    return CueThresholds(bars, needs, never)
