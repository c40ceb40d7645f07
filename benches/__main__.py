"""`python -m benches [topic …]`: run the figures and write BENCHMARKS.md with the machine and how to repeat.

Invariant: what is written is what was measured in this run; topics that were not run keep their rows.
"""

import importlib
import os
import platform
import sys
import time
import traceback
from pathlib import Path

from benches.figure import Figure

HERE = Path(__file__).parent
REPORT = HERE.parent / "BENCHMARKS.md"


def topics() -> dict[str, str]:
    """Topic to the module that measures it, by topic."""
    files = sorted(HERE.rglob("bench_*.py"), key=lambda file: file.stem)
    return {
        file.stem.removeprefix("bench_"): ".".join(file.relative_to(HERE.parent).with_suffix("").parts)
        for file in files
    }


def machine() -> str:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    system = f"{platform.system()} {platform.machine()}, CPython {platform.python_version()}"
    return f"{os.cpu_count()} cores, {memory:.0f} GiB, {system}"


def section(topic: str, figures: list[Figure], seconds: float) -> str:
    lines = [f"## {topic}", "", "| figure | measured | aim | met | how |", "|---|---|---|---|---|"]
    for figure in figures:
        met = "yes" if figure.met else "**no**"
        lines.append(f"| {figure.name} | {figure.value} | {figure.aim} | {met} | {figure.how} |")
    when = time.strftime("%Y-%m-%d", time.gmtime())
    lines += ["", f"{when}, {machine()}, {seconds:.0f} s. Repeat: `make bench` or `python -m benches {topic}`.", ""]
    return "\n".join(lines)


def written_sections() -> dict[str, str]:
    """The sections that stand in the report now."""
    if not REPORT.exists():
        return {}
    parts = REPORT.read_text(encoding="utf-8").split("\n## ")[1:]
    return {part.splitlines()[0]: "## " + part.rstrip("\n") + "\n" for part in parts}


def measured(topic: str) -> list[Figure]:
    """The topic's figures; none where the foreign data that it measures on is absent."""
    module = importlib.import_module(topics()[topic])
    shared: Path | None = getattr(module, "SHARED", None)
    figures: list[Figure] = module.run() if shared is None or shared.is_dir() else []
    return figures


def main() -> None:
    wanted = sys.argv[1:] or list(topics())
    sections = written_sections()
    failed = []
    for topic in wanted:
        start = time.perf_counter()
        try:
            figures = measured(topic)
        except Exception:  # the other topics are measured all the same
            traceback.print_exc()
            failed.append(topic)
            continue
        if not figures:
            print(f"{topic}: nothing to measure it on (ASSAY_SHARED)", flush=True)
            continue
        sections[topic] = section(topic, figures, time.perf_counter() - start)
        print(sections[topic], flush=True)
    head = "# Benchmarks\n\nMeasured, not promised. Ratios are taken within one run on one machine.\n"
    body = "\n".join(sections[name] for name in sorted(sections) if name in topics())
    REPORT.write_text(f"{head}\n{body}", encoding="utf-8")
    if failed:
        sys.exit(f"not measured: {', '.join(failed)}")


if __name__ == "__main__":
    main()
