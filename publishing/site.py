"""A catalogue becomes a site: what each file is made from, what is new, one generation switched in.

Idea: first the plan (path, key, how to write it), then only what the plan changes. Invariants: same catalogue,
same bytes; an unchanged catalogue writes nothing; a record or an address that was ever published stays.
"""

import contextlib
import gc
import hashlib
import inspect
from collections.abc import Callable, Iterator
from functools import cache, partial
from pathlib import Path
from typing import Any

from extractors.listing import slugify
from extractors.pages.snapshot import sha256
from publishing.catalogue import Catalogue
from publishing.file_writer import Agent, AgentFile, Write, put, write_all
from publishing.formats import archive, catalogue_files, json_schema, lookup
from publishing.formats.published_formats import AGENT_FORMATS, SITE_FORMATS
from publishing.generation import Folders, Generation, locked
from publishing.pages import agent_page, directory_pages, lists, methodology
from publishing.pages.index_rows import RENEWED, Row, restored
from publishing.processes import Processes
from publishing.publication_hold import PublicationLimits, hold_reasons
from publishing.site_rows import Snapshot, snapshot
from scoring import labels, vocabulary
from scoring.errors import BadInput
from scoring.record import DISCLAIMER

Plan = dict[str, tuple[str, Write | AgentFile]]
"""By path: the key of what a file is made from, and what makes it."""
TRAIL = "audit.json"
"""Head of the audit trail when the generation was made: `assay store verify --against`."""


def build(
    catalogue: Catalogue,
    out: Path,
    *,
    limits: PublicationLimits | None = None,
    override: str | None = None,
    skipped: dict[str, str] | None = None,
) -> Generation:
    """Publishes the catalogue under `out`. A suspicious publication raises `Refused` unless a named person
    overrides.

    A record that cannot be read raises `Corrupt`; with `skipped` it is noted there, and what is served of it stays.
    """
    if override is not None and not override.strip():
        next_step = "`assay site publish --released-by NAME`"
        raise BadInput("an override needs a name", subject="site", step="publish", next_step=next_step)
    with _no_garbage_collection(), catalogue.reading(), locked(out) as folders, Processes() as processes:
        return _build(catalogue, folders, processes, limits or PublicationLimits(), override, skipped)


def _build(
    catalogue: Catalogue,
    folders: Folders,
    processes: Processes,
    limits: PublicationLimits,
    override: str | None,
    skipped: dict[str, str] | None,
) -> Generation:
    served = folders.current()
    before = {slug: restored(row) for slug, row in served.notes.get("rows", {}).items()}
    state = snapshot(catalogue, folders, processes, served, before, skipped)
    found = hold_reasons(before, state.rows.values(), catalogue.run, limits, override)
    notes: dict[str, Any] = {
        "rows": state.rows,
        "aliases": _aliases(state.rows, served.notes.get("aliases", {})),
        "doubts": found,
        "released_by": override if found else None,
        "zip": served.notes.get("zip", ""),
    }
    plan = _plan(catalogue, state, notes)
    published = archive.Published(
        folders.folder(served.number), {slug: row.digest for slug, row in before.items()}, notes["zip"]
    )
    plan |= _archives(state, notes, published if served.files else None)
    served_keys = {path: key for path, key in served.files.items() if path != TRAIL}
    if not found and {path: key for path, (key, _) in plan.items()} == served_keys:
        return Generation(served.number, 0, len(served.files), 0, folders.folder(served.number))
    if catalogue.trail is not None:
        content = catalogue.trail()
        plan[TRAIL] = (key_of("content", sha256(content)), partial(put, content=content))
    return folders.make(served, plan, notes, partial(write_all, catalogue, state.body, processes))


@contextlib.contextmanager
def _no_garbage_collection() -> Iterator[None]:
    """A publication allocates much and frees little; collecting would walk everything that the caller holds."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def _aliases(rows: dict[str, Row], before: dict[str, str]) -> dict[str, str]:
    """Old slug to the slug that it means now. An alias that was once published stays."""
    found = {alias: slug for alias, slug in before.items() if slug in rows}
    for row in sorted(rows.values(), key=lambda r: r.id):
        for name in row.aliases:
            if "://" not in name:
                found.setdefault(slugify(name), row.slug)
    return {alias: slug for alias, slug in sorted(found.items()) if alias not in rows}


@cache
def made_by() -> str:
    """Digest of the code, words and templates that make the files: a change makes every page anew."""
    here = Path(__file__).parent
    parts = sorted(p for pattern in ("*.py", "templates/*", "static/*") for p in here.rglob(pattern))
    joined = hashlib.sha256()
    for part in parts:
        joined.update(str(part.relative_to(here)).encode() + b"\0" + part.read_bytes() + b"\0")
    for module in (labels, vocabulary):
        joined.update(inspect.getsource(module).encode())
    joined.update(labels.TABLES.read_bytes())
    joined.update("".join((*methodology.methodology_key(), DISCLAIMER)).encode())
    return joined.hexdigest()


def key_of(*parts: object) -> str:
    """Names what a file is made from."""
    return hashlib.sha256("\0".join(str(part) for part in parts).encode("utf-8", "replace")).hexdigest()[:32]


def _plan(catalogue: Catalogue, state: Snapshot, notes: dict[str, Any]) -> Plan:
    names, rows = catalogue.names, state.rows
    by = key_of(made_by(), names.model_dump_json())
    plan: Plan = {}

    def add(path: str, key: str, make: Callable[[], bytes | str]) -> None:
        plan[path] = (key, lambda target: put(target, make()))

    _agents(plan, catalogue, state, by)
    for alias, slug in notes["aliases"].items():
        row = rows[slug]
        key = key_of(by, alias, row.digest)
        add(f"agents/{alias}.html", key, partial(directory_pages.moved, alias, row, names))
        add(f"agents/{alias}.json", row.digest, partial(state.body, slug))
    pages = list(lists.list_pages(rows.values()))
    for list_page in pages:
        add(list_page.path, key_of(by, list_page.key), partial(directory_pages.list_page, list_page, names))
    site_pages = directory_pages.pages(catalogue, rows.values(), state.as_of)
    every = key_of(by, *(part for row in rows.values() for part in (row.digest, row.marks)))
    for path, make in SITE_FORMATS.items():
        add(path, every, partial(make, rows.values(), names))
    found = ((row.keys, (f"agents/{row.slug}.json", row.digest, row.found)) for row in rows.values() if row.keys)
    for path, made_from, make_file in lookup.index_plan(found):
        add(path, key_of("lookup", path, made_from), make_file)
    listed = sorted((*site_pages, *(list_page.path for list_page in pages)))
    for name in catalogue_files.sitemap_names(len(listed) + sum(row.live for row in rows.values())):
        add(name, key_of(every, name, *listed), partial(catalogue_files.sitemap, name, rows.values(), listed, names))
    fixed = {
        "robots.txt": catalogue_files.robots_txt(names),
        "llms.txt": catalogue_files.llms_txt(names, len(rows), agent_page.assets().schema),
        **{f"schema/{name}": body for name, body in json_schema.released().items()},
        **{
            f"static/{agent_page.asset(path.name)}": path.read_bytes()
            for path in (agent_page.HERE / "static").iterdir()
        },
        **{path: html.encode() for path, html in site_pages.items()},
    }
    for path, content in fixed.items():
        add(path, key_of("content", sha256(content)), partial(bytes, content))
    return plan


def _agents(plan: Plan, catalogue: Catalogue, state: Snapshot, by: str) -> None:
    """An agent's files: its record, its page, and one of each format."""
    corrected = {correction.slug for correction in catalogue.corrections}
    successors: dict[str, list[tuple[str, str]]] = {}
    for row in state.rows.values():
        for old in row.supersedes:
            successors.setdefault(old, []).append((f"{row.slug}.html", row.name))
    claimants: dict[str, list[Row]] = {}
    for row in state.rows.values():
        for claim in row.claims if row.live else ():
            claimants.setdefault(claim, []).append(row)
    for slug, row in state.rows.items():
        own = catalogue.of_agent(slug) if slug in corrected else ()
        after = tuple(sorted(successors.get(row.id, ())))
        others = {other for claim in row.claims for other in claimants[claim]} if row.live else set()
        rivals = tuple(sorted((f"{other.slug}.html", other.name) for other in others if other is not row))
        agent = Agent(row, own, after, rivals)
        key = f"{by[:16]} {row.digest[7:47]}" + " renewed" * (RENEWED in row.marks)
        page_key = key_of(key, *own, after, rivals) if own or after or rivals else key
        plan[f"agents/{slug}.json"] = (row.digest, AgentFile(agent, "record"))
        plan[f"agents/{slug}.html"] = (page_key, AgentFile(agent, "page"))
        if catalogue.bundle is not None and catalogue.names.bundles and slug in catalogue.digests:
            plan[f"bundles/{slug}.zip"] = (key_of("bundle", row.digest), AgentFile(agent, "bundle"))
        for name, form in AGENT_FORMATS.items():
            plan[form.path.format(slug=slug)] = (key, AgentFile(agent, name))


def _archives(state: Snapshot, notes: dict[str, Any], before: archive.Published | None) -> Plan:
    digests = {slug: row.digest for slug, row in state.rows.items()}

    def write_zip(target: Path) -> None:
        notes["zip"] = archive.write_zip(target, digests, state.body, before)

    return {
        "all.jsonl": (
            key_of("archive", "all.jsonl", *digests.values()),
            lambda target: archive.write_jsonl(target, digests, state.body, before),
        ),
        "all.zip": (key_of("archive", "all.zip", *digests.values()), write_zip),
    }
