"""An entry as the matcher that a client compares: the exact command, or a pattern of the address. Never a name.

Invariant: no credential is written into a list: an entry whose command or address carries one is refused with the
reason, and the query of an address becomes `?*`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from assay_check.endpoints import is_url
from assay_check.redaction import is_credential, looks_secret, secret_arguments, variables
from assay_check.subjects import Entry
from assay_check.web_address import parse

_DIGEST = re.compile(r"sha256:[0-9a-f]{64}|[@#][0-9a-f]{40}\Z")
"""Digests of images and commits: public, and what pins a version."""

Matcher = dict[str, str | list[str]]


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why an entry cannot be written for this client."""

    why: str


def matcher(entry: Entry, client: str) -> Matcher | Refusal:
    """The matcher of an entry, or why there is none."""
    if entry.transport in ("plugin", "skill", "package", "image") or not (entry.url or entry.argv):
        return Refusal("this client's lists hold MCP servers by command or address only")
    if entry.url is not None:
        return _address(entry.url, client)
    return _command(entry, client)


def _address(url: str, client: str) -> Matcher | Refusal:
    if "${" in url.partition("?")[0] or (client == "copilot" and re.search(r"\$\{|\$[A-Za-z_]", url)):
        return Refusal("its address holds a variable, which this client cannot verify")
    found = parse(url)
    if found is None:
        return Refusal("its address cannot be read, so that nothing would match it")
    if any(looks_secret(part) for part in found.path.split("/")):
        return Refusal("a part of its address looks like a token, which must not stand in a list")
    if "*" in found.path:
        return Refusal("its address holds a `*`, which a list reads as anything")
    return {"serverUrl": f"{found.origin}{found.path}" + ("?*" if found.query else "")}


def _command(entry: Entry, client: str) -> Matcher | Refusal:
    words = list(entry.argv)
    if any(not variables(value) for _, value in secret_arguments(words)) or any(map(_carries_secret, words)):
        return Refusal("its command carries a credential, which must not stand in a list: move it to the environment")
    joined = " ".join(words)
    if client == "copilot" and re.search(r"\$\{|\$[A-Za-z_]|%[A-Za-z_]\w*%", joined):
        return Refusal("its command holds a variable, which this client blocks whatever a list says")
    if client == "vscode" and "${" in joined:
        return Refusal(
            "its command holds a variable; the client compares what it resolves to, which is not in the file"
        )
    return {"serverCommand": words}


def _carries_secret(word: str) -> bool:
    option, equals, value = word.partition("=")
    name = option.lstrip("-")
    if equals and is_credential(name) and not variables(value):
        return True
    if is_url(value if equals else word):
        found = parse(value if equals else word)
        return "@" in word or bool(found and (found.query or any(looks_secret(part) for part in found.path.split("/"))))
    if re.match(r"(?:bearer|basic|token)\s+\S", word, re.IGNORECASE) or re.search(
        r":\s*(?:bearer|basic|token)\s", word, re.I
    ):
        return True
    return looks_secret(_DIGEST.sub("", word))
