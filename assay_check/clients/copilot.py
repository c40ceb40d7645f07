"""Copilot clients: built-in servers run; deny; allow; then nothing with an unresolved variable. Every doubt closes.

Allow lists of several sources intersect, deny lists unite. A malformed list, of either kind, is an empty allow list.
Both sides of an address are normalised; a name entry always counts.
"""

import re
from collections.abc import Mapping
from contextlib import suppress
from urllib.parse import unquote

from assay_check.clients.decision import Decision, ListEntry, Policies, Server, glob, list_entry, matches
from assay_check.web_address import parse

_VARIABLE = re.compile(r"\$\{|\$[A-Za-z_]|%[A-Za-z_]\w*%(?![0-9A-Fa-f])")
_DEFAULT_PORT = {"http": "80", "https": "443"}


def decide(policies: Policies, server: Server) -> Decision:
    if server.builtin:
        return Decision(True, "built-in servers are exempt from both lists")
    sources = [_lists(policy) for policy in (policies.managed, *policies.others)]
    if any(matches(entry, server, _admits) for _, denied in sources for entry in denied):
        return Decision(False, "a deny list names it")
    restricting = [allowed for allowed, _ in sources if allowed is not None]
    for allowed in restricting:
        if not any(matches(entry, server, _admits) for entry in allowed):
            return Decision(
                False, "an allow list does not name it" if allowed else "an allow list is empty or malformed"
            )
    listed = bool(restricting) or any(denied for _, denied in sources)
    if listed and _VARIABLE.search(" ".join((server.url or "", *(server.command or ())))):
        return Decision(False, "an unresolved variable cannot be verified")
    return Decision(True, "every allow list names it" if restricting else "no allow list is configured")


def _lists(policy: Mapping[str, object]) -> tuple[list[ListEntry] | None, list[ListEntry]]:
    """Allow and deny entries of one source; an allow list of None restricts nothing."""
    allowed, allowed_valid = _list(policy.get("allowedMcpServers"))
    denied, denied_valid = _list(policy.get("deniedMcpServers"))
    return (allowed if allowed_valid and denied_valid else []), denied or []


def _list(raw: object) -> tuple[list[ListEntry] | None, bool]:
    if isinstance(raw, Mapping) and set(raw) == {"overridable"}:
        raw = raw["overridable"]
    if raw is None:
        return None, True
    if not isinstance(raw, list):
        return [], False
    entries = [list_entry(item) for item in raw]
    return [entry for entry in entries if entry], all(entries)


def _admits(pattern: str, url: str) -> bool:
    address = parse(url)
    if address is None:
        return False
    destination = address.origin.replace(address.host, address.host.rstrip("."), 1) + address.path + address.query
    return re.fullmatch(_pattern(pattern), destination, re.S) is not None


def _pattern(pattern: str) -> str:
    """The pattern normalised as the address is: scheme and host lower case, default port, fragment, trailing dot."""
    scheme, mark, rest = pattern.partition("#")[0].partition("://")
    if not mark:
        return glob(pattern)
    end = re.search(r"[/?]", rest)
    authority, path = (rest, "/") if end is None else (rest[: end.start()], rest[end.start() :])
    host, colon, port = unquote(authority).lower().partition(":")
    with suppress(UnicodeError):
        if not host.isascii():
            host = ".".join(part if "*" in part else part.encode("idna").decode() for part in host.split("."))
    scheme = scheme.lower()
    tail = "" if port == _DEFAULT_PORT.get(scheme) else colon + port
    return glob(scheme, "[^/]") + "://" + glob(host.rstrip(".") + tail, r"[^/@\\?#]") + glob(path)
