"""One text for the whole store, equal for equal contents.

Idea: a night that was killed and resumed must leave what an undisturbed one leaves. Left out is what may differ
between the two: run ids, row numbers, tokens, the fetch ledger, and when events happened.
"""

from collections.abc import Collection
from typing import Any

import rfc8785
import sqlalchemy as sa

from extractors.pages.snapshot import sha256
from records.database import tables
from records.database.column_types import METADATA, Packed
from records.store import Store

_LEFT_OUT = {"runs", "endings", "tokens", "fetches", "event_head", "requests"}
_NUMBERS = {
    "id", "run", "review", "review_id", "publication_id", "published_review", "sequence", "previous",
}  # fmt: skip
_ALSO = {"events": {"at", "digest"}}


def dump(store: Store, *, without: Collection[str] = ()) -> bytes:
    """JSON lines `{"table": …, row}`, sorted within each table; documents as the digest of their bytes.

    `without` names further tables, such as `hosts` when its clocks are those of the wall.
    """
    lines: list[bytes] = []
    with store.reading():
        for name in sorted(METADATA.tables):
            if name not in _LEFT_OUT and name not in without:
                lines += sorted(_rows(store, METADATA.tables[name]))
    return b"\n".join(lines) + b"\n"


def _rows(store: Store, table: sa.Table) -> list[bytes]:
    left_out = _NUMBERS | _ALSO.get(table.name, set())
    columns = [column for column in table.c if column.name not in left_out]
    query = sa.select(*columns)
    if table is tables.events:
        query = query.where(~tables.events.c.kind.startswith("run."))
    with store.database.reading() as connection:
        return [_line(table.name, columns, row) for row in connection.execute(query)]


def _line(table: str, columns: list[sa.Column[Any]], row: sa.Row[Any]) -> bytes:
    values = {column.name: _plain(column, value) for column, value in zip(columns, row, strict=True)}
    return rfc8785.dumps({"table": table, "row": values})


def _plain(column: sa.Column[Any], value: Any) -> Any:
    if value is None or isinstance(value, (bool, int, str, dict, list)):
        return value
    if isinstance(column.type, Packed):
        return sha256(value)
    return str(value)
