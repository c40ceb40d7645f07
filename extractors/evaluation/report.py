"""The figures of an agreement run as one HTML page with plots, readable without script or network.

Idea: one look says how far off we are, where, and how sure that is; `agreement_report.html` is the page. Invariants:
every text is escaped; nothing is loaded from elsewhere; the same figures give the same bytes.
"""

from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from scoring.vocabulary import FACTOR_TITLES, LAYER_TITLES

_MEASURES = (
    ("mae", "Mean absolute error", "a factor, lower is better"),
    ("spearman", "Rank correlation", "Spearman over all pairs, higher is better"),
    ("layer_agreement", "Layer agreement", "share of flags that are not null"),
    ("grounding_rate", "Grounding rate", "offered quotes that stand on a page"),
    ("not_certain_share", "Not certain", "share of the ten factors"),
)


def agreement_report(figures: dict[str, Any], title: str = "Agreement with published records") -> str:
    """`figures` as `evaluate_agreement` gives them."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    environment.filters["number"] = lambda value: "–" if value is None else f"{value:.3f}"
    environment.filters["share"] = lambda value: max(0.0, min(1.0, value))
    return environment.get_template("agreement_report.html").render(
        figures=figures,
        failed=figures.get("failed"),
        title=title,
        measures=_MEASURES,
        factors=FACTOR_TITLES,
        layers=LAYER_TITLES,
    )
