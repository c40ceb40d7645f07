"""What a reply may and may not rest on words that are barred as evidence.

Idea: barred words lower nothing; what is beside an address still counts for what raises the risk, else a page could
unsay a sentence by an address beside it. Invariant: a reply that listened to such words is shown to a person.
"""

from collections.abc import Sequence
from decimal import Decimal

from extractors.claims.claim_decisions import danger
from extractors.grounding.document_search import DocumentSearch
from extractors.lexical.priors import prior
from extractors.prompting.reply import ExposureReply, FactorReply, Known, LayerReply, Reply
from scoring.claims import Finding
from scoring.cvss.exposure_defaults import default
from scoring.vocabulary import AgentKind, ExposureFact, FindingKind, LayerStatus, RiskFactor

FEWEST_RESTING = 2
"""Claims on barred words from which a reply is doubted."""
RESTS = "claims of the reply rest on words that may be meant for whoever assesses"


def raises_the_risk(kind: AgentKind, claim: str, value: Decimal | str) -> bool:
    """Whether a claim says more risk than silence would."""
    if claim in set(RiskFactor):
        return Decimal(value) > prior(kind, RiskFactor(claim))
    if claim not in set(ExposureFact) or not value:
        return False
    fact = ExposureFact(claim)
    return danger(fact, value) > danger(fact, default(fact, kind, {}).value)


def resting_on_barred_words(
    reply: Reply, quote_search: DocumentSearch, found: Sequence[Finding]
) -> tuple[Finding, ...]:
    """A reply whose claims rest on words that may be meant for an assessor looks as if it had listened to them: each
    such passage is reported once, where no finding reports it already, so that a person looks at the record."""
    claimed: list[FactorReply | LayerReply | ExposureReply] = [
        *(entry for entry in reply.factors if entry.known is not Known.UNKNOWN),
        *(entry for entry in reply.layers if entry.status is not LayerStatus.NOT_CERTAIN),
        *(entry for entry in reply.exposure if entry.known is not Known.UNKNOWN),
    ]
    results = [quote_search.find_quote(entry.document, entry.quote) for entry in claimed]
    resting = [result.evidence for result in results if result.hostile and result.evidence is not None]
    if len(resting) < FEWEST_RESTING:
        return ()
    reported = [
        (finding.text_digest, finding.start, finding.end)
        for finding in found
        if finding.start is not None and finding.end is not None and not finding.example
    ]
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
        if not any(
            page == evidence.text_digest and start < evidence.end and evidence.start < end
            for page, start, end in reported
        )
    )
