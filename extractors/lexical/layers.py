"""Seven layers: mapped where a fact about the product's own thing is stated clearly enough.

Idea: each fact belongs to at most one layer and counts towards it by `maps × strength`; the strongest decides
against one fitted threshold. An agent's own working (layer 3) is also pinned by what sort of product it is.
Invariant: mapped and not applicable have a quotable sentence that is no heading; anything else is not certain.
"""

from __future__ import annotations

from collections.abc import Iterable

from extractors.lexical.document_facts import NOT_OFTEN_QUOTED, Reading, Stated
from extractors.lexical.factor_values import cited, fitted
from extractors.lexical.passages import OF_A_PART
from extractors.lexical.phrasing import absent_layer, mapped_layer, uncertain_layer
from extractors.prompting.reply import LayerReply
from scoring.vocabulary import AgentKind, LayerStatus, MaestroLayer

_BY_NATURE: dict[AgentKind, tuple[str, ...]] = {
    AgentKind.AGENT: ("acts_alone", "plans", "many_agents", "is_agent_framework", "is_mcp_server"),
    AgentKind.FRAMEWORK: ("is_agent_framework", "many_agents", "plans", "acts_alone", "is_library"),
    AgentKind.MCP_SERVER: ("is_mcp_server",),
    AgentKind.PLUGIN: ("is_skill", "many_agents", "gives_guidance", "plans", "is_mcp_server"),
    AgentKind.SKILL: ("is_skill", "gives_guidance", "plans"),
}
"""What pins the working of a product that is agentic by nature, the plainest first."""
CLEARLY_NOT = -0.25
_NOT_BY_TEXT_ALONE = ("runs_code", "is_hosted", "is_containerised", "opens_ports", "manages_infrastructure")


def layers(kind: AgentKind, reading: Reading, name: str) -> list[LayerReply]:
    return [_layer(layer, kind, reading, name) for layer in MaestroLayer]


def _layer(layer: MaestroLayer, kind: AgentKind, reading: Reading, name: str) -> LayerReply:
    pinned = pins(layer, kind, reading, fitted().mapped_at)
    for stated in pinned:
        if text := mapped_layer(layer, stated, name):
            return LayerReply(
                layer=layer,
                status=LayerStatus.MAPPED,
                text=text,
                threats=list(stated.fact.threats),
                **cited(stated.hit.passage),
            )
    absent = _absent(layer, kind, reading)
    if absent is not None and (text := absent_layer(layer, absent, name)):
        return LayerReply(
            layer=layer, status=LayerStatus.NOT_APPLICABLE, text=text, threats=[], **cited(absent.hit.passage)
        )
    return LayerReply(
        layer=layer,
        status=LayerStatus.NOT_CERTAIN,
        text=uncertain_layer(layer, kind, any(stated.fact.layer is layer for stated in reading.values())),
        threats=[],
        document="",
        quote="",
    )


def pins(layer: MaestroLayer, kind: AgentKind, reading: Reading, at: float) -> list[Stated]:
    """Facts that pin the layer, strongest first; empty when it is not certain."""
    found = sorted(
        (stated for stated in _citable(reading.values()) if stated.fact.layer is layer),
        key=lambda stated: -stated.fact.maps * stated.strength,
    )
    strong = [s for s in found if s.fact.maps * s.strength >= at]
    if layer is MaestroLayer.L3:
        natural = [reading[i] for i in _BY_NATURE.get(kind, ()) if i in reading and reading[i] in found]
        natural.sort(key=lambda stated: -stated.hit.passage.weight)
        return natural + [s for s in strong if s not in natural]
    return strong


def _citable(stated: Iterable[Stated]) -> list[Stated]:
    """Stated in a sentence about the product itself: no heading, code or set-up line."""
    return [
        s
        for s in stated
        if s.strength > 0 and s.hit.passage.weight >= OF_A_PART and s.hit.passage.kind not in NOT_OFTEN_QUOTED
    ]


def _absent(layer: MaestroLayer, kind: AgentKind, reading: Reading) -> Stated | None:
    """The sentence because of which the product has nothing in this layer."""
    if layer is MaestroLayer.L2 and "remembers" in reading and reading["remembers"].strength <= CLEARLY_NOT:
        stated = reading["remembers"]
        return stated if stated.hit.passage.kind not in NOT_OFTEN_QUOTED else None
    if layer is MaestroLayer.L4 and kind is AgentKind.SKILL and not any(i in reading for i in _NOT_BY_TEXT_ALONE):
        return next((s for s in _citable(reading[i] for i in ("gives_guidance", "is_skill") if i in reading)), None)
    return None
