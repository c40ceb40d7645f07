"""The kept readings of the agreement agents, replayed by today's rules: agreement, layers, what a second reader does.

Idea: the half of the agents that the rubric was calibrated on is kept apart from the half that it is reported on, and
what the second half was seen for is said with each figure. Invariants: a stale reading is named and not counted;
"known" is what the support check lets stand, and no judgement of a person.
"""

from collections.abc import Sequence
from statistics import mean, median
from typing import NamedTuple

from benches.figure import Figure
from benches.readings.stored_readings import KEPT, Reading, completion, readings, request_of, second_completion, stale
from benches.shared_data import SHARED, agreement_folders
from extractors.claims.extraction import extract, second_request
from extractors.evaluation.agreement import AgentComparison, compare, figures, read_reference
from scoring.claims import Extraction, claim_count
from scoring.vocabulary import PUBLISHED_FACTORS, MaestroLayer

HOW = (
    "kept readings of {agents} agreement agents by the prompt of today; the factors were calibrated on the other half "
    "only, the layer rules were revised once after the figures of prompt 4 on these (0.1255, 0.806, layers 0.580)"
)


class Read(NamedTuple):
    """One agent by its kept reading, once and, where it was, twice read."""

    slug: str
    once: Extraction
    twice: Extraction | None
    unread: int = 0
    """Claims of today that the second reader was not shown."""


def read(reading: Reading) -> Read:
    request = request_of(reading.agent)
    first, second = completion(reading, request), second_completion(reading, request)
    if second is None:
        return Read(reading.agent, extract(request, first), None)
    question = second_request(request, first, second.request.prompt)
    unread = len(question.claims) - len(second.request.claims)
    return Read(reading.agent, extract(request, first), extract(request, first, second=second), unread)


def pulled_to_mean(compared: Sequence[AgentComparison]) -> float:
    """Mean absolute error with every value half-way at the mean of its factor: small gains by it are no reading."""
    found = []
    for factor in PUBLISHED_FACTORS:
        pairs = [pair for agent in compared for pair in agent.pairs if pair.factor is factor]
        centre = mean(pair.ours for pair in pairs)
        found += [abs((pair.ours + centre) / 2 - pair.theirs) for pair in pairs]
    return mean(found)


def balanced_accuracy(compared: Sequence[AgentComparison]) -> float:
    """Of mapped and not mapped, L3 left out."""
    flags = [
        (ours, theirs) for agent in compared for layer, ours, theirs in agent.flags if layer is not MaestroLayer.L3
    ]
    mapped, others = [ours for ours, theirs in flags if theirs], [not ours for ours, theirs in flags if not theirs]
    return (mean(mapped) + mean(others)) / 2


def run() -> list[Figure]:
    stored = readings(KEPT)
    reported = {folder.name for folder in agreement_folders()[1::2]}
    published = read_reference(SHARED / "agreement" / "reference.jsonl")
    fresh = [read(one) for one in stored if one.agent in reported and not stale([one])]
    aged = stale(one for one in stored if one.agent in reported)
    found = [Figure("stale readings", "; ".join(aged) or "0", "0", not aged, "prompt of today")]
    unread = sum(each.unread for each in fresh)
    found.append(Figure("claims that the second reader was not shown", str(unread), "told", True, "kept readings"))
    for name, extractions in (
        ("one reader", {each.slug: each.once for each in fresh}),
        ("with a second reader", {each.slug: each.twice for each in fresh if each.twice}),
    ):
        if not extractions:
            continue
        compared = [compare(slug, extraction, published[slug]) for slug, extraction in extractions.items()]
        agreement, how = figures(compared), f"{HOW.format(agents=len(compared))}; {name}"
        error, rho, layers = agreement["mae"], agreement["spearman"], balanced_accuracy(compared)
        middle = median(claim_count(extraction).known for extraction in extractions.values())
        by_factor = ", ".join(f"{factor} {row['mae']}/{row['bias']}" for factor, row in agreement["per_factor"].items())
        found += [
            Figure(f"mean absolute error, {name}", f"{error}", "<= 0.125", error <= 0.125, how),
            Figure(f"rank correlation, {name}", f"{rho}", ">= 0.80", rho >= 0.8, how),
            Figure(f"error half-way to the mean, {name}", f"{pulled_to_mean(compared):.4f}", "told", True, how),
            Figure(f"layers, balanced accuracy, {name}", f"{layers:.3f}", ">= 0.80", layers >= 0.8, how),
            Figure(f"claims known of 32, {name}", f"{middle}", ">= 16", middle >= 16, how),
            Figure(f"error and bias by factor, {name}", by_factor, "told", True, how),
        ]
    return found
