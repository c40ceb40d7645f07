"""A repository on a forge: one tree call says what there is, raw addresses give the files.

Idea: one call to the forge's API replaces a page call per file and finds the README in any spelling; the
files themselves come from the raw host, as plain pages with validators. Invariants: a listing's address
never chooses the API host; symbolic links are not followed (their blob is a path, not a text).
"""

import json
import re
from typing import NamedTuple
from urllib.parse import quote, unquote, urlsplit

from extractors.pages.snapshot import Fetched, FetchOutcome
from extractors.sources import Get, body_of, problem_of
from extractors.sources.listing_entry import web_address
from extractors.sources.repository_files import agent_files, declaring_files

_LIKELY = ("README.md", "readme.md", "README.rst", "SECURITY.md")
"""Tried blindly only when the forge does not answer."""
MAX_FILE_BYTES = 1_000_000
DECLARING, DECLARING_BYTES = 12, 400_000
_LONGEST_REF = 4
"""Parts of a branch name such as `feature/x`."""
_WHOLE_REFS = ("HEAD", "main", "master")
"""No part of a longer name: git keeps no `main/x` beside a `main`."""
_PAGE_OF_RAW = (
    (re.compile(r"(https://github\.com/[^/]+/[^/]+)/raw/(?:refs/heads/)?"), r"\1/blob/"),
    (re.compile(r"https://cdn\.jsdelivr\.net/gh/([^/]+/[^/@]+)@([^/]+)/"), r"https://github.com/\1/blob/\2/"),
    (re.compile(r"https://cdn\.jsdelivr\.net/gh/([^/]+/[^/@]+)/"), r"https://github.com/\1/blob/HEAD/"),
    (re.compile(r"\A(https://[^/]+/.+/-)/raw/"), r"\1/blob/"),
    (re.compile(r"(https://[^/]+/[^/]+/[^/]+)/raw/(branch|tag|commit)/"), r"\1/src/\2/"),
    (re.compile(r"(https://bitbucket\.org/[^/]+/[^/]+)/raw/"), r"\1/src/"),
)
_ABSOLUTE = re.compile(r"\A(?:[a-z][a-z0-9+.-]{0,30}:|//)", re.IGNORECASE)
_FILE = re.compile(r"\A(?P<root>https?://.+?/(?:-/)?(?:blob|tree|src/(?:branch|tag|commit))/[^/]+/)(?P<path>.+)")


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
    answers: tuple[Fetched, ...] = ()
    """Calls that were needed to know (the forge's tree)."""
    moved_to: str = ""
    """The agent's place now, down to its folder, when the repository's owner or name changed."""
    problems: tuple[str, ...] = ()


class Tree(NamedTuple):
    """What a forge says that there is."""

    sizes: dict[str, int]
    """Path to bytes (0: not said) of every file that is no link."""
    links: frozenset[str]
    """Paths of symbolic links, which are not followed: their blob is a path, not a text."""
    cut: bool
    """True when some of it is left out, or has no path."""
    url: object


def tree_of(body: bytes) -> Tree | None:
    """None where the answer is none."""
    try:
        answer = json.loads(body)
        entries = [entry for entry in answer["tree"] if isinstance(entry, dict) and isinstance(entry.get("path"), str)]
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    links = frozenset(entry["path"] for entry in entries if entry.get("mode") == "120000")
    sizes = {
        entry["path"]: entry["size"] if isinstance(entry.get("size"), int) else 0
        for entry in entries
        if entry.get("type") == "blob" and entry["path"] not in links
    }
    cut = bool(answer.get("truncated")) or len(entries) < len(answer["tree"])
    return Tree(sizes, links, cut, answer.get("url"))


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

    def page_of(self, url: str) -> str:
        """Where people read a raw file: the page on its forge; any other address as it is."""
        if url.startswith(self.raw + "/"):
            owner, _, rest = url.removeprefix(self.raw + "/").partition("/")
            name, _, rest = rest.partition("/")
            rest = rest.removeprefix("refs/heads/")
            return f"{self.web}/{owner}/{name}/blob/{rest}" if "/" in rest else url
        return next((pattern.sub(page, url, count=1) for pattern, page in _PAGE_OF_RAW if pattern.match(url)), url)

    def raw_file(self, url: str, default: str = "README.md") -> str:
        """The raw address of a file's page or of a repository's README; any other address as it is."""
        place = self.place(url)
        if place is None:
            return url
        segments = [part for part in urlsplit(url).path.split("/") if part]
        is_file = "blob" in segments[2:3] and len(segments) > 4
        return self.raw_url(place, "/".join(filter(None, (place.inside, segments[-1] if is_file else default))))

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
        readmes = (path.rpartition("/") for path in tree.links)
        linked = any(folder == place.inside and name.lower()[:6] == "readme" for folder, _, name in readmes)
        files = agent_files(sizes, place.inside, linked)
        beside = declaring_files(sizes, files.first, place.inside, declaring, declaring_bytes)
        return Pages(
            first=tuple(self.raw_url(place, path) for path in files.first),
            further=tuple(self.raw_url(place, path) for path in files.further),
            declaring=tuple(self.raw_url(place, path) for path in beside),
            answers=(fetched,),
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
        return Pages(first, answers=(fetched,), problems=(problem,))

    def _moved(self, place: Place, url: object) -> str:
        """The tree's own address names the repository as it is called now; the agent's folder stays its own."""
        segments = urlsplit(url).path.split("/") if isinstance(url, str) else []
        if "repos" not in segments or len(segments) < segments.index("repos") + 3:
            return ""
        owner, name = segments[segments.index("repos") + 1 : segments.index("repos") + 3]
        same = (owner.lower(), name.lower()) == (place.owner.lower(), place.name.lower())
        inside = f"/tree/{quote(place.ref)}/{quote(place.inside)}" if place.inside else ""
        return "" if same else f"{self.web}/{unquote(owner)}/{unquote(name)}{inside}"


def linked(href: str, base: str) -> str:
    """Where a link of the page at `base` leads; nothing when that is no web address. In a file on a forge a relative
    link means the repository: a folder is a `tree`, a file a `blob`."""
    here = _FILE.match(base)
    if here is not None and href.startswith("/") and not href.startswith("//"):
        href = here["root"] + href.lstrip("/")
    relative = not _ABSOLUTE.match(href) or (here and href.startswith(here["root"]))
    address = web_address(href, base)
    if not relative or here is None or (there := _FILE.match(address)) is None:
        return address
    path = there["path"].split("?")[0]
    is_folder = path.endswith("/") or "." not in path.rsplit("/", 1)[-1].lstrip(".")
    kind = "/tree/" if is_folder else "/blob/"
    return re.sub(r"/(?:blob|tree)/", kind, address, count=1).rstrip("/") if "/src/" not in there["root"] else address
