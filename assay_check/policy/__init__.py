"""A buyer's policy: a small file, what it says of an entry, and the same as prose."""

from assay_check.policy.judgement import Reason, Verdict, judge, score_reason, stricter
from assay_check.policy.policy_file import Advice, Limits, Policy, default_text, read_policy

__all__ = [
    "Advice",
    "Limits",
    "Policy",
    "Reason",
    "Verdict",
    "default_text",
    "judge",
    "read_policy",
    "score_reason",
    "stricter",
]
