"""A loopback site from a mapping of paths, asked through the real crawler."""

import threading
from collections.abc import AsyncIterator, Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import pytest_asyncio

from extractors.crawl.crawl_settings import CrawlSettings
from extractors.crawl.crawler import Crawler
from extractors.sources import Get


class Served:
    """`pages[path] = (status, media type, body)`; `asked` is the server's own log."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.pages: dict[str, tuple[int, str, bytes]] = {}
        self.asked: list[str] = []
        self.headers: dict[str, str] = {}
        """Sent with every page."""

    def put(
        self, path: str, body: str | bytes, media_type: str = "text/html; charset=utf-8", status: int = 200
    ) -> None:
        self.pages[path] = (status, media_type, body.encode() if isinstance(body, str) else body)


@pytest.fixture
def site() -> Iterator[Served]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path != "/robots.txt":
                served.asked.append(self.path)
            status, media_type, body = served.pages.get(self.path, (404, "text/plain", b"not here"))
            self.send_response(status)
            self.send_header("Content-Type", media_type)
            self.send_header("Content-Length", str(len(body)))
            for name, value in served.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    served = Served(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield served
    server.shutdown()
    server.server_close()


@pytest_asyncio.fixture
async def get(site: Served) -> AsyncIterator[Get]:
    settings = CrawlSettings(allow_private=(site.url.removeprefix("http://"),), pace=0, latency_factor=0, tries=1)
    async with Crawler(settings) as crawler:
        yield crawler.get


@pytest.fixture
def agents_page() -> Callable[[list[str], str], str]:
    """An index page in the shape of the bundled sample directory."""

    def page(names: list[str], further: str) -> str:
        cards = "".join(
            f'<article class="card"><h2><a href="/agents/{name.lower()}.html">{name}</a></h2>'
            f'<span class="kind">MCP Server</span><p class="tagline">{name} does one thing.</p></article>'
            for name in names
        )
        more = f'<a rel="next" href="{further}">more</a>' if further else ""
        return f"<!doctype html><body>{cards}<a href='/agents/footer.html'>no card</a>{more}"

    return page
