"""One byte form a value (RFC 8785), for everything that is hashed or published.

Invariant: equal values give equal bytes on every machine; no float ever enters (decimals are strings).
"""

from __future__ import annotations

from typing import Any

import rfc8785
from pydantic import BaseModel

from extractors.snapshot import sha256
from scoring.claims import Digest


def canonical_bytes(value: BaseModel | dict[str, Any] | list[Any]) -> bytes:
    """Canonical JSON in UTF-8."""
    return rfc8785.dumps(value.model_dump(mode="json") if isinstance(value, BaseModel) else value)


def digest(value: BaseModel | dict[str, Any] | list[Any]) -> Digest:
    """`sha256` of the canonical JSON."""
    return sha256(canonical_bytes(value))
