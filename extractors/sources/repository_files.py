"""Which files of a repository are an agent's documents, best first.

Idea: the README, what the product gives its own model, what it asks from its host (manifests, compose files)
and its security page are read at once; the rest of the documentation is looked at only while a question is
open. Beside them are the files that declare tools, starts and hooks: all program text where all of it fits, else the
files whose paths say most. Invariant: the choice depends on paths and sizes alone and keeps one order.
"""

import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from extractors.program_paths import shipped

MAX_FIRST = 12
_README = re.compile(
    r"readme(?:\.(?:md|mdx|markdown|mdown|mkdn?|rst|txt|adoc|asciidoc|org|textile|rdoc|wiki|mediawiki|html?))?$",
    re.IGNORECASE,
)
_README_FOLDERS = (".github", "", "docs", "doc")
"""Where a forge looks for the README that it shows, in its order."""
_FIRST: tuple[re.Pattern[str], ...] = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"skill\.md$",
        r"(?:server|agent|agent-card|plugin|\.claude-plugin/plugin)\.json$",
        r"security(?:\.(?:md|rst|txt))?$",
        r"(?:docker-)?compose(?:[.-]\w+)?\.ya?ml$",
        r"(?:package\.json|pyproject\.toml|go\.mod|cargo\.toml|setup\.cfg)$",
        r"privacy(?:[-_.]policy)?\.md$|telemetry\.md$",
        r"(?:agents|claude|gemini)\.md$|\.cursorrules$",
        r"requirements\.txt$",
        r"dockerfile$",
    )
)
_OF_ITS_MODEL = re.compile(r"(?:^|/)(?:commands|agents|skills)/(?:[^/]+/)?[^/]+\.md$", re.IGNORECASE)
_DOCUMENT = re.compile(r"\.(?:md|mdx|rst)$", re.IGNORECASE)
_CONFIGURATION = re.compile(
    r"(?:\.env\.(?:example|sample|template)|config\.(?:template|example)\.\w+|mcp\.json)$", re.IGNORECASE
)
_LEFT_OUT = re.compile(
    r"(?:^|/)(?:node_modules|vendor|third_party|tests?|__tests__|fixtures|\.github/issue_template|changelogs?|blog|"
    r"examples?/.*/.*)/|(?:^|/)(?:changelog|code_of_conduct|licen[sc]e|notice|history|releases|authors|maintainers)[^/]*$|"
    r"pull_request_template|issue_template|\.lock$",
    re.IGNORECASE,
)
_TRANSLATION = re.compile(
    r"[._-](?:zh|cn|ja|jp|ko|kr|fr|de|es|pt|ru|it|tr|vi|ta|hi|ar|fa|uk|pl|id|th)(?:[-_](?:[a-z]{2}|hans|hant))?\.\w+$|"
    r"(?:^|/)(?:zh|zh-cn|zh_cn|ja|ko|fr|de|es|pt|pt-br|ru|i18n|translations)/",
    re.IGNORECASE,
)


_DECLARES = re.compile(
    r"(?:^|/)(?:\.mcp\.json|mcp\.json|\.claude-plugin/(?:plugin|marketplace)\.json|hooks/hooks\.json|gemini-extension\.json"
    r"|manifest\.json|agent[-_]card\.json|smithery\.yaml|\.env\.(?:example|sample|template)|example\.env|pom\.xml"
    r"|build\.gradle(?:\.kts)?|[^/]+\.csproj|server\.json|(?=[\w-]*(?:tool|record))[\w-]*+\.json)$",
    re.IGNORECASE,
)
_NAMES_TOOLS = re.compile(r"tool(?!tip|bar)[^/]*$|(?:^|/)tools?/", re.IGNORECASE)
_NAMES_A_START = re.compile(r"(?:^|/)(?:[\w-]*server|index|main|app|mcp|agent|cli|program|lib)\.\w+$", re.IGNORECASE)
_BESIDE = re.compile(
    r"(?:^|/)(?:\.vscode|\.cursor|\.smithery|extensions?|integtests?|integration[-_]?tests?|scripts?)/", re.IGNORECASE
)
MOST_OF_FEW = 8
"""Program files up to which all are asked for."""
MOST_OF_MANY = 3
"""Program files that are asked for where not all of them can be had: the list of tools stays open anyway."""


class Files(NamedTuple):
    first: tuple[str, ...]
    """To be read for every agent."""
    further: tuple[str, ...]
    """To be looked at while a factor is unknown."""


def agent_files(paths: Iterable[str], inside: str = "", linked: bool = False) -> Files:
    """`inside` is an agent's own folder in a monorepo: its files come first, the root's security page stays. `linked`:
    its README is a link to a file elsewhere in it."""
    inside = inside.strip("/")
    usable = sorted(path for path in set(paths) if not _LEFT_OUT.search(path))
    own = [path for path in usable if not inside or path == inside or path.startswith(inside + "/")]
    root = [path for path in usable if inside and "/" not in path]
    ranked = sorted(
        (rank, path.count("/"), path) for path in own if (rank := _rank(path[len(inside) :].lstrip("/"))) is not None
    )
    shared = [path for path in root if re.match(r"(?:security|privacy)\.md$", path, re.IGNORECASE)]
    shown = _shown_readme(own, inside, linked)
    if shown:
        ranked = sorted((0 if path == shown else rank or 1, deep, path) for rank, deep, path in ranked)
    else:
        shared = [path for path in root if _README.match(path)][:1] + shared
    first = [path for rank, _, path in ranked if rank < 100][: MAX_FIRST - len(shared)] + shared
    rest = [path for *_, path in ranked if path not in first] + [
        p for p in root if _DOCUMENT.search(p) and p not in first
    ]
    return Files(tuple(first), tuple(dict.fromkeys(rest)))


def _shown_readme(paths: Iterable[str], inside: str, linked: bool) -> str:
    """The README that the forge shows of a folder; where its own is a link, the nearest one."""
    found: dict[str, str] = {}
    for path in paths:
        folder, _, name = path[len(inside) :].lstrip("/").rpartition("/")
        if _README.match(name):
            found.setdefault(folder, path)
    shown = next((found[folder] for folder in _README_FOLDERS if folder in found), "")
    nearest = min(found.items(), key=lambda one: (one[0].count("/"), one[0]), default=("", ""))[1]
    return shown or (nearest if linked else "")


def _rank(path: str) -> int | None:
    """0 is read first, 100 and more only while a question is open; None is no document."""
    name = path.rsplit("/", 1)[-1]
    deep = path.count("/")
    if _TRANSLATION.search(path):
        return 400 if _DOCUMENT.search(path) else None
    if _README.match(name):
        return 0 if deep == 0 else 150
    for number, pattern in enumerate(_FIRST, start=1):
        if pattern.match(name) or (number == 2 and pattern.search(path) and deep <= 2):
            return number if deep <= (3 if number == 1 else 1) else 200
    if _OF_ITS_MODEL.search(path) and not path.lower().startswith(("docs/", "doc/", "website/", "documentation/")):
        return 20 if deep <= 2 else 200
    if _CONFIGURATION.search(name):
        return 120
    if _DOCUMENT.search(name):
        return 110 if deep == 0 else 130 if path.lower().startswith(("docs/", "doc/")) else 180
    return None


def declaring_files(
    sizes: Mapping[str, int], first: Iterable[str], inside: str = "", most: int = 12, most_bytes: int = 400_000
) -> tuple[str, ...]:
    """Paths to ask for beside `first`, best first. `sizes`: bytes of every file of the repository.

    Manifests and configurations come before program text. Program text is asked for whole if it fits, since only then
    can a list of tools be shown to be whole."""
    inside = inside.strip("/")
    prefix, known = f"{inside}/" if inside else "", set(first)
    own = sorted(path for path in sizes if path.startswith(prefix) and path not in known)
    manifests = [p for p in own if _DECLARES.search(p) and p[len(prefix) :].count("/") <= 2 and not _aside(p)]
    manifests.sort(key=lambda path: (path.count("/"), path))
    programs = [path for path in shipped(own)[0] if not path.lower().endswith(".json")]
    programs.sort(key=lambda path: (_rank_of_program(path[len(prefix) :]), path.count("/"), path))
    room, left = most - min(len(manifests), most // 2), most_bytes - sum(sizes[p] for p in manifests[: most // 2])
    if len(programs) > min(room, MOST_OF_FEW) or sum(sizes[path] for path in programs) > left:
        programs = [path for path in programs if _rank_of_program(path[len(prefix) :]) < 2][:MOST_OF_MANY]
    chosen: list[str] = []
    for path in (*manifests[: most // 2], *programs):
        if len(chosen) < most and sizes[path] <= most_bytes:
            chosen.append(path)
            most_bytes -= sizes[path]
    return tuple(chosen)


def _rank_of_program(path: str) -> int:
    if _BESIDE.search(path) or path.endswith("__init__.py"):
        return 2
    return 0 if _NAMES_TOOLS.search(path) else 1 if _NAMES_A_START.search(path) else 2


def _aside(path: str) -> bool:
    return _LEFT_OUT.search(path) is not None or _BESIDE.search(path) is not None
