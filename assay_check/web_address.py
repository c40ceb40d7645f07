"""An http address as browsers and Node read it (WHATWG URL), so far as matching needs it.

    http://127.0.0.1:80\\@evil.test/a/../b?x#y  →  http · 127.0.0.1 · no port · /@evil.test/b · x

Invariant: what is compared is where a request would go, not how the address is spelt. Never raises.
"""

import ipaddress
import re
from typing import NamedTuple
from urllib.parse import quote, unquote_to_bytes

_START = re.compile(r"(https?|wss?):[/\\]*", re.IGNORECASE)
_PORTS = {"http": 80, "https": 443, "ws": 80, "wss": 443}
_FORBIDDEN = re.compile(r"[\x00-\x20#/:<>?@\[\\\]^|%\x7f]")
_NUMBER = re.compile(r"(?:0[xX][0-9a-fA-F]*|[0-9]+)\Z")
MOST_HOST = 253


class WebAddress(NamedTuple):
    """Parts of an address. `host` is lower case ASCII, `port` None where it is the scheme's, `query` with `?`."""

    scheme: str
    host: str
    port: int | None
    path: str
    query: str

    @property
    def origin(self) -> str:
        return f"{self.scheme}://{self.host}" + ("" if self.port is None else f":{self.port}")


def parse(text: str) -> WebAddress | None:
    """The address, or None where no request could be made of it."""
    clean = re.sub(r"[\t\r\n]", "", text.strip("".join(map(chr, range(0x21)))))
    start = _START.match(clean)
    if start is None:
        return None
    scheme = start.group(1).lower()
    rest = clean[start.end() :].partition("#")[0]
    before, mark, query = rest.partition("?")
    authority, slash, path = before.replace("\\", "/").partition("/")
    host, port = _host_and_port(authority.rpartition("@")[2])
    if host is None or port is None:
        return None
    number = None if port == "" or int(port) == _PORTS[scheme] else int(port)
    return WebAddress(scheme, host, number, _path(slash + path), mark + query if query else "")


def _host_and_port(authority: str) -> tuple[str | None, str | None]:
    host, port = authority, ""
    if authority.startswith("["):
        inside, bracket, port = authority[1:].partition("]")
        try:
            host = f"[{ipaddress.IPv6Address(inside).compressed}]" if bracket else ""
        except ValueError:
            return None, None
        port = port.removeprefix(":")
    else:
        host, _, port = authority.partition(":")
    if port and not (port.isascii() and port.isdigit() and int(port[:6]) < 65536 and len(port) < 7):
        return None, None
    return (host if host.startswith("[") else _domain(host)), port


def _domain(text: str) -> str | None:
    """A host: percent signs decoded, lower case, IDN as Punycode, every spelling of an IPv4 number as one."""
    try:
        host = unquote_to_bytes(text).decode("utf-8").lower()
    except UnicodeDecodeError:
        return None
    if not host or len(host) > MOST_HOST:
        return None
    if not host.isascii():
        try:
            host = host.encode("idna").decode("ascii").lower()
        except UnicodeError:
            return None
    if _FORBIDDEN.search(host):
        return None
    last = host.removesuffix(".").rpartition(".")[2]
    return _ipv4(host) if _NUMBER.match(last) else host


def _ipv4(host: str) -> str | None:
    parts = host.removesuffix(".").split(".")
    if len(parts) > 4 or not all(_NUMBER.match(part) for part in parts):
        return None
    try:
        numbers = [
            int(p[2:] or "0", 16) if p[:2] in ("0x", "0X") else int(p, 8 if p[0] == "0" and p != "0" else 10)
            for p in parts
        ]
    except ValueError:
        return None
    if any(number > 255 for number in numbers[:-1]) or numbers[-1] >= 256 ** (5 - len(numbers)):
        return None
    value = sum(number << (8 * (3 - place)) for place, number in enumerate(numbers[:-1])) + numbers[-1]
    return str(ipaddress.IPv4Address(value))


def _path(path: str) -> str:
    segments_left: list[str] = []
    segments = path.split("/")[1:] if path else [""]
    for place, segment in enumerate(segments):
        plain = re.sub("%2e", ".", segment, flags=re.IGNORECASE)
        last = place == len(segments) - 1
        if plain == "..":
            del segments_left[-1:]
        elif plain != ".":
            segments_left.append(segment)
            continue
        if last:
            segments_left.append("")
    return "/" + quote("/".join(segments_left), safe="/%:@!$&'()*+,;=~-._[]|^\\")
