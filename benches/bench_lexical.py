"""The lexical assessor: how far it agrees with published records, and how long an agent takes."""

from __future__ import annotations

import os
import statistics
import time
from pathlib import Path

from benches import fit_lexical
from benches.figure import Figure
from extractors import injection
from extractors.evaluation.agreement import evaluate_agreement
from extractors.lexical import LexicalAssessor
from extractors.model.completion import CompletionRequest
from extractors.pages.local_folder import read_folder
from extractors.prompting.block_selection import within_budget
from extractors.prompting.prompt_files import load

SHARED = Path(os.environ.get("ASSAY_SHARED", Path(__file__).resolve().parents[2] / "shared"))
BUDGET = 200_000


def run() -> list[Figure]:
    return [*_agreement(SHARED / "agreement"), *_speed(SHARED)]


def _agreement(folder: Path) -> list[Figure]:
    every = fit_lexical.agents(folder)
    held_out = fit_lexical.measured(every)
    right, shown = held_out["layers_right"]
    low, middle, high = held_out["mae_five_fold"]
    whole = evaluate_agreement(folder, folder / "reference.jsonl", client=LexicalAssessor())
    error = held_out["mae_cross_validated"]
    return [
        Figure(
            "extractors",
            "lexical: mean absolute error a factor, agents left out",
            f"{error:.3f}",
            "≤ 0.155, aim 0.14",
            error <= 0.155,
            f"leave one product out, fitted anew; five folds ten times: {low:.3f} to {high:.3f}, mean {middle:.3f}",
        ),
        Figure(
            "extractors",
            "lexical: the same with the stored numbers, through the extraction",
            f"{whole['mae']:.3f}",
            "for comparison",
            True,
            "40 agents that the numbers were fitted on",
        ),
        Figure(
            "extractors",
            "lexical: layer flags that agree",
            f"{100 * right / shown:.1f} %",
            "≥ 82 %",
            right / shown >= 0.82,
            f"{right} of {shown}, threshold fitted without the agent",
        ),
        Figure(
            "extractors",
            "lexical: quotes that ground",
            f"{100 * whole['grounding_rate']:.1f} %",
            "100 %",
            whole["grounding_rate"] == 1,
            "every quote of 40 replies",
        ),
    ]


def _speed(shared: Path) -> list[Figure]:
    folders = [
        *(shared / "agreement").iterdir(),
        *(path / "files" for path in (shared / "corpus" / "agents").iterdir()),
    ]
    assessor = LexicalAssessor()
    cold, own = [], []
    for folder in sorted(path for path in folders if path.is_dir()):
        read = read_folder(folder)
        documents, truncated = within_budget(read.pages, BUDGET)
        request = CompletionRequest(
            prompt=load("assess"), slug="bench", name=read.listing.name, documents=documents, truncated=truncated
        )
        assessor.reply(request)
        own.append(min(_took(assessor, request) for _ in range(3)))
        injection._addressed.cache_clear()
        cold.append(_took(assessor, request))
    return [
        _figure(
            "lexical: time an agent", own, "its own work, the check for hostile text being at hand from the extraction"
        ),
        _figure("lexical: time an agent, with the check for hostile text", cold, "nothing at hand"),
    ]


def _took(assessor: LexicalAssessor, request: CompletionRequest) -> float:
    start = time.process_time()
    assessor.reply(request)
    return 1000 * (time.process_time() - start)


def _figure(name: str, milliseconds: list[float], how: str) -> Figure:
    most = max(milliseconds)
    value = f"median {statistics.median(milliseconds):.0f} ms, most {most:.0f} ms"
    return Figure(
        "extractors", name, value, "≤ 200 ms", most <= 200, f"CPU time, {len(milliseconds)} real folders; {how}"
    )
