"""What kind of thing a folder or a record's file holds, by the file that states it.

Idea: a skill has its SKILL.md, a plugin its `plugin.json`, a server its `server.json` or `server.yaml`, an agent its
card; a marketplace beside the folders names its plugins. Invariants: nothing is read beyond a bound, no link is
followed; a folder that states nothing has no kind.
"""

import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from extractors.sources.listing_entry import kind_of
from extractors.sources.registries.agent_cards import is_card
from extractors.sources.registries.record_kinds import is_server, list_in, stated_kind
from scoring.vocabulary import AgentKind

LONGEST_RECORD = 500_000
MARKS: tuple[tuple[re.Pattern[str], AgentKind], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), kind)
    for pattern, kind in (
        (r"(?:\.[\w-]+-plugin/)?plugin\.json|gemini-extension\.json", AgentKind.PLUGIN),
        (r"(?:mcp-)?server\.(?:json|ya?ml)|smithery\.ya?ml|mcp\.ya?ml", AgentKind.MCP_SERVER),
        (r"(?:\.well-known/)?agent(?:-card)?\.json", AgentKind.AGENT),
        (r"skill\.md", AgentKind.SKILL),
    )
)
"""Files, inside a folder, that say what lies there; the first that is there counts."""
_RECORDS = ("record.json", "package.json", "manifest.json", "metadata.json")
_LINE = re.compile(r"^(?:kind|type):[ \t]{0,8}[\"']?(\w[\w -]{0,39})[\"']?[ \t]{0,8}(?:#.*)?$", re.MULTILINE)
_IMAGE = re.compile(r"^image:[ \t]*[\"']?(?:docker\.io/)?mcp/", re.MULTILINE)
_FRONT_MATTER = re.compile(r"\A\s*---[ \t]*\n(.*?)\n---", re.DOTALL)


def kind_in(place: Path) -> AgentKind | None:
    """Of a folder, or of a record's file."""
    if place.is_file():
        return _kind_of_record(place)
    for pattern, marked in MARKS:
        if any(pattern.fullmatch(path.relative_to(place).as_posix()) for path in _near(place)):
            return marked
    return next((kind for name in _RECORDS if (kind := _kind_of_record(place / name)) is not None), None) or (
        AgentKind.PLUGIN if _in_a_marketplace(place) else None
    )


def kind_by_paths(paths: Iterable[str]) -> AgentKind | None:
    """Of a folder whose files are only known by their paths inside it."""
    inside = list(paths)
    return next((kind for pattern, kind in MARKS if any(pattern.fullmatch(path) for path in inside)), None)


def _near(place: Path) -> list[Path]:
    """Files of the folder itself, and of its hidden folders."""
    found: list[Path] = []
    try:
        for path in sorted(place.iterdir()):
            if path.is_dir() and not path.is_symlink() and path.name.startswith(".") and path.name != ".git":
                found += [inner for inner in path.iterdir() if inner.is_file()]
            elif path.is_file():
                found.append(path)
    except OSError:
        return found
    return found


def _kind_of_record(file: Path) -> AgentKind | None:
    text = _text_of(file)
    if file.suffix in (".yaml", ".yml", ".md"):
        front = _FRONT_MATTER.match(text)
        header = text if file.suffix != ".md" else front[1] if front else ""
        if _IMAGE.search(header):
            return AgentKind.MCP_SERVER
        return next((kind for word in _LINE.findall(header) if (kind := kind_of(word)) is not None), None)
    record = _json(text)
    if not isinstance(record, dict):
        return None
    if file.name == "package.json":
        return AgentKind.MCP_SERVER if isinstance(record.get("mcpName"), str) else None
    if "dxt_version" in record or ("manifest_version" in record and isinstance(record.get("server"), dict)):
        return AgentKind.MCP_SERVER
    if (kind := stated_kind(record)) is not None:
        return kind
    return AgentKind.MCP_SERVER if is_server(record) else AgentKind.AGENT if is_card(record) else None


def _in_a_marketplace(place: Path) -> bool:
    """True when a marketplace above lists the folder as one of its plugins."""
    for above in list(place.parents)[:2]:
        plugins = list_in(_json(_text_of(above / ".claude-plugin" / "marketplace.json")), ("plugins",))
        sources = [plugin.get("source") for plugin in plugins or () if isinstance(plugin, dict)]
        if any(isinstance(source, str) and source.strip("./").rsplit("/", 1)[-1] == place.name for source in sources):
            return True
    return False


def _text_of(file: Path) -> str:
    try:
        if file.is_symlink() or not file.is_file() or file.stat().st_size > LONGEST_RECORD:
            return ""
        return file.read_text("utf-8", "replace")
    except OSError:
        return ""


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
