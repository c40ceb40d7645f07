"""May this URL be asked? RFC 9309, and where two readings differ, the stricter one.

Idea: Protego and robotspy each let through what the reference parser forbids, but hardly ever the same
thing, so both must allow. Their input is first brought to what both read alike: overlong lines are cut
and agent names shortened to their product token. Invariant: rules are asked for by product token, never
by a whole user agent.
"""

import codecs
import re
from collections.abc import Iterator
from typing import Any

from protego import Protego
from robots import RobotsParser
from robots.parser import Rule

LONGEST_PARSED = 500 * 1024
"""RFC 9309 section 2.5: at least 500 KiB are parsed; the rest is not looked at."""
LONGEST_DELAY = 366 * 86_400.0
"""Seconds; clocks cannot count the longer ones that sites write."""
_LONGEST_LINE = 2083 * 8 - 1
_AGENT_LINE = re.compile(r"^\s*(?:user[ -]?agent)\s*:\s*(?P<name>[^#]*)", re.IGNORECASE)
_ANY_AGENT = re.compile(r"\s{0,99}user[\s-]{0,99}agent(?:\s{0,99}:|\s)(?P<name>[^#]*)", re.IGNORECASE)
_LONG_BLANK = re.compile(r"[^\S\r\n]{9,}")
_INDEX_LINE = re.compile(r"^\s*allow\s*:\s*(?P<folder>[^#\s]*/)index\.html?\s*(?:#.*)?$", re.IGNORECASE)
_TOKEN = re.compile(r"[A-Za-z_-]+")
_LINE_END = re.compile(rb"\r\n|\r|\n")


def decoded(body: bytes) -> str:
    """The text that both parsers get: cut, decoded by its byte order mark, read alike by both."""
    body = body[:LONGEST_PARSED]
    for mark, encoding in ((codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be")):
        if body.startswith(mark):
            body = body[2:].decode(encoding, "replace").encode()
    lines = _LINE_END.split(body.removeprefix(codecs.BOM_UTF8))
    return "\n".join(_alike(line[:_LONGEST_LINE].decode("utf-8", "replace")) for line in lines)


def _alike(line: str) -> str:
    if agent := _AGENT_LINE.match(line):
        name = agent["name"].strip()
        token = _TOKEN.match(name)
        if token:
            return f"User-agent: {token[0]}"
        return "User-agent: *" if name.split(maxsplit=1)[:1] == ["*"] else line
    if index := _INDEX_LINE.match(line):
        return f"{line}\nAllow: {index['folder']}$"
    return line


class _Robotspy(RobotsParser):
    """Its rules of an agent are merged once, and its stars matched in linear time: a file may hold 40,000 of each."""

    def update_rules(self, agents: list[str], rules: list[Rule]) -> None:
        for agent in set(agents):
            self.agents_rules.setdefault(agent, []).extend(rules)

    def parse_tokens(self, tokens: Iterator[Any]) -> None:
        super().parse_tokens(tokens)
        for rules in self.agents_rules.values():
            rules.sort(key=lambda rule: (len(rule.path), rule.allowed), reverse=True)

    def can_fetch(self, useragent: str, url: str) -> bool:
        """The first rule that matches, longest path first, as robotspy has it; `*` alone is special, and `$` last. What
        a bracket beside a star allows is read in two ways, so it allows nothing."""
        _, path = self.normalize_url(url)
        for rule in self.find_rules(useragent):
            doubtful = rule.allowed and "[" in rule.path and "*" in rule.path
            if path.startswith(rule.path) or (not doubtful and _matches(path, rule.path)):
                return bool(rule.allowed)
        return True


def _matches(path: str, pattern: str) -> bool:
    to_the_end = pattern.endswith("$")
    if "*" not in pattern:
        return to_the_end and path == pattern[:-1]
    first, *parts = pattern.removesuffix("$").split("*")
    if not path.startswith(first):
        return False
    place, last = len(first), parts.pop() if to_the_end else ""
    for part in parts:
        found = path.find(part, place)
        if found < 0:
            return False
        place = found + len(part)
    return len(path) - len(last) >= place and path.endswith(last)


def _of_interest(text: str, product: str) -> str:
    """The same rules for this product, with all agents that it cannot be under one name: parsers keep rules once an
    agent. Lines end where either parser ends them, and long blanks, which they look at again and again, are short."""
    lines = _LONG_BLANK.sub(" ", text).splitlines()
    return "\n".join(
        _known_as(agent["name"], line, product) if (agent := _ANY_AGENT.match(line)) else line for line in lines
    )


def _known_as(name: str, line: str, product: str) -> str:
    """An agent's line: as it is where this product may be meant, which both parsers tell by the beginning."""
    bare = name.replace("*", "").strip().lower()
    if product.lower().startswith(bare):
        return line
    token = _TOKEN.match(bare)
    is_ours = token is not None and token[0] == product.lower()
    return f"User-agent: {product if is_ours else f'not-{product}'}"


class Robots:
    """The rules of one origin for one product token."""

    def __init__(self, text: str, product: str) -> None:
        self._product = product
        rules = _of_interest(text, product)
        self._protego = Protego.parse(rules)
        self._robotspy = _Robotspy.from_string(rules)

    def allows(self, url: str) -> bool:
        """True when both parsers allow the URL."""
        return bool(self._protego.can_fetch(url, self._product) and self._robotspy.can_fetch(self._product, url))

    @property
    def crawl_delay(self) -> float:
        """Seconds between requests that the site asks for, a year at most; 0 when it does not."""
        delay = self._protego.crawl_delay(self._product) or 0.0
        rate = self._protego.request_rate(self._product)
        asked_for = max(delay, min(rate.seconds, LONGEST_DELAY) / rate.requests if rate else 0.0)
        return min(float(asked_for), LONGEST_DELAY)
