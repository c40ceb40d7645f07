"""OWASP's draft rule for tools: given cases, and no knowledge lost closes it."""

from decimal import Decimal
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.claims import ExposureClaim, Extraction
from scoring.tools.control_surface import control_surface
from scoring.tools.inventory import Inventory, ListedTool, Verb, counts
from scoring.vocabulary import EXPOSURE_VALUES, ExposureFact
from tests.records.made import UNKNOWN, extraction

F = ExposureFact
READ = (F.EXECUTES, F.WRITES, F.REACHES, F.CHANGES, F.READS)
SAFE = {fact: EXPOSURE_VALUES[fact][0] for fact in READ}
BASE = extraction("otter")


def tool(name: str, verb: Verb) -> ListedTool:
    return ListedTool(name=name, verb=verb, rule="name")


def made(facts: dict[F, str], tools: tuple[ListedTool, ...] = (), complete: bool = False) -> Extraction:
    quote = BASE.summary.evidence
    claims = tuple(
        ExposureClaim(fact=fact, value=facts[fact], certainty="stated", evidence=quote)
        if fact in facts
        else ExposureClaim(fact=fact, **UNKNOWN)
        for fact in F
    )
    listed = Inventory(
        tools=tools, counts=counts(tools), complete=complete, why="", digest="sha256:" + "0" * 64
    )  # fmt: skip
    return BASE.model_copy(update={"exposure": claims, "inventory": listed if tools or complete else None})


def ends(*args: object) -> tuple[str, str]:
    surface = control_surface(made(*args))  # type: ignore[arg-type]
    return str(surface.low), str(surface.high)


LISTING, WRITING = tool("list_piers", Verb.READ), tool("write_file", Verb.WRITE)


@pytest.mark.parametrize(
    ("facts", "tools", "complete", "expected"),
    [
        ({}, (), False, ("0.0", "1.0")),
        (SAFE, (), False, ("0.0", "0.0")),
        (SAFE, (LISTING,), False, ("0.5", "0.5")),
        ({F.READS: "limited"}, (), False, ("0.5", "1.0")),
        ({F.EXECUTES: "arbitrary_code"}, (), False, ("1.0", "1.0")),
        ({F.REACHES: "broad"}, (), False, ("1.0", "1.0")),
        ({F.WRITES: "broad"}, (), False, ("1.0", "1.0")),
        ({}, (WRITING,), False, ("1.0", "1.0")),
        ({**SAFE, F.EXECUTES: "fixed_commands"}, (LISTING,), False, ("0.5", "0.5")),
        ({**SAFE, F.WRITES: "limited"}, (LISTING,), False, ("0.5", "1.0")),
        ({**SAFE, F.WRITES: "limited"}, (LISTING,), True, ("0.5", "0.5")),
        ({**SAFE, F.CHANGES: "scoped"}, (tool("get_file", Verb.READ),), False, ("0.5", "0.5")),
    ],
)
def test_each_step_of_the_rule(
    facts: dict[F, str], tools: tuple[ListedTool, ...], complete: bool, expected: tuple[str, str]
) -> None:
    assert ends(facts, tools, complete) == expected


FACTS = st.fixed_dictionaries({}, optional={fact: st.sampled_from(EXPOSURE_VALUES[fact]) for fact in READ})


@given(FACTS, st.lists(st.sampled_from([LISTING, WRITING, tool("send", Verb.SEND)]), unique=True), st.booleans())
def test_what_is_worse_or_forgotten_never_looks_safer(
    facts: dict[F, str], tools: list[ListedTool], whole: bool
) -> None:
    before = control_surface(made(facts, tuple(tools), whole))
    assert Decimal("0.0") <= before.low <= before.high <= Decimal("1.0") and before.facts == facts
    for fact, value in facts.items():
        less = control_surface(made({f: v for f, v in facts.items() if f is not fact}, tuple(tools), whole))
        assert less.low <= before.low and less.high >= before.high
        for worse in EXPOSURE_VALUES[fact][EXPOSURE_VALUES[fact].index(value) :]:
            after = control_surface(made({**facts, fact: worse}, tuple(tools), whole))
            assert after.low >= before.low and after.high >= before.high
    opened = control_surface(made(facts, tuple(tools)))
    assert opened.high >= before.high and opened.low <= before.low


def test_both_ends_hold_every_truth_that_the_unknown_may_hide() -> None:
    surface = control_surface(made({F.WRITES: "nothing"}))
    for values in product(*(EXPOSURE_VALUES[fact] for fact in READ if fact is not F.WRITES)):
        known: dict[F, str] = dict(zip([fact for fact in READ if fact is not F.WRITES], values, strict=True))
        whole = control_surface(made({**known, F.WRITES: "nothing"}))
        assert surface.low <= whole.low <= whole.high <= surface.high


def test_what_it_rests_on_is_named() -> None:
    surface = control_surface(made({F.EXECUTES: "arbitrary_code", F.READS: "limited"}, (WRITING,)))
    assert surface.facts == {F.EXECUTES: "arbitrary_code", F.READS: "limited"} and surface.tools == ("write_file",)
    assert "control of the host" in surface.why and "writing any file" in surface.why
