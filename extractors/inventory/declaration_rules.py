"""What a product's statements, credentials, sign-in and dependencies show: identity, and MAESTRO layers."""

import re
from collections.abc import Iterator

from extractors.declarations.facts import RunsAt
from extractors.declarations.formats.statements import ACCOUNT
from extractors.inventory.inventory import SERVER
from extractors.inventory.rule_claims import NAMED, OF_A_MODEL, OF_BESIDE, Product, is_beside_the_readme
from extractors.inventory.tool_traits import OF_A_HOST, lines_of
from extractors.model.declared import DeclaredClaim
from scoring.vocabulary import Basis, LayerStatus, MaestroLayer, RiskFactor

_FRAMEWORKS = frozenset({"mcp_sdk", "agent_protocol"})
_OF_AN_APPLICATION = re.compile(r"(?i)client_?secret")
"""Names of secrets with which an application has its users sign in."""
_PROVIDER = re.compile(
    r"(?i)(?<![\w-])(?:openai|anthropic|claude|gpt|gemini|mistral|groq|deepseek|cohere|grok)(?![\w-])"
)
"""A provider or model in words: a bare key may be for a test, or one that is only kept."""


def of_statements(product: Product) -> Iterator[DeclaredClaim]:
    facts = [each for each in product.declared.statements if each.claim != ACCOUNT]
    for fact in {(each.claim, each.value): each for each in reversed(facts)}.values():
        lines = [(each.place, "") for each in facts if each.claim == fact.claim]
        rule = "follows from it" if fact.follows else "says it"
        yield from product.claim(fact.claim, fact.value, fact.why, lines, rule, Basis.SENTENCE)


def of_credentials(product: Product) -> Iterator[DeclaredClaim]:
    oauth = [s for s in product.declared.schemes if s.kind.lower() in ("oauth2", "openidconnect")]
    clients = [secret for secret in product.secrets if _OF_AN_APPLICATION.search(secret.name)]
    lines = [(scheme.place, scheme.name) for scheme in oauth] + [(secret.place, secret.name) for secret in clients]
    own = [
        secret
        for secret in product.secrets
        if secret.stated_by not in OF_BESIDE
        and not is_beside_the_readme(secret.place.path)
        and not secret.name.upper().startswith("TEST_")
    ]
    factor = RiskFactor.DYNAMIC_IDENTITY
    if lines:
        why = "Callers or users sign in to it by OAuth, so it acts under identities that are delegated to it."
        yield from product.claim(factor, "0.5", why, lines, "sign-in by OAuth")
    elif own:
        names = ", ".join(dict.fromkeys(credential.name for credential in own[:NAMED]))
        why = f"It acts with a key that its user sets once: {names}."
        yield from product.claim(factor, "0.1", why, [(secret.place, secret.name) for secret in own], "keys")


def of_layers(product: Product) -> Iterator[DeclaredClaim]:
    declared = product.declared
    sdk = [(fact.place, fact.name) for fact in product.powers.values() if fact.says in _FRAMEWORKS]
    acts = [
        tool
        for tool in product.tools.tools
        if tool.origin not in OF_A_HOST and tool.idiom != SERVER and product.is_its_own(tool)
    ]
    opened = {each.place for each in declared.openings}
    contained = [(fact.place, fact.value) for fact in declared.containers if fact.place not in opened]
    schemes = [(scheme.place, scheme.name) for scheme in declared.schemes]
    wired = {launch.place: launch.wiring for launch in declared.launches}
    served = [
        (wired.get(launch.place) or launch.place, launch.url)
        for launch in declared.launches
        if launch.runs_at is RunsAt.HOSTED and not is_beside_the_readme(launch.place.path)
    ]
    calls = "model_client" in product.powers or not any(
        launch.stated_by.startswith("client") for launch in declared.launches
    )
    keys = [key for key in product.secrets if calls and OF_A_MODEL.search(key.name)]
    models = [(key.place, key.name) for key in keys if _PROVIDER.search(key.place.quote)]
    for layer, lines, why in (
        (
            MaestroLayer.L1,
            models,
            "It is given the key of a model's provider, so it calls models of that provider.",
        ),
        (
            MaestroLayer.L3,
            [*sdk, *lines_of(acts)] if acts else [],
            "The framework and the tools by which it acts are declared.",
        ),
        (MaestroLayer.L4, [*contained, *served], "Where it runs and what confines it is declared."),
        (MaestroLayer.L6, schemes, "How its callers have to prove who they are is declared."),
    ):
        yield from product.claim(layer, LayerStatus.MAPPED, why, lines, "declared")
