"""Codex: a table `mcp_servers` of requirements; name *and* identity must match, and an empty table disables all.

A plain `command` is compared with the program alone, so its arguments are free; the newer form pins each argument.
"""

import re
from collections.abc import Mapping

from assay_check.clients.decision import Decision, Policies, Server


def decide(policies: Policies, server: Server) -> Decision:
    # The first layer that sets the field wins.
    tables = [policy["mcp_servers"] for policy in (policies.managed, *policies.others) if "mcp_servers" in policy]
    if not tables:
        return Decision(True, "no requirements are configured")
    table = tables[0]
    requirement = table.get(server.name) if isinstance(table, Mapping) else None
    if not isinstance(requirement, Mapping):
        return Decision(False, "no requirement has its name")
    identity = requirement.get("identity")
    if not isinstance(identity, Mapping):
        return Decision(False, "the requirement of its name states no identity")
    if _command_matches(identity.get("command"), server) or _url_matches(identity.get("url"), server):
        return Decision(True, "name and identity match a requirement")
    return Decision(False, "the requirement of its name has another identity")


def _command_matches(wanted: object, server: Server) -> bool:
    if not server.command:
        return False
    if isinstance(wanted, str):
        return wanted == server.command[0]
    if not isinstance(wanted, Mapping) or wanted.get("executable") != server.command[0]:
        return False
    arguments = wanted.get("args")
    if arguments is None:
        return True
    words = server.command[1:]
    if not isinstance(arguments, list) or len(arguments) != len(words):
        return False
    return all(_text_matches(matcher, word) for matcher, word in zip(arguments, words, strict=True))


def _url_matches(wanted: object, server: Server) -> bool:
    if server.url is None:
        return False
    return wanted == server.url if isinstance(wanted, str) else _text_matches(wanted, server.url)


def _text_matches(matcher: object, text: str) -> bool:
    if isinstance(matcher, str):
        return matcher == text
    if not isinstance(matcher, Mapping):
        return False
    value = matcher.get("value")
    if not isinstance(value, str):
        return False
    how = matcher.get("match", "exact")
    if how == "exact":
        return value == text
    if how == "prefix":
        return text.startswith(value)
    try:
        return how == "regex" and re.fullmatch(value, text) is not None
    except re.error:
        return False
