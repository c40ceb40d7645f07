"""A product's name as it may be shown: without what it says to an assessor.

Idea: a name is in the prompt, in every list and in the published summary, so an address in it is cut off there; the
name as it was given is read as a page, where the address is found as anywhere else. Invariant: a name that speaks to
nobody is returned as it is.
"""

import re

from extractors.injection import findings
from extractors.injection.addresses import addresses
from extractors.injection.detection import cues_in
from extractors.injection.obfuscation import decoded_texts
from extractors.injection.patterns import Needs, opens_a_clause
from scoring.claims import Finding
from scoring.vocabulary import FindingKind

UNNAMED = "unnamed"
NAME = "name"
_MARK = re.compile(r"[,;:|(–—]| - ")
_LEADING = " \t.:;,-–—|/(["


def shown_name(name: str) -> str:
    """The words before an address; `unnamed` where none are left."""
    cut = min(_places(name), default=len(name))
    return name if cut == len(name) else name[:cut].rstrip(_LEADING) or UNNAMED


def name_findings(name: str) -> tuple[Finding, ...]:
    """What a name says to an assessor; it is on no page."""
    if shown_name(name) == name:
        return ()
    found = findings(name, (), NAME, None, False, visible=False, how=NAME)
    kind = FindingKind.ADDRESSES_THE_ASSESSOR
    return found or (
        Finding(kind=kind, url=NAME, excerpt=name[:300], visible=False, how=f"{NAME}: speaks to an assessor"),
    )


def _places(name: str) -> list[int]:
    places: list[int] = []
    for reading in decoded_texts(name):
        for cue in cues_in(reading.text):
            for match in cue.pattern.finditer(reading.text):
                surely = not cue.only_bars and (cue.needs is not Needs.A_STEER)
                if surely and (not cue.opens or opens_a_clause(reading.text, match.start())):
                    places.append(reading.place(*match.span())[0])
        for address in addresses(reading.text):
            place = reading.place(address.start, address.end)[0]
            if name[:place].strip(_LEADING) and address.speaks:
                places.append(place)
            elif address.sure:
                places.append(mark.start() if (mark := _MARK.search(name)) else 0)
    return places
