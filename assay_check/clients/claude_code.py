"""Claude Code from 2.1.169: deny first; names count only while no entry of the server's own kind is in the allow list.

Lists of all sources are joined unless the managed policy says *managed only*; deny lists always are. An allow list
that is wholly invalid is an empty one (closed), a deny list that is wholly invalid is dropped (open), a single bad
entry is stripped. Variables are expanded on both sides; case counts in the path and not in the host.
"""

import re
from collections.abc import Mapping
from dataclasses import replace

from assay_check.clients.decision import Decision, ListEntry, Policies, Server, glob, matches, valid_entries
from assay_check.web_address import parse

_NAME = re.compile(r"[A-Za-z0-9_-]+\Z")
_EXPANDED = re.compile(r"\$\{([A-Za-z_]\w*)(?::-([^}]*))?\}")


def decide(policies: Policies, server: Server) -> Decision:
    if server.kind == "sdk":
        return Decision(True, "servers registered in process skip the lists")
    environment = policies.environment

    def written(value: str | tuple[str, ...]) -> str | tuple[str, ...]:
        if isinstance(value, str):
            return expanded(value, environment)
        return tuple(expanded(word, environment) for word in value)

    def named(entry: ListEntry) -> bool:
        return matches(
            entry if entry.kind == "serverName" else replace(entry, value=written(entry.value)), resolved, _admits
        )

    url, command = server.url and expanded(server.url, environment), server.command
    resolved = replace(server, url=url, command=command and tuple(expanded(word, environment) for word in command))
    denied = [
        entry
        for policy in (policies.managed, *policies.others)
        for entry in valid_entries(policy.get("deniedMcpServers")) or ()
    ]
    if any(named(entry) for entry in denied):
        return Decision(False, "a deny list names it")
    only = policies.managed.get("allowManagedMcpServersOnly", False) is not False
    lists = [_allowed(policy) for policy in ((policies.managed,) if only else (policies.managed, *policies.others))]
    configured = [found for found in lists if found is not None]
    if not configured:
        return Decision(True, "no allow list is configured")
    allowed = [entry for found in configured for entry in found]
    own = "serverUrl" if server.url is not None else "serverCommand"
    names_count = not any(entry.kind == own for entry in allowed)
    for entry in allowed:
        if (entry.kind != "serverName" or names_count) and named(entry):
            return Decision(True, "the allow list names it")
    if not names_count and any(entry.kind == "serverName" and entry.value == server.name for entry in allowed):
        return Decision(False, f"its name no longer counts: the allow list holds a {own} entry")
    return Decision(False, "the allow list does not name it" if allowed else "the allow list is empty")


def _allowed(policy: Mapping[str, object]) -> list[ListEntry] | None:
    raw = policy.get("allowedMcpServers")
    if raw is None:
        return None
    return [e for e in valid_entries(raw) or () if e.kind != "serverName" or _NAME.match(str(e.value))]


def expanded(text: str, environment: Mapping[str, str]) -> str:
    """`${VAR}` and `${VAR:-default}` from the environment; an unset variable without a default stays as written."""

    def value(match: re.Match[str]) -> str:
        default = match.group(2)
        return environment.get(match.group(1), match.group() if default is None else default)

    return _EXPANDED.sub(value, text)


def _admits(pattern: str, url: str) -> bool:
    address = parse(url)
    scheme, mark, rest = pattern.partition("://")
    if not mark or address is None:
        return False
    end = re.search(r"[/?#]", rest)
    host, path = (rest, None) if end is None else (rest[: end.start()], rest[end.start() :])
    name, colon, port = host.partition(":") if not host.startswith("[") else (host, "", "")
    netloc = address.host.rstrip(".") + ("" if address.port is None else f":{address.port}")
    wanted = name.rstrip(".") + colon + port
    return (
        re.fullmatch(glob(scheme, "[^/]"), address.scheme, re.I) is not None
        and re.fullmatch(glob(wanted, r"[^/@\\?#]"), netloc, re.I) is not None
        and (path is None or re.fullmatch(glob(path), address.path + address.query, re.S) is not None)
    )
