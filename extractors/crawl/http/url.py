"""URLs by the WHATWG rules, so that what we check is what is asked.

Idea: one parse, one canonical spelling; the host that the address rule sees is the host that the request
goes to. Invariant: http and https only, no user name or password, and `canonical` is idempotent.
"""

import unicodedata
from functools import lru_cache
from typing import NamedTuple

from ada_url import URL

from scoring.errors import BadInput

LONGEST_URL = 8192
_PORTS = {"http": 80, "https": 443}


class Address(NamedTuple):
    """Where a request goes. `href` is canonical, without fragment."""

    href: str
    scheme: str
    host: str
    """Lower case, ASCII; an IPv6 address is in brackets."""
    port: int

    @property
    def origin(self) -> str:
        """`https://example.org` or `https://example.org:8443`."""
        default = _PORTS[self.scheme] == self.port
        return f"{self.scheme}://{self.host}" + ("" if default else f":{self.port}")

    @property
    def is_packed(self) -> bool:
        """True for a compressed sitemap, the one file that is unpacked to be read."""
        return self.href.partition("?")[0].lower().endswith(".xml.gz")


@lru_cache(maxsize=4096)
def parse(url: str, base: str | None = None) -> Address:
    """The address of a URL, relative to `base` if given; raises `BadInput` with the reason."""
    if len(url) > LONGEST_URL:
        raise BadInput(f"the URL is longer than {LONGEST_URL} characters")
    try:
        parsed = URL(url, base) if base else URL(url)
    except (ValueError, UnicodeError):
        raise BadInput(f"not a URL: {url[:200]!r}") from None
    scheme = parsed.protocol.removesuffix(":")
    if scheme not in _PORTS:
        raise BadInput(f"only http and https are fetched, not {scheme[:30]!r}")
    if parsed.username or parsed.password:
        raise BadInput("the URL carries a user name or password")
    if not parsed.hostname or not all(map(_is_label, parsed.hostname.split("."))):
        raise BadInput("the URL names no host")
    parsed.hash = ""
    href = parsed.href.removesuffix("#")
    if len(href) > LONGEST_URL:
        raise BadInput(f"the URL is longer than {LONGEST_URL} characters")
    return Address(href, scheme, parsed.hostname, int(parsed.port) if parsed.port else _PORTS[scheme])


def _is_label(label: str) -> bool:
    """False for `xn--` without a name behind it that IDNA would write so, which ada lets through."""
    if not label.startswith("xn--"):
        return True
    try:
        name = label[4:].encode().decode("punycode")
    except (UnicodeError, OverflowError):
        return False
    return not name.isascii() and unicodedata.normalize("NFKC", name) == name
