"""A body that ends with an error once it is too large. Imported only when an endpoint is really called."""

from collections.abc import AsyncIterator

import httpx2

from extractors.model.endpoint.http_call import HEAD, LARGEST, LARGEST_FILE, LARGEST_STREAM, TooLarge


class CappedStream(httpx2.AsyncByteStream):
    """Passes bytes on until there are more than `largest`; keeps the first of them for the error."""

    def __init__(self, stream: httpx2.AsyncByteStream, largest: int) -> None:
        self._stream = stream
        self._largest = largest

    async def __aiter__(self) -> AsyncIterator[bytes]:
        received, head = 0, b""
        async for chunk in self._stream:
            received += len(chunk)
            head = (head + chunk)[:HEAD] if len(head) < HEAD else head
            if received > self._largest:
                raise TooLarge(head)
            yield chunk

    async def aclose(self) -> None:
        await self._stream.aclose()


async def cap(response: httpx2.Response) -> None:
    """Called with the headers, before the body is read. A compressed body could unfold beyond any bound."""
    if response.headers.get("content-encoding", "identity") != "identity":
        raise TooLarge(b"")
    assert isinstance(response.stream, httpx2.AsyncByteStream)
    is_file = response.request.method == "GET" and response.request.url.path.endswith("/content")
    streamed = response.headers.get("content-type", "").startswith(("text/event-stream", "application/x-ndjson"))
    largest = LARGEST_FILE if is_file else LARGEST_STREAM if streamed else LARGEST
    response.stream = CappedStream(response.stream, largest)
