"""One record's decision: the class that its assessment names, the limits of the site's policy, else of the default one.

Idea: record, page, desk, command and the questions to a vendor ask here, so that they say the same. Invariant: what
only assesses does not import this module, since the default policy brings a buyer's reader of policies with it.
"""

from decimal import Decimal
from functools import cache
from pathlib import Path

from assay_check.policy import read_policy
from extractors import reference_classes
from scoring.claims import Extraction
from scoring.likely.advice import Limits, decide
from scoring.likely.decision import Decision
from scoring.likely.reference_class import ReferenceClass
from scoring.scores import Assessment


def decision(
    extraction: Extraction,
    assessment: Assessment,
    limits: Limits | None = None,
    otherwise: ReferenceClass | None = None,
    *,
    asks: bool = True,
) -> Decision | None:
    """What a record says to who decides, by the class that its assessment names and the default policy's limits unless
    others are given. None where the class is not known and there is no other. `asks`: its questions too, which take
    most of the time."""
    reference = reference_classes.named(assessment.provenance.reference) or otherwise
    if reference is None:
        return None
    return decide(extraction, assessment.headline, reference, limits or limits_of(), asks=asks)


@cache
def limits_of(policy: str = "") -> Limits:
    """The limits of a policy file, exact; of the default policy without one. Raises the `BadInput` of its reader."""
    limits = read_policy(Path(policy) if policy else None).limits
    return Limits(Decimal(str(limits.possible)), Decimal(str(limits.likely)))
