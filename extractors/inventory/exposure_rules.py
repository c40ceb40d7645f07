"""Exposure facts, factors and layers by rule, from what files declare: each with its lines.

Idea: a start command, a credential or a tool that runs SQL says more than prose, and needs no guess. Invariants: a fact
is raised by what tools do, and never lowered by what a product says of itself; *nothing* is inferred of executes,
changes and spends only, and only from a list that is shown to be whole.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from pathlib import Path

from extractors.declarations.facts import Declarations, Launch, Origin, Place, RunsAt
from extractors.inventory.inventory import MENTIONS, InventoryTool, ToolInventory
from extractors.inventory.phrases import CODE
from extractors.inventory.verbs import words_of
from extractors.model.declared import DeclaredClaim
from scoring.claims import Evidence
from scoring.tools.inventory import Verb
from scoring.vocabulary import Basis, Certainty, ExposureFact, LayerStatus, MaestroLayer, RiskFactor

Find = Callable[[Place, str], Evidence | None]
"""The evidence of a place; None where its page text does not hold it."""
Lines = Sequence[tuple[Place, str]]
"""Places, each with the words that matter there."""
TABLE = Path(__file__).parents[2] / "data/tools/exposure.toml"
MOST_LINES = 3
"""Lines that are shown for one claim."""
NAMED = 5
"""Tools that a sentence names."""
_RUNS_CODE = re.compile(rf"runs code|\b{CODE}\b|permission: |hook: |name: (?:shell|bash|exec|eval)", re.IGNORECASE)
_SAYS_CODE = re.compile(rf"\b(?:execut\w+|runs?|evaluat\w+|arbitrary)\b[^.]{{0,60}}\b{CODE}\b", re.IGNORECASE)
_RENDERS = re.compile(r"begins with (?:generat|render)")
_POWERFUL = frozenset({"shell", "code_execution", "browser", "desktop_control", "container_control", "sql", "payment"})
"""What a dependency shows that a list of reading tools does not: no *nothing* is inferred beside it."""
_OF_A_HOST = frozenset({Origin.SKILL, Origin.AGENT, Origin.COMMAND, Origin.HOOK})
_OF_NOBODY = frozenset({"docs", "documentation", "doc", "help", "version", "time", "timezone", "health", "ping"})
"""What a reading tool's name speaks of when it reads nobody's data."""
_MANY = 10
_FEW = 3


def claims_of(
    declared: Declarations, tools: ToolInventory, find: Find, missing: Sequence[str]
) -> tuple[DeclaredClaim, ...]:
    """All claims, in the order of the rules. `missing`: manifests and READMEs that there are and that were not read, so
    that a value which one of them could make worse is not taken."""
    rules = Rules(declared, tools, find, missing)
    return tuple(
        claim
        for rule in (rules.of_tools, rules.closed_world, rules.of_starts, rules.of_credentials, rules.of_layers)
        for claim in rule()
    )


class Rules:
    def __init__(self, declared: Declarations, tools: ToolInventory, find: Find, missing: Sequence[str]) -> None:
        self.declared = declared
        self.tools = tools
        self.find = find
        self.missing = missing
        self.own = {subject.value.split("@")[0] for subject in declared.subjects if subject.own}
        self.mentioned = sum(tool.idiom in MENTIONS for tool in tools.tools)
        self.secrets = [credential for credential in declared.credentials if credential.secret]
        self.powers = {fact.says: fact for fact in declared.dependencies if fact.says and not fact.development}

    def _claim(
        self, claim: str, value: str, why: str, lines: Lines, rule: str, basis: Basis = Basis.DECLARATION
    ) -> Iterator[DeclaredClaim]:
        """A claim with its first lines; none where no page text holds one of them."""
        found = dict.fromkeys(each for place, words in lines[: 4 * MOST_LINES] if (each := self.find(place, words)))
        if found:
            yield DeclaredClaim(
                claim=claim,
                value=value,
                certainty=Certainty.STATED if rule == "start command" else Certainty.INFERRED,
                basis=basis,
                rule=rule,
                why=why,
                evidence=tuple(found)[:MOST_LINES],
            )

    def _of(self, claim: str, value: str, what: str, tools: Sequence[InventoryTool]) -> Iterator[DeclaredClaim]:
        """A claim that tools show. `what` completes `tools that …`."""
        tools = [tool for tool in tools if self._is_its_own(tool)]
        if tools:
            named = ", ".join(dict.fromkeys(tool.name for tool in tools[:NAMED]))
            more = f" and {len(tools) - NAMED} more" if len(tools) > NAMED else ""
            why = f"Its {len(self.tools.tools)} declared tools include {len(tools)} that {what}: {named}{more}."
            yield from self._claim(claim, value, why, _lines(tools), f"tools that {what}", Basis.INVENTORY)

    def of_tools(self) -> Iterator[DeclaredClaim]:
        executing = sorted(self.tools.of(Verb.EXECUTE), key=lambda tool: not _runs_code(tool))
        writing = [tool for tool in self.tools.of(Verb.WRITE) if not _RENDERS.search(tool.rule)]
        acting = [*writing, *self.tools.of(Verb.SEND, Verb.SPEND), *executing]
        spending = [*self.tools.of(Verb.SPEND), *(tool for tool in acting if self._uses_up(tool))]
        reading = [tool for tool in self.tools.of(Verb.READ) if not _OF_NOBODY & set(words_of(tool.name))]
        code = bool(executing) and _runs_code(executing[0])
        fact, of = ExposureFact, self._of
        yield from of(fact.EXECUTES, "arbitrary_code" if code else "fixed_commands", "execute", executing)
        yield from of(fact.CHANGES, "scoped", "change something", acting)
        yield from of(fact.SPENDS, "scoped", "spend or use up", list(dict.fromkeys(spending)))
        yield from of(fact.WRITES, "limited", "write", writing)
        if self.secrets or self.powers.keys() & {"sql", "document_store", "vector_store"}:
            yield from of(fact.READS, "limited", "read", reading)
        yield from of(fact.FED_BY, "anyone", "read what anybody writes", [tool for tool in reading if _open(tool)])
        if "browser" in self.powers:
            power = self.powers["browser"]
            why = f"It depends on {power.name}, by which it opens any page."
            yield from self._claim(fact.REACHES, "broad", why, [(power.place, power.name)], "browser")
        elif self.secrets:
            yield from of(fact.REACHES, "scoped", "act with its keys", [*reading, *acting])
        yield from self._tool_use(executing, acting, reading, code)

    def _uses_up(self, tool: InventoryTool) -> bool:
        words, first = set(words_of(tool.name)), set(re.findall(r"[a-z0-9]+", tool.description.lower()))
        table = _table()["spends"]
        if words & {*table["things"], *table["acts"]} or (words | first) & set(table["plain"]):
            return True
        if tool.verb is Verb.EXECUTE:
            return bool((words | first) & set(table["jobs"]))
        return "container_control" in self.powers

    def _tool_use(
        self,
        executing: Sequence[InventoryTool],
        acting: Sequence[InventoryTool],
        reading: Sequence[InventoryTool],
        code: bool,
    ) -> Iterator[DeclaredClaim]:
        factor = RiskFactor.DYNAMIC_TOOL_USE
        grave = [tool for tool in acting if tool.verb is Verb.SPEND or (tool.verb is Verb.EXECUTE and code)]
        if grave:
            yield from self._of(factor, "1.0", "execute or spend", grave)
        elif acting:
            value = "0.7" if len(acting) >= _MANY or executing else "0.5" if len(acting) > _FEW else "0.3"
            yield from self._of(factor, value, "change something", acting)
        elif self.tools.complete:
            yield from self._of(factor, "0.2", "read", reading)

    def closed_world(self) -> Iterator[DeclaredClaim]:
        """What no tool of a whole list does; nothing beside a tool of unknown class, a power or a contradiction."""
        tools = self.tools.tools
        doubt = self.tools.of(Verb.UNKNOWN) or self.powers.keys() & _POWERFUL or any(t.contradiction for t in tools)
        if not self.tools.complete or doubt or self.declared.hooks or self.missing:
            return
        shown = {ExposureFact.EXECUTES: self.tools.of(Verb.EXECUTE), ExposureFact.CHANGES: self.tools.of(*_ACTING)}
        shown[ExposureFact.SPENDS] = shown[ExposureFact.CHANGES]
        for fact, found in shown.items():
            if not found:
                why = f"None of its {len(tools)} tools {_DOES[fact]}; {self.tools.why}."
                yield from self._claim(fact, "nothing", why, _lines(tools), "whole list of tools", Basis.INVENTORY)

    def of_starts(self) -> Iterator[DeclaredClaim]:
        fact = ExposureFact
        starts = [launch for launch in self.declared.launches if launch.runs_at and self._is_its_start(launch)]
        places = {runs_at: [one for one in starts if one.runs_at is runs_at] for runs_at in RunsAt}
        for runs_at in (RunsAt.HOSTED, RunsAt.LOCAL, RunsAt.INTERNAL_NETWORK):
            if places[runs_at]:
                if runs_at is RunsAt.HOSTED or not self.missing:
                    others = [_WHERE[other] for other in RunsAt if other is not runs_at and places[other]]
                    also = f", and also {' and '.join(others)}" if others else ""
                    why = f"By its own files it runs {_WHERE[runs_at]}{also}."
                    lines = [(one.place, one.url or one.command) for one in places[runs_at]]
                    yield from self._claim(fact.RUNS_AT, runs_at, why, lines, "start command")
                break
        hooks = [(hook.place, hook.runs[:80]) for hook in self.declared.hooks]
        if hooks:
            why = "Its hooks run on events of the host, with nobody asked."
            yield from self._claim(fact.APPROVAL, "unattended", why, hooks, "hooks")

    def _is_its_own(self, tool: InventoryTool) -> bool:
        """One name in prose may be of an example, or of something else."""
        return tool.idiom not in MENTIONS or self.mentioned > 1

    def _is_its_start(self, launch: Launch) -> bool:
        """A command in prose may start anything: it counts where it fetches the product's own package."""
        if _aside(launch.place.path) or not launch.runs_at:
            return False
        return launch.stated_by != "command line" or launch.package.split("@")[0] in self.own

    def of_credentials(self) -> Iterator[DeclaredClaim]:
        oauth = [s for s in self.declared.schemes if s.kind.lower() in ("oauth2", "openidconnect")]
        lines = [(scheme.place, scheme.name) for scheme in oauth]
        signs_in = self.powers.get("oauth")
        lines += [(signs_in.place, signs_in.name)] if signs_in else []
        factor = RiskFactor.DYNAMIC_IDENTITY
        if lines:
            why = "Callers or users sign in to it by OAuth, so it acts under identities that are delegated to it."
            yield from self._claim(factor, "0.5", why, lines, "sign-in by OAuth")
        elif self.secrets:
            names = ", ".join(dict.fromkeys(credential.name for credential in self.secrets[:NAMED]))
            why = f"It acts with a key that its user sets once: {names}."
            keys = [(credential.place, credential.name) for credential in self.secrets]
            yield from self._claim(factor, "0.1", why, keys, "keys")

    def of_layers(self) -> Iterator[DeclaredClaim]:
        declared = self.declared
        sdk = [(fact.place, fact.name) for fact in declared.dependencies if fact.says in _FRAMEWORKS]
        acts = [tool for tool in self.tools.tools if tool.origin not in _OF_A_HOST and self._is_its_own(tool)]
        why = "The framework and the tools by which it acts are declared."
        yield from self._claim(MaestroLayer.L3, LayerStatus.MAPPED, why, [*sdk, *_lines(acts)], "declared")


_FRAMEWORKS = frozenset({"mcp_sdk", "agent_protocol", "model_client"})
_ACTING = (Verb.WRITE, Verb.SEND, Verb.SPEND, Verb.EXECUTE)
_DOES = {
    ExposureFact.EXECUTES: "runs commands or code",
    ExposureFact.CHANGES: "changes anything",
    ExposureFact.SPENDS: "spends or uses up anything",
}
_WHERE = {
    RunsAt.LOCAL: "on its user's machine",
    RunsAt.INTERNAL_NETWORK: "on a network address of its user's",
    RunsAt.HOSTED: "at an address that is hosted for all",
}


def _lines(tools: Sequence[InventoryTool]) -> list[tuple[Place, str]]:
    """What a skill or command may do stands in its description, not in the line of its name."""
    return [
        (tool.place.model_copy(update={"quote": tool.description}), tool.description)
        if tool.origin in _OF_A_HOST and tool.description
        else (tool.place, tool.name)
        for tool in tools
    ]


def _runs_code(tool: InventoryTool) -> bool:
    return _RUNS_CODE.search(tool.rule) is not None or _SAYS_CODE.search(tool.description) is not None


def _open(tool: InventoryTool) -> bool:
    words = {*words_of(tool.name), *re.findall(r"[a-z0-9]+", tool.description.lower())}
    return bool(words & set(_table()["open_text"]["words"]))


def _aside(path: str) -> bool:
    """Documents beside the README tell of other set-ups as well as of the product's own."""
    name = path.rsplit("/", 1)[-1].lower()
    return name.endswith((".md", ".mdx", ".rst")) and not name.startswith("readme")


@cache
def _table() -> dict[str, dict[str, list[str]]]:
    return tomllib.loads(TABLE.read_text(encoding="utf-8"))
