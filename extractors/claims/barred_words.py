"""What a reply may and may not rest on words that are barred as evidence.

Idea: barred words lower nothing; what stands beside an address still counts for what raises the risk, else a page could
unsay a sentence by an address beside it. Invariant: a reply that listened to such words is told to a person.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from extractors.grounding.document_search import DocumentSearch
from extractors.lexical.priors import prior
from extractors.prompting.reply import Known, Reply
from scoring.claims import Evidence, Finding
from scoring.cvss.exposure_defaults import default
from scoring.vocabulary import EXPOSURE_VALUES, AgentKind, ExposureFact, FindingKind, LayerStatus, RiskFactor

FEWEST_RESTING = 2
"""Claims on barred words from which a reply is doubted."""
RESTS = "claims of the reply rest on words that may be meant for whoever assesses"


def raises_the_risk(kind: AgentKind, claim: str, value: Decimal | str) -> bool:
    """Whether a claim says more risk than silence would."""
    if claim in set(RiskFactor):
        return Decimal(value) > prior(kind, RiskFactor(claim))
    if claim in set(ExposureFact) and value:
        values = EXPOSURE_VALUES[ExposureFact(claim)]
        return values.index(str(value)) > values.index(default(ExposureFact(claim), kind, {}).value)
    return False


def resting_on_barred_words(
    reply: Reply, quote_search: DocumentSearch, found: Sequence[Finding]
) -> tuple[Finding, ...]:
    """A reply whose claims rest on words that may be meant for an assessor looks as if it had listened to them: each
    such passage is told once, where no finding tells it already, so that a person looks at the record."""
    offered = [
        *((entry.document, entry.quote, entry.known is not Known.UNKNOWN) for entry in reply.factors),
        *((entry.document, entry.quote, entry.status is not LayerStatus.NOT_CERTAIN) for entry in reply.layers),
        *((entry.document, entry.quote, entry.known is not Known.UNKNOWN) for entry in reply.exposure),
    ]
    results = [quote_search.find_quote(document, quote) for document, quote, known in offered if known]
    resting = [result.evidence for result in results if result.hostile and result.evidence is not None]
    if len(resting) < FEWEST_RESTING:
        return ()
    reported = [finding for finding in found if finding.start is not None and not finding.example]
    return tuple(
        Finding(
            kind=FindingKind.ADDRESSES_THE_ASSESSOR,
            url=evidence.url,
            text_digest=evidence.text_digest,
            start=evidence.start,
            end=evidence.end,
            excerpt=evidence.quote[:300],
            how=f"{len(resting)} {RESTS}",
        )
        for evidence in dict.fromkeys(resting)
        if not any(_overlap(evidence, finding) for finding in reported)
    )


def _overlap(evidence: Evidence, finding: Finding) -> bool:
    if finding.text_digest != evidence.text_digest or finding.start is None or finding.end is None:
        return False
    return finding.start < evidence.end and evidence.start < finding.end
