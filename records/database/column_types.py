"""Column types that mean the same on SQLite and on PostgreSQL.

Idea: times are fixed-width UTC text, so they sort as they read; documents are canonical JSON under zstd;
money and scores are scaled integers, so sums are exact. Invariant: no float and no local time is stored.
"""

import json
import threading
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Any

import zstandard
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Dialect,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Text,
    TypeDecorator,
    type_coerce,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from extractors.canonical_json import canonical_bytes

METADATA = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)
"""Every table of the store. Names are fixed, so that migrations find them."""

_LOCAL = threading.local()


def pack(document: bytes) -> bytes:
    """zstd level 3 with the content size in the frame."""
    if not hasattr(_LOCAL, "compressor"):
        _LOCAL.compressor = zstandard.ZstdCompressor(level=3)
    packed: bytes = _LOCAL.compressor.compress(document)
    return packed


def unpack(packed: bytes) -> bytes:
    """Raises `zstandard.ZstdError` on damaged bytes."""
    if not hasattr(_LOCAL, "decompressor"):
        _LOCAL.decompressor = zstandard.ZstdDecompressor()
    document: bytes = _LOCAL.decompressor.decompress(packed)
    return document


def stamp(moment: datetime) -> str:
    """`2026-11-21T03:00:00.000000Z`: 27 characters, sorts by time."""
    if moment.tzinfo is None:
        raise ValueError("a stored time needs its time zone")
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


class Moment(TypeDecorator[datetime]):
    """An aware time, kept as 27 characters of UTC."""

    impl = String(27)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> str | None:
        return None if value is None else stamp(value)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:
        return None if value is None else datetime.fromisoformat(value)


class Packed(TypeDecorator[bytes]):
    """A document (canonical JSON or a reply), compressed."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: bytes | None, dialect: Dialect) -> bytes | None:
        return None if value is None else pack(value)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> bytes | None:
        return None if value is None else unpack(bytes(value))


def still_packed(column: ColumnElement[bytes], name: str = "") -> ColumnElement[Any]:
    """A `Packed` column of a query as it is kept, for `unpack`; under its own name unless one is given."""
    return type_coerce(column, LargeBinary).label(name or column.key or "")


class CanonicalJson(TypeDecorator[Any]):
    """A small JSON value as canonical text, readable with any database tool."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any | None, dialect: Dialect) -> str | None:
        return None if value is None else canonical_bytes(value).decode()

    def process_result_value(self, value: Any | None, dialect: Dialect) -> Any | None:
        return None if value is None else json.loads(value)


class Scaled(TypeDecorator[Decimal]):
    """A decimal as an integer count of `10**-places`; `ValueError` for what would not fit, of finer places unless
    `rounded`."""

    impl = BigInteger
    cache_ok = True

    def __init__(self, places: int, rounded: bool = False) -> None:
        super().__init__()
        self.places = places
        self.rounded = rounded

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> int | None:
        if value is None:
            return None
        value = Decimal(value)
        if not value.is_finite() or (value and value.adjusted() + self.places > 18):
            raise ValueError(f"{value} is too large to keep")
        exact = Context(prec=len(value.as_tuple().digits) + self.places + 1)
        scaled = value.scaleb(self.places, exact)
        whole = scaled.to_integral_value(ROUND_HALF_UP, exact)
        if whole != scaled and not self.rounded:
            raise ValueError(f"{value} has more than {self.places} decimal places")
        if not -(2**63) <= whole < 2**63:
            raise ValueError(f"{value} is too large to keep")
        return int(whole)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> Decimal | None:
        if value is None:
            return None
        whole, rest = divmod(abs(int(value)), 10**self.places)
        digits = f"{rest:0{self.places}d}".rstrip("0") or "0"
        return Decimal(f"{'-' if value < 0 else ''}{whole}.{digits}")


MONEY = Scaled(12)
"""US dollars, exact to 10**-12: a single token of the cheapest cached price still fits."""

SCORE = Scaled(1, rounded=True)
"""A score for sorting and showing; the exact one is in the assessment."""

SERIAL = BigInteger().with_variant(Integer, "sqlite")
"""A row number that the database gives."""


class EmptyFirst(FunctionElement[Any]):
    """A column of an index whose empty values come first, as SQLite keeps them anyway and cannot be told."""

    inherit_cache = True


@compiles(EmptyFirst)
def _plain(element: EmptyFirst, compiler: SQLCompiler, **options: Any) -> str:
    return compiler.process(element.clauses, **options)


@compiles(EmptyFirst, "postgresql")
def _empty_first(element: EmptyFirst, compiler: SQLCompiler, **options: Any) -> str:
    return f"{compiler.process(element.clauses, **options)} NULLS FIRST"
