"""Gemini CLI: by name. An administrator's entry replaces the address and drops the command; an empty table opens.

`mcp.allowed` and `mcp.excluded` are names without case; lists of all scopes intersect (allowed) or join (excluded).
"""

from collections.abc import Mapping

from assay_check.clients.decision import Decision, Policies, Server


def decide(policies: Policies, server: Server) -> Decision:
    scopes = (policies.managed, *policies.others)
    name = server.name.lower()
    for scope in scopes:
        if name in (_names(scope.get("mcp.excluded")) or ()):
            return Decision(False, "its name is excluded")
        allowed = _names(scope.get("mcp.allowed"))
        if allowed is not None and name not in allowed:
            return Decision(False, "its name is not among the allowed ones")
    admin = policies.managed.get("admin.mcpServers")
    if not isinstance(admin, Mapping) or not admin:
        return Decision(True, "no administrator's list, or an empty one, which admits all")
    entry = admin.get(server.name)
    if not isinstance(entry, Mapping):
        return Decision(False, "the administrator's list does not have its name")
    url = entry.get("url")
    if not isinstance(url, str):
        return Decision(False, "the administrator's entry has no address, and commands are dropped")
    return Decision(True, "matched by name; the administrator's address runs in its place", runs_as=url)


def _names(raw: object) -> set[str] | None:
    return {str(item).lower() for item in raw} if isinstance(raw, list) else None
