"""What the nights of the benches run against, in processes of their own: a site, many hosts, a model that takes its
time.

`python -m benches.nights.local_servers site FOLDER`, `… hosts HOSTS AGENTS` and `… model SECONDS` print their address
and serve until their standard input closes.
"""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parents[2]


@cache
def bytecode() -> str:
    """Where the processes of this run keep theirs."""
    folder = tempfile.mkdtemp(prefix="assay-bytecode-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def environment(variables: dict[str, str]) -> dict[str, str]:
    """That of this process without settings of ours, with a place for bytecode."""
    ours = ("ASSAY_", "OPENAI_", "PYTHONDONTWRITEBYTECODE")
    kept = {key: value for key, value in os.environ.items() if not key.startswith(ours)}
    return kept | {"PYTHONPYCACHEPREFIX": bytecode()} | variables


def say(text: str) -> None:
    print(text, flush=True)


async def site(folder: str) -> None:
    """The files of a folder, read once, with their ETags."""
    import hashlib

    root = Path(folder)
    answers: dict[str, tuple[str, bytes, bytes]] = {}
    for file in root.rglob("*"):
        if file.is_file():
            body = file.read_bytes()
            etag = f'"{hashlib.sha256(body).hexdigest()[:20]}"'
            kind = {".html": "text/html", ".md": "text/markdown"}.get(file.suffix, "text/plain")
            head = f"content-type: {kind}; charset=utf-8\r\netag: {etag}\r\ncontent-length: "
            ok = f"HTTP/1.1 200 OK\r\n{head}{len(body)}\r\n\r\n".encode() + body
            answers["/" + str(file.relative_to(root))] = etag, ok, f"HTTP/1.1 304 Same\r\n{head}0\r\n\r\n".encode()
    answers["/"] = answers["/index.html"]

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                first, *rest = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
                known = answers.get(first.split()[1])
                asked = next((line[15:] for line in rest if line.lower().startswith("if-none-match: ")), "")
                if known is None:
                    writer.write(b"HTTP/1.1 404 Not here\r\ncontent-length: 0\r\n\r\n")
                else:
                    writer.write(known[2] if asked == known[0] else known[1])
                await writer.drain()
        writer.close()

    await until_closed(await asyncio.start_server(answer, "127.0.0.1", 0, backlog=512))


async def hosts(count: int, agents: int) -> None:
    """A list of `count` × `agents` agents on 127.0.0.1; one page of each, sorted by host, on 127.0.1.1, 127.0.1.2, …"""
    from tests.flows.made_site import DOES

    names = [f"127.0.1.{number}" for number in range(1, count + 1)]

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                path = (await reader.readuntil(b"\r\n\r\n")).split()[1].decode()
                number = path.removeprefix("/agent-").removesuffix(".html")
                if path == "/agents.csv":
                    kind, text = "text/csv", "\n".join(["name,url", *listed])
                elif number.isdigit():
                    does = DOES[int(number) % len(DOES)]
                    page = (
                        f"<title>Made {number}</title><main><h1>Made {number}</h1><p>Made {number} {does}.</p></main>"
                    )
                    kind, text = "text/html", f"<!doctype html>{page}"
                else:
                    kind, text = "text/plain", "User-agent: *\nDisallow:\n"
                head = f"HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\ncontent-length: {len(text)}\r\n\r\n"
                writer.write((head + text).encode())
                await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0, backlog=512)
    port = server.sockets[0].getsockname()[1]
    listed = [
        f"made-{agent},http://{name}:{port}/agent-{agent}.html"
        for place, name in enumerate(names)
        for agent in range(place * agents, (place + 1) * agents)
    ]
    await asyncio.start_server(answer, names, port, backlog=512)
    await until_closed(server)


async def until_closed(server: asyncio.Server, path: str = "") -> None:
    say(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}{path}")
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    os._exit(0)


async def model(seconds: float) -> None:
    """Every chat completion is the same good reply, after so many seconds."""
    from tests.model_replies import Replies

    message = {"role": "assistant", "content": Replies().text()}
    body: dict[str, Any] = {"id": "c", "object": "chat.completion", "created": 0, "model": "scripted"}
    body["choices"] = [{"index": 0, "message": message, "finish_reason": "stop"}]
    body["usage"] = {"prompt_tokens": 9000, "completion_tokens": 2000, "total_tokens": 11000}
    data = json.dumps(body).encode()
    head = f"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {len(data)}\r\n\r\n".encode()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                request = await reader.readuntil(b"\r\n\r\n")
                length = next(
                    int(line.split(b":")[1])
                    for line in request.split(b"\r\n")
                    if line.lower().startswith(b"content-length")
                )
                await reader.readexactly(length)
                await asyncio.sleep(seconds)
                writer.write(head + data)
                await writer.drain()
        writer.close()

    await until_closed(await asyncio.start_server(answer, "127.0.0.1", 0, backlog=512), "/v1")


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
    serve, given = sys.argv[1], sys.argv[2:]
    if serve == "site":
        asyncio.run(site(given[0]))
    elif serve == "hosts":
        asyncio.run(hosts(int(given[0]), int(given[1])))
    else:
        asyncio.run(model(float(given[0])))
