"""An assessment as a tired reader wants it: the verdict first, then each claim with its sentence."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from flows.report.console import printable, say, table
from scoring import labels
from scoring.claims import Claim, Extraction, Finding, LayerAssessment, claim_count
from scoring.scores import Applicability, Assessment
from scoring.vocabulary import CORE_RISK_TITLES, FACTOR_TITLES, LAYER_TITLES

if TYPE_CHECKING:
    from records.agents.subjects import CompetingAgent
    from scoring.likely.decision import Decision
    from scoring.record import StatedSubject

QUOTE_WIDTH = 96


def verdict(assessment: Assessment) -> str:
    """`7.3 High (4.1 to 9.9)`, or why there is no number."""
    head = assessment.headline
    span = f"({head.low} to {head.high})"
    if head.score is None:
        return f"withheld {span}: {head.withheld}"
    return f"{head.score} {head.severity} {span}"


def one_line(extraction: Extraction, assessment: Assessment) -> tuple[str, ...]:
    """Slug, score, band, range, known claims: a row of a table."""
    head = assessment.headline
    score = str(head.score) if head.score is not None else "–"
    stable = "" if head.band_stable else "band not stable"
    known = labels.claims_known(claim_count(extraction))
    return extraction.slug, score, str(head.severity or "withheld"), f"{head.low} to {head.high}", known, stable


def show(extraction: Extraction, assessment: Assessment, made: Decision | None, *, full: bool = True) -> None:
    """The whole assessment on the terminal. `made`: what it says to who decides."""
    head = assessment.headline
    say(f"{printable(extraction.name)} ({extraction.slug}, {extraction.kind.value})")
    say(f"  AIVSS {verdict(assessment)}; band {'stable' if head.band_stable else 'not stable'} over the unknowns")
    if made is None:
        say(f"  {labels.NO_DECISION}")
    else:
        say(f"  likely {made.likely.low} to {made.likely.high}, {labels.likely_bands(made.likely, made.firm)}")
        say(f"  advice: {made.advice.word}. {made.advice.reason}")
    say(f"  {labels.claims_known(claim_count(extraction))}; by {extraction.assessor}, {head.profile}")
    if extraction.second_reading is not None:
        say(f"  second reader {printable(labels.second_reading_line(extraction.second_reading))}")
    say(f"  CVSS {head.cvss_base} {head.cvss_vector}")
    say(f"  {printable(extraction.summary.text)}")
    for finding in extraction.findings:
        say(f"  ! {warning(finding)}")
    if not full:
        return
    factors = ((f"{FACTOR_TITLES[c.factor]} [{c.factor}]", c) for c in extraction.factors)
    _claims("Factors", ((f"{name} {c.value}", f"{c.value}  {name}: {labels.known(c)}", c) for name, c in factors))
    layers = ((f"{layer.layer} {LAYER_TITLES[layer.layer]}", layer) for layer in extraction.layers)
    _claims("MAESTRO layers", ((name, f"{name} ({labels.known(c)}): {printable(c.text)}", c) for name, c in layers))
    facts = ((f"{labels.FACTS[c.fact]} [{c.fact}]", c) for c in extraction.exposure)
    _claims(
        "Exposure, from which the CVSS base is derived",
        ((name, f"{name}: {labels.plain(c.value or 'unknown')} ({labels.known(c)})", c) for name, c in facts),
    )
    if assessment.risks:
        say("\nTen core risks")
        risks = {kind: [risk for risk in assessment.risks if risk.applicability is kind] for kind in Applicability}
        table(
            (CORE_RISK_TITLES[r.risk], "–" if r.score is None else str(r.score), f"{r.low} to {r.high}", r.why)
            for r in risks.pop(Applicability.APPLIES)
        )
        for kind, some in risks.items():
            if some:
                say(f"{labels.APPLICABILITIES[kind]}: {', '.join(CORE_RISK_TITLES[risk.risk] for risk in some)}")
    if assessment.chains:
        say("\nPaths across layers that the same facts open")
        for chain in assessment.chains:
            sure = "" if chain.certain else " (not certain)"
            say(f"  {chain.name} [{' → '.join(chain.layers)}]{sure}: {printable(chain.why)}")
    if head.movers:
        say("\nWhat would move the score")
        moving = [mover for mover in head.movers if mover.moves_band]
        table((labels.unknown_title(m.unknown), f"{m.low} to {m.high}", "moves the band") for m in moving)
        if rest := len(head.movers) - len(moving):
            say(f"{rest} others move it within its band")
    for source in extraction.not_read:
        say(f"not read: {printable(source.url)} ({labels.outcome(source.outcome)})")


def warning(finding: Finding) -> str:
    return f"{labels.FINDINGS[finding.kind]} on {printable(finding.url)}: “{printable(finding.excerpt)[:QUOTE_WIDTH]}”"


def _claims(title: str, claims: Iterable[tuple[str, str, Claim | LayerAssessment]]) -> None:
    """(name, line, claim) of each: its line with its quotes; where only the reason is known, the names by reason."""
    say(f"\n{title}")
    silent: dict[str, list[str]] = {}
    for name, line, claim in claims:
        if claim.reason is None or claim.evidence:
            say(f"  {line}")
            _quotes(claim)
        else:
            why = "; ".join(filter(None, (labels.known(claim), printable(labels.grounds(claim)))))
            silent.setdefault(why, []).append(name)
    for why, names in silent.items():
        say(f"  {why}: {', '.join(names)}")


def _quotes(claim: Claim | LayerAssessment) -> None:
    """The quotes of a claim, then what they do for it."""
    for quote in claim.evidence:
        words = printable(quote.quote)
        cut = words if len(words) <= QUOTE_WIDTH else words[: QUOTE_WIDTH - 1] + "…"
        say(f"       “{cut}”  {printable(quote.url)}")
    grounds = labels.grounds(claim)
    if grounds:
        say(f"       {printable(grounds)}")


def show_subjects(stated: Sequence[StatedSubject], rivals: Sequence[CompetingAgent] = ()) -> None:
    """By what a machine matches the product, and who else states the same."""
    for subject in stated:
        say(printable(f"subject: {subject.value} by {subject.stated_by}"))
    for rival in rivals:
        say(printable(f"RIVAL: {rival.slug} states {rival.value} too"))
