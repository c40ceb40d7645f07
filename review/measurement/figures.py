"""The figures of measured review: agreement, time, overrides, and how many false claims a reader caught.

Idea: one list of figures, each with what it is counted from; the page, the file and the terminal show the same.
Invariants: a figure that rests on nothing is None with its number 0, never 0; a false claim counts in nothing but the
catch rate of who read it.
"""

from __future__ import annotations

import csv
import io
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from typing import Literal, NamedTuple

from extractors.support.reason import parts_of
from records.assessments.second_reviews import SecondReview
from records.store import Store
from review.measurement.second_review import UNKNOWN
from review.services.by_reason import OVERRIDDEN
from scoring.labels import path_title, plain
from scoring.vocabulary import EXPOSURE_VALUES, ExposureFact

MEASURES = {
    "alpha": "Agreement on the value, Krippendorff's alpha: pairs of which both readings know it",
    "alpha_known": "Agreement on whether it is known, Krippendorff's alpha (nominal): all pairs",
    "same": "Pairs that say the same, by share",
    "caught": "False claims that a reader caught, by share",
    "true_changed": "True claims of these rounds that the reader changed, by share",
    "seconds": "Seconds for a decision about a claim, on average: decisions that were timed",
    "seconds_of": "Seconds for a decision, by reviewer",
    "overridden_rule": "Decisions that overrode a rule, by share",
    "overridden_model": "Decisions that overrode an assessor, by share: drafts that stand",
}
"""Each measure with what its figure is and what it is counted from."""
SHARES = ("same", "caught", "true_changed", "overridden_rule", "overridden_model")
_METRICS: dict[str, Metric] = {"factors": "interval", "exposure": "ordinal", "layers": "nominal"}


class Figure(NamedTuple):
    measure: str
    """Of `MEASURES`."""
    of: str
    """What it is measured on: a claim, a reviewer, a rule, a model."""
    value: float | None
    """Rounded to three places; None where the pairs or decisions tell nothing."""
    n: int
    """Pairs, claims or decisions."""
    how: str = ""
    """The metric of an alpha."""


def figures(store: Store) -> tuple[Figure, ...]:
    """All figures, in the order of `MEASURES`."""
    with store.reading():
        answers = store.second_reviews.answers()
        found = [*_agreement(answers), *_caught(answers), *_times(store), *_overrides(store)]
    order = list(MEASURES)
    return tuple(sorted(found, key=lambda one: order.index(one.measure)))


def _agreement(answers: Sequence[SecondReview]) -> Iterator[Figure]:
    """Of each claim, and of all claims together where their values can be compared."""
    pairs: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for answer in answers:
        if not answer.question.seed:
            pairs[answer.question.path].append((answer.question.first_value, answer.value))
    for path in sorted(pairs):
        known = [pair for pair in pairs[path] if UNKNOWN not in pair]
        metric = _METRICS[path.partition(".")[0]]
        units = [[_number(path, value) for value in pair] for pair in known]
        yield Figure("alpha", path_title(path), _rounded(alpha(units, metric)), len(known), metric)
    by_title = {path_title(path): pairs[path] for path in sorted(pairs)}
    if pairs:
        by_title["all claims"] = [pair for found in pairs.values() for pair in found]
    for title, found in by_title.items():
        yield _known(title, found)
        yield _share("same", title, sum(a == b for a, b in found), len(found))


def _known(of: str, pairs: Sequence[tuple[str, str]]) -> Figure:
    units = [[int(value == UNKNOWN) for value in pair] for pair in pairs]
    return Figure("alpha_known", of, _rounded(alpha(units, "nominal")), len(pairs), "nominal")


def _number(path: str, value: str) -> Fraction:
    room, _, name = path.partition(".")
    if room == "factors":
        return Fraction(value)
    if room == "layers":
        return Fraction(value == "mapped")
    return Fraction(EXPOSURE_VALUES[ExposureFact(name)].index(value))


def _caught(answers: Sequence[SecondReview]) -> Iterator[Figure]:
    shown, caught = Counter[tuple[str, str]](), Counter[tuple[str, str]]()
    for answer in answers:
        if answer.question.round:
            kind = f"{answer.reviewer}: {plain(answer.question.seed)}"
            keys = (
                [("caught", kind), ("caught", answer.reviewer)]
                if answer.question.seed
                else [("true_changed", answer.reviewer)]
            )
            for key in keys:
                shown[key] += 1
                caught[key] += answer.verdict != "accepted"
    for measure, of in sorted(shown):
        yield _share(measure, of, caught[measure, of], shown[measure, of])


def _times(store: Store) -> Iterator[Figure]:
    timed, seconds = Counter[tuple[str, str]](), Counter[tuple[str, str]]()
    for row in store.claim_reasons.times():
        for key in (("seconds", path_title(row.path)), ("seconds_of", row.reviewer)):
            timed[key] += row.timed
            seconds[key] += row.seconds
    for key in sorted(timed):
        yield Figure(*key, _rounded(Fraction(seconds[key], timed[key])) if timed[key] else None, timed[key])


def _overrides(store: Store) -> Iterator[Figure]:
    by_rule = ((parts_of(reason).rule, counts) for reason, counts in store.claim_reasons.verdicts().items())
    for measure, rows in (
        ("overridden_rule", by_rule),
        ("overridden_model", store.claim_reasons.by_assessor().items()),
    ):
        decided, overridden = Counter[str](), Counter[str]()
        for of, counts in rows:
            decided[of] += sum(number for verdict, number in counts.items() if verdict != "skipped")
            overridden[of] += sum(counts.get(verdict, 0) for verdict in OVERRIDDEN)
        for of in sorted(decided):
            yield _share(measure, of, overridden[of], decided[of])


def _share(measure: str, of: str, some: int, n: int) -> Figure:
    return Figure(measure, of, _rounded(Fraction(some, n)) if n else None, n)


def _rounded(value: Fraction | None) -> float | None:
    return None if value is None else float(round(value, 3))


def as_csv(found: Iterable[Figure]) -> str:
    """A line each; a name that a spreadsheet would read as a formula is quoted."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(Figure._fields)
    for figure in found:
        of = f"'{figure.of}" if figure.of[:1] in ("=", "+", "-", "@", "\t", "\r") else figure.of
        writer.writerow(figure._replace(of=of))
    return out.getvalue()


Metric = Literal["nominal", "ordinal", "interval"]


def alpha(units: Sequence[Sequence[Fraction | int]], metric: Metric) -> Fraction | None:
    """Alpha of units, each with the values that its readers gave; nominal and ordinal values are numbered."""
    read = [unit for unit in units if len(unit) > 1]
    counts = Counter(value for unit in read for value in unit)
    total = sum(counts.values())
    apart = {(a, b): _distance(a, b, counts, metric) for a in counts for b in counts}
    expected = sum((counts[a] * counts[b] * far for (a, b), far in apart.items()), Fraction(0))
    if not expected:
        return None
    observed = sum(
        (Fraction(sum(apart[a, b] for a in unit for b in unit), len(unit) - 1) for unit in read), Fraction(0)
    )
    return 1 - (total - 1) * observed / expected


def _distance(a: Fraction | int, b: Fraction | int, counts: Counter[Fraction | int], metric: Metric) -> Fraction:
    if metric == "nominal":
        return Fraction(a != b)
    if metric == "interval":
        return Fraction(a - b) ** 2
    between = sum(number for value, number in counts.items() if min(a, b) <= value <= max(a, b))
    return (Fraction(between) - Fraction(counts[a] + counts[b], 2)) ** 2
