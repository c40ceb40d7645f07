"""`python -m benches.evidence.measure_records FOLDER`: how far the records of a folder can be believed.

Idea: everything is counted from the records alone, without a store or a network. FOLDER is a published site, bundles,
or any folder of records or extractions. Invariant: a share is given only of claims that somebody judged by reading.
"""

import argparse
from collections import Counter
from collections.abc import Iterable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from benches.evidence.blind_reading import LABELS, NOT_JUDGED, judged, quoted_claims, write_questions
from benches.evidence.contradictions import contradictions
from benches.evidence.record_folder import Reading, carried, read, value_of
from extractors.claims.barred_words import RESTS
from extractors.support.model import kind_of_claim
from flows.report.console import emit, say, table
from scoring.automatic_approval import blocking
from scoring.claims import Extraction, Finding, LayerAssessment
from scoring.factor_estimates import estimates
from scoring.headline.withheld import too_little_known
from scoring.vocabulary import Detail, FindingKind, Support

SAME_WITHIN = Decimal("0.2")
"""Two values of a factor that are the same reading."""


def measure(
    folder: Path, second: Path | None = None, labels: Path | None = None, key: Path | None = None
) -> dict[str, Any]:
    here, left = read(folder)
    found = [one.extraction for one in here.values()]
    quoted = (claim for one in found for claim in quoted_claims(one))
    return {
        "records": len(here),
        "files that are no record": left,
        "headlines withheld": sum(too_little_known(estimates(one)) for one in found),
        "claims": claims(found),
        "share carried": judged(quoted, labels, key) if labels else NOT_JUDGED,
        "recall": recall(here, read(second)[0]) if second else "no second reading",
        "contradictions": [
            {"record": slug} | each._asdict()
            for slug, one in here.items()
            for each in contradictions(one.extraction, one.risks)
        ],
        "drift": drift(found),
        "alarms": alarms(found),
    }


def claims(found: Iterable[Extraction]) -> list[dict[str, Any]]:
    rows = Counter(
        (
            kind_of_claim(path.partition(".")[2]),
            str(claim.status if isinstance(claim, LayerAssessment) else claim.certainty),
            str(claim.basis or "–"),
        )
        for extraction in found
        for path, claim in extraction.claims.items()
    )
    return [{"kind": k, "certainty": c, "basis": b, "claims": n} for (k, c, b), n in sorted(rows.items())]


def recall(here: Mapping[str, Reading], second: Mapping[str, Reading]) -> dict[str, Any]:
    """Of what the second reading knows of the same agents: what is known here. A record whose headline is withheld has
    found nothing of it."""
    both = sorted(here.keys() & second.keys())
    counts: dict[tuple[str, str], Counter[str]] = {}
    for slug in both:
        ours, theirs = here[slug].extraction, second[slug].extraction
        own = set() if too_little_known(estimates(ours)) else carried(ours).keys()
        for path, certainty in carried(theirs).items():
            kind = kind_of_claim(path.partition(".")[2])
            mine, other = value_of(ours.claims[path]), value_of(theirs.claims[path])
            same = mine == other or (kind == "factor" and abs(Decimal(mine) - Decimal(other)) <= SAME_WITHIN)
            row = counts.setdefault((kind, str(certainty)), Counter())
            row.update({"known there": 1, "found here": path in own, "with the same value": path in own and same})
    rows = [{"kind": kind, "certainty": certainty, **row} for (kind, certainty), row in sorted(counts.items())]
    return {"records in both": len(both), "only there": len(second.keys() - here.keys()), "claims of the second": rows}


def drift(found: Iterable[Extraction]) -> dict[str, Any]:
    """Claims that were offered with a quote and refused. Honest drift is what barred words took from records on whose
    pages nothing is found; what the checks of quote and support refused is counted apart."""
    without, beside, refused = Counter[str](), 0, Counter[str]()
    for extraction in found:
        signed = [f for f in blocking(extraction.findings) if _kind(f) in _OF_A_PAGE]
        without["records"] += not signed
        for claim in extraction.claims.values():
            if claim.detail == Detail.BARRED_WORDS:
                beside += bool(signed)
                without["barred"] += not signed
            elif claim.reason is None:
                without["known"] += not signed and bool(claim.evidence)
            elif claim.support and claim.support.verdict is not Support.CARRIES:
                refused[f"{claim.support.verdict}: {claim.support.rule}"] += 1
            elif claim.rejected:
                refused["its quote is not on the page as offered"] += 1
    return {
        "records without a finding on their pages": without["records"],
        "their claims that rest on a quote": without["known"],
        "their claims lost to barred words": without["barred"],
        "claims of the others lost to barred words": beside,
        "refused by the checks": [{"reason": reason, "claims": n} for reason, n in refused.most_common()],
    }


_OF_A_PAGE = (FindingKind.HIDDEN_TEXT, FindingKind.ADDRESSES_THE_ASSESSOR)


def _kind(finding: Finding) -> str:
    """Of one that tells of the reply and not of the page: that it does."""
    return "the reply rests on barred words" if finding.how.endswith(RESTS) else finding.kind


def alarms(found: Iterable[Extraction]) -> list[dict[str, Any]]:
    rows = Counter(
        (one.slug, f"{_kind(finding)}{', shown as an example' * bool(finding.example)}")
        for one in found
        for finding in one.findings
    )
    return [{"record": slug, "kind": kind, "findings": n} for (slug, kind), n in sorted(rows.items())]


def show(figures: Mapping[str, Any], within: str = "") -> None:
    """Numbers in lines, rows in tables."""
    for name, value in figures.items():
        if isinstance(value, dict):
            show(value, f"{name}: ")
        elif isinstance(value, list) and value:
            say(f"\n{within}{name}")
            table([tuple(str(cell) for cell in row.values()) for row in value], tuple(value[0]))
            say()
        else:
            say(f"{within}{name}: {value if value != [] else 'none'}")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", type=Path, help="a published site, bundles, or records or extractions as JSON")
    parser.add_argument("--second", type=Path, help="records or extractions of the same agents by another reader")
    parser.add_argument("--labels", type=Path, help="JSON lines: slug, claim, value, label, and the quotes judged")
    parser.add_argument("--key", type=Path, help="of the questions that the labels answer")
    parser.add_argument("--questions", type=Path, help="write the claims for a blind reader here, and a key beside it")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    for folder in filter(None, (arguments.folder, arguments.second)):
        if not folder.is_dir():
            parser.error(f"{folder} is no folder")
    if arguments.questions:
        folders = filter(None, (arguments.folder, arguments.second))
        key = write_questions(arguments.questions, [one.extraction for f in folders for one in read(f)[0].values()])
        say(f"{arguments.questions}: to be judged as {', '.join(LABELS)}; whose they are stands in {key}")
        return
    found = measure(arguments.folder, arguments.second, arguments.labels, arguments.key)
    if not found["records"]:
        parser.error(f"{arguments.folder} holds no record that can be read")
    (emit if arguments.json else show)(found)


if __name__ == "__main__":
    main()
