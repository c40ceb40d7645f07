"""The index and the plain lists by band, kind, reach, firmness, letter and date: the directory without script.

Idea: each list page is a few rows and its neighbours, so a publication writes only the pages whose rows
changed. Invariant: every live agent is listed in its band, its kind and its letter; lists of withdrawn records
are lists too.
"""

import json
from collections.abc import Iterable, Iterator
from html import escape
from itertools import groupby
from typing import NamedTuple

from markupsafe import Markup

from publishing.pages.capabilities import FILTERS
from publishing.pages.escaping import clip
from publishing.pages.index_rows import Row
from scoring import labels
from scoring.vocabulary import AgentKind, Severity

PER_PAGE = 100
LONG = 1000
"""Agents from which a list by score also breaks its pages at each score."""

RECENT = 500
"""How many changes the list by date goes back."""

BANDS: tuple[str, ...] = (*(band.value for band in reversed(Severity)), "withheld")
_KINDS = {kind.value: title for kind, title in labels.KINDS.items()}


class ListPage(NamedTuple):
    path: str
    title: str
    rows: tuple[Row, ...]
    label: str
    """What links to this page say: its number, or its score."""
    near: tuple[tuple[str, str | None], ...]
    """Label and path of the first and the nearest pages, and of the last of a numbered list; a gap has no path."""
    total: int | None
    """Rows of the whole list, said on its first page only: elsewhere every change would make the page anew."""

    @property
    def key(self) -> str:
        """Names everything that the page shows."""
        return repr(
            (self.path, self.title, self.label, self.near, self.total, [(r.digest, r.marks) for r in self.rows])
        )


def letter(row: Row) -> str:
    first = row.name[:1].casefold()
    if "a" <= first <= "z":
        return first
    return "0-9" if first.isdecimal() else "other"


def by_name(row: Row) -> tuple[str, str]:
    return row.name.casefold(), row.slug


def score(row: Row) -> float:
    return float(row.score or 0)


def by_score(row: Row) -> tuple[float, str, str]:
    return -score(row), *by_name(row)


def by_safety(row: Row) -> tuple[bool, float, int, str, str]:
    """By what it may be at worst. Hiding evidence never moves a record up: it widens the range and adds unknowns."""
    return row.too_little, float(row.high), row.unknowns, *by_name(row)


def newest_first(rows: Iterable[Row]) -> list[Row]:
    """By `modified`, newest first; equal times by id."""
    return sorted(sorted(rows, key=lambda r: r.id), key=lambda r: r.modified.removesuffix("Z"), reverse=True)


def list_pages(rows: Iterable[Row]) -> Iterator[ListPage]:
    """Every plain list, page by page."""
    rows = sorted(rows, key=by_name)
    live = [row for row in rows if row.live]
    for band in BANDS:
        chosen = sorted((r for r in live if (r.band or "withheld") == band), key=score, reverse=True)
        title = "Score withheld" if band == "withheld" else f"Band {band}"
        yield from _paged(f"band-{band.lower()}", title, chosen, by_scores=len(chosen) > LONG)
    known_first = sorted(live, key=lambda row: row.too_little)
    for kind in AgentKind:
        chosen = [r for r in known_first if r.kind == kind]
        yield from _paged(f"kind-{kind}", f"Kind: {labels.KINDS[kind]}", chosen)
    for name in FILTERS:
        yield from _paged(touch_name(name), name.capitalize(), [r for r in known_first if name in r.touches])
    yield from _paged("firm", "Firm: the likely range stays in one band", [r for r in known_first if r.firm])
    letters: dict[str, list[Row]] = {}
    for row in live:
        letters.setdefault(letter(row), []).append(row)
    for name in sorted(letters):
        yield from _paged(f"letter-{name}", f"Names: {name.upper()}", letters[name])
    yield from _paged("recent", "Newest changes", newest_first(rows)[:RECENT])
    gone = [r for r in rows if not r.live]
    yield from _paged("withdrawn", "Withdrawn records", gone)


def touch_name(name: str) -> str:
    """`touch-runs-code`."""
    return f"touch-{name.replace(' ', '-')}"


def _paged(name: str, title: str, rows: list[Row], by_scores: bool = False) -> Iterator[ListPage]:
    """A list in pages. By scores, each score has pages of its own: then a change moves few of them."""
    parts: list[tuple[str, list[Row]]] = []
    for score, group in groupby(rows, lambda row: row.score if by_scores else None):
        whole = list(group)
        for start in range(0, len(whole), PER_PAGE):
            number = start // PER_PAGE + 1
            label = f"{score}{f' ({number})' if number > 1 else ''}" if score else str(number)
            parts.append((label, whole[start : start + PER_PAGE]))
    parts = parts or [("1", [])]
    links = [(label, _path(name, label if place else "")) for place, (label, _) in enumerate(parts)]
    for place, (label, part) in enumerate(parts):
        total = len(rows) if place == 0 else None
        yield ListPage(links[place][1], title, tuple(part), label, _near(links, place, last=not by_scores), total)


def _path(name: str, label: str) -> str:
    """`browse/band-high.html`; further pages `-2`, or by score `-8.7`, `-8.7-2`."""
    tail = label.replace(" (", "-").replace(")", "")
    return f"browse/{name}{f'-{tail}' if tail else ''}.html"


def _near(links: list[tuple[str, str]], here: int, *, last: bool) -> tuple[tuple[str, str | None], ...]:
    found: list[tuple[str, str | None]] = []
    for place, link in enumerate(links):
        if place == 0 or abs(place - here) <= 3 or (last and place == len(links) - 1):
            found.append(link)
        elif found[-1][1] is not None:
            found.append(("…", None))
    return tuple(found)


def row_html(row: Row, up: str) -> str:
    """One line of a list. Written by hand because a publication writes many of them: every value is escaped here."""
    colour = (row.band or "None").lower()
    marks = "".join(f' <span class="tag">{escape(mark)}</span>' for mark in row.marks)
    name = f'<a href="{up}agents/{row.slug}.html"><bdi>{escape(clip(row.name, 90))}</bdi></a>{marks}'
    dot = ""
    if row.score:
        dot = f'<circle class="dot {colour}" cx="{float(row.score) * 10:.1f}%" cy="7" r="5"></circle>'
    likely = _reach("likely", row.likely_low, row.likely_high, 5, 4) if row.likely_low else ""
    advice = f' <span class="advice {row.advice}">{row.advice}</span>' if row.advice else ""
    return (
        f'<tr><th scope="row">{name}<span class="rule"><bdi>{escape(row.reason)}</bdi></span></th>'
        f'<td class="k quiet">{_KINDS[row.kind]}</td><td class="n">{row.score or "–"}</td>'
        f'<td class="b"><span class="band {colour}">{row.band or "withheld"}</span>{advice}</td><td class="wide">'
        '<svg class="bar" width="100%" height="14" aria-hidden="true">'
        '<rect class="track" x="0" y="5" width="100%" height="4" rx="2"></rect>'
        f"{_reach('reach', row.low, row.high, 3, 8)}{likely}{dot}</svg></td>"
        f'<td class="d">{row.modified[:10]}</td></tr>\n'
    )


def _reach(kind: str, low: str, high: str, y: int, height: int) -> str:
    start, end = float(low) * 10, float(high) * 10
    width = max(end - start, 1)
    return f'<rect class="{kind}" x="{start:.1f}%" y="{y}" width="{width:.1f}%" height="{height}" rx="2"></rect>'


def rows_html(rows: Iterable[Row], up: str) -> Markup:
    return Markup("".join(row_html(row, up) for row in rows))


_NUMBERS = ("score", "low", "high", "likely_low", "likely_high")
COLUMNS = (
    *("slug", "name", "kind", "band", *_NUMBERS, "firm", "advice", "too_little", "unknowns", "modified"),
    *("marks", "touches", "risks", "reason"),
)
"""Fields of a row that the index script gets."""


def index_json(rows: Iterable[Row]) -> bytes:
    """What the index script searches: columns named once, one array an agent. Withdrawn ones are not in it."""
    live = ([(name, getattr(row, name)) for name in COLUMNS] for row in sorted(rows, key=by_name) if row.live)
    agents = [
        [value if name not in _NUMBERS else float(value) if value else None for name, value in values]
        for values in live
    ]
    index = {"agents": agents, "columns": COLUMNS, "kinds": _KINDS}
    return json.dumps(index, ensure_ascii=False, separators=(",", ":")).encode()
