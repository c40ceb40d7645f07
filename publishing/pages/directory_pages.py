"""The pages about the directory itself: index, lists, moved addresses, coverage, corrections, status.

Invariant: no wall clock. A page that speaks of "now" speaks of the newest record, and says so.
"""

from collections.abc import Iterable

from publishing.catalogue import Catalogue, Names
from publishing.pages.agent_page import CSP_WITH_SCRIPT, channel, page
from publishing.pages.capabilities import FILTERS
from publishing.pages.index_rows import COUNTED, RENEWED, Row
from publishing.pages.lists import BANDS, ListPage, letter, newest_first, rows_html, touch_name
from publishing.pages.methodology import methodology
from scoring import labels
from scoring.claims import CLAIMS
from scoring.reviews import CorrectionState
from scoring.risks import crosswalk
from scoring.vocabulary import CoreRisk, ExposureFact, Severity

ON_INDEX = 50
"""Newest changes that the index shows by itself."""


def list_page(shown: ListPage, names: Names) -> str:
    as_of = max((row.modified for row in shown.rows), default="")
    return page("list.html", shown.path, names, as_of[:10] or "no records yet", list=shown, rows_html=rows_html)


def moved(alias: str, row: Row, names: Names) -> str:
    """The page of an address that was used before: it never ends in a 404."""
    return page("moved.html", f"agents/{alias}.html", names, row.modified[:10], alias=alias, row=row)


def pages(catalogue: Catalogue, rows: Iterable[Row], as_of: str) -> dict[str, str]:
    """Path and HTML of each page that there is once."""
    rows = list(rows)
    names, day = catalogue.names, as_of[:10] if as_of[:1].isdigit() else as_of
    live = [row for row in rows if row.live]
    return {
        "index.html": _index(rows, live, names, day),
        "methodology.html": methodology(names, day),
        "coverage.html": _coverage(catalogue, rows, live, day),
        "corrections.html": _corrections(catalogue, rows, day),
        "status.html": _status(catalogue, rows, live, as_of if rows else "", day),
    }


def _index(rows: list[Row], live: list[Row], names: Names, day: str) -> str:
    shown = [band for band in BANDS if band != Severity.NONE]
    counts = [(band, sum(1 for row in live if (row.band or "withheld") == band)) for band in shown]
    return page(
        "index.html",
        "index.html",
        names,
        day,
        csp=CSP_WITH_SCRIPT,
        rows_html=rows_html,
        total=len(live),
        bands=counts,
        all_bands=BANDS,
        letters=sorted({letter(row) for row in live}),
        touches=[(name, touch_name(name)) for name in FILTERS],
        risk_ids=sorted({name for risk in CoreRisk for name in crosswalk.ids(risk)}, key=lambda n: (len(n), n)),
        rows=sorted([row for row in newest_first(rows) if row.live][:ON_INDEX], key=lambda row: row.too_little),
    )


def _coverage(catalogue: Catalogue, rows: list[Row], live: list[Row], day: str) -> str:
    counts = catalogue.coverage
    listed = max(counts.listed, len(live))
    stale = sum(1 for row in live if "stale" in row.marks)
    gone = sum(1 for row in rows if not row.live and row.name not in counts.opted_out)
    parts = [
        ("With a reviewed record", len(live)),
        ("of these, stale", stale),
        ("First or next version waits for a reviewer", counts.waiting),
        ("No page could be read", sum(number for _, number in counts.not_reached)),
        ("Asked not to be listed", len(counts.opted_out)),
        ("Withdrawn for another reason", gone),
    ]
    numbers = zip(*(row.counted or (0,) * COUNTED for row in live), strict=True)
    facts, tools, read, not_read = [sum(some) for some in numbers] or [0] * COUNTED
    every = len(live) * CLAIMS
    found = [
        ("Claims known", every - sum(row.unknowns for row in live), every),
        ("of these, exposure facts", facts, len(live) * len(ExposureFact)),
        ("Pages read", read, read + not_read),
    ]
    return page(
        "coverage.html",
        "coverage.html",
        catalogue.names,
        day,
        listed=listed,
        parts=parts,
        found=found,
        tools=tools,
        coverage=counts,
    )


def _corrections(catalogue: Catalogue, rows: list[Row], day: str) -> str:
    published = {row.slug: row.name for row in rows}
    register = sorted(catalogue.corrections, key=lambda c: (c.received, c.id), reverse=True)
    counts = [(labels.CORRECTIONS[state], sum(1 for c in register if c.state is state)) for state in CorrectionState]
    return page(
        "corrections.html",
        "corrections.html",
        catalogue.names,
        day,
        register=register,
        published=published,
        counts=counts,
        corrections_href=channel(catalogue.names.corrections_url),
    )


def _status(catalogue: Catalogue, rows: list[Row], live: list[Row], newest: str, day: str) -> str:
    oldest = min(live, key=lambda row: (row.reviewed, row.slug), default=None)
    return page(
        "status.html",
        "status.html",
        catalogue.names,
        day,
        run=catalogue.run,
        newest=newest,
        oldest=oldest,
        live=len(live),
        withdrawn=len(rows) - len(live),
        stale=sum(1 for row in live if "stale" in row.marks),
        disputed=sum(1 for row in live if "disputed" in row.marks),
        renewed=sum(1 for row in live if RENEWED in row.marks),
    )
