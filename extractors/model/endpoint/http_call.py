"""One HTTP call to an OpenAI-compatible endpoint, and every way in which it can end.

Idea: the `openai` client carries the call; its own retries are off, because retries live at the model seam
alone. Invariants: a body of more than `LARGEST` bytes (a stream, a file: its own bound) is never read to its end;
a compressed body is not accepted; the key is in no message; whatever happens is an answer, an `EndpointError`, or
`TooLarge`.
"""

from __future__ import annotations

import asyncio
import os
import ssl
from collections.abc import Awaitable, Callable
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from extractors.model.endpoint.chat_response import Answer, read_answer
from extractors.model.endpoint.errors import EndpointError, sort_error
from scoring.errors import TerminalError

if TYPE_CHECKING:
    from openai import AsyncOpenAI

LARGEST = 1_000_000
"""Bytes of a body. A full reply has about 20,000."""
LARGEST_STREAM = 8_000_000
"""Bytes of a stream that nobody asked for: some 300 for each token."""
LARGEST_FILE = 250_000_000
"""Bytes of a file of answers."""
HEAD = 64_000
"""Bytes of an oversized body that are kept to be looked at."""


@cache
def _trusted() -> ssl.SSLContext:
    """The certificate authorities. Read once: it takes 20 ms."""
    import httpx2

    return httpx2.create_ssl_context()


class TooLarge(TerminalError):
    """The body was cut off at `LARGEST`."""

    def __init__(self, head: bytes) -> None:
        super().__init__(f"the endpoint's answer is larger than {LARGEST:,} bytes")
        self.head = head.decode("utf-8", "replace")


class Endpoint:
    """Opens its connections on first use, anew for each event loop."""

    def __init__(self, api_key: str, base_url: str | None, timeout: float) -> None:
        self._api_key = api_key
        self._base_url = base_url
        self._timeout = timeout
        self._client: AsyncOpenAI | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    async def send(self, body: dict[str, Any]) -> Answer:
        """One try. Raises `EndpointError` or `TooLarge`."""
        raw = await self._raw(  # by `extra_body` it goes out as it is, without the client's look at every key of it
            lambda client: client.chat.completions.create(model=body["model"], messages=[], extra_body=body),
            self._timeout,
        )
        return read_answer(raw.content, raw.headers)

    async def call(self, work: Callable[[Any], Awaitable[Any]], seconds: float = 0.0) -> str:
        """The text of any other call of the `openai` client. Raises as `send` does."""
        raw = await self._raw(work, max(seconds, self._timeout))
        text: str = raw.content.decode("utf-8", "replace")
        return text

    async def _raw(self, work: Callable[[Any], Awaitable[Any]], seconds: float) -> Any:
        import openai

        try:
            async with asyncio.timeout(seconds):
                return await work(self.open().with_options(timeout=seconds).with_raw_response)
        except (openai.APITimeoutError, TimeoutError) as error:
            problem = f"no answer within {seconds:g} s"
            raise EndpointError(problem, "transport", billed=True) from error
        except openai.APIConnectionError as error:
            if isinstance(error.__cause__, TooLarge):
                raise error.__cause__ from error
            cause = type(error.__cause__).__name__ if error.__cause__ else "no connection"
            problem = f"connection failed{self._by_proxy()} ({cause})"
            raise EndpointError(problem, "transport", billed=cause != "ConnectError") from error
        except openai.APIStatusError as error:
            response = error.response
            raise sort_error(error.status_code, response.content, response.headers) from error

    async def get(self, path: str) -> Any:
        """The JSON of a path below the endpoint's address; None where there is none."""
        import openai

        try:
            async with asyncio.timeout(self._timeout):
                return await self.open().get(path, cast_to=object)
        except (openai.APIError, TimeoutError, ValueError):
            return None

    @property
    def address(self) -> str:
        """Where it is, for whoever keeps what it holds."""
        return self._base_url or os.environ.get("OPENAI_BASE_URL", "")

    def _by_proxy(self) -> str:
        """By which proxy a connection goes, without what is secret in its address."""
        parts = urlsplit(str(self._client.base_url) if self._client is not None else "")
        proxies = getproxies()
        for kind in (parts.scheme, "all"):
            if kind in proxies and not proxy_bypass(parts.hostname or ""):
                return f" by the proxy {urlsplit(proxies[kind]).hostname} of {kind.upper()}_PROXY"
        return ""

    def open(self) -> AsyncOpenAI:
        """Loads the library, which takes half a second."""
        loop = asyncio.get_running_loop()
        if self._client is None or self._loop is not loop:
            from openai import AsyncOpenAI, DefaultAsyncHttpxClient

            from extractors.model.endpoint.response_limit import cap

            self._loop = loop
            self._client = AsyncOpenAI(
                api_key=self._api_key or "none",
                base_url=self._base_url,
                max_retries=0,
                timeout=self._timeout,
                default_headers={"Accept-Encoding": "identity"},
                http_client=DefaultAsyncHttpxClient(
                    verify=_trusted(), follow_redirects=False, event_hooks={"response": [cap]}
                ),
            )
        return self._client

    async def aclose(self) -> None:
        if self._client is not None and self._loop is asyncio.get_running_loop():
            await self._client.close()
        self._client = None
