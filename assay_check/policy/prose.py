"""A policy as sentences for people, one rule a line: the same file, read aloud."""

from __future__ import annotations

from assay_check.policy.policy_file import POWER_WORDS, Advice, Policy

_VERBS = {Advice.ALLOW: "Allow", Advice.ASK: "Ask about", Advice.DENY: "Deny"}


def prose(policy: Policy) -> str:
    """The sentences, in the order in which the rules stand in a file."""
    limits, evidence, unlisted, unknowns = policy.limits, policy.evidence, policy.unlisted, policy.unknowns
    required = "every fact" if "*" in unknowns.required else ", ".join(unknowns.required)
    but = f", except {', '.join(unknowns.tolerated)}" if unknowns.tolerated else ""
    kinds, most = policy.kinds.allowed, evidence.max_age_days
    older = "evidence is past its expiry; its age does not matter"
    lines = [
        f"Allow what can be at most {limits.possible:g} of 10, whatever is not known about it.",
        f"Ask about what is likely at most {limits.likely:g}, and where the score is withheld. Deny the rest.",
        f"{_when(evidence.stale)} where {f'evidence is older than {most} days or past its expiry' if most else older}.",
        *([] if kinds is None else [f"{_VERBS[policy.kinds.other]} every kind but {', '.join(kinds) or 'none'}."]),
        *(
            f"{_VERBS[answer]} what {words}, or may do so for all that is known."
            for power, words in POWER_WORDS.items()
            if (answer := policy.powers.answer(power)) is not Advice.ALLOW
        ),
        *([f"{_when(unknowns.answer)} unless {required} is known{but}."] if required else []),
        f"{_when(policy.versions.other)} where the record speaks about another version.",
        f"{_when(policy.versions.unpinned)} where no exact version is named.",
        f"{_VERBS[unlisted.public]} public subjects without a record.",
        f"{_VERBS[unlisted.local]} the buyer's own programs, files and addresses.",
        f"{_VERBS[unlisted.unnamed]} entries that name no subject.",
        "Check entries that are switched off too."
        if policy.disabled.check
        else "Pass over entries that are switched off.",
        *(f"{_VERBS[one.advice]} {one.subject} until {one.until}: {one.reason}." for one in policy.exceptions),
    ]
    return "\n".join(lines) + "\n"


def _when(advice: Advice) -> str:
    return advice.value.capitalize()
