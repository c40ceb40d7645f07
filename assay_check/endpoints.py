"""The endpoint of a URL: what two spellings of one address share, without anything that may be a secret.

    HTTPS://user:token@MCP.Example.com:443?key=1#x  →  https://mcp.example.com/

Scheme and host in lower case; user information, default port, query and fragment dropped; an empty path is `/`;
a trailing slash is kept. Invariant: nothing after `?` or before `@` of a URL leaves this module.
"""

from __future__ import annotations

import ipaddress
import re
from enum import StrEnum
from typing import NamedTuple

_SCHEME = re.compile(r"\s*(https?|wss?)://", re.IGNORECASE)
_DEFAULT_PORT = {"http": "80", "https": "443", "ws": "80", "wss": "443"}
_HOST = re.compile(r"(?:\[[0-9a-f:.]+\]|[^\s/?#@:\[\]<>{}|^\\\"'`,;()!$&*+=%]+)\Z", re.IGNORECASE)
_LOCAL_SUFFIXES = ("localhost", "local", "internal", "lan", "home.arpa", "intranet", "localdomain")
_NUMERIC_HOST = re.compile(r"(?:0x[0-9a-f]+|[0-9]+)(?:\.(?:0x[0-9a-f]+|[0-9]+)){0,3}\.?\Z", re.IGNORECASE)


class Reach(StrEnum):
    """From where an endpoint can be reached."""

    PUBLIC = "public"
    LOCAL = "local"
    UNREADABLE = "unreadable"


class Endpoint(NamedTuple):
    """The canonical address, from where it is reached, and why it is not public when it is not."""

    address: str | None
    reach: Reach
    why: str | None


def is_url(text: str) -> bool:
    return _SCHEME.match(text) is not None


def endpoint(url: str) -> Endpoint:
    """The endpoint of an http(s) or ws(s) URL. Never raises: what is no URL is `UNREADABLE`."""
    match = _SCHEME.match(url)
    if match is None:
        return Endpoint(None, Reach.UNREADABLE, "this is no http address")
    scheme = match.group(1).lower()
    rest = re.sub(r"[\t\r\n]", "", url[match.end() :].strip()).replace("\\", "/")
    ending = re.search(r"[/?#]", rest)
    authority = rest if ending is None else rest[: ending.start()]
    path = re.split(r"[?#]", rest[len(authority) :], maxsplit=1)[0] or "/"
    host, port = _host_and_port(authority.rpartition("@")[2])
    if host is None or (port and not port.isdigit()):
        return Endpoint(None, Reach.UNREADABLE, "the host of the address cannot be read")
    netloc = host if not port or port == _DEFAULT_PORT[scheme] else f"{host}:{int(port)}"
    why = _why_local(host)
    return Endpoint(f"{scheme}://{netloc}{path}", Reach.LOCAL if why else Reach.PUBLIC, why)


def _host_and_port(authority: str) -> tuple[str | None, str]:
    if authority.startswith("["):
        host, bracket, port = authority.partition("]")
        host, port = host + bracket, port.removeprefix(":")
    else:
        host, _, port = authority.partition(":")
    if len(host) > 253 or not _HOST.match(host):
        return None, port
    if not host.isascii():
        try:
            host = host.encode("idna").decode("ascii")
        except UnicodeError:
            return None, port
    return host.lower(), port


def _why_local(host: str) -> str | None:
    bare = host.strip("[]").rstrip(".")
    try:
        number = ipaddress.ip_address(bare)
    except ValueError:
        if _NUMERIC_HOST.match(bare):
            return "a number as host: loopback or private in most spellings"
        if "." not in bare:
            return "loopback or private address" if bare == "localhost" else "a host name without a dot"
        if bare.endswith(tuple(f".{suffix}" for suffix in _LOCAL_SUFFIXES)):
            return "a name of the buyer's own network"
        return None
    return None if number.is_global else "loopback or private address"
