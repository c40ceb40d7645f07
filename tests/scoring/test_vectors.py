"""The AIVSS vector string, and what the strict profile reads otherwise."""

from decimal import Decimal as D
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoring.assessment import assess
from scoring.errors import BadInput
from scoring.factor_estimates import estimates
from scoring.formulas.profile import FACTORS_0_8
from scoring.formulas.table import HEADLINE, profile_named
from scoring.headline.aivss_vector import write_vector
from scoring.headline.score_bounds import estimated
from scoring.scores import Provenance

NAMES = dict(zip(("AU", "TO", "LA", "CX", "ND", "OP", "PE", "ID", "MA", "SM"), FACTORS_0_8, strict=True))
UNKNOWN: dict[str, D | None] = dict.fromkeys(FACTORS_0_8)


@given(
    st.lists(st.sampled_from(["0.0", "0.5", "1.0", "X"]), min_size=10, max_size=10),
    st.sampled_from([("", None), ("/THM:A", D("1.0")), ("/THM:P", D("0.97")), ("/THM:U", D("0.50"))]),
    st.sampled_from([("", None), ("/MF:N", D("1.0")), ("/MF:P", D("0.83")), ("/MF:S", D("0.67"))]),
)
def test_each_part_of_a_vector_has_its_place(values: list[str], thm: Any, mitigation: Any) -> None:
    factors = {NAMES[key]: None if value == "X" else D(value) for key, value in zip(NAMES, values, strict=True)}
    printed = "/".join(f"{key}:{value}" for key, value in zip(NAMES, values, strict=True))
    written = write_vector(factors, thm[1], mitigation[1])
    assert written == f"AIVSS:0.8/{printed}{thm[0]}{mitigation[0]}"


def test_the_vector_that_a_scanner_prints_is_written_alike() -> None:
    """A string that a third-party scanner prints; X is not observed."""
    factors = UNKNOWN | {"tools": D(1), "self_mod": D(0)}
    assert write_vector(factors, None, None) == "AIVSS:0.8/AU:X/TO:1.0/LA:X/CX:X/ND:X/OP:X/PE:X/ID:X/MA:X/SM:0.0"


@pytest.mark.parametrize(
    ("factors", "thm", "mitigation"),
    [
        ({}, None, None),
        (UNKNOWN | {"tools": D("0.3")}, None, None),
        (UNKNOWN, D("0.91"), None),
        (UNKNOWN, None, D("0.5")),
    ],
)
def test_what_the_grammar_does_not_have_is_not_written(factors: Any, thm: Any, mitigation: Any) -> None:
    with pytest.raises(BadInput):
        write_vector(factors, thm, mitigation)


def test_a_record_prints_x_for_what_is_not_certain(make: Any, provenance: Provenance) -> None:
    extraction = make({"autonomy_of_action": "0.7", "self_modification": "1.0", "persistent_memory": "0.2"})
    vector = assess(extraction, "sha256:" + "1" * 64, provenance).headline.aivss_vector
    assert vector == "AIVSS:0.8/AU:0.5/TO:X/LA:X/CX:X/ND:X/OP:X/PE:0.0/ID:X/MA:X/SM:1.0/THM:P/MF:N"


@pytest.mark.parametrize(("executes", "strict"), [("arbitrary_code", D("1.0")), ("fixed_commands", D("0.5"))])
def test_the_strict_profile_reads_self_modification_as_the_standard_does(
    make: Any, provenance: Provenance, executes: str, strict: D
) -> None:
    """Table 2 of AIVSS 0.8: what generates and runs code is 1.0; the headline profile departs, and says so."""
    found = make({"self_modification": "0.3", "autonomy_of_action": "0.5"}, {"executes": executes})
    headline = assess(found, "sha256:" + "1" * 64, provenance, HEADLINE).headline
    assert f"/SM:{strict}/" in headline.aivss_vector
    factors = estimated(estimates(found), profile_named("owasp-aivss-0.8")).inputs.factors
    assert factors[list(FACTORS_0_8).index("self_mod")] == strict
    assert D("0.3") in estimated(estimates(found), profile_named(HEADLINE)).inputs.factors
    assert any("1.0 by the standard" in note for note in headline.conformance)
