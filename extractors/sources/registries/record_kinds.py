"""What a record is, by its fields: a server, a plugin, a skill, a card; and which kind of source holds such.

Idea: the kind of an agent decides its priors, so it is read where the record states it. Invariant: pure; a record that
states nothing has no kind.
"""

import re
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from extractors.sources.listing_entry import kind_of
from scoring.errors import BadInput
from scoring.vocabulary import AgentKind

KEYS: dict[str, list[str]] = tomllib.loads(
    (Path(__file__).resolve().parents[3] / "data" / "registry_keys.toml").read_text(encoding="utf-8")
)
"""Under which keys registries say a thing."""
_MODULES = (
    (re.compile(r"\ba2a\b|agent[-_ ]?card"), AgentKind.AGENT),
    (re.compile(r"(?:^|/)mcp\b|mcp[-_]?server"), AgentKind.MCP_SERVER),
    (re.compile(r"agent[-_]?skills?\b|(?:^|/)skills?$"), AgentKind.SKILL),
)
"""Most telling first: an agent may come with a server of its own."""


def stated_kind(record: Mapping[str, Any]) -> AgentKind | None:
    """By the record's own word, else by the modules that it carries."""
    for key in KEYS["kind"]:
        if (kind := kind_of(record.get(key))) is not None:
            return kind
    modules = [*(list_in(record, ("modules",)) or ()), *(list_in(record, ("extensions",)) or ())]
    names = [str(module.get("name", "")).lower() for module in modules if isinstance(module, dict)]
    return next((kind for pattern, kind in _MODULES for name in names if pattern.search(name)), None)


def list_in(page: Any, keys: Iterable[str]) -> list[Any] | None:
    """The page itself, or the list under the first of these keys that has one; None for any other page."""
    if isinstance(page, dict):
        return next((page[key] for key in keys if isinstance(page.get(key), list)), None)
    return page if isinstance(page, list) else None


def is_server(record: Any) -> bool:
    """True for one server's record of an MCP registry."""
    if not isinstance(record, dict) or not isinstance(record.get("name"), str):
        return False
    named = any(key in record for key in KEYS["server_only"]) or "server.schema" in str(record.get("$schema"))
    return named and looks_like(record) in ("", "mcp_registry")


def looks_like(page: Any) -> str:
    """The kind of source that reads such a page; empty when it cannot be told."""
    page = next((record for record in page if isinstance(record, dict)), None) if isinstance(page, list) else page
    if not isinstance(page, dict):
        return ""
    if isinstance(page.get("plugins"), list):
        return "plugin_marketplace"
    if isinstance(page.get("servers"), list) or any(key in page for key in ("packages", "remotes")):
        return "mcp_registry"
    if "schema_version" in page or "locators" in page or isinstance(page.get("records"), list):
        return "oasf"
    if any(key in page for key in ("protocolVersion", "supportedInterfaces", "defaultInputModes", "capabilities")):
        return "agent_cards"
    return "agent_cards" if isinstance(page.get("agents"), list) or isinstance(page.get("cards"), list) else ""


def not_of_this_kind(what: str, page: Any, subject: str) -> BadInput:
    """`this is no registry page`, and which kind reads it."""
    kind = looks_like(page)
    hint = f"a source of kind {kind} reads it" if kind else "docs/sources.md says what each kind reads"
    return BadInput(f"this is no {what}", subject=subject, step="listings", next_step=hint)
