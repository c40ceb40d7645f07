"""The endpoint of a URL: what two spellings of one address share, without anything that may be a secret.

    HTTPS://user:token@MCP.Example.com:443?key=1#x  →  https://mcp.example.com/

Scheme and host in lower case; user information, default port, query and fragment dropped; an empty path is `/`;
a trailing slash is kept. Invariant: nothing after `?` or before `@` of a URL leaves this module.
"""

import ipaddress
import re
from enum import StrEnum
from typing import NamedTuple

from assay_check.web_address import parse

_LOCAL_SUFFIXES = tuple(
    f".{name}" for name in ("localhost", "local", "internal", "lan", "home.arpa", "intranet", "localdomain")
)
_NO_HOST = re.compile(r"[<>{}$\"'`,;()!&*+=\s]")


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
    return re.match(r"\s*(?:https?|wss?)://", text, re.IGNORECASE) is not None


def endpoint(url: str) -> Endpoint:
    """The endpoint of an http(s) or ws(s) URL. Never raises: what is no URL is `UNREADABLE`."""
    found = parse(url)
    if found is None or _NO_HOST.search(found.host):
        return Endpoint(None, Reach.UNREADABLE, "this is no http address")
    why = _why_local(found.host)
    return Endpoint(found.origin + found.path, Reach.LOCAL if why else Reach.PUBLIC, why)


def _why_local(host: str) -> str | None:
    bare = host.strip("[]").rstrip(".")
    try:
        return None if ipaddress.ip_address(bare).is_global else "loopback or private address"
    except ValueError:
        pass
    if "." not in bare:
        return "loopback or private address" if bare == "localhost" else "a host name without a dot"
    return "a name of the buyer's own network" if bare.endswith(_LOCAL_SUFFIXES) else None
