"""Loopback servers that do what they are told and keep their own log; a clock that costs no time."""

import asyncio
import selectors
import ssl
from collections.abc import Awaitable, Callable, Coroutine
from datetime import UTC, datetime, timedelta
from typing import Any

from extractors.crawl.crawl_settings import CrawlSettings
from extractors.crawl.politeness.clock import Clock

Answer = bytes | tuple[int, dict[str, str], bytes]
Behave = Callable[["Asked"], Answer | Awaitable[Answer]]


class Asked:
    """One request as the server saw it."""

    def __init__(self, path: str, headers: dict[str, str], writer: asyncio.StreamWriter, body: bytes = b"") -> None:
        self.path, self.headers, self.writer, self.body = path, headers, writer, body


class Server:
    """An HTTP/1.1 server on loopback. `pages` maps a path to an answer or to something that makes one."""

    def __init__(self, pages: dict[str, Any] | None = None) -> None:
        self.pages: dict[str, Any] = {"/robots.txt": (404, {}, b"")} | (pages or {})
        self.connections = 0
        self.log: list[Asked] = []
        self.port = 0

    @property
    def paths(self) -> list[str]:
        """What was asked for, without robots.txt."""
        return [asked.path for asked in self.log if asked.path != "/robots.txt"]

    def url(self, path: str = "/", host: str = "127.0.0.1", scheme: str = "http") -> str:
        return f"{scheme}://{host}:{self.port}{path}"

    async def start(self, tls: ssl.SSLContext | None = None, host: str = "127.0.0.1") -> None:
        self._server = await asyncio.start_server(self._serve, host, 0, ssl=tls)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                lines = head.decode("latin-1").split("\r\n")
                headers = {k.lower(): v.strip() for k, _, v in (line.partition(":") for line in lines[1:] if line)}
                body = await reader.readexactly(int(headers.get("content-length", 0)))
                asked = Asked(lines[0].split(" ")[1], headers, writer, body)
                self.log.append(asked)
                answer = self.pages.get(asked.path.split("?")[0], (404, {}, b""))
                if callable(answer):
                    answer = answer(asked)
                    if isinstance(answer, Awaitable):
                        answer = await answer
                if answer is None:
                    break
                writer.write(answer if isinstance(answer, bytes) else encoded(*answer))
                await writer.drain()
        except (OSError, asyncio.IncompleteReadError, ssl.SSLError):
            pass
        finally:
            writer.close()


def encoded(status: int, headers: dict[str, str], body: bytes) -> bytes:
    lines = [f"HTTP/1.1 {status} X"] + [f"{name}: {value}" for name, value in headers.items()]
    lines += [] if status == 304 else [f"Content-Length: {len(body)}"]
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body


def page(body: bytes = b"<p>Hello</p>", **headers: str) -> tuple[int, dict[str, str], bytes]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return (200, {"Content-Type": "text/html"} | named, body)


def redirect(to: str, status: int = 302, **headers: str) -> tuple[int, dict[str, str], bytes]:
    return (status, {"Location": to} | {name.replace("_", "-"): value for name, value in headers.items()}, b"")


def quick(*allow: str, **changes: Any) -> CrawlSettings:
    """Settings without pauses, for tests that are not about politeness."""
    plain: dict[str, Any] = {"pace": 0, "latency_factor": 0, "timeout": 60, "tries": 1, "allow_private": allow}
    return CrawlSettings(**(plain | changes))


class _Jumping(selectors.SelectSelector):
    """Never waits: the loop's time jumps to the next thing that is due."""

    jumped = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if not ready and timeout is not None and timeout > 0:
            self.jumped += timeout
        return ready


class SimulatedLoop(asyncio.SelectorEventLoop):
    """An event loop on simulated time; everything in it must be in process."""

    def __init__(self) -> None:
        self._jumping = _Jumping()
        super().__init__(self._jumping)

    def time(self) -> float:
        return self._jumping.jumped


class SimulatedClock(Clock):
    """The clock of a `SimulatedLoop`."""

    def __init__(self, start: datetime = datetime(2026, 3, 1, 1, tzinfo=UTC)) -> None:
        self.start = start

    def now(self) -> datetime:
        return self.start + timedelta(seconds=asyncio.get_running_loop().time())

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


def simulate(work: Coroutine[Any, Any, Any]) -> Any:
    """Runs the work on simulated time."""
    with asyncio.Runner(loop_factory=SimulatedLoop) as runner:
        return runner.run(work)
