"""What the defences cost honest pages, and whether a record contradicts itself: the agreement agents, counted as
`measure_records` counts any folder.
"""

from benches.evidence.contradictions import contradictions
from benches.evidence.measure_records import alarms, drift
from benches.figure import Figure
from benches.shared_data import SHARED, agreement_folders
from flows.operations.local_record import assess_folder
from flows.settings import load
from scoring.automatic_approval import blocking
from scoring.vocabulary import FindingKind

MOST_ALARMS = 0.01


def run() -> list[Figure]:
    return [*_figures("built-in reader", recorded=False), *_figures("recorded strong reading", recorded=True)]


def _figures(way: str, *, recorded: bool) -> list[Figure]:
    settings = load()
    folders = agreement_folders()
    replies = SHARED / "agreement-replies"
    made = [assess_folder(f, settings, reply=replies / f"{f.name}.json" if recorded else None) for f in folders]
    found, count = [one.extraction for one in made], len(made)
    against = sum(any(contradictions(one.extraction, one.assessment.risks)) for one in made)
    counted = drift(found)
    lost, known = counted["their claims lost to barred words"], counted["their claims that rest on a quote"]
    alarmed = [
        one.slug
        for one in found
        if any(finding.kind is not FindingKind.TOOL_CONTRADICTS_ITSELF for finding in blocking(one.findings))
    ]
    kinds = sorted({row["kind"] for row in alarms(found) if row["record"] in alarmed})
    return [
        Figure(
            f"{way}: records that contradict themselves",
            f"{against} of {count}",
            "0",
            not against,
            "the rules of `benches/evidence/contradictions.py`",
        ),
        Figure(
            f"{way}: claims that clean pages lose to barred words",
            f"{lost} of {lost + known}",
            "told",
            True,
            "of claims with a quote; a sentence that the reader itself passes over leaves no trace",
        ),
        Figure(
            f"{way}: clean records with an alarm",
            f"{len(alarmed)} of {count}",
            f"≤ {100 * MOST_ALARMS:.0f} %",
            len(alarmed) <= MOST_ALARMS * count,
            ", ".join(kinds) or "no finding that blocks an approval by rule",
        ),
    ]
