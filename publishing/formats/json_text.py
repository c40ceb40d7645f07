"""JSON of files that hold numbers: sorted, without blanks, numbers as short as their value is.

Invariant: for numbers in tenths the bytes are those of RFC 8785, which `canonical_bytes` takes ten times as long for.
"""

import json
from decimal import Decimal
from typing import Any

_ENCODED = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True, allow_nan=False).encode


def json_bytes(document: dict[str, Any]) -> bytes:
    return _ENCODED(document).encode()


def number(value: Decimal) -> int | float:
    """A whole number without a point."""
    return int(value) if value == int(value) else float(value)
