"""Agreement of the built-in assessor with published records, and what the seam after the model costs."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

from benches.figure import Figure
from benches.shared_data import SHARED
from extractors.claims.extraction import extract
from extractors.evaluation.agreement import evaluate_agreement
from extractors.lexical import LexicalAssessor
from extractors.model.completion import CompletionRequest
from extractors.pages.local_folder import read_folder
from extractors.prompting.document_splitting import tokens_in
from extractors.prompting.prompt_files import load


def run() -> list[Figure]:
    folder = SHARED / "agreement"
    how = "lexical assessor over 40 agents of the agreement set; its tables were fitted on some of them"
    figures = evaluate_agreement(folder, folder / "reference.jsonl", client=LexicalAssessor())
    mae, layers, rate = figures["mae"], figures["layer_agreement"], figures["grounding_rate"]
    static = tokens_in(load("assess").text)
    seam = _milliseconds(folder)
    room = "extractors"
    return [
        Figure(room, "mean absolute error of a factor", f"{mae:.3f}", "≤ 0.155, aim 0.14", mae <= 0.155, how),
        Figure(room, "layer flags that agree", f"{layers:.1%}", "≥ 82 %", layers >= 0.82, how),
        Figure(room, "offered quotes that ground", f"{rate:.1%}", "100 %", rate == 1, how),
        Figure(
            room, "static part of the prompt", f"{static:,} tokens", "≥ 1,024", static >= 1024, "three bytes a token"
        ),
        Figure(room, "from reply to claims", f"{seam:.0f} ms", "≤ 100 ms", seam <= 100, "median over 40 agents"),
    ]


def _milliseconds(folder: Path) -> float:
    times = []
    for place in sorted(path for path in folder.iterdir() if path.is_dir()):
        read = read_folder(place)
        request = CompletionRequest(
            prompt=load("assess"), slug=read.listing.slug, name=read.listing.name, documents=read.pages
        )
        completion = asyncio.run(LexicalAssessor().complete(request))
        start = time.perf_counter()
        extract(request, completion, read.not_read)
        times.append((time.perf_counter() - start) * 1000)
    return sorted(times)[len(times) // 2]
