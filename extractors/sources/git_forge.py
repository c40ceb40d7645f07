"""A repository on a forge: one tree call says what there is, raw addresses give the files.

Idea: one call to the forge's API replaces a page call per file and finds the README in any spelling; the
files themselves come from the raw host, as plain pages with validators. Invariants: a listing's address
never chooses the API host; symbolic links are not followed (their blob is a path, not a text).
"""

from __future__ import annotations

import json
from typing import NamedTuple
from urllib.parse import quote, unquote, urlsplit

from extractors.pages.snapshot import Fetched, FetchOutcome
from extractors.sources import Get, body_of, problem_of
from extractors.sources.repository_files import agent_files, declaring_files

_LIKELY = ("README.md", "readme.md", "README.rst", "SECURITY.md")
"""Tried blindly only when the forge does not answer."""
MAX_FILE_BYTES = 1_000_000
DECLARING, DECLARING_BYTES = 12, 400_000
_LONGEST_REF = 4
"""Parts of a branch name such as `feature/x`."""
_WHOLE_REFS = ("HEAD", "main", "master")
"""No part of a longer name: git keeps no `main/x` beside a `main`."""


class Place(NamedTuple):
    """Where an agent's files are."""

    owner: str
    name: str
    ref: str = "HEAD"
    inside: str = ""
    """Folder of the agent in the repository; empty for all of it."""


class Pages(NamedTuple):
    """What to fetch for one agent."""

    first: tuple[str, ...] = ()
    """To be read: the directory's page, named documents, the repository's README, manifests, …"""
    further: tuple[str, ...] = ()
    """The repository's other documents, for `look_further`."""
    declaring: tuple[str, ...] = ()
    """The repository's files that may declare tools, starts or hooks; its program text is shown to no assessor."""
    asked: tuple[Fetched, ...] = ()
    """Calls that were needed to know (the forge's tree)."""
    moved_to: str = ""
    """The agent's place now, down to its folder, when the repository's owner or name changed."""
    problems: tuple[str, ...] = ()


class Tree(NamedTuple):
    """What a forge says that there is."""

    sizes: dict[str, int]
    """Path to bytes (0: not said) of every file that is no link."""
    cut: bool
    url: object


def tree_of(body: bytes) -> Tree | None:
    """None where the answer is none."""
    try:
        answer = json.loads(body)
        entries = [entry for entry in answer["tree"] if isinstance(entry, dict)]
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    sizes = {
        entry["path"]: entry["size"] if isinstance(entry.get("size"), int) else 0
        for entry in entries
        if entry.get("type") == "blob" and entry.get("mode") != "120000" and isinstance(entry.get("path"), str)
    }
    return Tree(sizes, bool(answer.get("truncated")), answer.get("url"))


def _has_linked_readme(body: bytes, inside: str) -> bool:
    """Whether the README of a folder is a symbolic link, which is not followed: its blob is a path."""
    entries = json.loads(body)["tree"]
    links = (str(entry.get("path")) for entry in entries if isinstance(entry, dict) and entry.get("mode") == "120000")
    return any(link.rpartition("/")[0] == inside and link.rpartition("/")[2].lower()[:6] == "readme" for link in links)


class Forge:
    """GitHub, or a host that speaks its API. A token, if any, is added by the crawler to calls to `api`."""

    def __init__(
        self,
        web: str = "https://github.com",
        api: str = "https://api.github.com",
        raw: str = "https://raw.githubusercontent.com",
    ) -> None:
        self.web = web.rstrip("/")
        self.api = api.rstrip("/")
        self.raw = raw.rstrip("/")

    def place(self, url: str) -> Place | None:
        """`…/owner/name`, `…/tree/ref/folder` or `…/blob/ref/file`; None for any other address."""
        try:
            parts, here = urlsplit(url), urlsplit(self.web)
            host = parts.netloc.lower().removeprefix("www.")
        except ValueError:
            return None
        segments = [unquote(s) for s in parts.path.removeprefix(here.path.rstrip("/")).split("/") if s]
        if host != here.netloc.lower() or len(segments) < 2 or ".." in segments:
            return None
        owner, name, *rest = segments
        name = name.removesuffix(".git")
        if rest[1:3] in (["refs", "heads"], ["refs", "tags"]):
            del rest[1:3]
        if rest[:1] == ["tree"] and len(rest) >= 2:
            return Place(owner, name, rest[1], "/".join(rest[2:]))
        if rest[:1] == ["blob"] and len(rest) >= 3:
            return Place(owner, name, rest[1], "/".join(rest[2:-1]))
        return Place(owner, name)

    def places(self, place: Place) -> list[Place]:
        """All that an address may mean, since a branch name may have slashes: the shortest name first."""
        if not place.inside or place.ref in _WHOLE_REFS:
            return [place]
        parts = [place.ref, *place.inside.split("/")]
        ends = range(1, min(len(parts), _LONGEST_REF) + 1)
        return [place._replace(ref="/".join(parts[:end]), inside="/".join(parts[end:])) for end in ends]

    async def tree(self, place: Place, get: Get) -> tuple[Place, Fetched]:
        """The forge's tree, and which place it is of: one call, and a further one only where there is no such ref."""
        tried = []
        for candidate in self.places(place):
            tried.append((candidate, await get(self.tree_url(candidate))))
            if tried[-1][1].outcome is not FetchOutcome.NOT_FOUND:
                return tried[-1]
        return tried[0]

    def tree_url(self, place: Place) -> str:
        repository = f"{self.api}/repos/{quote(place.owner)}/{quote(place.name)}"
        return f"{repository}/git/trees/{quote(place.ref, safe='')}?recursive=1"

    def raw_url(self, place: Place, path: str) -> str:
        return f"{self.raw}/{quote(place.owner)}/{quote(place.name)}/{quote(place.ref)}/{quote(path)}"

    def web_url(self, place: Place) -> str:
        return f"{self.web}/{place.owner}/{place.name}"

    async def documents(
        self, place: Place, get: Get, declaring: int = DECLARING, declaring_bytes: int = DECLARING_BYTES
    ) -> Pages:
        """The tree says which. When the forge does not answer, the usual names are given and the problem is named.
        `declaring`: files asked for beside the documents, of together `declaring_bytes` at most."""
        place, fetched = await self.tree(place, get)
        body = body_of(fetched)
        if body is None:
            return self._guessed(place, fetched, problem_of(fetched))
        tree = tree_of(body)
        if tree is None:
            return self._guessed(place, fetched, f"{fetched.url}: no tree in the answer")
        sizes = {path: size for path, size in tree.sizes.items() if size <= MAX_FILE_BYTES}
        files = agent_files(sizes, place.inside, _has_linked_readme(body, place.inside))
        beside = declaring_files(sizes, files.first, place.inside, declaring, declaring_bytes)
        return Pages(
            first=tuple(self.raw_url(place, path) for path in files.first),
            further=tuple(self.raw_url(place, path) for path in files.further),
            declaring=tuple(self.raw_url(place, path) for path in beside),
            asked=(fetched,),
            moved_to=self._moved(place, tree.url),
            problems=(f"{self.web_url(place)}: the forge cut its tree short",) if tree.cut else (),
        )

    def path_of(self, place: Place, url: str) -> str | None:
        """The path in the repository of one of its raw files; None for any other address."""
        prefix = self.raw_url(place, "")
        return unquote(url[len(prefix) :]) if url.startswith(prefix) else None

    def _guessed(self, place: Place, fetched: Fetched, problem: str) -> Pages:
        inside = f"{place.inside}/" if place.inside else ""
        first = tuple(self.raw_url(place, inside + name) for name in _LIKELY)
        return Pages(first, asked=(fetched,), problems=(problem,))

    def _moved(self, place: Place, url: object) -> str:
        """The tree's own address names the repository as it is called now; the agent's folder stays its own."""
        segments = urlsplit(url).path.split("/") if isinstance(url, str) else []
        if "repos" not in segments or len(segments) < segments.index("repos") + 3:
            return ""
        owner, name = segments[segments.index("repos") + 1 : segments.index("repos") + 3]
        same = (owner.lower(), name.lower()) == (place.owner.lower(), place.name.lower())
        inside = f"/tree/{quote(place.ref)}/{quote(place.inside)}" if place.inside else ""
        return "" if same else f"{self.web}/{unquote(owner)}/{unquote(name)}{inside}"
