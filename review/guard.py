"""What every request and answer passes: size, origin, headers.

Idea: a form that another site sends is refused by what browsers say of themselves (`Sec-Fetch-Site`, else
`Origin`), so no page needs a token. Invariants: an answer never allows inline script or foreign content; a
request that changes something and comes from elsewhere reaches no route.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LARGEST_BODY = 1_000_000
SAFE = ("GET", "HEAD", "OPTIONS")
HEADERS = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
}


def from_elsewhere(method: str, headers: Mapping[str, str], scheme: str) -> str:
    """Why a request counts as forged; empty when it does not.

    Every browser of today sends one of the two headers with a form. Without both it is no browser.
    """
    if method in SAFE:
        return ""
    site = headers.get("sec-fetch-site")
    if site is not None:
        return "" if site in ("same-origin", "none") else f"Sec-Fetch-Site is {site[:40]}"
    origin = headers.get("origin")
    if origin is None:
        return ""
    try:
        parts = urlsplit(origin)
        sent = (parts.scheme, parts.hostname, parts.port or _port(parts.scheme))
        here = urlsplit(f"{scheme}://{headers.get('host', '')}")
        own = (here.scheme, here.hostname, here.port or _port(scheme))
    except ValueError:
        return "the origin is malformed"
    return "" if sent == own and parts.hostname else f"the origin is {origin[:80]}"


def _port(scheme: str) -> int:
    return 443 if scheme == "https" else 80


class Guard:
    """ASGI middleware around the whole desk."""

    def __init__(self, app: ASGIApp, trusted_proxies: tuple[str, ...] = ()) -> None:
        self.app = app
        self.trusted = trusted_proxies

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        scheme = scope["scheme"]
        client = scope.get("client")
        if client and client[0] in self.trusted and headers.get("x-forwarded-proto") in ("http", "https"):
            scheme = scope["scheme"] = headers["x-forwarded-proto"]

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                sent = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    sent[name] = value
                sent.setdefault("cache-control", "no-store")
            await send(message)

        why = from_elsewhere(scope["method"], headers, scheme)
        if why:
            refusal = PlainTextResponse(f"Refused: this did not come from the desk itself ({why}).\n", 403)
            await refusal(scope, receive, send_guarded)
            return
        length = headers.get("content-length", "0")
        if not length.isdigit() or int(length) > LARGEST_BODY or "transfer-encoding" in headers:
            await PlainTextResponse("Too large.\n", 413)(scope, receive, send_guarded)
            return
        await self.app(scope, receive, send_guarded)
