"""Pages a second against Scrapy, on one loopback site of real pages; one process each.

The site is the corpus' own READMEs and documents, rendered to HTML inside a usual page frame, under several
loopback addresses (one request a host at a time is the house's rule, so a single host would measure that
rule). Scrapy obeys robots.txt and takes the text with BeautifulSoup over lxml; ours does robots, addresses,
one outcome a page kept in the database with its blob (64 a transaction), and page text with blocks and
offsets. Processor time is given beside the clock's, since other work on the machine weighs on the latter.
"""

import asyncio
import hashlib
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benches.figure import Figure
from benches.nights.local_servers import http, listening
from benches.shared_data import ROOT, SHARED

HERE = Path(__file__).parent
HOSTS = 8
RUNS = 3
BATCH = 64
"""Outcomes a transaction."""
FRAME = """<!DOCTYPE html><html lang=en><head><meta charset=utf-8><title>{0}</title><style>body{{margin:2em}}</style>
<script>window.start = Date.now()</script></head><body>
<nav><ul><li><a href=/>Home</a><li><a href=/docs>Docs</a></ul></nav>
<main><article>{1}</article></main><footer><p>All rights reserved</p></footer></body></html>"""


def python_with(requirements: Path) -> Path:
    """The interpreter of an environment with these requirements; made at first need, which takes a network."""
    digest = hashlib.sha256(requirements.read_bytes()).hexdigest()[:12]
    folder = ROOT / "build" / f"bench-{requirements.stem}-{digest}"
    python, done = folder / "bin" / "python", folder / "installed"
    if not done.exists():
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(folder)], check=True)
        quiet = ["-q", "--disable-pip-version-check", "--no-input"]
        subprocess.run([str(python), "-m", "pip", "install", *quiet, "-r", str(requirements)], check=True)
        done.touch()
    return python


def pages() -> dict[str, bytes]:
    """Path to HTML."""
    from markdown_it import MarkdownIt

    render = MarkdownIt("gfm-like", {"html": True}).render
    files = sorted(path for path in (SHARED / "corpus").rglob("*") if path.suffix.lower() in (".md", ".mdx"))
    files = [path for path in files if path.stat().st_size < 150_000]
    return {
        f"/{n}": FRAME.format(n, render(path.read_text("utf-8", "replace"))).encode() for n, path in enumerate(files)
    }


async def serve(site: dict[str, bytes]) -> None:
    """The site under all its addresses; the port goes to standard output."""
    answers = {path: http("text/html; charset=utf-8", body) for path, body in site.items()}
    answers["/robots.txt"] = http("text/plain", b"User-agent: *\nDisallow: /private/\nCrawl-delay: 0\n")

    def reply(head: bytes) -> bytes:
        return answers[head.split(b" ", 2)[1].decode()]

    port = 0
    for number in range(1, HOSTS + 1):
        server = await listening(reply, f"127.0.0.{number}", port)
        port = server.sockets[0].getsockname()[1]
    print(port, flush=True)
    await asyncio.Event().wait()


async def ours(urls: list[str]) -> dict[str, Any]:
    """One night over the URLs, in this process."""
    from extractors.crawl.crawl_settings import CrawlSettings
    from extractors.crawl.crawler import Crawler
    from extractors.pages.snapshot import Fetched, FetchOutcome, PageRequest
    from extractors.pages.text_extraction import page_text
    from records.store import Store
    from tests.extractors.crawl.world import crawl

    page_text(b"# warm", url="https://bench.invalid/README.md")
    addresses = tuple(f"127.0.0.{number}" for number in range(1, HOSTS + 1))
    settings = CrawlSettings(pace=0, latency_factor=0, allow_private=addresses, pages_per_host=len(urls))
    characters = 0
    ends: list[Fetched] = []
    batch: list[Fetched] = []

    def store_batch(store: Store) -> int:
        with store.writing():
            for end in batch:
                store.pages.keep(end)
        read = 0
        for end in batch:
            ends.append(end.model_copy(update={"body": None}))
            if end.body is not None and end.snapshot is not None:
                kind, charset = end.snapshot.media_type, end.snapshot.charset
                read += len(page_text(end.body, url=end.url, media_type=kind, charset=charset).text)
        batch.clear()
        return read

    with tempfile.TemporaryDirectory() as folder, Store.open(f"{folder}/assay.db") as store:
        begin, worked = time.perf_counter(), time.process_time()
        async with Crawler(settings) as crawler:
            async for end in crawl(crawler, [PageRequest(url=url) for url in urls]):
                batch.append(end)
                if len(batch) == BATCH:
                    characters += store_batch(store)
            characters += store_batch(store)
        seconds, worked = time.perf_counter() - begin, time.process_time() - worked
    pages = sum(end.outcome is FetchOutcome.FETCHED for end in ends)
    return {"pages": pages, "characters": characters, "seconds": seconds, "worked": worked}


def run() -> list[Figure]:
    if not SHARED.is_dir():
        return []
    python = python_with(HERE / "requirements-crawl.txt")
    site = pages()
    with tempfile.TemporaryDirectory() as folder:
        stored = Path(folder, "site.json")
        stored.write_text(json.dumps({path: body.decode() for path, body in site.items()}))
        server = subprocess.Popen(
            [sys.executable, "-m", "benches.crawl.bench_crawl", "serve", stored], stdout=subprocess.PIPE
        )
        try:
            assert server.stdout is not None
            port = int(server.stdout.readline())
            urls = [f"http://127.0.0.{host}:{port}{path}" for path in site for host in range(1, HOSTS + 1)]
            listed = Path(folder, "urls.json")
            listed.write_text(json.dumps(urls))
            theirs, mine = [], []
            for _ in range(RUNS):  # in turns, so that other work on the machine meets both
                theirs.append(_measured([str(python), str(HERE / "scrapy_site.py"), str(listed)]))
                mine.append(_measured([sys.executable, "-m", "benches.crawl.bench_crawl", "ours", str(listed)]))
        finally:
            server.kill()
            server.wait()
    assert all(result["pages"] == len(urls) for result in theirs + mine)
    scrapy, assay = _best(theirs, "seconds"), _best(mine, "seconds")
    work = _best(mine, "worked") / _best(theirs, "worked")
    how = (
        f"best of {RUNS} runs, {len(urls)} pages of {sum(map(len, site.values())) // len(site):,} bytes, {HOSTS} hosts"
    )
    detail = f"{how}; {assay:,.0f} against {scrapy:,.0f} pages/s by the clock, {work:.1f} × by processor time"
    return [
        Figure("pages crawled, read and kept", f"{assay:,.0f} /s", "≥ 240 /s", assay >= 240, how),
        Figure("times faster than Scrapy", f"{assay / scrapy:.1f} ×", "≥ 2 ×", assay >= 2 * scrapy, detail),
    ]


def _best(results: list[dict[str, Any]], time_of: str) -> float:
    return max(float(result["pages"]) / result[time_of] for result in results)


def _measured(command: list[str]) -> dict[str, Any]:
    done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT)
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer


if __name__ == "__main__":
    content = json.loads(Path(sys.argv[2]).read_text())
    if sys.argv[1] == "serve":
        asyncio.run(serve({path: body.encode() for path, body in content.items()}))
    else:
        print(json.dumps(asyncio.run(ours(content))))
