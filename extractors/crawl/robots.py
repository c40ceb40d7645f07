"""May this URL be asked? RFC 9309, and where two readings differ, the stricter one.

Idea: Protego and robotspy each let through what the reference parser forbids, but hardly ever the same
thing, so both must allow. Their input is first brought to what both read alike: overlong lines are cut
and agent names shortened to their product token. Invariant: rules are asked for by product token, never
by a whole user agent.
"""

from __future__ import annotations

import codecs
import re

from protego import Protego
from robots import RobotsParser

LONGEST_PARSED = 500 * 1024
"""RFC 9309 section 2.5: at least 500 KiB are parsed; the rest is not looked at."""
_LONGEST_LINE = 2083 * 8 - 1
_AGENT_LINE = re.compile(r"^\s*(?:user[ -]?agent)\s*:\s*(?P<name>[^#]*)", re.IGNORECASE)
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


class Robots:
    """The rules of one origin for one product token."""

    def __init__(self, text: str, product: str) -> None:
        self._product = product
        self._protego = Protego.parse(text)
        self._robotspy = RobotsParser.from_string(text)

    def allows(self, url: str) -> bool:
        """True when both parsers allow the URL."""
        return bool(self._protego.can_fetch(url, self._product) and self._robotspy.can_fetch(self._product, url))

    @property
    def crawl_delay(self) -> float:
        """Seconds between requests that the site asks for; 0 when it does not."""
        delay = self._protego.crawl_delay(self._product) or 0.0
        rate = self._protego.request_rate(self._product)
        return max(float(delay), rate.seconds / rate.requests if rate else 0.0)
