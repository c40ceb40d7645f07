"""Support: whether a sentence that is on a page means what is claimed with it."""

from extractors.support.hint_rules import Support, Verdict
from extractors.support.passage import Passage
from extractors.support.support import SUPPORT, log_odds, support

__all__ = ["SUPPORT", "Passage", "Support", "Verdict", "log_odds", "support"]
