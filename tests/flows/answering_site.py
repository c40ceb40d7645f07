"""A site on loopback whose answers a test writes and changes between nights."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple
from urllib.parse import urlsplit

HTML = "text/html; charset=utf-8"


class Answer(NamedTuple):
    status: int = 200
    body: str = ""
    headers: dict[str, str] = {}  # noqa: RUF012 - never changed
    media_type: str = HTML


class Site:
    """`answers` maps a path, with its query or without, to what it answers; `otherwise` answers all else."""

    def __init__(self) -> None:
        self.base = ""
        self.answers: dict[str, Answer] = {}
        self.otherwise: Callable[[str], Answer] = lambda path: Answer(404, "not here")
        self.asked: list[str] = []

    def answer(self, path: str) -> Answer:
        self.asked.append(path)
        bare = urlsplit(path).path
        return self.answers.get(path) or self.answers.get(bare) or self.otherwise(path)


@contextmanager
def answering(host: str = "127.0.0.1") -> Iterator[Site]:
    """The site, served until the block ends, at any address of the loopback. It has no robots.txt; an answer with an
    `ETag` that is known is 304, without its other headers."""
    site = Site()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1

        def do_GET(self) -> None:
            if self.path == "/robots.txt" and self.path not in site.answers:
                status, text, headers, media_type = Answer(404)
            else:
                status, text, headers, media_type = site.answer(self.path)
            if (etag := headers.get("ETag")) is not None and self.headers.get("If-None-Match") == etag:
                status, text, headers = 304, "", {"ETag": etag}
            body = text.replace("{BASE}", site.base).encode()
            self.send_response(status)
            for name, value in {"Content-Type": media_type, **headers}.items():
                self.send_header(name, value.replace("{BASE}", site.base))
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
            self.wfile.flush()

        def log_message(self, format: str, *args: object) -> None:
            """Silent."""

    server = ThreadingHTTPServer((host, 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    site.base = f"http://{host}:{server.server_address[1]}"
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
