"""What the nights of the benches run against, in processes of their own: a site, many hosts, a database.

`python -m benches.nights.local_servers site FOLDER` and `… hosts HOSTS AGENTS` print their address and serve until
their standard input closes.
"""

import asyncio
import contextlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.postgres_server import PostgresServer, binaries

HERE = Path(__file__).resolve().parents[2]


BYTECODE = HERE / "build" / "bench-bytecode"
"""Of the processes that are measured, which have it as after an installation."""


def environment(variables: dict[str, str]) -> dict[str, str]:
    """That of this process without settings of ours, with a place for bytecode."""
    ours = ("ASSAY_", "OPENAI_", "PYTHONDONTWRITEBYTECODE")
    others = {key: value for key, value in os.environ.items() if not key.startswith(ours)}
    return others | {"PYTHONPYCACHEPREFIX": str(BYTECODE)} | variables


async def listening(
    reply: Callable[[bytes], bytes], hosts: str | list[str] = "127.0.0.1", port: int = 0
) -> asyncio.Server:
    """Answers every request of every connection; `reply` is given its head."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                writer.write(reply(await reader.readuntil(b"\r\n\r\n")))
                await writer.drain()
        writer.close()

    return await asyncio.start_server(answer, hosts, port, backlog=512)


def http(kind: str, body: bytes, more: str = "", status: str = "200 OK") -> bytes:
    """One answer."""
    return f"HTTP/1.1 {status}\r\ncontent-type: {kind}\r\n{more}content-length: {len(body)}\r\n\r\n".encode() + body


async def site(folder: str) -> None:
    """The files of a folder, read once, with their ETags."""
    import hashlib

    root = Path(folder)
    answers: dict[str, tuple[str, bytes, bytes]] = {}
    for file in root.rglob("*"):
        if file.is_file():
            body = file.read_bytes()
            etag = f'"{hashlib.sha256(body).hexdigest()[:20]}"'
            kind = {".html": "text/html", ".md": "text/markdown"}.get(file.suffix, "text/plain") + "; charset=utf-8"
            same = http(kind, b"", f"etag: {etag}\r\n", "304 Same")
            answers["/" + str(file.relative_to(root))] = etag, http(kind, body, f"etag: {etag}\r\n"), same
    answers["/"] = answers["/index.html"]

    def reply(head: bytes) -> bytes:
        first, *rest = head.decode().split("\r\n")
        known = answers.get(first.split()[1])
        if known is None:
            return http("text/plain", b"", status="404 Not here")
        known_etag = next((line[15:] for line in rest if line.lower().startswith("if-none-match: ")), "")
        return known[2] if known_etag == known[0] else known[1]

    await until_closed(await listening(reply))


async def hosts(count: int, agents: int) -> None:
    """A list of `count` × `agents` agents on 127.0.0.1; one page of each, sorted by host, on 127.0.1.1, 127.0.1.2, …"""
    from tests.flows.made_site import DOES

    names = [f"127.0.1.{number}" for number in range(1, count + 1)]

    def reply(head: bytes) -> bytes:
        path = head.split()[1].decode()
        number = path.removeprefix("/agent-").removesuffix(".html")
        if path == "/agents.csv":
            return http("text/csv", "\n".join(["name,url", *listed]).encode())
        if not number.isdigit():
            return http("text/plain", b"User-agent: *\nDisallow:\n")
        does = DOES[int(number) % len(DOES)]
        page = f"<title>Made {number}</title><main><h1>Made {number}</h1><p>Made {number} {does}.</p></main>"
        return http("text/html", f"<!doctype html>{page}".encode())

    server = await listening(reply)
    port = server.sockets[0].getsockname()[1]
    listed = [
        f"made-{agent},http://{name}:{port}/agent-{agent}.html"
        for place, name in enumerate(names)
        for agent in range(place * agents, (place + 1) * agents)
    ]
    await listening(reply, names, port)
    await until_closed(server)


async def until_closed(server: asyncio.Server) -> None:
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    os._exit(0)


@contextlib.contextmanager
def postgres(options: str = "") -> Iterator[str | None]:
    """The address of a PostgreSQL of this bench's own; None where no server is installed."""
    programs = binaries()
    with tempfile.TemporaryDirectory(prefix="assay-bench-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        server = PostgresServer(Path(folder), programs, options) if programs is not None else None
        try:
            yield f"{server.url}/postgres" if server is not None else None
        finally:
            if server is not None:
                server.stop()


@contextlib.contextmanager
def running(*arguments: str) -> Iterator[str]:
    """One of the servers above in a process of its own; gives its address."""
    process = subprocess.Popen(
        [sys.executable, "-m", "benches.nights.local_servers", *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=HERE,
    )
    assert process.stdout is not None and process.stdin is not None
    try:
        yield process.stdout.readline().strip()
    finally:
        process.stdin.close()
        process.wait(10)


if __name__ == "__main__":
    serve, *arguments = sys.argv[1:]
    asyncio.run(site(*arguments) if serve == "site" else hosts(*map(int, arguments)))
