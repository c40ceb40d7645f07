"""What every request and answer passes: size, origin, headers.

Idea: a form that another site sends is refused by what browsers say of themselves (`Sec-Fetch-Site`, else
`Origin`), so no page needs a token. Invariants: an answer never allows inline script or foreign content; a
request that changes something and comes from elsewhere reaches no route.
"""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

API = "/api/"
"""Where programs ask: by a token only, as JSON only."""
LARGEST_BODY = 1_000_000
LARGEST_REFUSED_BODY = 16_000_000  # read and dropped before a refusal is said
LONGEST_READ = 10.0  # seconds, of the same
SAFE = ("GET", "HEAD", "OPTIONS")
HEADERS = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",  # with `no-referrer` a browser sends a form's origin as null
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
}


def from_elsewhere(method: str, headers: Mapping[str, str], scheme: str, *, forwarded: bool = False) -> str:
    """Why a request counts as forged; empty when it does not.

    Every browser of today sends one of the two headers with a form. Without both it is no browser. A proxy that
    was asked on another port than 80 or 443 often leaves it out of `Host`: then (`forwarded`) any port will do,
    since no cookie and no password of a browser tells ports apart.
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
        sent, here = urlsplit(origin), urlsplit(f"{scheme}://{headers.get('host', '')}")
        ports = (sent.port or _port(sent.scheme), here.port or _port(scheme))
        same_port = ports[0] == ports[1] or (forwarded and here.port is None)
    except ValueError:
        return "the origin is malformed"
    if sent.hostname and (sent.scheme, sent.hostname) == (here.scheme, here.hostname) and same_port:
        return ""
    return f"the origin is {origin[:80]}, the desk was asked as {here.geturl()[:80]}"


def _port(scheme: str) -> int:
    return 443 if scheme == "https" else 80


def refusal(why: str, peer: str, trusted: bool) -> str:
    """What a refused person reads; the lines are those of nginx."""
    message = f"Refused: this did not come from the desk itself ({why}).\n"
    if not why.startswith("the origin"):
        return message
    if not trusted:
        return message + f"Behind a proxy: add its address ({peer}) to the setting desk.trusted_proxies.\n"
    return message + (
        "Behind a proxy: it has to send `proxy_set_header Host $http_host;` (or X-Forwarded-Host) and "
        "`proxy_set_header X-Forwarded-Proto $scheme;`.\n"
    )


class RequestGuard:
    """ASGI middleware around the whole desk, within `FromProxies`."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers, state = Headers(scope=scope), scope["state"]
        body = Body(receive)

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                sent = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    sent[name] = value
                sent.setdefault("cache-control", "no-store")
                if scope["method"] not in SAFE:
                    await body.drain()
            await send(message)

        by_token = scope["path"].startswith(API)  # no cookie counts there, so no other site can use a browser's
        why = (
            "" if by_token else from_elsewhere(scope["method"], headers, scope["scheme"], forwarded=state["forwarded"])
        )
        length = headers.get("content-length", "0")
        if why:
            answer = PlainTextResponse(refusal(why, state["peer"], state["trusted"]), 403)
        elif not length.isdigit() or int(length) > LARGEST_BODY or not await body.fits(headers):
            answer = PlainTextResponse("Too large.\n", 413)
        else:
            await self.app(scope, body.receive, send_guarded)
            return
        await answer(scope, receive, send_guarded)


class Body:
    """A request's body as it comes: measured when it came in chunks, and read to its end before any answer.

    A server that answers and closes while a body is still on its way resets the connection: the proxy then says
    502 and the browser "connection reset", and nobody reads why the request was refused.
    """

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._kept: list[Message] = []
        self._size = 0
        self._ended = False

    async def receive(self) -> Message:
        """The next message, the kept ones first."""
        return self._kept.pop(0) if self._kept else await self._next()

    async def fits(self, headers: Headers) -> bool:
        """Whether a body without a length is small enough; what was read of it is kept for `receive`."""
        while "transfer-encoding" in headers and not self._ended and self._size <= LARGEST_BODY:
            self._kept.append(await self._next())
        return self._size <= LARGEST_BODY

    async def drain(self) -> None:
        """Read and drop what has not come yet, within two bounds."""
        with suppress(TimeoutError):
            async with asyncio.timeout(LONGEST_READ):
                while not self._ended and self._size <= LARGEST_REFUSED_BODY:
                    await self._next()

    async def _next(self) -> Message:
        message = await self._receive()
        self._size += len(message.get("body", b""))
        self._ended = not message.get("more_body", False)
        return message
