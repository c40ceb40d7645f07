"""The morning's words: a night's summary as lines for a terminal, a log or a webhook, and as Markdown.

Idea: what a tired person needs comes first; what happened to many is one line, with a few names. Invariant:
text that may have come from outside is harmless where it is shown.
"""

from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal

from extractors.crawl.crawl_statistics import CrawlLedger
from extractors.sources import counted
from flows.report.completeness import SourceCount
from flows.report.night_summary import NightSummary
from records.database.runs import AgentOutcome

SHOWN = 20
"""Entries of a list; the summary itself has them all."""
NAMES = 3
"""Agents named of those that ended alike."""
_BY_HOST = (AgentOutcome.UNREACHABLE, AgentOutcome.DEFERRED)
"""Endings that the line of a failed host says for its agents."""
_COUNTS = ("asked", "sent", "fetched", "not_modified", "not_found", "forbidden", "deferred", "failed")


def morning_lines(summary: NightSummary) -> list[str]:
    """The verdict; what needs a person; what is new and what moved; what it cost; then the counts."""
    done = ", ".join(f"{count} {_words(outcome.value)}" for outcome, count in summary.outcomes.items())
    head = f"night {summary.run}: {summary.verdict}; {summary.due} due, completeness {summary.completeness}, "
    lines = [head + duration_text(summary)]
    lines += [f"  {kind:<8} {line}" for kind, line in needs_a_person(summary)]
    if summary.new:
        lines.append(f"  new      {named(summary.new, SHOWN)}")
    lines += _cut([f"  moved    {line}" for line in score_moves(summary)])
    if summary.calls:
        lines.append(f"  model    {_bill(summary)}")
    lines += [f"  agents   {done or 'none due'}", f"  pages    {pages_line(summary.crawl)}"]
    if summary.left_over:
        lines.append(f"  waiting  {left_over(summary)}")
    for source in summary.sources:
        if not source.problem:
            counts = {"new": source.new, "changed": source.changed, "missing": source.missing}
            counts_text = "".join(f", {count} {name}" for name, count in counts.items() if count)
            lines.append(f"  source   {source.name}: {source.listings} listed{counts_text}")
        if source.left_out:
            lines.append(f"           left out: {counted(source.left_out)}")
    return lines


def left_over(summary: NightSummary) -> str:
    """How many agents wait for another night, and for which hosts."""
    hosts = [f"{host} ({agents})" for host, agents in summary.full_hosts.items()]
    named = f": {', '.join(hosts[:NAMES])}{' and others' if hosts[NAMES:] else ''}" if hosts else ""
    why = "the page budget of a host is planned for agents before them"
    return f"{summary.left_over} agents for another night: {why}{named}"


def needs_a_person(summary: NightSummary) -> list[tuple[str, str]]:
    """(kind, what) of what somebody has to look at, what concerns most agents first within its kind."""
    failed = [source for source in summary.sources if source.problem]
    items = [("source", f"{source.name}: {source.problem}{_behind(source.behind)}") for source in failed]
    hosts = [f"{host.host}: {host.reason}; {host.pages} pages{_behind(len(host.agents))}" for host in summary.hosts]
    items += [("host", line) for line in _cut(hosts)]
    items += [(outcome, f"{who}: {reason}") for outcome, who, reason in failed_by_reason(summary)]
    items += [
        ("lost", line)
        for line in _cut([f"{slug}: a published quote no longer stands" for slug in summary.evidence_lost])
    ]
    queue = f"{summary.queue} wait for review (assay review list)"
    return [*items, ("queue", queue)] if summary.queue else items


def _behind(agents: int) -> str:
    return f" ({agents} agent{'s' if agents != 1 else ''} behind it)" if agents else ""


def score_moves(summary: NightSummary) -> list[str]:
    """`otter: 4.1 Medium → 7.2 High (source)` for each whose score or band moved; the others as one count."""
    moved = [
        f"{move.slug}: {move.before} → {move.after} ({move.cause})"
        for move in summary.moved
        if move.before != move.after
    ]
    same = [move.slug for move in summary.moved if move.before == move.after]
    return [*moved, f"{len(same)} changed without moving: {named(same, NAMES)}"] if same else moved


def named(slugs: Sequence[str], most: int) -> str:
    """`3: a, b, c`, and how many more there are."""
    more = f" and {len(slugs) - most} more" if len(slugs) > most else ""
    return f"{len(slugs)}: {', '.join(slugs[:most])}{more}" if len(slugs) > 1 else slugs[0]


def failed_by_reason(summary: NightSummary) -> list[tuple[str, str, str]]:
    """(outcome, who, why) of those that did not end well, most agents first; those that ended alike share a row, and
    those whose host has a line of its own have none."""
    behind = {slug for host in summary.hosts for slug in host.agents}
    alike: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for failure in summary.failures:
        if failure.slug not in behind or failure.outcome not in _BY_HOST:
            alike[_words(failure.outcome.value), failure.reason].append(failure.slug)
    rows = []
    for (outcome, reason), slugs in sorted(alike.items(), key=lambda group: -len(group[1])):
        more = f" and {len(slugs) - NAMES} more" if len(slugs) > NAMES else ""
        count = f"{len(slugs)} agents, " if len(slugs) > 1 else ""
        rows.append((outcome, f"{count}{', '.join(slugs[:NAMES])}{more}", reason or outcome))
    rest = rows[SHOWN:]
    return rows[:SHOWN] + ([("…", f"{len(rest)} further reasons", "assay status --json")] if rest else [])


def _listed(source: SourceCount) -> str:
    left_out = f"; left out: {cell(counted(source.left_out))}" if source.left_out else ""
    return f"{source.listings} listed{left_out}"


def pages_line(crawl: CrawlLedger) -> str:
    """The counts that are not zero."""
    named = [(name, getattr(crawl, name)) for name in (*_COUNTS, "not_reached", "opted_out")]
    counts = [f"{count} {_words(name)}" for name, count in named if count]
    received = f"; {crawl.bytes_received:,} bytes" if crawl.bytes_received else ""
    return f"{crawl.due} due: {', '.join(counts)}{received}" if crawl.due else "none asked for"


def duration_text(summary: NightSummary) -> str:
    """`45 s`, `12 min` or `7 h 40 min`."""
    seconds = int((summary.finished_at - summary.started_at).total_seconds())
    if seconds < 120:
        return f"{seconds} s"
    hours, minutes = divmod(seconds // 60, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"


def _bill(summary: NightSummary) -> str:
    price_note = f" (prices of {summary.prices})" if summary.prices else ""
    price_note = (
        f" (no price for {summary.unpriced}: name a table with one in model.prices)" if summary.unpriced else price_note
    )
    return f"{summary.calls} calls, {summary.tokens} tokens, {summary.cost} USD{price_note}"


def morning_markdown(summary: NightSummary) -> str:
    """The same as a page."""
    head = cell(summary.verdict) if summary.complete else f"**failed**: {cell(summary.problem)}"
    model = _bill(summary)
    rows = [
        ("agents due", str(summary.due)),
        ("completeness", _percent(summary.completeness)),
        ("time", duration_text(summary)),
        *((f"agents {_words(outcome.value)}", str(count)) for outcome, count in summary.outcomes.items()),
        ("new", str(len(summary.new))),
        ("changed", str(len(summary.moved))),
        ("evidence lost", str(len(summary.evidence_lost))),
        ("waiting for review", str(summary.queue)),
        ("left over for another night", left_over(summary) if summary.left_over else "0"),
        ("model", model if summary.calls else "not asked"),
        ("pages", pages_line(summary.crawl)),
        *((f"source {cell(s.name)}", _listed(s)) for s in summary.sources if not s.problem),
    ]
    parts = [f"# Night {summary.run}: {head}"]
    needed = [row for row in needs_a_person(summary) if row[0] in ("source", "host", "lost", "queue")]
    if needed:
        parts += ["## Needs a person", _table(("", ""), needed)]
    if failed := failed_by_reason(summary):
        parts += ["## Failed by reason", _table(("outcome", "agents", "reason"), failed)]
    if summary.new:
        parts += ["## New", cell(named(summary.new, 3 * SHOWN))]
    if moved := score_moves(summary):
        parts += ["## Moved", "\n".join(_cut([f"- {cell(line)}" for line in moved]))]
    parts += ["## Counts", _table(("", ""), rows)]
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
    return "".join(c if c.isalnum() or c in " .,:;/%_-()…→" else " " for c in text)[:300]
