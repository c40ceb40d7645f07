"""One extraction in, one assessment out: the pure function that every number of a record comes from.

Idea: `assess` is total; whatever was found, and however little, it gives a score with its range, or a range
with the reason why there is no score. Invariant: same extraction, same profile, same versions, same bytes;
taking evidence away never lowers the high end of the range.
"""

from scoring.claims import Digest, Extraction
from scoring.factor_estimates import Estimates, estimates
from scoring.formulas.table import HEADLINE, profile_named
from scoring.headline.score_with_range import headline
from scoring.maestro.attack_paths import chains
from scoring.risks.risk_profile import maximum, risk_rows
from scoring.scores import Assessment, Provenance


def assess(
    extraction: Extraction, extraction_digest: Digest, provenance: Provenance, profile: str = HEADLINE
) -> Assessment:
    """The assessment of an extraction by one formula profile."""
    return assess_estimates(estimates(extraction), extraction, extraction_digest, provenance, profile)


def assess_estimates(
    agent: Estimates, extraction: Extraction, extraction_digest: Digest, provenance: Provenance, profile: str = HEADLINE
) -> Assessment:
    """The same from estimates that differ from what was extracted, for a what-if."""
    formula = profile_named(profile)
    risks = risk_rows(extraction, agent, formula)
    return Assessment(
        slug=extraction.slug,
        extraction_digest=extraction_digest,
        headline=headline(agent, formula, extraction.name),
        risks=risks,
        maximum_risk=maximum(risks),
        chains=chains(agent),
        provenance=provenance,
    )
