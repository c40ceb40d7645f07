"""The built-in reader: what it finds of what a strong reading states, how close its numbers come, how long it takes.

Shares that carry need sentences judged one by one (see `../shared/support`); here is what a program can count. Recall
counts a record whose headline is withheld as not found, and only claims that the support stage carries.
"""

from __future__ import annotations

import statistics
import time
from collections import Counter
from pathlib import Path

from benches.figure import Figure
from benches.shared_data import SHARED
from extractors import injection
from extractors.claims.extraction import extract
from extractors.evaluation.agreement import evaluate_agreement, reply_of_file, request_of
from extractors.lexical import LexicalAssessor
from extractors.model.completion import CompletionRequest
from extractors.pages.local_folder import read_folder
from extractors.support.features import kind_of_claim
from scoring.claims import Extraction
from scoring.factor_estimates import estimates
from scoring.vocabulary import Certainty, LayerStatus

AIMS = {"factor": 50, "layer": 45, "fact": 40}


def run() -> list[Figure]:
    return [*_found(SHARED), *_agreement(SHARED / "agreement"), *_speed(SHARED)]


def carried(extraction: Extraction) -> dict[str, Certainty]:
    """The known claims; a mapped layer is stated."""
    found = {str(f.factor): f.certainty for f in extraction.factors} | {
        str(f.fact): f.certainty for f in extraction.exposure
    }
    known = {claim: sure for claim, sure in found.items() if sure is not Certainty.NOT_CERTAIN}
    mapped = {str(x.layer): Certainty.STATED for x in extraction.layers if x.status is not LayerStatus.NOT_CERTAIN}
    return known | mapped


WAYS = ("built-in record", "built-in reader, documents alone")
"""With what the files declare, as a user gets it, and without."""


def _found(shared: Path) -> list[Figure]:
    """Recall against the recorded readings of the documents, on the half of the agents that nothing is tuned to."""
    wanted, found, withheld = Counter[str](), Counter[tuple[str, str]](), Counter[str]()
    counts: dict[str, list[int]] = {way: [] for way in WAYS}
    folders = sorted(path for path in (shared / "agreement").iterdir() if path.is_dir())
    for folder in folders[1::2]:
        read = read_folder(folder)
        whole = request_of(folder.name, read)
        alone = whole.model_copy(update={"declared": None})
        strong = reply_of_file(alone, shared / "agreement-replies" / f"{folder.name}.json")
        reading = carried(extract(alone, strong, read.not_read, read.findings))
        groups = [group for claim, sure in reading.items() for group in _groups(claim, sure)]
        wanted.update(groups)
        for way, request in zip(WAYS, (whole, alone), strict=True):
            extraction = extract(request, LexicalAssessor().answer(request), read.not_read, read.findings)
            own, little = carried(extraction), estimates(extraction).too_little_known
            counts[way].append(len(own))
            withheld[way] += little
            both = {} if little else {claim: sure for claim, sure in reading.items() if claim in own}
            found.update((way, group) for claim, sure in both.items() for group in _groups(claim, sure))
    figures = []
    for way in WAYS:
        middle, how = statistics.median(counts[way]), f"{len(counts[way])} agreement agents of the report half"
        share = f"{withheld[way]} of {len(counts[way])}"
        figures += [
            Figure(f"{way}: carried claims, median", f"{middle:g}", "≥ 3", middle >= 3, how),
            Figure(f"{way}: headlines withheld", share, "told", True, how),
        ]
        for kind, aim in AIMS.items():
            stated, every = (100 * found[way, group] / wanted[group] for group in (f"{kind} stated", kind))
            name = f"{way}: found of the {kind}s that a strong reading of the documents states"
            beside = f"{how}; {every:.0f} % of those it states or infers"
            figures.append(Figure(name, f"{stated:.0f} %", f"≥ {aim} %", stated >= aim, beside))
    return figures


def _groups(claim: str, sure: Certainty) -> tuple[str, str]:
    return kind_of_claim(claim), f"{kind_of_claim(claim)} {sure}"


def _agreement(folder: Path) -> list[Figure]:
    whole = evaluate_agreement(folder, folder / "reference.jsonl", client=LexicalAssessor())
    beside = "40 agents; 0.165 by their kind alone, 0.183 by the mean of all"
    grounded = whole["grounding_rate"]
    error = f"{whole['mae']:.3f}"
    return [
        Figure("built-in reader: mean absolute error a factor", error, "told", True, beside),
        Figure("built-in reader: quotes that ground", f"{100 * grounded:.1f} %", "100 %", grounded == 1, ""),
    ]


def _speed(shared: Path) -> list[Figure]:
    folders = [
        *(shared / "agreement").iterdir(),
        *(path / "files" for path in (shared / "corpus" / "agents").iterdir()),
    ]
    reader = LexicalAssessor()
    cold, own = [], []
    for folder in sorted(path for path in folders if path.is_dir()):
        request = request_of(folder.name, read_folder(folder))
        reader.reply(request)
        own.append(min(_took(reader, request) for _ in range(3)))
        injection._addressed.cache_clear()
        cold.append(_took(reader, request))
    return [
        _figure("built-in reader: time an agent", own, "the check for hostile text being at hand from the extraction"),
        _figure("built-in reader: time an agent, with the check for hostile text", cold, "nothing at hand"),
    ]


def _took(reader: LexicalAssessor, request: CompletionRequest) -> float:
    start = time.process_time()
    reader.reply(request)
    return 1000 * (time.process_time() - start)


def _figure(name: str, milliseconds: list[float], how: str) -> Figure:
    middle, most = statistics.median(milliseconds), max(milliseconds)
    value = f"median {middle:.0f} ms, most {most:.0f} ms"
    return Figure(name, value, "median ≤ 60 ms", middle <= 60, f"CPU time, {len(milliseconds)} real folders; {how}")
