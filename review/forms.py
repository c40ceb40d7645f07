"""From what a reviewer sent to the amendments it means.

Idea: a form holds the whole claim as it should be; the difference to the draft is the amendment. Invariants:
evidence comes from a stored page only, by its offsets or found there by its words; nothing typed is trusted.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Annotated, Any, NamedTuple

from pydantic import BeforeValidator

from extractors.pages.page_text import PageText
from records.assessments.review_drafts import Verdict
from review.evidence_view import chosen_evidence, quoted_evidence
from review.services.decisions import evidence_json
from review.services.draft import paths
from review.services.kept_decisions import differences
from scoring.claims import Evidence, Extraction, Finding
from scoring.errors import BadInput, required
from scoring.reviews import Amendment, AmendmentReason
from scoring.vocabulary import NOT_CERTAIN_OPENING

_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")


def clean(value: object) -> object:
    """Text as a person can have meant it: no control characters, one kind of line end."""
    return _CONTROLS.sub("", value.replace("\r\n", "\n")) if isinstance(value, str) else value


Text = Annotated[str, BeforeValidator(clean)]


class ClaimForm(NamedTuple):
    """What a form says about one claim."""

    verdict: Verdict
    value: str = ""
    certainty: str = ""
    text: str = ""
    keep: tuple[str, ...] = ()
    """Numbers of the quotes that stay."""
    add: tuple[str, ...] = ()
    """`page:start:end` of words that were selected."""
    quote: str = ""
    """Words that were typed or pasted."""
    reason: str = ""
    note: str = ""


def amendments(
    draft: Extraction,
    shown: Mapping[str, Any],
    path: str,
    wish: ClaimForm,
    texts: Callable[[], Sequence[PageText | None]],
) -> tuple[Amendment, ...]:
    """What a wish changes in the draft. `shown` is the claim as the reviewer had it before them."""
    room = path.split(".")[0]
    if wish.verdict == "amended":
        return differences(draft, path, _amended(shown, room, wish, texts, draft.findings), _reason(wish), wish.note)
    if wish.verdict in ("not_certain", "rejected"):
        if room == "summary":
            raise BadInput("a summary is amended, not left open", step="review", next_step="write what is known")
        return _not_certain(draft, path, wish)
    if wish.verdict == "not_applicable":
        if room != "layers":
            raise BadInput("only a layer can be not applicable", step="review", next_step="amend the value instead")
        reason = wish.note.strip() or "a product of this kind has no such layer of its own."
        wanted = {"status": "not_applicable", "text": f"Not applicable: {reason}", "evidence": "[]"}
        return differences(draft, path, wanted, AmendmentReason.OTHER, wish.note or "not applicable")
    return ()


def is_changed(shown: Mapping[str, Any], wish: ClaimForm) -> bool:
    """Whether a form holds another claim than the one shown; one that sends the verdict alone does not."""
    if wish.quote.strip() or wish.add:
        return True
    if not (wish.text or wish.value or wish.certainty):
        return False
    text = str(shown.get("rationale", shown.get("text", "")))
    before = (str(shown.get("value") or ""), str(shown.get("certainty", shown.get("status", ""))), text.split())
    quotes = set(map(str, range(len(shown.get("evidence", ())))))
    return (wish.value, wish.certainty, wish.text.split()) != before or set(wish.keep) != quotes


def _amended(
    shown: Mapping[str, Any],
    room: str,
    wish: ClaimForm,
    texts: Callable[[], Sequence[PageText | None]],
    findings: Sequence[Finding],
) -> dict[str, str]:
    staying = [Evidence.model_validate(item) for n, item in enumerate(shown.get("evidence", ())) if str(n) in wish.keep]
    added = [_selected(place, texts(), findings) for place in wish.add]
    if wish.quote.strip():
        added.append(quoted_evidence([text for text in texts() if text is not None], wish.quote.strip()))
    evidence = list(dict.fromkeys((*staying, *added)))
    wanted = {"text": wish.text.strip(), "evidence": evidence_json(evidence)}
    certainty = wish.certainty
    if added and certainty == "not_certain":
        certainty = "mapped" if room == "layers" else "stated"
    if room == "layers":
        wanted["status"] = certainty
    elif room != "summary":
        wanted |= {"certainty": certainty, "value": wish.value}
        if room == "exposure" and certainty == "not_certain":
            wanted["value"] = ""
    return wanted


def _selected(place: str, texts: Sequence[PageText | None], findings: Sequence[Finding]) -> Evidence:
    numbers = place.split(":")
    if len(numbers) != 3 or not all(part.isdecimal() and len(part) < 10 for part in numbers):
        raise BadInput("a selection is page:start:end", step="evidence")
    page, start, end = (int(part) for part in numbers)
    text = required(
        texts[page] if page < len(texts) else None,
        BadInput("that page is no longer kept", step="evidence", next_step="ask for it to be fetched again"),
    )
    return chosen_evidence(text, start, end, findings)


def _not_certain(draft: Extraction, path: str, wish: ClaimForm) -> tuple[Amendment, ...]:
    field = "status" if path.startswith("layers.") else "certainty"
    if paths(draft)[path][field] == "not_certain":
        return ()
    reason, why = AmendmentReason.OTHER, "the pages that were read do not say it."
    if wish.verdict == "rejected":
        reason, why = AmendmentReason.QUOTE_DOES_NOT_SUPPORT, "the quote does not carry it."
    why = wish.note.strip() or why
    return differences(draft, path, {field: "not_certain", "text": f"{NOT_CERTAIN_OPENING}: {why}"}, reason, why)


def _reason(wish: ClaimForm) -> AmendmentReason:
    if wish.reason not in tuple(AmendmentReason):
        raise BadInput("an amendment needs its reason", step="review", next_step="choose one from the list")
    return AmendmentReason(wish.reason)
