"""The cue table of hostile text: `data/hostile.toml`, compiled once.

Idea: four questions. Is an AI spoken to as the reader or judge of this page? Is a task about this listing, or
a verdict on it, dictated? Is the reader's model told to drop its instructions, show them, write a given reply
or act? Is the end of the page faked? Invariant: a cue counts only with what it `needs`.
"""

import re
import tomllib
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import NamedTuple

from scoring.vocabulary import EXPOSURE_VALUES, ExposureFact, RiskFactor

TABLE = Path(__file__).resolve().parents[2] / "data" / "hostile.toml"


NAMES_VALUES = "names values of the assessment"


class Needs(StrEnum):
    """What must be beside a cue before it counts."""

    NOTHING = "nothing"
    A_STEER = "a steer"
    """Something that the reader is told to do, other than to read documentation."""
    AN_ORDER = "an order"
    """An order, at once: a label such as `LLMs:` may open a list of features."""
    NO_EXAMPLE = "no example"
    """It must not be shown as an example: quoted, in code, in a table, or in talk about attacks."""


class Cue(NamedTuple):
    says: str
    """For a person: what the text does."""
    pattern: re.Pattern[str]
    needs: Needs
    opens: bool = False
    """True when it must open its clause."""
    in_own_instructions: bool = False
    """True when it is an alarm even in a file that instructs its own model."""
    only_bars: bool = False
    """True when it bars a passage as evidence and is no finding."""


class Cues(NamedTuple):
    cues: tuple[Cue, ...]
    """In the order in which they are tried; the first at a place names it."""
    steer: re.Pattern[str]
    """Something that a reader is told to do beyond reading."""
    order: re.Pattern[str]
    """An order at the beginning of what is searched."""
    example: re.Pattern[str]
    """Talk about attacks: an attack string beside it is shown, not meant."""


_OWN_NAMES = frozenset(
    name
    for name in (*RiskFactor, *ExposureFact, *(value for values in EXPOSURE_VALUES.values() for value in values))
    if "_" in name
)
"""Names of the record's own schema that no ordinary sentence has."""
_NAME = re.compile(r"\{([a-z_]+)\}")
_OPENING = re.compile(
    r"(?:^|[.!?:;,\n\])>*#\"|–-][\s\"'*_>#-]{0,12}|\s\s"
    r"|\b(?:please|now|must|should|shall|you|will|and|then|immediately|simply|instead|also|so|to|just|always|only|kindly"
    r"|strongly|first)[, ]{1,2})$"
)
_NOT_SPOKEN_TO = re.compile(r"\b(?:not|isn't|aren't|never|rather than|nor)\b[^.,;:!?\n]{0,40}$")
_WORKS_ON_THE_CODE = re.compile(
    r"\b(?:work(?:s|ing)?|contribut\w+|develop(?:s|ing)?|edit(?:s|ing)?|modify(?:ing)?|hack(?:s|ing)?) (?:here|in|on)\b"
)


@cache
def cues() -> Cues:
    """The table, its named word groups filled in."""
    table = tomllib.loads(TABLE.read_text(encoding="utf-8"))
    groups = {"own_names": "|".join(sorted(_OWN_NAMES))}
    for name, text in table["words"].items():
        groups[name] = _filled(text, groups)
    return Cues(
        cues=tuple(
            Cue(
                **entry
                | {
                    "needs": Needs(entry["needs"]),
                    "pattern": re.compile(_filled(entry["pattern"], groups), re.MULTILINE),
                }
            )
            for entry in table["cue"]
        ),
        steer=re.compile(groups["steer"]),
        order=re.compile(groups["order_next"]),
        example=re.compile(groups["example"]),
    )


def _filled(text: str, groups: dict[str, str]) -> str:
    return _NAME.sub(lambda name: groups[name.group(1)], text.replace("\n", ""))


def opens_a_clause(text: str, start: int) -> bool:
    """True when an order may begin here: at a start, after a mark, after `please`, `must`, `you`, `and` …"""
    return _OPENING.search(text, max(0, start - 24), start) is not None


def speaks_to_nobody(text: str, start: int, end: int) -> bool:
    """True when a cue is denied just before, or addresses those who work on the code, not those who rate it."""
    line = text[max(text.rfind("\n", 0, start) + 1, start - 120) : start]
    return bool(_NOT_SPOKEN_TO.search(line) or _WORKS_ON_THE_CODE.search(text, start, min(len(text), end + 20)))
