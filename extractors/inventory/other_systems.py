"""Which lines show that a product works on another system than itself and its user's machine.

Idea: a tool that changes something changes another system only where one is named: by a key or an address of a service
that its user sets, by the product's own address at a vendor, by a client of a cluster, or by an account that a sentence
asks for. Invariant: keys of models, of the product's own callers and of its publication name none.
"""

from __future__ import annotations

import re

from extractors.declarations.facts import Credential, Declarations, Place, RunsAt
from extractors.declarations.formats.statements import ACCOUNT

OF_A_MODEL = re.compile(
    r"(?i)(?:openai|anthropic|gemini|mistral|groq|deepseek|cohere|dashscope|xai|perplexity)_"
    r"(?:ai_)?(?:api_)?key"
)
"""Names of secrets that a provider of models hands out."""
OF_BESIDE = frozenset({"compose file", "Dockerfile"})
"""Files whose secrets are as often those of a database or a queue beside the product."""
_OF_ITSELF = re.compile(
    r"(?i)\A(?:your|my|test|integtest|ci|public|app|server|secret|session|cookie|jwt|csrf|encryption|authorization|"
    r"x-api-key|mcp_(?:http|auth|server|api|access|bearer|oauth|url|host))(?:_|\Z)|webhook_secret|_mcp_(?:url|host)\Z"
)
"""Names of keys by which callers prove themselves to it, or with which it signs what it hands out."""
_ADDRESS = re.compile(r"(?i)\A[a-z]\w+_(?:url|uri|endpoint|host|instance|domain|site)\Z|\Akubeconfig\Z")
_PUBLISHES = re.compile(r"(?i)\bpublish|\bGitHub Actions\b|\brelease workflow\b")


def other_systems(declared: Declarations) -> list[tuple[Place, str]]:
    """The lines, what a client's configuration sets first."""
    keys = sorted(filter(_names_a_service, declared.credentials), key=lambda key: "client" not in key.stated_by)
    hosted = [launch for launch in declared.launches if launch.runs_at is RunsAt.HOSTED]
    clients = [fact for fact in declared.dependencies if fact.says == "container_control" and not fact.development]
    accounts = [each for each in declared.statements if each.claim == ACCOUNT]
    return [
        *((key.place, key.name) for key in keys),
        *((launch.wiring or launch.place, launch.url) for launch in hosted),
        *((client.place, client.name) for client in clients),
        *((account.place, "") for account in accounts),
    ]


def _names_a_service(key: Credential) -> bool:
    line = key.place.quote
    if key.stated_by in OF_BESIDE or key.name not in line or _OF_ITSELF.search(key.name) or _PUBLISHES.search(line):
        return False
    return (bool(key.secret) and not OF_A_MODEL.search(key.name)) or _ADDRESS.search(key.name) is not None
