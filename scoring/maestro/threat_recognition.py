"""Recognises the threats that the text of a layer names: by id, by name, in everyday words.

Idea: pages speak of "prompt injection" and "leaked keys", the catalogue does not; a small table carries one
to the other, and both are kept. Invariant: nothing here changes a score (AIVSS 0.8, Appendix C); MAESTRO and
AIVSS only share evidence. L6 of the catalogue is about security agents; everyday words of compliance stay
words.
"""

import re

from scoring.maestro.threat_catalogue import CATALOGUE
from scoring.vocabulary import MaestroLayer

EVERYDAY: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = (
    (
        ("L3.3", "L7.5"),
        (
            r"(indirect )?prompt[- ]injection",
            r"injected (prompts?|instructions?)",
            r"malicious (prompts?|inputs?)",
        ),
    ),
    (
        ("L1.1",),
        (
            r"jailbreak\w*",
            r"adversarial (inputs?|prompts?|attacks?)",
        ),
    ),
    (
        ("L1.2",),
        (
            r"model (theft|extraction)",
            r"stolen models?",
        ),
    ),
    (
        ("L1.5",),
        (
            r"training data poisoning",
            r"poisoned (training data|models?)",
        ),
    ),
    (("L1.3", "L3.2"), (r"backdoor(ed|s)?",)),
    (
        ("L2.1",),
        (
            r"(memory|context|data|knowledge[- ]base) poisoning",
            r"poisoned (data|memory|context|documents?)",
        ),
    ),
    (("L2.5",), (r"(rag|retrieval|vector[- ]store|embedding) (poisoning|manipulation|attacks?)",)),
    (
        ("L2.2",),
        (
            r"(data )?exfiltrat\w+",
            r"steal(ing)? (of )?data",
            r"data theft",
        ),
    ),
    (
        ("X.4",),
        (
            r"data (leak(s|age)?|exposure|breach(es)?)",
            r"leak(s|ed|ing|age)? (of )?(private |sensitive |user |personal )?data",
        ),
    ),
    (
        ("L2.4",),
        (
            r"(data|file|record) (tampering|corruption)",
            r"tamper(ed|ing) with (data|files|records)",
        ),
    ),
    (
        ("L3.3",),
        (
            r"(unvalidated|untrusted|unsanitised|unsanitized) (input|content)s?",
            r"(command|sql|code|shell) injection",
        ),
    ),
    (
        ("L3.4", "X.1"),
        (
            r"(malicious|vulnerable|compromised) (dependenc(y|ies)|packages?|librar(y|ies))",
            r"dependency confusion",
            r"typosquatting",
        ),
    ),
    (("L3.4", "X.1"), (r"supply[- ]chain",)),
    (
        ("L4.1",),
        (
            r"(container|sandbox) (escape|breakout)",
            r"(compromised|malicious) (container|docker) images?",
        ),
    ),
    (
        ("L4.5",),
        (
            r"crypto[- ]?(mining|jacking)",
            r"runaway (cost|spend|loop)s?",
            r"(compute|quota|budget|resource) (abuse|exhaustion|hijacking)",
            r"denial of wallet",
        ),
    ),
    (("L4.3",), (r"(terraform|infrastructure[- ]as[- ]code|helm|pipeline|ci/cd) (manipulation|tampering|poisoning)",)),
    (
        ("L4.4",),
        (
            r"denial[- ]of[- ]service",
            r"dos attacks?",
        ),
    ),
    (
        ("L4.6", "X.2"),
        (
            r"lateral movement",
            r"pivot(s|ing)? (to|into) other",
        ),
    ),
    (("L5.6",), (r"(log|trace|audit|telemetry) (tampering|manipulation|poisoning|injection)",)),
    (("L5.5",), (r"(secrets?|credentials?|data|prompts?) (in|through|via) (logs?|traces?|telemetry)",)),
    (("L5.1",), (r"(benchmark|eval(uation)?s?|metrics?) (gaming|manipulation|poisoning)",)),
    (
        ("X.3",),
        (
            r"privilege escalation",
            r"excessive (permissions?|privileges?|agency)",
            r"over-?privileged?",
        ),
    ),
    (
        ("L7.3",),
        (
            r"(stolen|leaked|exposed|compromised) (api )?(keys?|tokens?|credentials?|secrets?)",
            r"(credential|token|session) (theft|leak(age)?|hijacking)",
        ),
    ),
    (
        ("L7.2",),
        (
            r"impersonat\w+",
            r"spoof\w+",
            r"phishing",
            r"deepfakes?",
        ),
    ),
    (
        ("L7.4",),
        (
            r"tool (misuse|abuse)",
            r"(misuse|abuse) of tools?",
            r"unintended (actions?|tool calls?)",
            r"destructive (actions?|commands?)",
        ),
    ),
    (
        ("L7.5",),
        (
            r"goal (hijack\w*|drift|manipulation)",
            r"instruction (hijack\w*|manipulation)",
        ),
    ),
    (
        ("L7.1",),
        (
            r"(malicious|rogue|compromised|poisoned) (agents?|skills?|plugins?|mcp servers?|extensions?)",
            r"tool poisoning",
            r"rug pulls?",
        ),
    ),
    (
        ("L7.7",),
        (
            r"(insecure|risky|vulnerable) integrations?",
            r"third[- ]party integrations?",
            r"integration risks?",
        ),
    ),
    (
        ("L7.9",),
        (
            r"repudiat\w+",
            r"no audit (trail|log)s?",
            r"missing (logs?|audit)",
            r"untraceab\w+",
        ),
    ),
    (("L7.10",), (r"(fake|poisoned|compromised) (registry|registries|marketplaces?|listings?)",)),
    (("L7.13",), (r"(overstated|misleading|inaccurate|false) (capabilit(y|ies)|descriptions?|claims?)",)),
    (
        ("X.5",),
        (
            r"cascading (failures?|errors?|hallucinations?)",
            r"error propagation",
            r"misaligned goals?",
        ),
    ),
)
"""Ids of the catalogue, and the word patterns (regular expressions, whole words, any case) that name them on pages.
Prompt injection has no entry of its own; its nearest are L3.3 and L7.5."""
_EVERYDAY = tuple((re.compile(rf"(?<!\w)(?:{'|'.join(words)})(?!\w)", re.IGNORECASE), ids) for ids, words in EVERYDAY)
_ID = re.compile(r"(?<![\w.])(?:L[1-7]|X)\.\d{1,2}(?![\w.]*\d)")
_NAMED = {
    name: tuple(threat.id for threat in CATALOGUE.values() if threat.name.lower() == name)
    for name in (threat.name.lower() for threat in CATALOGUE.values())
}
_NAMES = re.compile(
    r"(?<!\w)(?:" + "|".join(re.escape(name) for name in sorted(_NAMED, key=len, reverse=True)) + r")(?!\w)",
    re.IGNORECASE,
)


def threats_named_in(text: str, layer: MaestroLayer | None = None) -> tuple[str, ...]:
    """Ids of the threats that a text names, in catalogue order; with `layer`, its own and the cross-layer ones."""
    text = " ".join(text.split())
    found = {match.group() for match in _ID.finditer(text)} & CATALOGUE.keys()
    for match in _NAMES.finditer(text):
        found.update(_NAMED[match.group().lower()])
    for words, ids in _EVERYDAY:
        if words.search(text):
            found.update(ids)
    return tuple(
        threat.id
        for threat in CATALOGUE.values()
        if threat.id in found and (layer is None or threat.layer in (layer, None))
    )
