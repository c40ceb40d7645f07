"""How far an assessor agrees with what was published about the same agents.

Idea: every agent goes through the same seam as in a run, so that what is measured is what is published.
Invariants: the value compared is `FactorEstimate.value` of the ten published factors, whatever its
certainty; a layer agrees when `mapped` meets `certain: true`, and `not_applicable` counts as not mapped;
intervals come from a seeded resampling of agents, not of single numbers, because the numbers of one agent hang
together, so that the same replies give the same numbers.
"""

import asyncio
import json
import random
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from statistics import StatisticsError, correlation
from typing import Any, NamedTuple, TypeVar

from extractors.claims.extraction import InvalidReply, extract
from extractors.model.completion import Completion, CompletionClient, CompletionOutcome, CompletionRequest
from extractors.model.reply_cache_key import completion_key
from extractors.pages.local_folder import FolderRead, read_folder
from extractors.prompting.prompt_files import load
from extractors.prompting.prompt_truncation import within_budget
from scoring.claims import Extraction
from scoring.errors import BadInput
from scoring.vocabulary import PUBLISHED_FACTORS, AgentKind, Certainty, LayerStatus, MaestroLayer, RiskFactor

DOCUMENT_CHARACTERS = 240_000
"""What a model is shown of longer documents, as in a run; the lexical assessor reads all."""
AT_ONCE = 8
"""Model calls under way at a time."""

RESAMPLES = 1000
SEED = 20260315

Unit = TypeVar("Unit")


class ScorePair(NamedTuple):
    """One published number beside ours."""

    factor: RiskFactor
    ours: float
    theirs: float


class AgentComparison(NamedTuple):
    """One agent, read here and published there."""

    slug: str
    kind: AgentKind
    pairs: tuple[ScorePair, ...]
    flags: tuple[tuple[MaestroLayer, bool, bool], ...]
    """Layer, mapped here, mapped there."""
    quotes: int
    """Quotes that were offered and heard, accepted or not."""
    grounded: int
    not_certain: int
    """Of the ten published factors."""


def evaluate_agreement(
    folder: Path,
    reference: Path,
    *,
    client: CompletionClient | None = None,
    replies: Path | None = None,
    document_characters: int = DOCUMENT_CHARACTERS,
) -> dict[str, Any]:
    """The figures over every agent of `reference`, by recorded replies where given, else by `client`."""
    if client is None and replies is None:
        raise BadInput("needs an assessor or recorded replies", subject="eval agreement", step="input")
    published = read_reference(reference)
    compared, failed = asyncio.run(
        _compared(folder, published, None if replies else client, replies, document_characters)
    )
    if not compared:
        slug, why = next(iter(failed.items()))
        raise BadInput(f"no agent could be compared ({slug}: {why})", subject="eval agreement", step="replies")
    return {**figures(compared), "failed": failed}


def read_reference(path: Path) -> dict[str, dict[str, Any]]:
    """JSON lines with `slug`, `factors` and `layers`; the other keys are not used."""
    try:
        lines = [line for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
        rows = dict(_row(line) for line in lines)
    except OSError as error:
        raise BadInput(f"cannot be read ({error.strerror})", subject=path.name, step="reference") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadInput(
            f"holds a line that is no reference row ({error!r:.80})", subject=path.name, step="reference"
        ) from error
    if not rows:
        raise BadInput("holds no row", subject=path.name, step="reference", next_step="give a file of JSON lines")
    return rows


def _row(line: str) -> tuple[str, dict[str, Any]]:
    row = json.loads(line)
    factors = {RiskFactor(name): float(value) for name, value in row["factors"].items()}
    layers = {MaestroLayer(entry["layer"]): entry["certain"] for entry in row.get("layers") or ()}
    return str(row["slug"]), {"factors": factors, "layers": layers}


async def _compared(
    folder: Path,
    published: dict[str, dict[str, Any]],
    client: CompletionClient | None,
    replies: Path | None,
    chars: int,
) -> tuple[list[AgentComparison], dict[str, str]]:
    gate = asyncio.Semaphore(AT_ONCE)

    async def comparison(slug: str, row: dict[str, Any]) -> AgentComparison | str:
        read = read_folder(folder / slug)
        request = request_of(slug, read)
        if client is not None and client.model != "lexical":
            documents, truncated = within_budget(read.pages, chars)
            request = request.model_copy(update={"documents": documents, "truncated": truncated})
        try:
            if client is not None:
                async with gate:
                    completion = await client.complete(request)
            else:
                assert replies is not None
                file = replies / f"{slug}.json"
                if not file.is_file():
                    return "no recorded reply"
                completion = reply_of_file(request, file)
            return compare(slug, extract(request, completion, read.not_read, read.findings), row)
        except InvalidReply as error:
            return error.problem

    results = await asyncio.gather(*(comparison(slug, row) for slug, row in published.items()))
    if client is not None:
        await client.aclose()
    failed = {slug: why for slug, why in zip(published, results, strict=True) if isinstance(why, str)}
    return [result for result in results if isinstance(result, AgentComparison)], failed


def request_of(slug: str, read: FolderRead) -> CompletionRequest:
    """What an assessor that reads all is asked of an agent's folder."""
    return CompletionRequest(
        prompt=load("assess"),
        slug=slug,
        name=read.listing.name,
        kind=read.listing.kind,
        documents=read.pages,
        declared=read.declared,
    )


def reply_of_file(request: CompletionRequest, file: Path, model: str = "recorded") -> Completion:
    """A reply from a file, as if a model had just given it."""
    try:
        reply = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(
            "cannot be read as a reply", subject=file.name, step="recorded reply", next_step="one <slug>.json an agent"
        ) from error
    return Completion(
        key=completion_key(request, model, {}), model=model, outcome=CompletionOutcome.ANSWERED, reply=reply
    )


def compare(slug: str, extraction: Extraction, row: dict[str, Any]) -> AgentComparison:
    """Pure: one extraction beside one row of the reference."""
    grounded = sum(len(claim.evidence) for claim in extraction.claims.values())
    rejected = sum(len(claim.rejected) for claim in extraction.claims.values())
    return AgentComparison(
        slug=slug,
        kind=extraction.kind,
        pairs=tuple(
            ScorePair(factor, float(extraction.factor(factor).value), theirs)
            for factor, theirs in row["factors"].items()
            if factor in PUBLISHED_FACTORS
        ),
        flags=tuple(
            (layer.layer, layer.status is LayerStatus.MAPPED, bool(row["layers"][layer.layer]))
            for layer in extraction.layers
            if row["layers"].get(layer.layer) is not None
        ),
        quotes=grounded + rejected,
        grounded=grounded,
        not_certain=sum(1 for f in PUBLISHED_FACTORS if extraction.factor(f).certainty is Certainty.NOT_CERTAIN),
    )


def figures(compared: Sequence[AgentComparison]) -> dict[str, Any]:
    """Every number of the report; shares and errors between 0 and 1, rounded to four places."""
    measures: dict[str, Callable[[Sequence[AgentComparison]], float | None]] = {
        "mae": lambda some: mean(abs(p.ours - p.theirs) for agent in some for p in agent.pairs),
        "spearman": lambda some: spearman([(p.ours, p.theirs) for agent in some for p in agent.pairs]),
        "layer_agreement": lambda some: mean(
            float(ours == theirs) for agent in some for _, ours, theirs in agent.flags
        ),
        "grounding_rate": lambda some: share(sum(a.grounded for a in some), sum(a.quotes for a in some)),
        "not_certain_share": lambda some: share(sum(a.not_certain for a in some), len(PUBLISHED_FACTORS) * len(some)),
    }
    return {
        "agents": len(compared),
        **{name: _rounded(measure(compared)) for name, measure in measures.items()},
        "per_factor": {factor.value: _of_factor(compared, factor) for factor in PUBLISHED_FACTORS},
        "per_kind": {
            kind.value: {
                "agents": len(some),
                "mae": _rounded(measures["mae"](some)),
                "layer_agreement": _rounded(measures["layer_agreement"](some)),
            }
            for kind in AgentKind
            if (some := [agent for agent in compared if agent.kind is kind])
        },
        "per_layer": {layer.value: _of_layer(compared, layer) for layer in MaestroLayer},
        "intervals": {name: intervals(compared, measure) for name, measure in measures.items()},
    }


def _of_factor(compared: Sequence[AgentComparison], factor: RiskFactor) -> dict[str, Any]:
    pairs = [(p.ours, p.theirs) for agent in compared for p in agent.pairs if p.factor is factor]
    return {
        "mae": _rounded(mean(abs(a - b) for a, b in pairs)),
        "bias": _rounded(mean(a - b for a, b in pairs)),
        "spearman": _rounded(spearman(pairs)),
        "pairs": [[a, b] for a, b in pairs],
    }


def _of_layer(compared: Sequence[AgentComparison], layer: MaestroLayer) -> dict[str, int]:
    flags = [(ours, theirs) for agent in compared for of, ours, theirs in agent.flags if of is layer]
    return {
        "compared": len(flags),
        "agree": sum(a == b for a, b in flags),
        "only_here": sum(a and not b for a, b in flags),
        "only_there": sum(b and not a for a, b in flags),
    }


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


def intervals(units: Sequence[Unit], measure: Callable[[Sequence[Unit]], float | None]) -> list[float] | None:
    """95 %: the 2.5th and 97.5th percentile over `RESAMPLES` draws of as many units, with replacement."""
    if len(units) < 2:
        return None
    draw = random.Random(SEED)
    drawn = (measure(draw.choices(units, k=len(units))) for _ in range(RESAMPLES))
    values = sorted(value for value in drawn if value is not None)
    if not values:
        return None
    low, high = values[int(0.025 * len(values))], values[min(len(values) - 1, int(0.975 * len(values)))]
    return [round(low, 4), round(high, 4)]


def spearman(pairs: Sequence[tuple[float, float]]) -> float | None:
    """Pearson's correlation of the ranks, ties at their mean rank. None when one side never changes."""
    if len(pairs) < 2:
        return None
    ours, theirs = zip(*pairs, strict=True)
    try:
        return correlation(_ranks(ours), _ranks(theirs))
    except StatisticsError:
        return None


def _ranks(values: Sequence[float]) -> list[float]:
    ordered = sorted(values)
    return [(bisect_left(ordered, value) + 1 + bisect_right(ordered, value)) / 2 for value in values]


def mean(values: Iterable[float]) -> float | None:
    known = list(values)
    return sum(known) / len(known) if known else None


def share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
