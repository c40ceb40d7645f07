"""What no longer fits when a reviewer lowers a value: the certainty, the quotes, the text.

Idea: the support check is asked again with the new value; nothing is refused, everything is offered. Invariant: pure; a
value that is not lowered gives no offer.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from extractors.support import Passage, Support, Verdict, support
from review.claim_view import text_of
from scoring.vocabulary import EXPOSURE_VALUES, Certainty, ExposureFact


class DropOffer(NamedTuple):
    """What may be dropped with the higher value."""

    misfits: dict[int, str]
    """Quotes that do not carry the lowered value: the place of each among those of the claim as shown, and why."""
    certainty: bool
    """True when no quote that stays says the lower value outright, and the claim still counts as stated."""
    text: bool
    """True when the text is still that of the higher value."""

    def lines(self) -> tuple[str, ...]:
        """The offer for a terminal."""
        found = [f"its quote {number + 1} may no longer fit: {why}" for number, why in self.misfits.items()]
        found += ["no quote says the lower value outright: still stated?"] if self.certainty else []
        return (*found, *(["its text is still that of the higher value"] if self.text else []))


def is_lower(path: str, before: str, after: str) -> bool:
    """Whether a value is less grave than the one before, on the scale of its claim."""
    room, _, name = path.partition(".")
    if room == "factors":
        return float(after) < float(before)
    if room == "exposure" and before and after:
        scale = EXPOSURE_VALUES[ExposureFact(name)]
        return scale.index(after) < scale.index(before)
    return False


def drop_offer(
    path: str, product: str, shown: Mapping[str, Any], after: Mapping[str, Any], staying: Sequence[int]
) -> DropOffer | None:
    """What may be dropped of the claim as it would be; `staying` are the places of the shown quotes that stay. None
    when its value is not lowered, or nothing is left to drop."""
    before, value = str(shown.get("value") or ""), str(after.get("value") or "")
    if not is_lower(path, before, value) or after.get("certainty") == Certainty.NOT_CERTAIN:
        return None
    shown_quotes = list(shown.get("evidence", ()))
    name, certainty = path.partition(".")[2], Certainty(after["certainty"])

    def checked(words: str) -> Support:
        return support(name, value, certainty, Passage(words), product)

    checks = {number: checked(item["quote"]) for number, item in enumerate(shown_quotes) if number in staying}
    added = [checked(item["quote"]) for item in after.get("evidence", ()) if item not in shown_quotes]
    misfits = {number: check.why for number, check in checks.items() if check.verdict is not Verdict.CARRIES}
    outright = any(
        check.verdict is Verdict.CARRIES and check.certainty is Certainty.STATED for check in (*checks.values(), *added)
    )
    stated = certainty is Certainty.STATED and not outright
    same_text = bool(text_of(dict(after))) and text_of(dict(shown)).split() == text_of(dict(after)).split()
    return DropOffer(misfits, stated, same_text) if misfits or stated or same_text else None
