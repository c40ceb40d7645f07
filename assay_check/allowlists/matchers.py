"""An entry as the matcher that a client compares: the exact command, or a pattern of the address. Never a name.

Invariant: no credential is written into a list: an entry whose command or address carries one is refused with the
reason, and the query of an address becomes `?*`.
"""

import re
from dataclasses import dataclass
from itertools import pairwise

from assay_check.command_lines.commands import split_line
from assay_check.endpoints import is_url
from assay_check.redaction import is_credential, looks_secret, secret_arguments, variables
from assay_check.subjects import Entry
from assay_check.web_address import parse

_DIGEST = re.compile(r"sha256:[0-9a-f]{64}|[@#][0-9a-f]{40}\Z")
"""Digests of images and commits: public, and what pins a version."""
_VARIABLE = re.compile(r"(?:-e|--env=)?[A-Za-z_][A-Za-z0-9_]*")
"""`NAME=value`, as `env` and `docker run -e` take it."""
_USER_INFORMATION = re.compile(r"://(?!git@)[^/\s@]{0,2000}@")
"""Before the host of any address but that of a forge over ssh, where everybody is `git`."""
_SHORT_OPTION = re.compile(r"-[a-zA-Z]\Z")
_OPAQUE = re.compile(r"(?=.*[A-Z0-9])(?=.{8})[A-Za-z0-9_+=-]+")
"""The value of a short option that is no path, address, package or plain word: what it means is not known."""

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
    if _may_carry_secret([part for word in words for part in (split_line(word) if " " in word else [word])] + words):
        return Refusal("its command may carry a credential, which must not stand in a list: move it to the environment")
    joined = " ".join(words)
    if client == "copilot" and re.search(r"\$\{|\$[A-Za-z_]|%[A-Za-z_]\w*%", joined):
        return Refusal("its command holds a variable, which this client blocks whatever a list says")
    if client == "vscode" and "${" in joined:
        return Refusal(
            "its command holds a variable; the client compares what it resolves to, which is not in the file"
        )
    return {"serverCommand": words}


def _may_carry_secret(words: list[str]) -> bool:
    """Whether a word could be a credential: by the name of its option, as the value of a variable, or by its form."""
    if any(not variables(value) for _, value in secret_arguments(words)) or any(map(_carries_secret, words)):
        return True
    return any(_SHORT_OPTION.match(option) and _OPAQUE.fullmatch(value) for option, value in pairwise(words))


def _carries_secret(word: str) -> bool:
    option, equals, value = word.partition("=")
    name = option.lstrip("-")
    if equals and (is_credential(name) or _VARIABLE.fullmatch(option)) and not variables(value):
        return True
    if _USER_INFORMATION.search(word):
        return True
    for address in filter(is_url, (word, value)):
        found = parse(address)
        if "@" in address or (found and (found.query or any(map(looks_secret, found.path.split("/"))))):
            return True
    if re.match(r"(?:bearer|basic|token)\s+\S", word, re.IGNORECASE) or re.search(
        r":\s*(?:bearer|basic|token)\s", word, re.I
    ):
        return True
    return looks_secret(_DIGEST.sub("", word))
