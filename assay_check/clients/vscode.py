"""VS Code from 1.130: deny first; no allow list runs all, an empty one blocks all.

An entry with none or two fields is dropped; a value that is no array is *not configured*, which opens. The address of
a server is compared as origin, path and query; the pattern is taken as written, and case is ignored everywhere.
"""

import re

from assay_check.clients.decision import Decision, Policies, Server, glob, matches, valid_entries
from assay_check.web_address import parse


def decide(policies: Policies, server: Server) -> Decision:
    denied = valid_entries(policies.managed.get("deniedMcpServers"))
    allowed = valid_entries(policies.managed.get("allowedMcpServers"))
    if any(matches(entry, server, _admits) for entry in denied or ()):
        return Decision(False, "the deny list names it")
    if allowed is None:
        return Decision(True, "no allow list is configured")
    if any(matches(entry, server, _admits) for entry in allowed):
        return Decision(True, "the allow list names it")
    return Decision(False, "the allow list does not name it" if allowed else "the allow list is empty")


def _admits(pattern: str, url: str) -> bool:
    destination = _destination(url)
    return destination is not None and re.fullmatch(_pattern(pattern), destination, re.I | re.S) is not None


def _destination(url: str) -> str | None:
    """Where a request goes; an address of another scheme stays as it is written."""
    found = parse(url)
    if found is not None:
        return found.origin + found.path + found.query
    other = re.match(r"[A-Za-z][A-Za-z0-9+.-]*:", url)
    return url if other and other.group().lower() not in ("http:", "https:", "ws:", "wss:") else None


def _pattern(pattern: str) -> str:
    """`*` stays within the authority up to the first `/`, `\\`, `?` or `#` behind `://`; after that it is anything."""
    start = pattern.find("://")
    start = start + 3 if start >= 0 else 0
    end = re.search(r"[/\\?#]", pattern[start:])
    split = len(pattern) if end is None else start + end.start()
    return glob(pattern[:split], r"[^/@\\?#]") + glob(pattern[split:])
