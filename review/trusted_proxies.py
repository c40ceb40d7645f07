"""What a trusted reverse proxy says of the outside: who asks, by which host and scheme, and whom it signed in.

Idea: the address at the other end of the connection is asked first; only what a trusted one says is read.
Invariant: no header moves that address, so none makes an untrusted sender trusted.
"""

from email.errors import HeaderParseError
from email.header import decode_header, make_header
from ipaddress import IPv6Address, ip_address
from typing import Literal
from urllib.parse import unquote_to_bytes

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

NameForm = Literal["text", "percent", "mime"]
"""How a proxy writes a name in its header: as it is, percent-encoded, or as RFC 2047 says (`=?utf-8?…?=`)."""
SIGNS = ("forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip")
"""Headers by which a request shows that it came through a proxy."""


class FromProxies:
    """ASGI middleware around everything: leaves client, scheme and host as the outside has them.

    It says in `scope["state"]` who is at the other end (`peer`), whether that one is trusted (`trusted`) and
    whether the request shows that it came through a proxy (`forwarded`).
    """

    def __init__(self, app: ASGIApp, trusted_proxies: tuple[str, ...]) -> None:
        self._forwarded = ProxyHeadersMiddleware(app, list(trusted_proxies))  # type: ignore[arg-type]
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        peer, port = scope.get("client") or ("", 0)
        peer = _plain(peer)
        headers = Headers(scope=scope)
        trusted = peer in self._forwarded.trusted_hosts
        state = {"peer": peer, "trusted": trusted, "forwarded": trusted and any(sign in headers for sign in SIGNS)}
        scope = {**scope, "client": (peer, port), "state": {**scope.get("state", {}), **state}}
        host = headers.get("x-forwarded-host", "").rsplit(",", 1)[-1].strip() if trusted else ""
        if host:
            others = [(name, value) for name, value in scope["headers"] if name != b"host"]
            scope["headers"] = [*others, (b"host", host.encode("latin-1"))]
        await self._forwarded(scope, receive, send)  # type: ignore[arg-type]


def _plain(address: str) -> str:
    """An IPv4 address as such, also where the listener takes both."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    mapped = parsed.ipv4_mapped if isinstance(parsed, IPv6Address) else None
    return str(mapped or parsed)


def named_by(headers: Headers, header: str, form: NameForm) -> str:
    """The name in a proxy's header; empty when it is not there once."""
    wanted = header.lower().encode("latin-1", "replace")
    values = [value for name, value in headers.raw if name == wanted]
    return name_of(values[0], form).strip() if len(values) == 1 else ""


def name_of(value: bytes, form: NameForm) -> str:
    """A name as a proxy wrote it: bytes that are valid UTF-8 are UTF-8, others Latin-1."""
    if form == "percent":
        value = unquote_to_bytes(value)
    try:
        text = value.decode()
    except UnicodeDecodeError:
        text = value.decode("latin-1")
    if form != "mime":
        return text
    try:
        return str(make_header(decode_header(text)))
    except (HeaderParseError, LookupError, UnicodeError, ValueError):
        return text
