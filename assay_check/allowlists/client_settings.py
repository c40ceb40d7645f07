"""Managed settings of VS Code, Claude Code and Copilot: allow by exact command or address, deny the same way."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from assay_check.allowlists.allow_list import AllowList, Effect, json_bytes
from assay_check.allowlists.matchers import Matcher, Refusal, matcher
from assay_check.checking import Checked, CheckedEntry
from assay_check.clients import CLIENTS, Decision, Policies, Server
from assay_check.errors import BadInput
from assay_check.policy import Advice
from assay_check.subjects import Entry


@dataclass(frozen=True, slots=True)
class Shape:
    """A client: its name in `clients`, its own name for people, the files it reads, and what to know of delivery."""

    client: str
    title: str
    files: Callable[[list[Matcher], list[Matcher]], dict[str, Any]]
    notes: tuple[str, ...]


def _vscode(allowed: list[Matcher], denied: list[Matcher]) -> dict[str, Any]:
    settings: dict[str, Any] = {"chat.mcp.access": "all", "chat.mcp.allowedServers": allowed}
    policy: dict[str, Any] = {"ChatMCP": "all", "ChatAllowedMcpServers": json.dumps(allowed, separators=(",", ":"))}
    if denied:
        settings["chat.mcp.deniedServers"] = denied
        policy["ChatDeniedMcpServers"] = json.dumps(denied, separators=(",", ":"))
    return {"vscode.settings.json": settings, "vscode.policy.json": policy}


def _lists(name: str, allowed: list[Matcher], denied: list[Matcher], **beside: bool) -> dict[str, Any]:
    return {name: beside | {"allowedMcpServers": allowed} | ({"deniedMcpServers": denied} if denied else {})}


SETTINGS: dict[str, Shape] = {
    "vscode": Shape(
        "vscode",
        "VS Code",
        _vscode,
        ("VS Code from 1.130 reads these lists; the delegated agent host is only partly covered.",),
    ),
    "claude-code": Shape(
        "claude_code",
        "Claude Code",
        partial(_lists, "claude-code.managed-settings.json", allowManagedMcpServersOnly=True),
        ("Claude Code blocks without a message: give your users the reasons above.",),
    ),
    "copilot": Shape(
        "copilot",
        "Copilot",
        partial(_lists, "copilot.managed-settings.json"),
        ("Copilot's cloud agent does not read these lists; allow lists of several sources intersect.",),
    ),
}


def settings(client: str, checked: Checked) -> AllowList:
    """The settings of a client. Raises `BadInput` where the allow list would be empty or read otherwise than meant."""
    shape = SETTINGS[client]
    allowed: list[Matcher] = []
    denied: list[Matcher] = []
    refused: dict[int, str] = {}
    entries = [entry for entry in checked.entries if not entry.entry.disabled]
    for place, item in enumerate(entries):
        made = matcher(item.entry, shape.client)
        if isinstance(made, Refusal):
            refused[place] = made.why
        elif item.verdict.advice is Advice.ALLOW:
            allowed += [made] if made not in allowed else []
        elif item.verdict.advice is Advice.DENY:
            denied += [made] if made not in denied else []
    if not allowed:
        raise BadInput(
            f"no entry can be allowed, and an empty allow list would block every server in {shape.title}",
            next_step="check the configuration, or write an empty list by hand if that is meant",
        )
    policies = Policies({"allowedMcpServers": allowed, "deniedMcpServers": denied, "allowManagedMcpServersOnly": True})
    effects = [_effect(shape, item, policies, refused.get(place)) for place, item in enumerate(entries)]
    off = tuple(
        f"line {e.entry.line}, {e.entry.name}: switched off, not written" for e in checked.entries if e.entry.disabled
    )
    files = {name: json_bytes(content) for name, content in shape.files(allowed, denied).items()}
    return AllowList(files, tuple(effects), (*off, *shape.notes))


def _effect(shape: Shape, item: CheckedEntry, policies: Policies, refused: str | None) -> Effect:
    decision = _decision(shape, item.entry, policies)
    wanted = item.verdict.advice is Advice.ALLOW and refused is None
    if decision is not None and decision.runs != wanted:
        raise BadInput(
            f"{shape.title} would {'run' if decision.runs else 'block'} it, the policy says {item.verdict.advice}",
            subject=f"line {item.entry.line}, {item.entry.name}",
            next_step="give the two entries that share this command or address the same advice",
        )
    if refused is not None:
        return Effect(item, False, f"not written: {refused}")
    reasons = {Advice.ALLOW: "allowed", Advice.ASK: "asked about, so not on the list", Advice.DENY: "denied"}
    return Effect(
        item, decision is not None and decision.runs, f"{reasons[item.verdict.advice]}: {item.verdict.because}"
    )


def _decision(shape: Shape, entry: Entry, policies: Policies) -> Decision | None:
    """What the client makes of the entry; None for what is no server."""
    if not (entry.url or entry.argv):
        return None
    return CLIENTS[shape.client](policies, Server(entry.name, entry.url, entry.argv if entry.url is None else None))
