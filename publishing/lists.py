"""The index and the plain lists by band, kind, letter and date: the directory without script.

Idea: each list page is a few rows and its neighbours, so a publication writes only the pages whose rows
changed. Invariant: every live agent stands in its band, its kind and its letter; lists of withdrawn records
are lists too.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from extractors.canonical import canonical_bytes
from publishing import words
from publishing.rows import Row
from scoring.vocabulary import AgentKind, Severity

PER_PAGE = 100
RECENT = 500
"""How many changes the list by date goes back."""

BANDS: tuple[str, ...] = (*(band.value for band in reversed(Severity)), "withheld")


class ListPage(NamedTuple):
    path: str
    title: str
    rows: tuple[Row, ...]
    number: int
    pages: tuple[str, ...]
    """Paths of all pages of this list, this one among them."""
    total: int

    @property
    def key(self) -> str:
        """Names everything that the page shows."""
        return repr((self.path, self.title, self.number, self.pages, self.total, [r.digest for r in self.rows]))


def letter(row: Row) -> str:
    first = row.name[:1].casefold()
    if "a" <= first <= "z":
        return first
    return "0-9" if first.isdecimal() else "other"


def by_name(row: Row) -> tuple[str, str]:
    return row.name.casefold(), row.slug


def by_score(row: Row) -> tuple[float, float, str]:
    return -float(row.score or 0), -float(row.high), row.slug


def newest_first(rows: Iterable[Row]) -> list[Row]:
    """By `modified`, newest first; equal times by id."""
    return sorted(sorted(rows, key=lambda r: r.id), key=lambda r: r.modified.removesuffix("Z"), reverse=True)


def list_pages(rows: Iterable[Row]) -> Iterator[ListPage]:
    """Every plain list, page by page."""
    rows = list(rows)
    live = [row for row in rows if row.live]
    for band in BANDS:
        chosen = sorted((r for r in live if (r.band or "withheld") == band), key=by_score)
        title = "Score withheld" if band == "withheld" else f"Band {band}"
        yield from _paged(f"band-{band.lower()}", title, chosen)
    for kind in AgentKind:
        chosen = sorted((r for r in live if r.kind == kind), key=by_name)
        yield from _paged(f"kind-{kind}", f"Kind: {words.KINDS[kind]}", chosen)
    letters: dict[str, list[Row]] = {}
    for row in live:
        letters.setdefault(letter(row), []).append(row)
    for name in sorted(letters):
        yield from _paged(f"letter-{name}", f"Names: {name.upper()}", sorted(letters[name], key=by_name))
    yield from _paged("recent", "Newest changes", newest_first(rows)[:RECENT])
    gone = sorted((r for r in rows if not r.live), key=by_name)
    yield from _paged("withdrawn", "Withdrawn records", gone)


def _paged(name: str, title: str, rows: list[Row]) -> Iterator[ListPage]:
    count = max(1, -(-len(rows) // PER_PAGE))
    pages = tuple(f"browse/{name}{'' if n == 1 else f'-{n}'}.html" for n in range(1, count + 1))
    for number, path in enumerate(pages, 1):
        part = tuple(rows[(number - 1) * PER_PAGE : number * PER_PAGE])
        yield ListPage(path, title, part, number, pages, len(rows))


def index_json(rows: Iterable[Row]) -> bytes:
    """What the index script searches: columns named once, one array an agent. Withdrawn ones are not in it."""
    agents = [
        [
            r.slug,
            r.name,
            r.kind,
            r.band,
            None if r.score is None else float(r.score),
            float(r.low),
            float(r.high),
            r.modified[:10],
            [*r.marks, *(() if r.stable else ("band may change",))],
        ]
        for r in sorted(rows, key=by_name)
        if r.live
    ]
    kinds = {kind.value: title for kind, title in words.KINDS.items()}
    columns = ["slug", "name", "kind", "band", "score", "low", "high", "modified", "marks"]
    return canonical_bytes({"columns": columns, "kinds": kinds, "agents": agents})
