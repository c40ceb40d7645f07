"""MAESTRO's threat catalogue with stable ids: fifty threats in seven layers, and five that cross layers.

Invariant: an id never changes its meaning; it is the layer and the place in the layer's list. Source of the
names: MAESTRO (Ken Huang, Cloud Security Alliance, February 2025). The ids are ours.
"""

from typing import NamedTuple

from scoring.vocabulary import MaestroLayer


class Threat(NamedTuple):
    """One entry of the catalogue."""

    id: str
    """`L3.3`, or `X.2` for a cross-layer threat."""
    layer: MaestroLayer | None
    """None for a cross-layer threat."""
    name: str


_NAMES: dict[str, tuple[str, ...]] = {
    "L1": (
        "Adversarial Examples",
        "Model Stealing",
        "Backdoor Attacks",
        "Membership Inference Attacks",
        "Data Poisoning (Training Phase)",
        "Reprogramming Attacks",
        "Denial of Service (DoS) Attacks",
    ),
    "L2": (
        "Data Poisoning",
        "Data Exfiltration",
        "Denial of Service on Data Infrastructure",
        "Data Tampering",
        "Compromised RAG Pipelines",
    ),
    "L3": (
        "Compromised Framework Components",
        "Backdoor Attacks",
        "Input Validation Attacks",
        "Supply Chain Attacks",
        "Denial of Service on Framework APIs",
        "Framework Evasion",
    ),
    "L4": (
        "Compromised Container Images",
        "Orchestration Attacks",
        "Infrastructure-as-Code Manipulation",
        "Denial of Service Attacks",
        "Resource Hijacking",
        "Lateral Movement",
    ),
    "L5": (
        "Manipulation of Evaluation Metrics",
        "Compromised Observability Tools",
        "Denial of Service on Evaluation Infrastructure",
        "Evasion of Detection",
        "Data Leakage through Observability",
        "Poisoning Observability Data",
    ),
    "L6": (
        "Security Agent Data Poisoning",
        "Evasion of Security AI Agents",
        "Compromised Security AI Agents",
        "Regulatory Non-Compliance by AI Security Agents",
        "Bias in Security AI Agents",
        "Lack of Explainability in Security AI Agents",
        "Model Extraction of AI Security Agents",
    ),
    "L7": (
        "Compromised Agents",
        "Agent Impersonation",
        "Agent Identity Attack",
        "Agent Tool Misuse",
        "Agent Goal Manipulation",
        "Marketplace Manipulation",
        "Integration Risks",
        "Horizontal/Vertical Solution Vulnerabilities",
        "Repudiation",
        "Compromised Agent Registry",
        "Malicious Agent Discovery",
        "Agent Pricing Model Manipulation",
        "Inaccurate Agent Capability Description",
    ),
    "X": (
        "Supply Chain Attacks",
        "Lateral Movement",
        "Privilege Escalation",
        "Data Leakage",
        "Goal Misalignment Cascades",
    ),
}

CATALOGUE: dict[str, Threat] = {
    f"{place}.{number}": Threat(f"{place}.{number}", None if place == "X" else MaestroLayer(place), name)
    for place, names in _NAMES.items()
    for number, name in enumerate(names, start=1)
}
"""Id to threat, in catalogue order."""
