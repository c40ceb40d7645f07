"""What comparable products are known to be: how often each value was found, by kind, and the weights made of it.

    weight of a value = (found in the kind + SMOOTHING x share over all kinds) / (found of the kind + SMOOTHING)

Idea: a kind of which little was read borrows from all kinds. Invariant: an unknown of which fewer than `FEWEST` values
were found takes its whole span, every value alike: what nobody states is not taken to be absent.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from scoring.vocabulary import EXPOSURE_VALUES, AgentKind, ExposureFact, RiskFactor

FEWEST = 10
"""Values found, over all kinds, below which nothing is said of an unknown."""
SMOOTHING = 3
"""Products of its kind that the share over all kinds counts for."""
TENTHS: tuple[str, ...] = tuple(f"{tenth / 10:.1f}" for tenth in range(11))

Unknown = RiskFactor | ExposureFact


def values_of(unknown: Unknown) -> tuple[str, ...]:
    """Every value that an unknown may turn out to have, safest first."""
    return EXPOSURE_VALUES[unknown] if isinstance(unknown, ExposureFact) else TENTHS


@dataclass(frozen=True, eq=False)
class ReferenceClass:
    """Counts by unknown, kind and value. Two are the same only if they are one object, so that it may key a cache."""

    name: str
    """`reference-1 0123456789ab`."""
    counts: Mapping[Unknown, Mapping[AgentKind, Mapping[str, int]]]
    together: Fraction
    """In which share of the cases all unknowns are as safe or as bad as each other; fitted so that a range keeps its
    share of products that were left out."""
    central: Fraction = Fraction(8, 10)
    """The share of the scores that a range keeps."""

    def speaks_of(self, unknown: Unknown) -> bool:
        """Enough values of it were found."""
        return sum(sum(found.values()) for found in self.counts.get(unknown, {}).values()) >= FEWEST

    def weights(self, kind: AgentKind, unknown: Unknown) -> tuple[Fraction, ...]:
        """How often each of `values_of(unknown)` is expected, summing to 1; all alike where too few were found."""
        by_kind, values = self.counts.get(unknown, {}), values_of(unknown)
        alike = Fraction(1, len(values))
        if not self.speaks_of(unknown):
            return (alike,) * len(values)
        overall = [sum(found.get(value, 0) for found in by_kind.values()) for value in values]
        mine = [by_kind.get(kind, {}).get(value, 0) for value in values]
        # one more, spread over all values: none is impossible because it was not found
        shares = [(count + alike) / (sum(overall) + 1) for count in overall]
        return tuple(
            (found + SMOOTHING * share) / (sum(mine) + SMOOTHING) for found, share in zip(mine, shares, strict=True)
        )
