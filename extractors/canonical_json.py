"""One byte form a value (RFC 8785), for everything that is hashed or published.

Idea: for text, whole numbers, lists and objects the standard library writes the very form, ten times as fast; where
the two could differ (fractions, whole numbers past 2**53, keys outside the basic plane) the slow way decides.
Invariant: equal values give equal bytes on every machine; no float ever enters (decimals are strings).
"""

import json
import re
from typing import Any

import rfc8785
from pydantic import BaseModel

from extractors.pages.snapshot import sha256
from scoring.claims import Digest

_ENCODED = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True, allow_nan=False).encode
_UNSURE = tuple(re.compile(rf"{before}-?(?:\d+[.eE]|\d{{16}})") for before in ('":', ",", r"\["))
"""A fraction or a long number behind a key or in a list, or a string that looks so; `CVSS:4.0` does not. Each begins
with signs of its own, which a search jumps to."""

_FAR_KEY = re.compile(r"""[\U00010000-\U0010ffff][^"\U00010000-\U0010ffff]*":""")
"""A key with a sign outside the basic plane, which sorts otherwise in UTF-16; or text that looks so."""


def canonical_bytes(value: BaseModel | dict[str, Any] | list[Any]) -> bytes:
    """Canonical JSON in UTF-8."""
    plain = value.model_dump(mode="json") if isinstance(value, BaseModel) else value
    try:
        text = _ENCODED(plain)
        encoded = text.encode()
    except ValueError:
        return rfc8785.dumps(plain)  # says what is wrong
    unsure = any(pattern.search(text) for pattern in _UNSURE) or (not text.isascii() and _FAR_KEY.search(text))
    return rfc8785.dumps(plain) if unsure else encoded


def digest(value: BaseModel | dict[str, Any] | list[Any]) -> Digest:
    """`sha256` of the canonical JSON."""
    return sha256(canonical_bytes(value))
