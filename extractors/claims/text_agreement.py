"""Whether a text agrees with what was decided: no word about a fact that is unknown or decided otherwise.

Idea: facts are spoken of in few ways, so a small table of phrases finds them in a text; a text that speaks of a fact
is kept only where that fact is decided so. Invariant: what passes contradicts no decided fact in the table's words.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from scoring.vocabulary import ExposureFact

_SPOKEN: tuple[tuple[ExposureFact, frozenset[str], re.Pattern[str]], ...] = tuple(
    (ExposureFact(fact), frozenset(values.split()), re.compile(pattern, re.IGNORECASE))
    for fact, values, pattern in (
        (
            "approval",
            "each_action",
            r"\b(?:asks? (?:a|the) (?:person|user|human)|asks? for (?:approval|confirmation|permission)|"
            r"(?:person|user|human)s? (?:must |has to |have to )?(?:approves?|confirms?|agrees?)|"
            r"approval (?:is required|for each)|human[- ]in[- ]the[- ]loop|confirmation (?:is required|before))",
        ),
        (
            "approval",
            "unattended",
            r"\b(?:unattended|without (?:asking|approval|confirmation|a person|human)|on its own schedule)\b",
        ),
        ("isolation", "sandbox", r"\b(?:sandbox(?:ed)?|isolated container|confined to a container)\b"),
        (
            "runs_at",
            "hosted",
            r"\b(?:is hosted|hosted (?:service|server|platform)|as a service|in the vendor's cloud)\b",
        ),
        ("runs_at", "local", r"\b(?:runs? locally|(?:on|from) (?:the|its|your) user'?s? (?:own )?machine)\b"),
        ("executes", "arbitrary_code", r"\b(?:arbitrary (?:code|commands)|any (?:code|command|shell command))\b"),
        ("executes", "fixed_commands arbitrary_code", r"\b(?:runs?|executes?) (?:\w+ )?(?:code|commands|scripts)\b"),
        ("executes", "nothing", r"\b(?:runs?|executes?) no (?:code|commands?)\b"),
        ("changes", "nothing", r"\b(?:changes nothing|read-only|only reads)\b"),
        ("spends", "scoped broad", r"\b(?:spends? money|moves? money|makes? payments?|issues? refunds?)\b"),
        ("spends", "nothing", r"\bspends nothing\b"),
        ("fed_by", "anyone", r"\b(?:anyone|anybody|strangers|the public) (?:can|may)\b"),
        ("control", "enforceable", r"\b(?:enforced|enforceable) control\b"),
    )
)


def agrees(text: str, known: Mapping[ExposureFact, str]) -> bool:
    """True when every fact that the text speaks of is known to be as it says."""
    return all(known.get(fact) in values for fact, values, pattern in _SPOKEN if pattern.search(text))
