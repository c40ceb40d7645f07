"""One request and its answer, within bounds: bytes once decoded, bytes on the wire, headers, wall time.

Idea: a bare transport, no client on top, so that nothing follows redirects, keeps cookies or reads proxy
variables behind our back. Invariant: whatever a server does ends as a value, `Reply` or `Failure`.
"""

import asyncio
import ssl
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path

import httpcore
import httpx

from extractors.crawl.crawl_settings import CrawlSettings
from extractors.crawl.http.address_guard import BlockedAddress, PinnedBackend, Resolve, system_resolve
from extractors.crawl.http.content_decoding import Body, TooLarge, UndecodableBody
from extractors.crawl.http.url import Address
from extractors.pages.snapshot import FetchOutcome

# Of an answer that is not a page only this much is read, to keep the connection.
_ERROR_BODY = 64 * 1024
_NOT_TEXT = ("image/", "audio/", "video/", "font/", "model/")
_BINARY = (
    "pdf zip gzip x-gzip x-tar x-bzip2 x-xz x-7z-compressed java-archive vnd.rar wasm x-msdownload x-executable "
    "vnd.ms-excel msword zstd"
)
_NOT_TEXT_APPLICATIONS = frozenset(_BINARY.split())


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer with its decoded body."""

    status: int
    headers: Mapping[str, str]
    """Names in lower case; repeated ones joined by a comma."""
    body: bytes
    wire: int
    """Bytes of the body as they came."""
    cut: bool = False
    """True when the body goes on beyond the cap and the caller takes its beginning."""


@dataclass(frozen=True, slots=True)
class Failure:
    """No usable answer."""

    outcome: FetchOutcome
    reason: str
    wire: int = 0
    may_pass: bool = False
    answered: bool = False
    """True when the server sent headers."""
    sent: bool = True
    """False when no request left this machine."""
    not_before: datetime | None = None
    """When the host may be asked again, where that is known."""
    is_deferral: bool = False
    """True when the host's turn does not come, or does not come again, in this run."""


def deferral(outcome: FetchOutcome, reason: str, not_before: datetime | None = None) -> Failure:
    """In place of an answer when the host's turn does not come: `not_reached` when only the night's end was in the way,
    else `deferred`."""
    return Failure(outcome, reason, sent=False, not_before=not_before, is_deferral=True)


@dataclass(slots=True)
class Bounds:
    """What one answer may cost."""

    body: int
    wire: int
    seconds: float
    connect_seconds: float
    headers: int
    text_only: bool = True
    cut: bool = False


@dataclass(slots=True)
class _Progress:
    wire: int = 0
    answered: bool = False


class _BytesUsedUp(TooLarge):
    """The host's budget, not the page's size."""


class PinnedTransport(httpx.AsyncHTTPTransport):
    """httpx's transport with the address rule where the connection is made. Certificates are always checked."""

    def __init__(self, settings: CrawlSettings, resolve: Resolve = system_resolve) -> None:
        context = trusted(settings.authority_file)
        super().__init__(verify=context, trust_env=False)
        self._pool = httpcore.AsyncConnectionPool(
            ssl_context=context,
            max_connections=settings.in_flight + 1,
            max_keepalive_connections=settings.in_flight,
            keepalive_expiry=15.0,
            network_backend=PinnedBackend(settings.allow_private, resolve),
        )


@lru_cache(maxsize=8)
def trusted(authority_file: Path | None) -> ssl.SSLContext:
    """The certificate authorities of certifi, and further ones; never none. Read once: it takes 20 ms."""
    context = httpx.create_ssl_context(verify=True, trust_env=False)
    if authority_file is not None:
        context.load_verify_locations(cafile=str(authority_file))
    return context


async def exchange(
    transport: httpx.AsyncBaseTransport,
    address: Address,
    headers: Mapping[str, str],
    bounds: Bounds,
    *,
    method: str = "GET",
    content: bytes | None = None,
) -> Reply | Failure:
    """Sends one request. Redirects are the caller's."""
    progress = _Progress()
    try:
        async with asyncio.timeout(bounds.seconds):
            return await _exchange(transport, address, headers, bounds, progress, method, content)
    except TimeoutError:
        reason = f"no whole answer within {bounds.seconds:g} s"
        return Failure(FetchOutcome.TIMEOUT, reason, progress.wire, True, progress.answered)
    except httpx.TimeoutException as error:
        reason = str(error) or "no connection in time"
        sent = not isinstance(error, httpx.ConnectTimeout | httpx.PoolTimeout)
        return Failure(FetchOutcome.TIMEOUT, reason, progress.wire, True, progress.answered, sent)
    except _BytesUsedUp as error:
        return Failure(FetchOutcome.DEFERRED, str(error), progress.wire, answered=True)
    except TooLarge as error:
        return Failure(FetchOutcome.TOO_LARGE, str(error), progress.wire, answered=True)
    except UndecodableBody as error:
        return Failure(FetchOutcome.DAMAGED, str(error), progress.wire, answered=True)
    except httpx.InvalidURL as error:
        return Failure(FetchOutcome.BAD_URL, str(error), sent=False)
    except Exception as error:  # whatever a server can make a library do is an outcome, not a crash
        return _network_failure(error, progress)


async def _exchange(
    transport: httpx.AsyncBaseTransport,
    address: Address,
    headers: Mapping[str, str],
    bounds: Bounds,
    progress: _Progress,
    method: str,
    content: bytes | None,
) -> Reply | Failure:
    timeouts = {"connect": bounds.connect_seconds, "read": None, "write": None, "pool": None}  # the wall time holds
    request = httpx.Request(method, address.href, headers=headers, content=content, extensions={"timeout": timeouts})
    response = await transport.handle_async_request(request)
    try:
        progress.answered = True
        head = {name.lower(): value for name, value in response.headers.items()}
        size = sum(len(name) + len(value) for name, value in response.headers.raw)
        if size > bounds.headers:
            return Failure(FetchOutcome.TOO_LARGE, f"{size} bytes of headers", answered=True)
        if not 200 <= response.status_code < 300:
            return Reply(response.status_code, head, b"", await _drain(response, bounds, progress))
        if address.is_packed:
            head["content-type"] = "application/xml"  # of what is in the file, which is what is kept
        content_type = media_type(head.get("content-type", ""))
        if bounds.text_only and not is_text(content_type):
            return Failure(FetchOutcome.UNSUPPORTED_TYPE, f"{content_type} is not text", answered=True)
        body = Body(head.get("content-encoding", ""), bounds.body, address.is_packed)
        try:
            async for chunk in _chunks(response, bounds, progress):
                body.feed(chunk)
        except TooLarge as error:
            if not bounds.cut or isinstance(error, _BytesUsedUp):
                raise
            return Reply(response.status_code, head, body.so_far, progress.wire, cut=True)
        return Reply(response.status_code, head, body.finish(), progress.wire)
    finally:
        await response.aclose()


async def _chunks(response: httpx.Response, bounds: Bounds, progress: _Progress) -> AsyncIterator[bytes]:
    assert isinstance(response.stream, httpx.AsyncByteStream)
    async for chunk in response.stream:
        progress.wire += len(chunk)
        if progress.wire > bounds.wire:
            raise _BytesUsedUp("the host's bytes of tonight are used up")
        yield chunk


async def _drain(response: httpx.Response, bounds: Bounds, progress: _Progress) -> int:
    async for _ in _chunks(response, bounds, progress):
        if progress.wire > _ERROR_BODY:
            break
    return progress.wire


def _causes(error: BaseException) -> Iterator[BaseException]:
    cause: BaseException | None = error
    for _ in range(10):
        if cause is None:
            return
        yield cause
        cause = cause.__cause__ or cause.__context__


def _network_failure(error: Exception, progress: _Progress) -> Failure:
    reason = str(error) or type(error).__name__
    for cause in _causes(error):
        if isinstance(cause, BlockedAddress):
            return Failure(FetchOutcome.BLOCKED_ADDRESS, str(cause), sent=False)
        if isinstance(cause, ssl.SSLCertVerificationError):
            return Failure(FetchOutcome.UNREACHABLE, f"certificate refused: {cause.verify_message}", sent=False)
    if progress.answered:
        return Failure(FetchOutcome.DAMAGED, f"the answer broke off: {reason}", progress.wire, True, True)
    sent = not isinstance(error, httpx.ConnectError)
    return Failure(FetchOutcome.UNREACHABLE, reason, may_pass=isinstance(error, httpx.TransportError), sent=sent)


def media_type(content_type: str) -> str:
    """Without parameters, lower case."""
    return content_type.split(";")[0].split(",")[0].strip().lower()


def is_text(content_type: str) -> bool:
    """False for what is surely an image, an archive or a binary."""
    kind = media_type(content_type)
    return not kind.startswith(_NOT_TEXT) and kind.removeprefix("application/") not in _NOT_TEXT_APPLICATIONS
