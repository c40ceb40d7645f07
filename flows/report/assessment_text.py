"""An assessment as a tired reader wants it: the verdict first, then each claim with its sentence."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from flows.report.console import printable, say, table
from scoring import labels
from scoring.claims import Claim, Extraction, Finding, LayerAssessment, claim_count
from scoring.scores import Assessment
from scoring.vocabulary import CORE_RISK_TITLES, FACTOR_TITLES, LAYER_TITLES

if TYPE_CHECKING:
    from records.agents.subjects import Rival
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
    return (
        extraction.slug,
        score,
        str(head.severity or "withheld"),
        f"{head.low} to {head.high}",
        labels.claims_known(claim_count(extraction)),
        stable,
    )


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
    say("\nFactors")
    for factor in extraction.factors:
        say(f"  {factor.value}  {FACTOR_TITLES[factor.factor]} [{factor.factor}]: {labels.known(factor)}")
        _quotes(factor)
    say("\nMAESTRO layers")
    for layer in extraction.layers:
        say(f"  {layer.layer} {LAYER_TITLES[layer.layer]} ({labels.known(layer)}): {printable(layer.text)}")
        _quotes(layer)
    say("\nExposure, from which the CVSS base is derived")
    for claim in extraction.exposure:
        value = labels.plain(claim.value or "unknown")
        say(f"  {labels.FACTS[claim.fact]} [{claim.fact}]: {value} ({labels.known(claim)})")
        _quotes(claim)
    if assessment.risks:
        say("\nTen core risks")
        rows = [
            (
                "  " + CORE_RISK_TITLES[risk.risk],
                labels.APPLICABILITIES[risk.applicability],
                str(risk.score) if risk.score is not None else "–",
                f"{risk.low} to {risk.high}",
                f"{risk.evidence} quotes",
                risk.why,
            )
            for risk in assessment.risks
        ]
        table(rows)
    if assessment.chains:
        say("\nPaths across layers that the same facts open")
        for chain in assessment.chains:
            sure = "" if chain.certain else " (not certain)"
            say(f"  {chain.name} [{' → '.join(chain.layers)}]{sure}: {printable(chain.why)}")
    if head.movers:
        say("\nWhat would move the score")
        table(
            [
                (
                    f"  {labels.unknown_title(m.unknown)}",
                    f"{m.low} to {m.high}",
                    "moves the band" if m.moves_band else "",
                )
                for m in head.movers
            ]
        )
    for source in extraction.not_read:
        say(f"not read: {printable(source.url)} ({labels.outcome(source.outcome)})")


def warning(finding: Finding) -> str:
    return f"{labels.FINDINGS[finding.kind]} on {printable(finding.url)}: “{printable(finding.excerpt)[:QUOTE_WIDTH]}”"


def _quotes(claim: Claim | LayerAssessment) -> None:
    """The quotes of a claim, then what they do for it."""
    for quote in claim.evidence:
        words = printable(quote.quote)
        cut = words if len(words) <= QUOTE_WIDTH else words[: QUOTE_WIDTH - 1] + "…"
        say(f"       “{cut}”  {printable(quote.url)}")
    grounds = labels.grounds(claim)
    if grounds:
        say(f"       {printable(grounds)}")


def show_subjects(stated: Sequence[StatedSubject], rivals: Sequence[Rival] = ()) -> None:
    """By what a machine matches the product, and who else states the same."""
    for subject in stated:
        say(printable(f"subject: {subject.value} by {subject.stated_by}"))
    for rival in rivals:
        say(printable(f"RIVAL: {rival.slug} states {rival.value} too"))
