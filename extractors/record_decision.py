"""One record's decision by what is bundled: the class that its assessment names, the limits of the default policy.

Idea: record, page, command and the questions to a vendor ask here, so that they say the same. Invariant: what only
assesses does not import this module, since the default policy brings a buyer's reader of policies with it.
"""

from __future__ import annotations

from assay_check.policy import default_limits
from extractors import reference_classes
from scoring.claims import Extraction
from scoring.likely.advice import Limits
from scoring.likely.decide import advice, decide
from scoring.likely.decision import Advice, Decision
from scoring.likely.reference_class import ReferenceClass
from scoring.scores import Assessment


def decision(
    extraction: Extraction,
    assessment: Assessment,
    limits: Limits | None = None,
    otherwise: ReferenceClass | None = None,
) -> Decision | None:
    """What a record says to who decides, by the class that its assessment names and the default policy's limits unless
    others are given. None where the class is not known and there is no other."""
    reference = reference_classes.named(assessment.provenance.reference) or otherwise
    if reference is None:
        return None
    return decide(extraction, assessment.headline, reference, limits or Limits(*default_limits()))


def advice_of(extraction: Extraction, assessment: Assessment) -> Advice | None:
    """The advice of `decision` alone, by the default policy's limits."""
    reference = reference_classes.named(assessment.provenance.reference)
    return None if reference is None else advice(extraction, assessment.headline, reference, Limits(*default_limits()))
