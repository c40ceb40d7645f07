"""A folder served as a real HTTP site on loopback, for the demonstration.

Idea: the demonstration crawls over HTTP like any night. Invariant: answers depend on the folder only;
an unchanged file answers a conditional request with 304.
"""

import hashlib
import threading
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

TYPES = {
    ".html": "text/html; charset=utf-8",
    ".md": "text/markdown; charset=utf-8",
    ".txt": "text/plain; charset=utf-8",
    ".json": "application/json",
    ".yml": "application/yaml",
    ".yaml": "application/yaml",
    ".toml": "application/toml",
    ".xml": "application/xml",
    ".csv": "text/csv; charset=utf-8",
}


class _Site(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1
    disable_nagle_algorithm = True
    root: Path
    moved: dict[str, str]

    def do_GET(self) -> None:
        path = unquote(urlsplit(self.path).path)
        if path in self.moved:
            self._answer(301, b"", {"Location": self.moved[path]})
            return
        file = (self.root / path.lstrip("/")).resolve()
        if file.is_dir():
            file = file / "index.html"
        if not file.is_relative_to(self.root) or not file.is_file():
            self._answer(404, b"not here\n", {"Content-Type": "text/plain"})
            return
        body = file.read_bytes()
        etag = f'"{hashlib.sha256(body).hexdigest()[:20]}"'
        if self.headers.get("If-None-Match") == etag:
            self._answer(304, b"", {"ETag": etag})
            return
        media_type = TYPES.get(file.suffix.lower(), "text/plain; charset=utf-8")
        self._answer(200, body, {"Content-Type": media_type, "ETag": etag})

    def _answer(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()

    def log_message(self, format: str, *args: object) -> None:
        """Silent: the crawler's own ledger says what was asked for."""


@contextmanager
def serve(folder: Path, redirects: Path | None = None, port: int = 0) -> Iterator[str]:
    """Serve the folder on loopback, on `port` if it is free; gives the site's base URL."""
    moved = tomllib.loads(redirects.read_text(encoding="utf-8")) if redirects else {}
    handler = type("Site", (_Site,), {"root": folder.resolve(), "moved": moved})
    try:
        server = ThreadingHTTPServer(("127.0.0.1", port), handler)
    except OSError:
        server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
