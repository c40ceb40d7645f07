"""The figures of an agreement run as one HTML page with plots, readable without script or network.

Idea: one look says how far off we are, where, and how sure that is. Invariants: every text is escaped;
nothing is loaded from elsewhere; the same figures give the same bytes.
"""

from __future__ import annotations

from html import escape
from typing import Any

from scoring.vocabulary import FACTOR_TITLES, LAYER_TITLES, MaestroLayer, RiskFactor

_NAMES = {
    "mae": ("Mean absolute error", "a factor, lower is better"),
    "spearman": ("Rank correlation", "Spearman over all pairs, higher is better"),
    "layer_agreement": ("Layer agreement", "share of flags that are not null"),
    "grounding_rate": ("Grounding rate", "offered quotes that stand on a page"),
    "not_certain_share": ("Not certain", "share of the ten factors"),
}
_STYLE = """
:root{color-scheme:light dark;--ink:#1c2430;--soft:#5b6675;--line:#d5dae1;--mark:#2457a6;--back:#fff;--band:#e8eef8}
@media(prefers-color-scheme:dark){
:root{--ink:#e6e9ee;--soft:#a3adba;--line:#3a4350;--mark:#8db4f2;--back:#14181e;--band:#22304a}}
body{font:16px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--back);
max-width:68rem;margin:2rem auto;padding:0 1rem}
h1{font-size:1.6rem;margin:0}h2{font-size:1.15rem;margin:2rem 0 .5rem}
p{color:var(--soft);margin:.25rem 0 1rem;max-width:46rem}
table{border-collapse:collapse;width:100%}
th,td{text-align:left;padding:.35rem .6rem;border-bottom:1px solid var(--line)}
td.n,th.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}svg.plot{min-width:9rem}
.panels{display:grid;grid-template-columns:repeat(auto-fill,minmax(11rem,1fr));gap:1rem}figure{margin:0}
figcaption{font-size:.85rem;color:var(--soft)}svg{display:block;width:100%;height:auto}
svg text{fill:var(--soft);font:10px system-ui,sans-serif}.axis{stroke:var(--line)}
.dot{fill:var(--mark);fill-opacity:.45}.bar{fill:var(--mark)}.band{fill:var(--band);stroke:var(--mark)}
"""


def agreement_report(figures: dict[str, Any], title: str = "Agreement with published records") -> str:
    """`figures` as `evaluate_agreement` gives them."""
    failed = figures.get("failed") or {}
    parts = [
        '<!doctype html><html lang="en"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width,initial-scale=1">',
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head><body><main>",
        f"<h1>{escape(title)}</h1>",
        f"<p>{int(figures['agents'])} agents compared{_left_out(failed)}. The reference is one opinion, not the truth: "
        "what it says twice about one product differs by about 0.10 a factor.</p>",
        "<h2>Overall</h2>",
        _overall(figures),
        "<h2>Error by factor</h2><p>Mean absolute error; bias is ours minus theirs.</p>",
        _errors(figures["per_factor"]),
        "<h2>Ours against theirs</h2><p>Each dot is an agent; on the line both agree. Darker means more agents.</p>",
        f'<div class="panels">{"".join(_scatter(name, row) for name, row in figures["per_factor"].items())}</div>',
        "<h2>Layers</h2><p>Mapped or not; not applicable counts as not mapped. Right: mapped by one side only.</p>",
        _layers(figures.get("per_layer", {})),
        "<h2>By kind of product</h2>",
        _kinds(figures["per_kind"]),
        _failures(failed),
        "</main></body></html>\n",
    ]
    return "\n".join(part for part in parts if part)


def _left_out(failed: dict[str, str]) -> str:
    return f", {len(failed)} without a usable reply left out" if failed else ""


def _number(value: Any, digits: int = 3) -> str:
    return "–" if value is None else f"{float(value):.{digits}f}"


def _overall(figures: dict[str, Any]) -> str:
    rows = []
    for name, (label, meaning) in _NAMES.items():
        interval = figures["intervals"].get(name)
        shown = f"{_number(interval[0])} to {_number(interval[1])}" if interval else "–"
        rows.append(
            f'<tr><th scope="row">{label}</th><td class="n">{_number(figures.get(name))}</td>'
            f'<td class="n">{shown}</td><td>{_range(figures.get(name), interval)}</td><td>{meaning}</td></tr>'
        )
    head = '<tr><th>Figure</th><th class="n">Value</th><th class="n">95 % interval</th><th>0 to 1</th><th></th></tr>'
    return f"<table><thead>{head}</thead><tbody>{''.join(rows)}</tbody></table>"


def _range(value: Any, interval: list[float] | None) -> str:
    if value is None or interval is None:
        return ""
    low, high = (200 * max(0.0, min(1.0, edge)) for edge in interval)
    at = 200 * max(0.0, min(1.0, float(value)))
    return (
        '<svg class="plot" viewBox="0 0 204 16" role="img" aria-label="value and interval on a line from 0 to 1">'
        f'<line class="axis" x1="2" y1="8" x2="202" y2="8"/>'
        f'<rect class="band" x="{min(low, 199.0) + 2:.1f}" y="4" width="{max(1.0, high - low):.1f}" height="8" rx="2"/>'
        f'<circle class="bar" cx="{at + 2:.1f}" cy="8" r="3"/></svg>'
    )


def _errors(per_factor: dict[str, Any]) -> str:
    rows = []
    for name, row in per_factor.items():
        width = 300 * min(1.0, float(row["mae"] or 0) / 0.3)
        rows.append(
            f'<tr><th scope="row">{_factor(name)}</th><td class="n">{_number(row["mae"])}</td>'
            f'<td class="n">{_number(row["bias"])}</td><td class="n">{_number(row["spearman"])}</td>'
            '<td><svg class="plot" viewBox="0 0 300 12" role="img" aria-label="error as a bar, full at 0.3">'
            f'<rect class="bar" width="{width:.1f}" height="12" rx="2"/></svg></td></tr>'
        )
    head = (
        '<tr><th>Factor</th><th class="n">Error</th><th class="n">Bias</th><th class="n">Rank corr.</th><th></th></tr>'
    )
    return f"<table><thead>{head}</thead><tbody>{''.join(rows)}</tbody></table>"


def _scatter(name: str, row: dict[str, Any]) -> str:
    dots = "".join(
        f'<circle class="dot" cx="{20 + 120 * theirs:.1f}" cy="{130 - 120 * ours:.1f}" r="4"/>'
        for ours, theirs in row["pairs"]
    )
    return (
        f'<figure><svg viewBox="0 0 150 148" role="img" aria-label="{_factor(name)}: ours against theirs">'
        '<path class="axis" fill="none" d="M20 10V130H140"/><line class="axis" x1="20" y1="130" x2="140" y2="10"/>'
        f'{dots}<text x="20" y="143">0</text><text x="140" y="143" text-anchor="end">theirs 1</text>'
        '<text x="2" y="16">ours</text></svg>'
        f"<figcaption>{_factor(name)}</figcaption></figure>"
    )


def _layers(per_layer: dict[str, dict[str, int]]) -> str:
    rows = [
        f'<tr><th scope="row">{escape(name)} {escape(LAYER_TITLES[MaestroLayer(name)])}</th>'
        f'<td class="n">{row["agree"]} of {row["compared"]}</td><td class="n">{row["only_here"]}</td>'
        f'<td class="n">{row["only_there"]}</td></tr>'
        for name, row in per_layer.items()
    ]
    head = '<tr><th>Layer</th><th class="n">Agree</th><th class="n">Only ours</th><th class="n">Only theirs</th></tr>'
    return f"<table><thead>{head}</thead><tbody>{''.join(rows)}</tbody></table>"


def _kinds(per_kind: dict[str, dict[str, Any]]) -> str:
    rows = [
        f'<tr><th scope="row">{escape(kind.replace("_", " "))}</th><td class="n">{int(row["agents"])}</td>'
        f'<td class="n">{_number(row["mae"])}</td><td class="n">{_number(row["layer_agreement"])}</td></tr>'
        for kind, row in per_kind.items()
    ]
    head = '<tr><th>Kind</th><th class="n">Agents</th><th class="n">Error</th><th class="n">Layers</th></tr>'
    return f"<table><thead>{head}</thead><tbody>{''.join(rows)}</tbody></table>"


def _failures(failed: dict[str, str]) -> str:
    if not failed:
        return ""
    rows = "".join(f"<li>{escape(slug)}: {escape(why)}</li>" for slug, why in sorted(failed.items()))
    return f"<h2>Left out</h2><ul>{rows}</ul>"


def _factor(name: str) -> str:
    return escape(FACTOR_TITLES[RiskFactor(name)])
