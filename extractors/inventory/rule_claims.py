"""A claim by rule, with the lines of a product's files that show it.

Idea: a tool that changes something changes another system only where one is named: by a key or an address of a service
that its user sets, by the product's own address at a vendor, by a client of a cluster, or by an account that a sentence
asks for. Invariants: a claim has at least one line that the page text holds; while a file is missing that could say
worse, no milder value is taken; keys of models, of the product's own callers and of its publication name no system.
"""

import re
from collections.abc import Callable, Iterator, Sequence

from extractors.declarations.facts import Credential, Declarations, Origin, Place, RunsAt
from extractors.declarations.formats.statements import ACCOUNT
from extractors.inventory.inventory import EXAMPLE, MENTIONS, PERMISSION, InventoryTool, ToolInventory
from extractors.inventory.tool_traits import lines_of
from extractors.model.declared import DeclaredClaim
from scoring.claims import Evidence
from scoring.vocabulary import EXPOSURE_VALUES, Basis, Certainty, ExposureFact

Find = Callable[[Place, str], Evidence | None]
"""The evidence of a place; None where its page text does not hold it."""
Lines = Sequence[tuple[Place, str]]
"""Places, each with the words that matter there."""
MOST_LINES = 3
"""Lines that are shown for one claim."""
NAMED = 5
"""Tools that a sentence names."""
ADDRESS = "address or transport"
_STATED = frozenset({ADDRESS, "says it"})
"""Rules whose lines say the value itself."""
_WORST = {str(fact): values[-1] for fact, values in EXPOSURE_VALUES.items()} | {
    ExposureFact.CHANGES: "scoped",
    ExposureFact.SPENDS: "scoped",
}
"""The worst value of each fact that a rule here gives."""
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


class Product:
    """What the files of one product declare, and the claims that are made of it."""

    def __init__(self, declared: Declarations, tools: ToolInventory, find: Find, missing: Sequence[str]) -> None:
        self.declared = declared
        self.tools = tools
        self.find = find
        self.missing = missing
        self.own = {subject.value.split("@")[0] for subject in declared.subjects if subject.own}
        self.shown = sum(tool.idiom == EXAMPLE for tool in tools.tools)
        self.listed = self.shown > 1 or any(tool.idiom not in MENTIONS for tool in tools.tools)
        self.hooks = [tool for tool in declared.tools if tool.origin is Origin.HOOK]
        self.is_agent = any(tool.idiom.startswith("agent card") for tool in declared.tools)
        self.secrets = [credential for credential in declared.credentials if credential.secret]
        self.others = [line for line in other_systems(declared) if find(*line)]
        shipped = [fact for fact in declared.dependencies if fact.says and not fact.development]
        self.powers = {fact.says: fact for fact in shipped if not fact.optional}
        self.possible = {fact.says for fact in shipped}

    def claim(
        self, claim: str, value: str, why: str, lines: Lines, rule: str, basis: Basis = Basis.DECLARATION
    ) -> Iterator[DeclaredClaim]:
        """A claim with its first lines; none where no page text holds one of them, or where a missing file could say
        worse."""
        if self.missing and value != _WORST.get(claim, value):
            return
        found = dict.fromkeys(each for place, words in lines[: 4 * MOST_LINES] if (each := self.find(place, words)))
        if found:
            yield DeclaredClaim(
                claim=claim,
                value=value,
                certainty=Certainty.STATED if rule in _STATED else Certainty.INFERRED,
                basis=basis,
                rule=rule,
                why=why,
                evidence=tuple(found)[:MOST_LINES],
            )

    def claim_of_tools(
        self, claim: str, value: str, what: str, tools: Sequence[InventoryTool], beside: Lines = ()
    ) -> Iterator[DeclaredClaim]:
        """A claim that tools show. `what` completes `tools that …`; `beside`: lines of which one is shown too."""
        tools = [tool for tool in tools if self.is_its_own(tool)]
        if tools:
            named = ", ".join(dict.fromkeys(tool.name for tool in tools[:NAMED]))
            more = f" and {len(tools) - NAMED} more" if len(tools) > NAMED else ""
            why = f"Its {len(self.tools.tools)} declared tools include {len(tools)} that {what}: {named}{more}."
            lines = [line for line in self._lines(tools)[: 4 * MOST_LINES] if self.find(*line)]
            shown = [*lines[:1], *beside[:1], *lines[1:]] if lines else []
            yield from self.claim(claim, value, why, shown, f"tools that {what}", Basis.INVENTORY)

    def _lines(self, tools: Sequence[InventoryTool]) -> Lines:
        """Each tool's line; of a skill or command that acts by a tool of its host, the line that allows it that."""
        allows = {tool.name: tool.allowed_at for tool in self.declared.tools if tool.allowed_at}

        def by_host(tool: InventoryTool) -> bool:
            return PERMISSION in tool.rule and tool.name in allows

        lines = [(allows[tool.name], tool.rule.rpartition(PERMISSION)[2]) for tool in tools if by_host(tool)]
        return [*lines, *lines_of([tool for tool in tools if not by_host(tool)])]

    def is_its_own(self, tool: InventoryTool) -> bool:
        """One name in an example, or names in prose alone, may be of something else."""
        if tool.idiom not in MENTIONS:
            return True
        return self.shown > 1 if tool.idiom == EXAMPLE else self.listed


def is_beside_the_readme(path: str) -> bool:
    """Documents beside the README tell of other set-ups as well as of the product's own."""
    name = path.rsplit("/", 1)[-1].lower()
    return name.endswith((".md", ".mdx", ".rst")) and not name.startswith("readme")


def other_systems(declared: Declarations) -> list[tuple[Place, str]]:
    """The lines that show that it works on another system than itself and its user's machine, what a client's
    configuration sets first."""
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
