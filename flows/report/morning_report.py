"""The morning's words: a night's summary as lines for a terminal, a log or a webhook, and as Markdown.

Idea: what a tired person needs first stands first; what happened to many is told once, with a few names. Invariant:
text that may have come from outside is harmless where it is shown.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal

from extractors.crawl.crawl_statistics import CrawlLedger
from extractors.sources import counted
from flows.report.completeness import SourceCount
from flows.report.night_summary import NightSummary

SHOWN = 20
"""Entries of a list; the summary itself has them all."""
NAMES = 3
"""Agents named of those that ended alike."""
_COUNTS = ("asked", "sent", "fetched", "not_modified", "not_found", "forbidden", "deferred", "failed")


def morning_lines(summary: NightSummary) -> list[str]:
    """The verdict, then counts, then what changed, failed and waits."""
    done = ", ".join(f"{count} {_words(outcome.value)}" for outcome, count in summary.outcomes.items())
    lines = [
        f"night {summary.run}: {summary.verdict}; {summary.due} due, completeness {summary.completeness}, "
        + took(summary),
        f"  agents   {done or 'none due'}",
        f"  pages    {pages_line(summary.crawl)}",
    ]
    if summary.left_over:
        lines.append(f"  waiting  {summary.left_over} agents for another night: a host's page budget is used up")
    for source in summary.sources:
        told = f"{source.listings} listed, {source.new} new, {source.changed} changed, {source.missing} missing"
        lines.append(f"  source   {source.name}: {source.problem or told}")
        if source.left_out:
            lines.append(f"           left out: {counted(source.left_out)}")
    moves = [f"  changed  {move.slug}: {move.before} → {move.after} ({move.cause})" for move in summary.moved]
    lines += _cut(moves)
    lines += [f"  {outcome:<8} {named}: {reason}" for outcome, named, reason in failed_by_reason(summary)]
    lines += _cut([f"  lost     {slug}: a published quote no longer stands" for slug in summary.evidence_lost])
    if summary.calls:
        lines.append(f"  model    {_bill(summary)}")
    lines.append(f"  queue    {summary.queue} wait for review" + (" (assay review list)" if summary.queue else ""))
    return lines


def failed_by_reason(summary: NightSummary) -> list[tuple[str, str, str]]:
    """(outcome, who, why) of those that did not end well, most agents first; who ended alike is told at once."""
    alike: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for failure in summary.failures:
        alike[_words(failure.outcome.value), failure.reason].append(failure.slug)
    told = []
    for (outcome, reason), slugs in sorted(alike.items(), key=lambda group: -len(group[1])):
        more = f" and {len(slugs) - NAMES} more" if len(slugs) > NAMES else ""
        count = f"{len(slugs)} agents, " if len(slugs) > 1 else ""
        told.append((outcome, f"{count}{', '.join(slugs[:NAMES])}{more}", reason or outcome))
    rest = told[SHOWN:]
    return told[:SHOWN] + ([("…", f"{len(rest)} further reasons", "assay status --json")] if rest else [])


def _listed(source: SourceCount) -> str:
    left_out = f"; left out: {cell(counted(source.left_out))}" if source.left_out else ""
    return f"{source.listings} listed{left_out}"


def pages_line(crawl: CrawlLedger) -> str:
    """The counts that are not zero."""
    named = [(name, getattr(crawl, name)) for name in (*_COUNTS, "not_reached", "opted_out")]
    counts = [f"{count} {_words(name)}" for name, count in named if count]
    return f"{crawl.due} due: {', '.join(counts)}; {crawl.bytes_received:,} bytes" if crawl.due else "none asked for"


def took(summary: NightSummary) -> str:
    """`45 s`, `12 min` or `7 h 40 min`."""
    seconds = int((summary.finished_at - summary.started_at).total_seconds())
    if seconds < 120:
        return f"{seconds} s"
    hours, minutes = divmod(seconds // 60, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"


def _bill(summary: NightSummary) -> str:
    unknown = f" (no price for {summary.unpriced}: name a table with one in model.prices)" if summary.unpriced else ""
    return f"{summary.calls} calls, {summary.tokens} tokens, {summary.cost} USD{unknown}"


def morning_markdown(summary: NightSummary) -> str:
    """The same as a page."""
    head = cell(summary.verdict) if summary.complete else f"**failed**: {cell(summary.problem)}"
    model = _bill(summary)
    rows = [
        ("agents due", str(summary.due)),
        ("completeness", _percent(summary.completeness)),
        ("time", took(summary)),
        *((f"agents {_words(outcome.value)}", str(count)) for outcome, count in summary.outcomes.items()),
        ("new", str(len(summary.new))),
        ("changed", str(len(summary.moved))),
        ("evidence lost", str(len(summary.evidence_lost))),
        ("waiting for review", str(summary.queue)),
        ("left over for another night", str(summary.left_over)),
        ("model", model if summary.calls else "not asked"),
        ("pages", pages_line(summary.crawl)),
        *((f"source {cell(s.name)}", cell(s.problem) or _listed(s)) for s in summary.sources),
    ]
    parts = [f"# Night {summary.run}: {head}", _table(("", ""), rows)]
    if summary.failures:
        parts += ["## Failed by reason", _table(("outcome", "agents", "reason"), failed_by_reason(summary))]
    moves = [f"- {cell(m.slug)}: {m.before} → {m.after} ({m.cause})" for m in summary.moved]
    if moves:
        parts += ["## Changed", "\n".join(_cut(moves))]
    if summary.evidence_lost:
        parts += ["## Evidence lost", "\n".join(_cut([f"- {cell(slug)}" for slug in summary.evidence_lost]))]
    return "\n\n".join(parts) + "\n"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *([cell(part) for part in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _percent(share: Decimal) -> str:
    return f"{share * 100:.2f} %"


def _words(name: str) -> str:
    return name.replace("_", " ")


def _cut(lines: list[str]) -> list[str]:
    rest = len(lines) - SHOWN
    return lines if rest <= 0 else [*lines[:SHOWN], f"  … and {rest} more: assay status --json"]


def cell(text: str) -> str:
    """Text that may have come from outside, harmless in a Markdown table."""
    return "".join(c if c.isalnum() or c in " .,:;/%_-()…" else " " for c in text)[:300]
