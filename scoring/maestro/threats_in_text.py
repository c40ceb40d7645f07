"""Which threats of the MAESTRO catalogue a text names: by id, by name, in everyday words.

Idea: pages speak of "prompt injection" and "leaked keys", the catalogue does not; a small table carries one
to the other, and both are kept. Invariant: nothing here changes a score (AIVSS 0.8, Appendix C); MAESTRO and
AIVSS only share evidence. L6 of the catalogue is about security agents; everyday words of compliance stay
words.
"""

from __future__ import annotations

import re

from scoring.maestro.everyday_terms import EVERYDAY
from scoring.maestro.threat_catalogue import CATALOGUE
from scoring.vocabulary import MaestroLayer

_EVERYDAY = tuple((re.compile(rf"(?<!\w)(?:{'|'.join(words)})(?!\w)", re.IGNORECASE), ids) for ids, words in EVERYDAY)
_ID = re.compile(r"(?<![\w.])(?:L[1-7]|X)\.\d{1,2}(?![\w.]*\d)")
_NAMED = {
    name: tuple(threat.id for threat in CATALOGUE.values() if threat.name.lower() == name)
    for name in (threat.name.lower() for threat in CATALOGUE.values())
}
_NAMES = re.compile(
    r"(?<!\w)(?:" + "|".join(re.escape(name) for name in sorted(_NAMED, key=len, reverse=True)) + r")(?!\w)",
    re.IGNORECASE,
)


def threats_named_in(text: str, layer: MaestroLayer | None = None) -> tuple[str, ...]:
    """Ids of the threats that a text names, in catalogue order; with `layer`, its own and the cross-layer ones."""
    text = " ".join(text.split())
    found = {match.group() for match in _ID.finditer(text)} & CATALOGUE.keys()
    for match in _NAMES.finditer(text):
        found.update(_NAMED[match.group().lower()])
    for words, ids in _EVERYDAY:
        if words.search(text):
            found.update(ids)
    return tuple(
        threat.id
        for threat in CATALOGUE.values()
        if threat.id in found and (layer is None or threat.layer in (layer, None))
    )
