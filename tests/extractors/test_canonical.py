"""Canonical bytes are those of RFC 8785, whichever way they are made."""

from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from extractors.canonical_json import canonical_bytes

_TEXTS = st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from('\x00\x1f"\\/\x7f\u2028é\ue000\U0001f600'))
_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.floats(allow_nan=False, allow_infinity=False)
    | _TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_TEXTS, inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


class Box(BaseModel):
    inside: Any


@given(_VALUES)
def test_both_ways_give_the_bytes_of_the_standard(value: Any) -> None:
    assert canonical_bytes(Box(inside=value)) == rfc8785.dumps({"inside": value})


@pytest.mark.parametrize("value", [2**53, "\ud800"])
def test_what_the_standard_cannot_write_is_refused(value: Any) -> None:
    with pytest.raises(ValueError, match=r"safe integer|non-UTF-8"):
        canonical_bytes(Box(inside=value))
