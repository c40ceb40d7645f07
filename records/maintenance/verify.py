"""Derives everything again and says what does not hold.

Idea: nobody has to trust the store. Blobs, texts, extractions, assessments, completions, reviews and publications
are hashed anew, every quote is looked up at its offsets, scores are computed again by the formula that a record
names, the event chain is followed, and each head on an agent's row is compared with what it is the head of.
Rows are read here, in one view and a batch a statement; other processes check them, where the caller has some.
"""

import os
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar, TypeVarTuple

import sqlalchemy as sa

from assay_check.bundles import Verified
from records.database import tables
from records.database.column_types import Packed, still_packed
from records.database.event_chain import broken_links
from records.database.events import Points
from records.maintenance import row_checks as checks
from records.store import Store
from scoring.errors import AssayError

_BATCH = 100
"""Rows that are checked together."""
AHEAD = 4
"""Batches under way, behind which none is read: memory does not grow with the store."""
Given = TypeVarTuple("Given")
Result = TypeVar("Result")
Ask = Callable[..., Any]
"""`ask(work, *arguments)`: the work done in another process, and waited for."""


def verify(
    store: Store,
    progress: Callable[[str], None] = lambda _: None,
    ask: Ask | None = None,
    against: Points | None = None,
) -> Verified:
    """Checks all that is kept, and that the log still begins as it did `against` an earlier head of it. Reads one
    consistent view; changes nothing. Without `ask` all is done here."""
    with store.reading(), store.database.reading() as connection, ThreadPoolExecutor(os.cpu_count()) as threads:
        work = _Check(store, connection, threads, ask)
        for step in (work.blobs, work.documents, work.decisions, work.events, work.heads):
            progress(step.__name__)
            step()
        if against is not None:
            work.problems += store.events.differences(against)
            work.checked["events before the earlier head"] = max(against, default=0)
    work.problems += replaced_file(store)
    earlier = work.checked.pop(checks.EARLIER, 0)
    return Verified(dict(work.checked), tuple(work.problems), (f"{earlier} {checks.EARLIER}",) if earlier else ())


def replaced_file(store: Store) -> list[str]:
    """A line for each process that goes on with a database file that was replaced: what it writes is lost."""
    path = store.database.path
    pids = processes_on_replaced(path) if path is not None else ()
    return [f"process {pid} has a database file open that is no longer at {path}: stop it" for pid in pids]


def _unannounced(connection: sa.Connection) -> list[str]:
    """Decisions without an event, and events of what is not kept; the database compares them."""
    events, payload = tables.events, tables.events.c.payload
    text = connection.dialect.name == "sqlite"
    document: sa.ColumnElement[Any] = sa.type_coerce(payload, sa.JSON) if text else sa.cast(payload, sa.JSON)
    announced_digest = sa.func.coalesce(document["review"].as_string(), document["record"].as_string())
    decided = {"review": tables.reviews, "publication": tables.publications}
    problems: list[str] = []
    for name, table in decided.items():
        announced = sa.exists().where(events.c.slug == table.c.slug, announced_digest == table.c.digest)
        alone = sa.select(table.c.id, table.c.slug).where(~announced).order_by(table.c.id)
        problems += [f"{name} {row.id} of {row.slug}: no event tells of it" for row in connection.execute(alone)]
    is_stored = [
        sa.exists().where(table.c.slug == events.c.slug, table.c.digest == announced_digest)
        for table in decided.values()
    ]
    gone = (
        sa.select(announced_digest)
        .where(announced_digest.is_not(None), ~sa.or_(*is_stored))
        .distinct()
        .order_by(announced_digest)
    )
    return problems + [f"event chain: tells of {digest}, which is not kept" for digest in connection.scalars(gone)]


class _Check:
    def __init__(self, store: Store, connection: sa.Connection, threads: ThreadPoolExecutor, ask: Ask | None) -> None:
        self._store, self._connection, self._threads, self._ask = store, connection, threads, ask
        self.checked: Counter[str] = Counter()
        self.problems: list[str] = []

    def blobs(self) -> None:
        snapshots = tables.snapshots
        query = sa.select(snapshots.c.digest, sa.func.min(snapshots.c.url)).group_by(snapshots.c.digest)
        query = query.where(snapshots.c.blob_dropped_at.is_(None)).order_by(snapshots.c.digest)
        batches = self._connection.execute(query).yield_per(_BATCH).partitions()
        self._note(self._in_order(self._threads.submit, self._check_blobs, ((rows,) for rows in batches)))

    def documents(self) -> None:
        """Each row with its document, each quote in the text that it names, each score by its formula."""
        self._check_table(tables.texts)
        self._note(self._results(checks.check_quotes, self._quotes()))
        made_of = tables.extractions.alias()
        same = made_of.c.digest == tables.assessments.c.extraction_digest
        rows = _documents(tables.assessments).outerjoin(made_of, same)
        self._check_table(tables.assessments, rows.add_columns(still_packed(made_of.c.body, "extraction")))
        self._check_table(tables.completions)
        self._check_table(tables.prompts)

    def decisions(self) -> None:
        """Reviews and publications: their digests, and that each has its event in the chain."""
        self._check_table(tables.reviews)
        self._check_table(tables.publications)
        self.problems += _unannounced(self._connection)

    def _check_table(self, table: sa.Table, rows: sa.Select[Any] | None = None) -> None:
        self._note(self._checked(table, _documents(table) if rows is None else rows))

    def _checked(self, table: sa.Table, rows: sa.Select[Any]) -> Iterator[checks.CheckResult]:
        batches = self._connection.execute(rows).yield_per(_BATCH).partitions()
        found = (([dict(row._mapping) for row in batch],) for batch in batches)
        return self._results(partial(checks.check_documents, table.name), found)

    def events(self) -> None:
        self.problems += broken_links(self._connection)
        self.checked["events"] = self._connection.scalar(sa.select(sa.func.count()).select_from(tables.events)) or 0

    def heads(self) -> None:
        for problems in self._results(checks.wrong_heads, checks.head_batches(self._store.database)):
            self.problems += problems

    def _quotes(self) -> Iterator[tuple[checks.CheckResult, dict[checks.Place, bytes]]]:
        """What was found in a batch of extractions, with the texts that its quotes name."""
        texts = tables.texts
        query = sa.select(texts.c.text_digest, texts.c.url, still_packed(texts.c.body)).order_by(*texts.primary_key)
        for found in self._checked(tables.extractions, _documents(tables.extractions)):
            named = {quote.text for quote in found.quotes}
            here = texts.c.text_digest.in_(self._store.database.each([digest for digest, _ in named]))
            bodies: dict[checks.Place, bytes] = {}
            for digest, url, body in self._connection.execute(query.where(here)):
                if (digest, url) in named:
                    bodies.setdefault((digest, url), body)
            yield found, bodies

    def _check_blobs(self, rows: Sequence[sa.Row[Any]]) -> checks.CheckResult:
        problems = []
        for digest, url in rows:
            try:
                self._store.blobs.get(digest)
            except AssayError as error:
                problems.append(f"page {url}: {error}")
        return checks.CheckResult(problems, Counter(blobs=len(rows)), [])

    def _results(self, work: Callable[[*Given], Result], batches: Iterable[tuple[*Given]]) -> Iterator[Result]:
        """What the work finds, batch by batch: of all here where nobody can be asked, else of the first, since a small
        store needs nobody; those behind it are worked on together."""
        rest = iter(batches)
        yield from (work(*batch) for batch in islice(rest, 1 if self._ask else None))
        if self._ask is not None:
            yield from self._in_order(partial(self._threads.submit, self._ask), work, rest)

    def _in_order(
        self,
        submit: Callable[..., Future[Result]],
        work: Callable[[*Given], Result],
        batches: Iterable[tuple[*Given]],
    ) -> Iterator[Result]:
        under_way: deque[Future[Result]] = deque()
        for batch in batches:
            under_way.append(submit(work, *batch))
            if len(under_way) > AHEAD:
                yield under_way.popleft().result()
        while under_way:
            yield under_way.popleft().result()

    def _note(self, found: Iterable[checks.CheckResult]) -> None:
        for result in found:
            self.checked.update(result.checked)
            self.problems += result.problems


def _documents(table: sa.Table) -> sa.Select[Any]:
    """The rows that have a document, which stays compressed."""
    columns = [still_packed(column) if isinstance(column.type, Packed) else column for column in table.c]
    return sa.select(*columns).where(table.c.body.is_not(None)).order_by(*table.primary_key)


def processes_on_replaced(path: Path) -> tuple[int, ...]:
    """Process numbers, of those whose files this user may see, that hold the removed or replaced file or its log."""
    real = os.path.realpath(path)
    gone = {f"{real}{end} (deleted)" for end in ("", "-wal")}
    return tuple(sorted(int(p.name) for p in Path("/proc").glob("[0-9]*") if not gone.isdisjoint(_open_in(p))))


def _open_in(process: Path) -> set[str]:
    found = set()
    try:
        for entry in (process / "fd").iterdir():
            found.add(str(entry.readlink()))
    except OSError:  # another user's, or one that has just ended
        pass
    return found
