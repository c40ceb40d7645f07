"""Everyday words for threats, and the nearest entries of MAESTRO's catalogue.

Each entry: catalogue ids, and word patterns (regular expressions, whole words, any case) that name them on
pages. Prompt injection has no entry of its own in the catalogue; its nearest are L3.3 and L7.5.
"""

from __future__ import annotations

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
