"""A sentence of prose that is to carry too many claims carries none that lowers the risk, and still what raises it."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from extractors.claims.certainty import Heard
from extractors.claims.checked_reply import MOST_CLAIMS_A_SENTENCE, CheckedEntry, without_repetition
from scoring.claims import Evidence
from scoring.vocabulary import Certainty, RiskFactor

WORDS = "Marrow reads mail and files it."
EVIDENCE = Evidence(text_digest="sha256:" + "0" * 64, url="file:README.md", start=0, end=len(WORDS), quote=WORDS)
HIGH = Decimal("0.5")


@given(st.lists(st.sampled_from(["0.1", "0.9"]), min_size=1, max_size=len(RiskFactor)))
def test_only_what_raises_the_risk_stays_where_a_sentence_carries_too_much(values: list[str]) -> None:
    entries = [
        CheckedEntry(factor, Decimal(value), WORDS, "", (), Heard(EVIDENCE), None, Certainty.STATED)
        for factor, value in zip(RiskFactor, values, strict=False)
    ]
    left = without_repetition(entries, lambda evidence: True, lambda claim, value: Decimal(value) > HIGH)
    carried = [entry for entry in left if entry.carried]
    raising = [entry for entry in entries if Decimal(entry.value) > HIGH]
    if len(entries) <= MOST_CLAIMS_A_SENTENCE:
        assert left == entries
    else:
        assert carried == raising[:MOST_CLAIMS_A_SENTENCE]
    assert without_repetition(entries, lambda evidence: False, lambda claim, value: False) == entries
