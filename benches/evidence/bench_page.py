"""Page text: the median README and the largest document of the corpus."""

from __future__ import annotations

import statistics
import time
from pathlib import Path

from benches.figure import Figure
from benches.shared_data import SHARED
from extractors.pages.text_extraction import page_text


def seconds(path: Path, runs: int = 7) -> float:
    """The best of several runs on one document: what other work on the machine adds is not ours."""
    body, url = path.read_bytes(), f"https://bench.invalid/{path.name}"
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        page_text(body, url=url)
        times.append(time.perf_counter() - start)
    return min(times)


def run() -> list[Figure]:
    readmes = sorted(
        p for top in ("corpus/agents", "agreement") for p in (SHARED / top).rglob("*") if p.name.lower() == "readme.md"
    )
    if not readmes:
        return []
    page_text(b"# warm", url="https://bench.invalid/README.md")
    each = {path: seconds(path) for path in readmes}
    middle = statistics.median(each.values())
    largest = max(readmes, key=lambda path: path.stat().st_size)
    whole = sum(path.stat().st_size for path in readmes) / 1e6 / sum(each.values())
    how = f"best of 7 runs on each of {len(readmes)} READMEs, one process"
    return [
        Figure("extractors", "page text, median README", f"{middle * 1e3:.1f} ms", "≤ 10 ms", middle <= 0.010, how),
        Figure(
            "extractors",
            f"page text, largest README ({largest.stat().st_size:,} bytes)",
            f"{each[largest] * 1e3:.1f} ms",
            "≤ 80 ms",
            each[largest] <= 0.080,
            how,
        ),
        Figure(
            "extractors",
            "page text, slowest README",
            f"{max(each.values()) * 1e3:.1f} ms",
            "≤ 80 ms",
            max(each.values()) <= 0.080,
            how,
        ),
        Figure("extractors", "page text, Markdown read", f"{whole:.2f} MB/s", "none set", True, how),
    ]
