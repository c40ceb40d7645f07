"""The orders in which agents are listed, each read off an index, and what stands behind a row in one of them.

Invariant: an order ends with the slug, so that no two agents share a place.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

import sqlalchemy as sa

from records.database.tables import agents

Sort = Literal["priority", "score", "name", "age", "slug"]
Where = list[sa.ColumnElement[bool]]
"""Conditions that all hold."""


KEYS: dict[str, tuple[sa.Column[Any], ...]] = {
    "priority": (agents.c.priority, agents.c.assessed_at),
    "score": (agents.c.score,),
    "name": (agents.c.name_folded,),
    "age": (agents.c.assessed_at,),
    "slug": (),
}


def order(sort: Sort, columns: Any) -> tuple[sa.ColumnElement[object], ...]:
    """One of the orders that an index of the agents has."""
    match sort:
        case "priority":
            return columns.priority.desc(), columns.assessed_at.nulls_first(), columns.slug
        case "score":
            return columns.score.desc().nulls_last(), columns.slug.desc()
        case "name":
            return columns.name_folded, columns.slug
        case "age":
            return columns.assessed_at.nulls_first(), columns.slug
        case "slug":
            return (columns.slug,)


def rows_after(sort: Sort, row: Any) -> list[Where]:
    """Which agents follow a row in an order, as alternatives that exclude each other: each is one walk of an index."""
    slug, at, score, name = agents.c.slug, agents.c.assessed_at, agents.c.score, agents.c.name_folded
    match sort:
        case "priority":
            same = agents.c.priority == row.priority
            later = [[same, *where] for where in _later(at, row.assessed_at, slug > row.slug)]
            return [[agents.c.priority < row.priority], *later]
        case "score" if row.score is None:
            return [[score.is_(None), slug < row.slug]]
        case "score":
            return [[score < row.score], [score == row.score, slug < row.slug], [score.is_(None)]]
        case "name":
            return [[name > row.name_folded], [name == row.name_folded, slug > row.slug]]
        case "age":
            return _later(at, row.assessed_at, slug > row.slug)
        case "slug":
            return [[slug > row.slug]]


def _later(column: Any, value: datetime | None, tie: sa.ColumnElement[bool]) -> list[Where]:
    """Behind a value of a column that has its empty rows first."""
    if value is None:
        return [[column.is_not(None)], [column.is_(None), tie]]
    return [[column > value], [column == value, tie]]
