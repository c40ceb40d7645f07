"""The built-in reader: what it finds of what a strong reading states, how close its numbers come, how long it takes.

Shares that carry need sentences judged one by one (see `../shared/support`); here is what a program can count. Recall
counts a record whose headline is withheld as not found; which claims a blind reader confirmed is kept beside this file.
"""

import json
import statistics
from collections import Counter
from functools import partial
from pathlib import Path

from benches.evidence.record_folder import carried
from benches.figure import Figure, process_ms
from benches.shared_data import SHARED, agreement_folders, document_folders
from extractors.claims.extraction import extract
from extractors.evaluation.agreement import evaluate_agreement, request_of
from extractors.injection import detection
from extractors.lexical import LexicalAssessor
from extractors.pages.local_folder import read_folder
from extractors.support.model import kind_of_claim
from scoring.factor_estimates import estimates
from scoring.headline.withheld import too_little_known

AIMS = {"factor": 50, "layer": 45, "fact": 40}


def run() -> list[Figure]:
    return [*_found(), *_agreement(SHARED / "agreement"), *_speed()]


WAYS = ("built-in record", "built-in reader, documents alone")
"""With what the files declare, as a user gets it, and without."""
CONFIRMED = Path(__file__).parent / "confirmed_claims.json"
"""What a strong reading of the documents states and a blind reader confirmed, by agent: the half that nothing is tuned
to."""


def _found() -> list[Figure]:
    """Recall, with the number of claims and of withheld headlines."""
    confirmed: dict[str, list[str]] = json.loads(CONFIRMED.read_text(encoding="utf-8"))["confirmed"]
    wanted = Counter(kind_of_claim(claim) for claims in confirmed.values() for claim in claims)
    folders = agreement_folders()[1::2]
    found, withheld = Counter[tuple[str, str]](), Counter[str]()
    counts: dict[str, list[int]] = {way: [] for way in WAYS}
    for folder in folders:
        read = read_folder(folder)
        whole = request_of(folder.name, read)
        for way, request in zip(WAYS, (whole, whole.model_copy(update={"declared": None})), strict=True):
            extraction = extract(request, LexicalAssessor().answer(request), read.not_read, read.findings)
            own = {path.partition(".")[2] for path in carried(extraction)}
            little = too_little_known(estimates(extraction))
            counts[way].append(len(own))
            withheld[way] += little
            both = [] if little else [claim for claim in confirmed.get(folder.name, ()) if claim in own]
            found.update((way, kind_of_claim(claim)) for claim in both)
    figures = []
    for way in WAYS:
        middle, how = statistics.median(counts[way]), f"{len(counts[way])} agreement agents of the report half"
        share = f"{withheld[way]} of {len(counts[way])}"
        figures += [
            Figure(f"{way}: carried claims, median", f"{middle:g}", "≥ 3", middle >= 3, how),
            Figure(f"{way}: headlines withheld", share, "told", True, how),
        ]
        for kind, aim in AIMS.items():
            rate = 100 * found[way, kind] / wanted[kind]
            name = f"{way}: found of the {kind}s that a strong reading states and a blind reader confirms"
            beside = f"{how}; {found[way, kind]} of {wanted[kind]}"
            figures.append(Figure(name, f"{rate:.0f} %", f"≥ {aim} %", rate >= aim, beside))
    return figures


def _agreement(folder: Path) -> list[Figure]:
    whole = evaluate_agreement(folder, folder / "reference.jsonl", client=LexicalAssessor())
    beside = "40 agents; 0.165 by their kind alone, 0.183 by the mean of all"
    grounded = whole["grounding_rate"]
    error = f"{whole['mae']:.3f}"
    return [
        Figure("built-in reader: mean absolute error a factor", error, "told", True, beside),
        Figure("built-in reader: quotes that ground", f"{100 * grounded:.1f} %", "100 %", grounded == 1, ""),
    ]


def _speed() -> list[Figure]:
    reader = LexicalAssessor()
    cold, own = [], []
    for folder in document_folders():
        request = request_of(folder.name, read_folder(folder))
        reply = partial(reader.reply, request)
        reply()
        own.append(min(process_ms(reply) for _ in range(3)))
        detection._addressed.cache_clear()
        cold.append(process_ms(reply))
    return [
        _figure("built-in reader: time an agent", own, "the check for hostile text being at hand from the extraction"),
        _figure("built-in reader: time an agent, with the check for hostile text", cold, "nothing at hand"),
    ]


def _figure(name: str, milliseconds: list[float], how: str) -> Figure:
    middle, most = statistics.median(milliseconds), max(milliseconds)
    value = f"median {middle:.0f} ms, most {most:.0f} ms"
    return Figure(name, value, "median ≤ 60 ms", middle <= 60, f"CPU time, {len(milliseconds)} real folders; {how}")
