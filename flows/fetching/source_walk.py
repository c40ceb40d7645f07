"""One source, walked: for a night, which takes what it lists, or for a preview, before a night is spent on it.

Idea: a night takes listings in short units of work between which the loop and other writers go on; a preview is the
same walk with the same fetcher, so that what it asks is not asked again. Invariants: a source that fails, or that could
not be read to its end, makes no agent missing; one that gives nothing has failed, unless its form can say that it lists
nothing; a preview lists nothing and changes nothing that stands.
"""

import asyncio
from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

from extractors.pages.deadline import within
from extractors.pages.snapshot import Fetched, FetchOutcome
from extractors.sources import Walk, counted
from extractors.sources.folders.folder import Folder
from extractors.sources.folders.repository_folders import RepositoryFolders
from extractors.sources.identity import mark
from extractors.sources.listing_entry import word_set
from extractors.sources.repository import Repository
from extractors.sources.source_kinds import kind_named
from flows.fetching.agent_pages import source_of, with_known_details
from flows.fetching.page_fetcher import Fetcher
from flows.report.completeness import SourceCount
from flows.settings import Settings
from records.agents.listing_merge import ListingMerge, MergeResult
from records.agents.sources import SourceRow
from records.store import Store
from scoring.errors import AssayError

PAUSE = 0.1
"""Seconds between two batches: a writer that waits for SQLite asks again ten times a second."""
MOST_PAGES = 25
"""Asked for in one look; a long registry shows its first pages."""
SHOWN = 3
_ARTICLES = word_set(
    "article articles tutorial tutorials blog blogs post posts paper papers video videos talk talks book books course"
    " courses news community resources reading documentation docs guide guides learning research specification"
    " specifications knowledge events newsletters podcasts related concepts protocols"
)


async def take(taking: ListingMerge) -> MergeResult:
    """Takes all listings, with a pause after each batch."""
    for _ in taking.steps():
        await asyncio.sleep(PAUSE)
    return taking.taken


async def list_source(store: Store, settings: Settings, fetcher: Fetcher, source: SourceRow) -> SourceCount:
    """Walks it and takes what it lists; a failure is named, and makes no agent missing."""
    try:
        reader = source_of(source, settings.night.forge)
        with within(settings.night.read_seconds, source.name) as alarm:

            async def get(url: str) -> Fetched:
                alarm.stop()
                try:
                    return await fetcher(url)
                finally:
                    alarm.start()

            walk = await reader.walk(get)
        share = Decimal(str(settings.alarm.least_share_of_listings))
        found = []
        for listing in walk.listings:
            found.append(with_known_details(store, listing, reader))
            await asyncio.sleep(0)
        problem = _problem(walk, source, walk.problems)
        if not found and not walk.problems and walk.left_out:
            problem += f"; left out: {counted(walk.left_out)}"
        all_unchanged = walk.answers and all(page.outcome is FetchOutcome.UNCHANGED for page in walk.answers)
        if not problem and all_unchanged and len(found) < (source.last_count or 0):
            problem = f"{source.location}: its pages are unchanged, and yet {source.last_count} were listed last time"
        whole = walk.complete and not problem
        taken = await take(store.listings.taking(source.name, found, minimum_share=share, whole=whole))
    except Exception as error:  # a defect that one source brings out is no reason to leave the others
        problem = str(error) if isinstance(error, AssayError) else f"defect: {type(error).__name__}"
        store.note("source.failed", payload={"source": source.name, "problem": problem})
        return SourceCount(name=source.name, problem=problem)
    if problem:
        store.note("source.incomplete", payload={"source": source.name, "problem": problem})
    return SourceCount(
        name=source.name,
        listings=len(taken.listings),
        new=len(taken.new),
        changed=len(taken.changed),
        missing=len(taken.missing),
        problem=problem,
        left_out=dict(walk.left_out),
    )


def _problem(walk: Walk, source: SourceRow, problems: Sequence[str]) -> str:
    """The problems; where there are none and nothing is listed, that the source does not say that it is empty."""
    if problems or walk.listings or not (walk.left_out or not kind_named(source.kind).may_be_empty):
        return "; ".join(problems)
    return f"{source.location}: no agent is listed there, and nothing says that there are none"


class Preview(NamedTuple):
    """For a person, one line each."""

    summary: str
    """`148 entries under 12 headings; first three: …; 6 left out: …`."""
    problem: str
    proposals: tuple[str, ...]


async def preview(source: SourceRow, settings: Settings, fetcher: Fetcher) -> Preview:
    """Walks the source for its first pages. What goes wrong is the preview's problem."""
    requests = 0

    async def get(url: str) -> Fetched:
        nonlocal requests
        requests += 1
        if requests > MOST_PAGES:
            at = fetcher.store.now()
            return Fetched(url=url, outcome=FetchOutcome.NOT_REACHED, reason="beyond the preview", at=at)
        return await fetcher(url)

    reader = source_of(source, settings.night.forge)
    try:
        walk = await reader.walk(get)
    except AssayError as error:
        return Preview("nothing", str(error), ())
    cut = requests > MOST_PAGES
    problem = _problem(walk, source, () if cut else walk.problems)
    proposals = _of_list(walk)
    if isinstance(reader, Folder):
        proposals += _of_folder(reader)
    if isinstance(reader, Repository):
        collection = await RepositoryFolders(source.name, reader.locations, forge=settings.night.forge).walk(get)
        if len(collection.listings) > 1:
            proposals += (f"--option each=true: {len(collection.listings)} folders of it are agents of their own",)
    return Preview(_summary(walk, cut), problem, proposals)


def _summary(walk: Walk, cut: bool) -> str:
    count = len(walk.listings)
    headings = f" under {len(walk.headings)} headings" if len(walk.headings) > 1 else ""
    parts = [f"{'at least ' if cut else ''}{count} {'entry' if count == 1 else 'entries'}{headings}"]
    if walk.listings:
        first = ", ".join(
            f"{listing.name} ({_place(listing.repository, listing.listing_url, listing.homepage)})"
            for listing in walk.listings[:SHOWN]
        )
        parts.append(f"first: {first}")
    doubled = count - len({mark(listing) for listing in walk.listings})
    parts += [f"{doubled} name a place that another one names"] if doubled else []
    kinds = Counter(str(listing.kind) for listing in walk.listings if listing.kind)
    parts += [", ".join(f"{number} {kind}" for kind, number in kinds.most_common())] if kinds else []
    parts += [f"{sum(walk.left_out.values())} left out: {counted(walk.left_out)}"] if walk.left_out else []
    return "; ".join(parts)


def _place(*links: str | None) -> str:
    return next((link for link in links if link), "no link")


def _of_list(walk: Walk) -> tuple[str, ...]:
    """`sections`, when half of a list is not agents."""
    if len(walk.headings) < 2:
        return ()
    other = {title for title in walk.headings if _ARTICLES & {word.lower() for word in title.split()}}
    share = sum(walk.headings[title] for title in other)
    if share * 3 < len(walk.listings):
        return ()
    wanted = ",".join(title.replace(",", " ") for title in walk.headings if title not in other)
    return (f"--option 'sections={wanted}': {share} entries are under headings of articles",) if wanted else ()


def _of_folder(reader: Folder) -> tuple[str, ...]:
    if reader.each or not reader.location.is_dir():
        return ()
    inside = Folder(reader.name, str(reader.location), each=True).folders()
    with_readme = sum(_has_readme(path) for path in inside if path.is_dir())
    if len(inside) < 2 or (_has_readme(reader.location) and 2 * with_readme < max(len(inside), 6)):
        return ()
    what = "folders" if inside[0].is_dir() else "records"
    return (f"--option each=true: {len(inside)} {what}: did you mean each=true?",)


def _has_readme(folder: Path) -> bool:
    return any(path.name.lower().startswith(("readme", "skill.md")) for path in folder.iterdir())
