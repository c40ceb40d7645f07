"""Speed of scoring: the equation, the range of a bare listing, a band-change report over many agents."""

from __future__ import annotations

import json
import random
import resource
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from decimal import Decimal
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from typing import IO

from benches.figure import Figure
from scoring.assessment import assess
from scoring.band_change import band_changes
from scoring.claims import Evidence, ExposureClaim, Extraction, FactorEstimate, LayerAssessment, SourceRead, Summary
from scoring.cvss import base_score
from scoring.factor_estimates import estimates
from scoring.formulas import PROFILES
from scoring.headline.headline_score import headline
from scoring.scores import Provenance
from scoring.vocabulary import EXPOSURE_VALUES, AgentKind, ExposureFact, LayerStatus, MaestroLayer, RiskFactor

AGENTS = 100_000
PROCESSES = 2
DIGEST = "sha256:" + "0" * 64
PROVENANCE = Provenance(tool="bench", rubric="1", formula="aivss-0.8-listing", prompt="assess@1", model="bench")
QUOTE = "It reads the repository, plans the change, runs the tests in a container and opens a pull request for review."
URL = "https://example.org/agents/pathfinder/README.md"


def run() -> list[Figure]:
    return [_equation(), _range(), *_report()]


def _equation() -> Figure:
    profile = PROFILES["aivss-0.8-listing"]
    chance = random.Random(1)
    bases = sorted(base_score.REACHABLE_BASES)
    inputs = [
        (
            chance.choice(bases),
            tuple(Decimal(chance.randrange(11)).scaleb(-1) for _ in range(10)),
            chance.choice(list(profile.thm.values())),
            chance.choice(list(profile.mitigation.values())),
        )
        for _ in range(20_000)
    ]
    start = time.perf_counter()
    for _ in range(5):
        for given in inputs:
            profile.equation(*given)
    rate = 5 * len(inputs) / (time.perf_counter() - start)
    how = "100,000 random inputs, ten factors each summed, base given, one process"
    return Figure("scoring", "the equation with a given base", f"{rate:,.0f} /s", "≥ 50,000 /s", rate >= 50_000, how)


def _range() -> Figure:
    bare = _extraction(0, random.Random(0), known=0)
    runs = []
    for _ in range(51):
        base_score.base.cache_clear()
        start = time.process_time()
        headline(estimates(bare), PROFILES["aivss-0.8-listing"])
        runs.append((time.process_time() - start) * 1000)
    cold = sorted(runs)[len(runs) // 2]
    how = "score, low, high, 24 movers, 11 metric rows; median CPU time of 51 runs, CVSS cache emptied before each"
    return Figure("scoring", "the range when all is unknown", f"{cold:.1f} ms", "≤ 5 ms", cold <= 5, how)


def _report() -> list[Figure]:
    with tempfile.TemporaryDirectory() as folder:
        shards = [Path(folder) / f"{place}.jsonl" for place in range(PROCESSES)]
        for place, shard in enumerate(shards):
            _write(shard, AGENTS // PROCESSES, place)
        size = sum(shard.stat().st_size for shard in shards) / AGENTS / 1024
        with ProcessPoolExecutor(PROCESSES, mp_context=get_context("spawn")) as pool:
            list(pool.map(_read_and_score, shards, [100] * PROCESSES))
            tenth = max(
                memory for _, memory in pool.map(_read_and_score, shards, [AGENTS // PROCESSES // 10] * PROCESSES)
            )
            start = time.perf_counter()
            results = list(pool.map(_read_and_score, shards, [AGENTS] * PROCESSES))
            seconds = time.perf_counter() - start
    moved, memory = sum(count for count, _ in results), max(peak for _, peak in results)
    how = (
        f"{AGENTS:,} stored extractions ({size:.0f} KB JSON with their assessments) read line by line from files, "
        f"{PROCESSES} processes, aivss-0.8-listing to owasp-aivss-0.8; {moved:,} change band; "
        "4,000 distinct fact sets, so that most bases come from the cache (all 104,976 vectors cold: about 5 s more)"
    )
    grown = memory - tenth
    return [
        Figure("scoring", "band-change report over 100,000", f"{seconds:.1f} s", "≤ 60 s", seconds <= 60, how),
        Figure(
            "scoring",
            "memory growth from 10,000 to 100,000",
            f"{grown:.1f} MB (peak {memory:.0f} MB a process)",
            "≤ 10 MB",
            grown <= 10,
            "peak resident memory of the processes after the first tenth and after all",
        ),
    ]


def _read_and_score(shard: Path, limit: int) -> tuple[int, float]:
    """How many agents of a shard change band, and this process's peak memory in MB."""
    with shard.open("rb") as lines:
        moved = sum(1 for _ in band_changes(islice(_pairs(lines), limit), "owasp-aivss-0.8"))
    return moved, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _pairs(lines: IO[bytes]) -> Iterator[tuple[bytes, bytes]]:
    for line in lines:
        extraction, _, assessment = line.partition(b"\t")
        yield extraction, assessment


def _write(path: Path, agents: int, seed: int) -> None:
    """Pairs of stored JSON. 2,000 whole extractions are made with their true assessments, then named anew."""
    chance = random.Random(seed)
    patterns = []
    for number in range(2_000):
        extraction = _extraction(number, chance, known=chance.randrange(11))
        stored = json.dumps(assess(extraction, DIGEST, PROVENANCE).model_dump(mode="json"))
        patterns.append((extraction.model_dump_json(), stored))
    with path.open("w", encoding="utf-8") as out:
        for number in range(agents):
            extraction_json, assessment_json = patterns[number % len(patterns)]
            slug = f'"slug":"agent-{seed}-{number}"'
            out.write(extraction_json.replace('"slug":"agent"', slug) + "\t" + assessment_json + "\n")


def _extraction(number: int, chance: random.Random, known: int) -> Extraction:
    """A whole made-up extraction; about `known` tenths of its claims have a quote."""

    def claim() -> dict[str, object]:
        if chance.randrange(10) >= known:
            return {"certainty": "not_certain", "reason": "not_stated", "rationale": "No page states it."}
        start = chance.randrange(40_000)
        quote = Evidence(text_digest=DIGEST, url=URL, start=start, end=start + len(QUOTE), quote=QUOTE)
        return {"certainty": chance.choice(["stated", "inferred"]), "rationale": QUOTE, "evidence": (quote,)}

    exposure = []
    for fact in ExposureFact:
        given = claim()
        value = chance.choice(EXPOSURE_VALUES[fact]) if "evidence" in given else None
        exposure.append(ExposureClaim.model_validate({"fact": fact, "value": value, **given}))
    return Extraction(
        slug="agent",
        name=f"Agent {number}",
        kind=chance.choice(list(AgentKind)),
        summary=Summary(text=QUOTE),
        factors=tuple(
            FactorEstimate.model_validate({"factor": f, "value": f"{chance.randrange(11) / 10:.1f}", **claim()})
            for f in RiskFactor
        ),
        layers=tuple(
            LayerAssessment.model_validate(
                {
                    "layer": layer,
                    "status": LayerStatus.NOT_CERTAIN,
                    "reason": "not_stated",
                    "text": f"Not certain from the listing: not stated. {QUOTE}",
                }
            )
            for layer in MaestroLayer
        ),
        exposure=tuple(exposure),
        read=(SourceRead(url=URL, text_digest=DIGEST, page_digest=DIGEST),),
        assessor="bench",
        prompt="assess@1",
    )
