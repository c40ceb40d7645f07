"""A sentence of prose that is to carry too many claims carries none that lowers the risk, and still what raises it."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from extractors.claims.certainty import QuoteResult
from extractors.claims.checked_reply import CheckedEntry, without_repetition
from scoring.claims import MOST_CLAIMS_A_SENTENCE, Evidence, SupportVerdict
from scoring.vocabulary import Certainty, RiskFactor, Support

WORDS = "Marrow reads mail and files it."
EVIDENCE = Evidence(text_digest="sha256:" + "0" * 64, url="file:README.md", start=0, end=len(WORDS), quote=WORDS)
HIGH = Decimal("0.5")
SAID = SupportVerdict(verdict=Support.CARRIES, rule="says it", why="the words say it")


@given(st.lists(st.sampled_from(["0.1", "0.9"]), min_size=1, max_size=len(RiskFactor)))
def test_only_what_raises_the_risk_stays_where_a_sentence_carries_too_much(values: list[str]) -> None:
    entries = [
        CheckedEntry(factor, Decimal(value), WORDS, "", (), QuoteResult(EVIDENCE), None, Certainty.STATED)
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


@given(
    st.lists(
        st.tuples(st.sampled_from(["0.1", "0.9"]), st.sampled_from([Certainty.STATED, Certainty.INFERRED])),
        min_size=MOST_CLAIMS_A_SENTENCE + 1,
        max_size=len(RiskFactor),
    )
)
def test_what_the_words_state_stays_up_to_the_most_and_after_what_raises_the_risk(
    claims: list[tuple[str, Certainty]],
) -> None:
    entries = [
        CheckedEntry(factor, Decimal(value), WORDS, "", (), QuoteResult(EVIDENCE), SAID, sure)
        for factor, (value, sure) in zip(RiskFactor, claims, strict=False)
    ]
    left = without_repetition(entries, lambda evidence: True, lambda claim, value: Decimal(value) > HIGH)
    carried = [entry for entry in left if entry.carried]
    raising = [entry for entry in entries if Decimal(entry.value) > HIGH]
    stated = [entry for entry in entries if Decimal(entry.value) <= HIGH and entry.certainty is Certainty.STATED]
    assert len(carried) == min(MOST_CLAIMS_A_SENTENCE, len(raising) + len(stated))
    assert set(carried) == set([*raising, *stated][:MOST_CLAIMS_A_SENTENCE])
