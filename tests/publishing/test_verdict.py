"""The verdict speaks the headline's word for the level of risk, in the product's nouns; what it can touch is honest."""

import re
from decimal import Decimal

import made_records as made
import pytest
from hypothesis import given
from hypothesis import strategies as st

from publishing.pages.capabilities import FILTERS, capabilities, touches
from publishing.pages.verdict import COMPOSED, verdict
from scoring.claims import Evidence, Summary
from scoring.record import PublishedRecord
from scoring.tools.inventory import Inventory, ListedTool, Verb, counts
from scoring.vocabulary import Certainty, ExposureFact, NotCertainReason, Severity

LEVELS = ("low", "moderate", "high", "low to moderate", "moderate to high", "very low", "critical", "notable")
SENTENCES = (
    "Risk is {level} because its tools move parcels on their own.",
    "The risk is {level}: its tools move parcels on their own.",
    "Its own risk is {level}, as its tools move parcels on their own.",
    "Risk depends on the depot and is {level}, since its tools move parcels on their own.",
    "Risk factors are rated {level}, but its tools move parcels on their own.",
    "It presents a {level} risk, and its tools move parcels on their own.",
    "This {level}-risk product has tools that move parcels on their own.",
    "Overall risk remains {level}. Its tools move parcels on their own.",
)
LEVEL_WORDS = re.compile(r"\b(?:low|minimal|moderate|medium|notable|high|severe|critical)\b", re.IGNORECASE)


def with_summary(text: str, severity: Severity | None = Severity.HIGH) -> PublishedRecord:
    record = made.record()
    extraction = record.extraction.model_copy(update={"summary": Summary(text=text)})
    headline = record.assessment.headline.model_copy(update={"severity": severity})
    assessment = record.assessment.model_copy(update={"headline": headline})
    return record.model_copy(update={"extraction": extraction, "assessment": assessment})


def with_tools(name: str, tools: dict[str, Verb]) -> PublishedRecord:
    record = made.record()
    url, digest = record.extraction.read[0].url, record.extraction.read[0].text_digest
    listed = tuple(
        ListedTool(
            name=tool,
            verb=verb,
            rule="r",
            evidence=Evidence(text_digest=digest, url=url, start=0, end=len(tool), quote=tool),
        )
        for tool, verb in sorted(tools.items())
    )
    inventory = Inventory(tools=listed, counts=counts(listed), complete=False, why="a list", digest=digest)
    summary = Summary(text=f"{name} is listed as an agent. 9 of eleven factors and 7 {COMPOSED}")
    extraction = record.extraction.model_copy(update={"name": name, "summary": summary, "inventory": inventory})
    return record.model_copy(update={"extraction": extraction})


@given(st.sampled_from(SENTENCES), st.sampled_from(LEVELS), st.sampled_from((*Severity, None)))
def test_no_other_level_than_the_headlines_is_said(sentence: str, level: str, severity: Severity | None) -> None:
    said = verdict(with_summary(f"Carrier plans parcel routes. {sentence.format(level=level)}", severity)).text
    own = {severity.value.lower()} if severity else set()
    assert {word.lower() for word in LEVEL_WORDS.findall(said)} <= own, said
    assert said.startswith("Carrier plans parcel routes.") and "move parcels on their own" in said


@pytest.mark.parametrize(
    "sentence",
    [
        "It reads high-resolution scans and low-level logs.",
        "Risk depends on what is built with it, as the page names no tools.",
        "A compromise would hurt medium and large depots.",
    ],
)
def test_words_of_the_product_stay(sentence: str) -> None:
    assert sentence in verdict(with_summary(f"Carrier plans parcel routes. {sentence}")).text


@given(st.text(max_size=200))
def test_any_summary_gives_a_verdict(text: str) -> None:
    said = verdict(with_summary(text or "x"))
    assert said.text and said.reason and len(said.reason) <= 110


def test_a_composed_verdict_names_the_gravest_tools_first() -> None:
    tools = {"run_job": Verb.EXECUTE, "get_note": Verb.READ, "pay_bill": Verb.SPEND, "drop_row": Verb.WRITE}
    said = verdict(with_tools("Carrier", tools))
    assert "A hijack could run code or jobs (run_job), spend money or quota (pay_bill) and create" in said.text
    assert "listed as" not in said.text and COMPOSED not in said.text
    assert said.reason.startswith("A hijack could run code or jobs (run_job)")


def test_products_with_tools_of_their_own_share_no_ending() -> None:
    ends = {verdict(with_tools(f"P {n}", {f"set_{n}": Verb.WRITE})).text.rpartition(". ")[2] for n in range(12)}
    assert len(ends) == 12


def test_a_quote_is_told_once_and_never_an_ending_without_a_noun() -> None:
    record = made.record()
    one = record.extraction.fact(ExposureFact.CHANGES).evidence
    summary = Summary(text=f"x {COMPOSED}", evidence=one)
    silent = {"value": None, "evidence": (), "certainty": Certainty.NOT_CERTAIN, "reason": NotCertainReason.NOT_STATED}
    facts = tuple(
        c if c.fact is ExposureFact.CHANGES else c.model_copy(update=silent) for c in record.extraction.exposure
    )
    extraction = record.extraction.model_copy(update={"summary": summary, "exposure": facts})
    said = verdict(record.model_copy(update={"extraction": extraction})).text
    assert said.count(one[0].quote[:40]) == 1 and said.startswith("A hijack could change connected systems.")


def test_what_is_not_known_is_never_a_no() -> None:
    """Each fact that is hidden turns its line into `not known`, and no filter holds that did not hold before."""
    record = made.record(facts={ExposureFact.CHANGES: "nothing"})
    shown = {line.title: line for line in capabilities(record.extraction)}
    assert [part.word for part in shown["Writes"].parts] == ["some user data", "no other system"]
    silent = {"value": None, "evidence": (), "certainty": Certainty.NOT_CERTAIN, "reason": NotCertainReason.NOT_STATED}
    for fact in ExposureFact:
        facts = tuple(c.model_copy(update=silent) if c.fact is fact else c for c in record.extraction.exposure)
        hidden = record.extraction.model_copy(update={"exposure": facts})
        for line in capabilities(hidden):
            for part in line.parts:
                if part.anchor == f"fact-{fact}":
                    assert not part.known and part.word.endswith("not known")
        assert set(touches(hidden)) <= set(touches(record.extraction))


def test_filters_follow_what_is_known() -> None:
    assert touches(made.record().extraction) == ("changes systems", "talks to agents")
    running = with_tools("Carrier", {"run_job": Verb.EXECUTE, "read_email": Verb.READ, "pay": Verb.SPEND})
    assert touches(running.extraction) == FILTERS


def test_a_factor_that_is_not_certain_is_no_filter() -> None:
    record = made.record(drop=("agents",), values={})
    assert Decimal("0.2") == record.extraction.factors[7].value
    assert "talks to agents" not in touches(record.extraction)
