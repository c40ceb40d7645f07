"""Exposure facts, factors and layers by rule, from what files declare: each with its lines.

Idea: a start command, a credential or a tool that runs SQL says more than prose, and needs no guess. Invariants: a fact
is raised by what tools do, and never lowered by what a product says of itself; *nothing* is inferred of executes,
changes and spends only, and only from a list that is shown to be whole; while a file is missing that could say worse,
no milder value is taken.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from extractors.declarations.facts import Declarations, Launch, Origin, Place, RunsAt
from extractors.declarations.formats.container_openings import LETS_OUT
from extractors.declarations.formats.statements import ACCOUNT
from extractors.inventory.inventory import EXAMPLE, MENTIONS, PERMISSION, PREPARED, SERVER, InventoryTool, ToolInventory
from extractors.inventory.other_systems import OF_A_MODEL, OF_BESIDE, other_systems
from extractors.inventory.tool_traits import (
    OF_A_HOST,
    acts_on_whole_stores,
    changes_plainly,
    cuts_deep,
    gives_secrets,
    is_its_own_affair,
    is_of_its_runs,
    lines_of,
    names,
    reads_open_text,
    reads_own_data,
    renders,
    runs_code,
    runs_elsewhere,
    runs_on_pages,
    runs_on_the_machine,
    runs_statements,
    takes_files,
    uses_up,
)
from extractors.model.declared import OPENED, DeclaredClaim
from scoring.claims import Evidence
from scoring.tools.inventory import Verb
from scoring.vocabulary import EXPOSURE_VALUES, Basis, Certainty, ExposureFact, LayerStatus, MaestroLayer, RiskFactor

Find = Callable[[Place, str], Evidence | None]
"""The evidence of a place; None where its page text does not hold it."""
Lines = Sequence[tuple[Place, str]]
"""Places, each with the words that matter there."""
MOST_LINES = 3
"""Lines that are shown for one claim."""
NAMED = 5
"""Tools that a sentence names."""
_POWERFUL = frozenset({"shell", "code_execution", "browser", "desktop_control", "container_control", "sql", "payment"})
"""What a dependency shows that a list of reading tools does not: no *nothing* is inferred beside it."""
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
        for rule in (
            rules.of_tools,
            rules.closed_world,
            rules.of_starts,
            rules.of_openings,
            rules.of_wiring,
            rules.of_statements,
            rules.of_credentials,
            rules.of_layers,
        )
        for claim in rule()
    )


class Rules:
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

    def _claim(
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

    def _of(
        self, claim: str, value: str, what: str, tools: Sequence[InventoryTool], beside: Lines = ()
    ) -> Iterator[DeclaredClaim]:
        """A claim that tools show. `what` completes `tools that …`; `beside`: lines of which one is shown too."""
        tools = [tool for tool in tools if self._is_its_own(tool)]
        if tools:
            named = ", ".join(dict.fromkeys(tool.name for tool in tools[:NAMED]))
            more = f" and {len(tools) - NAMED} more" if len(tools) > NAMED else ""
            why = f"Its {len(self.tools.tools)} declared tools include {len(tools)} that {what}: {named}{more}."
            lines = [line for line in self._lines(tools)[: 4 * MOST_LINES] if self.find(*line)]
            shown = [*lines[:1], *beside[:1], *lines[1:]] if lines else []
            yield from self._claim(claim, value, why, shown, f"tools that {what}", Basis.INVENTORY)

    def _lines(self, tools: Sequence[InventoryTool]) -> Lines:
        """Each tool's line; of a skill or command that acts by a tool of its host, the line that allows it that."""
        allows = {tool.name: tool.allowed_at for tool in self.declared.tools if tool.allowed_at}

        def by_host(tool: InventoryTool) -> bool:
            return PERMISSION in tool.rule and tool.name in allows

        lines = [(allows[tool.name], tool.rule.rpartition(PERMISSION)[2]) for tool in tools if by_host(tool)]
        return [*lines, *lines_of([tool for tool in tools if not by_host(tool)])]

    def of_tools(self) -> Iterator[DeclaredClaim]:
        """A tool that executes shows that, and no more: what its code reads and changes stands in no line, unless it is
        a shell of its user's machine or of others."""
        executing = sorted(self.tools.of(Verb.EXECUTE), key=lambda tool: not runs_code(tool))
        writing = [tool for tool in self.tools.of(Verb.WRITE) if not renders(tool)]
        plain = [tool for tool in writing if changes_plainly(tool)]
        sending = self.tools.of(Verb.SEND, Verb.SPEND)
        acting = [*dict.fromkeys((*plain, *writing)), *sending, *executing]
        shown = [*plain, *sending, *(tool for tool in executing if not tool.rule.startswith(PREPARED))]
        costly = "container_control" in self.powers
        spending = [*self.tools.of(Verb.SPEND), *(tool for tool in acting if uses_up(tool, costly))]
        reading = [
            each for each in self.tools.of(Verb.READ) if not names(each, "of_nobody") and PERMISSION not in each.rule
        ]
        keyed = bool(self.others) or bool(self.powers.keys() & _STORES)
        own = [tool for tool in reading if reads_own_data(tool, keyed)]
        code = bool(executing) and runs_code(executing[0])
        remote = [tool for tool in executing if runs_elsewhere(tool) and runs_code(tool)]
        with_rights = [tool for tool in executing if runs_on_the_machine(tool) and tool not in remote]
        opened = [tool for tool in self.tools.of(Verb.READ, Verb.WRITE) if reads_open_text(tool)]
        fact, of = ExposureFact, self._of
        yield from of(fact.EXECUTES, "arbitrary_code" if code else "fixed_commands", "execute", executing)
        yield from of(fact.CHANGES, "broad", "run any command on other machines", remote)
        changing = [each for each in shown if each not in executing or runs_statements(each) or not runs_code(each)]
        yield from self._of_others(fact.CHANGES, "change something", changing)
        yield from of(fact.SPENDS, "scoped", "spend or use up", list(dict.fromkeys(spending)))
        yield from of(fact.WRITES, "broad", "run any command with its user's rights", with_rights)
        yield from of(fact.WRITES, "broad", "change whole stores", list(filter(acts_on_whole_stores, plain)))
        yield from of(fact.WRITES, "limited", "write", [each for each in plain if not is_of_its_runs(each)])
        yield from of(fact.READS, "secrets_or_all", "run any command with its user's rights", with_rights)
        secret = [tool for tool in reading if gives_secrets(tool)]
        yield from of(fact.READS, "secrets_or_all", "read secrets", secret)
        own = list(dict.fromkeys((*own, *filter(takes_files, self.tools.tools))))
        yield from of(fact.READS, "limited", "read", own)
        yield from of(fact.FED_BY, "anyone", "read what anybody writes", opened)
        if "browser" not in self.powers:
            told = [tool for tool in reading if tool.description]
            yield from self._of_others(fact.REACHES, "act with its keys", told)
        yield from self._tool_use(acting, shown, reading)

    def _of_others(self, claim: str, what: str, tools: Sequence[InventoryTool]) -> Iterator[DeclaredClaim]:
        """What tools do to another system, with the line that names one; nothing where no line does. Its own jobs,
        logs and settings are none."""
        if self.others:
            far = [each for each in tools if each.origin not in OF_A_HOST and not is_its_own_affair(each)]
            yield from self._of(claim, "scoped", what, far, self.others)

    def _tool_use(
        self, acting: Sequence[InventoryTool], shown: Sequence[InventoryTool], reading: Sequence[InventoryTool]
    ) -> Iterator[DeclaredClaim]:
        """From tools that a model picks, so not from hooks, which the host runs. `shown`: of those that act, the ones
        of which a reader sees it."""
        factor = RiskFactor.DYNAMIC_TOOL_USE
        count = sum(tool.origin is not Origin.HOOK and not names(tool, "own_state") for tool in acting)
        picked = [tool for tool in shown if tool.origin is not Origin.HOOK and not runs_on_pages(tool)]
        picked.sort(key=is_its_own_affair)
        executing = [tool for tool in picked if tool.verb is Verb.EXECUTE]
        code = any(map(runs_code, executing))
        grave = [tool for tool in picked if tool.verb is Verb.SPEND or (tool.verb is Verb.EXECUTE and code)]
        if grave:
            yield from self._of(factor, "1.0", "execute or spend", grave)
        elif picked:
            deletes = any(map(cuts_deep, picked))
            infrastructure = any(uses_up(tool, costly=False) for tool in picked)
            value = (
                "0.7" if count >= _MANY or executing or infrastructure else "0.5" if count > _FEW or deletes else "0.3"
            )
            yield from self._of(factor, value, "change something", picked)
        elif self.tools.complete and not acting and not self.declared.powers:
            yield from self._of(factor, "0.2", "read", reading)

    def closed_world(self) -> Iterator[DeclaredClaim]:
        """What no tool of a whole list does; nothing beside a tool of unknown class, a power of its dependencies or its
        program text, or a contradiction."""
        tools = self.tools.tools
        doubt = self.tools.of(Verb.UNKNOWN) or self.possible & _POWERFUL or any(t.contradiction for t in tools)
        if not self.tools.complete or doubt or self.hooks or self.missing:
            return
        shown = {ExposureFact.EXECUTES: self.tools.of(Verb.EXECUTE), ExposureFact.CHANGES: self.tools.of(*_ACTING)}
        shown[ExposureFact.SPENDS] = shown[ExposureFact.CHANGES]
        for fact, found in shown.items():
            acts = any(power.executes or fact is not ExposureFact.EXECUTES for power in self.declared.powers)
            if not found and not acts:
                why = f"None of its {len(tools)} tools {_DOES[fact]}; {self.tools.why}."
                yield from self._claim(fact, "nothing", why, lines_of(tools), "whole list of tools", Basis.INVENTORY)

    def of_starts(self) -> Iterator[DeclaredClaim]:
        fact = ExposureFact
        starts = [launch for launch in self.declared.launches if launch.runs_at and self._is_its_start(launch)]
        places = {runs_at: [start for start in starts if start.runs_at is runs_at] for runs_at in RunsAt}
        remotes = [(start.place, start.url) for start in self.declared.launches if not (start.runs_at or start.command)]
        if remotes and not places[RunsAt.HOSTED]:
            why = "Its own files name a remote too, at an address that looks like a placeholder, so it may be hosted."
            yield from self._claim(fact.RUNS_AT, "hosted", why, remotes, "remote at a placeholder")
        for runs_at in (RunsAt.HOSTED, RunsAt.LOCAL, RunsAt.INTERNAL_NETWORK):
            if places[runs_at]:
                others = [_WHERE[other] for other in RunsAt if other is not runs_at and places[other]]
                also = f", and also {' and '.join(others)}" if others else ""
                why = f"By its own files it runs {_WHERE[runs_at]}{also}."
                named = [start for start in places[runs_at] if start.url and runs_at is not RunsAt.LOCAL]
                lines = [
                    (start.wiring or start.place, start.url or start.command) for start in named or places[runs_at]
                ]
                yield from self._claim(fact.RUNS_AT, runs_at, why, lines, _ADDRESS if named else "start command")
                break
        why = "Its hooks run on events of the host, with nobody asked."
        hooks = [(hook.place, hook.description[:80]) for hook in self.hooks]
        yield from self._claim(fact.APPROVAL, "unattended", why, hooks, "hooks")

    def of_openings(self) -> Iterator[DeclaredClaim]:
        """What lets it out of its container, by container files and by the commands that start it in one."""
        lines = [(each.place, "") for each in self.declared.openings]
        starts = [
            launch for launch in self.declared.launches if self._is_its_start(launch) and launch.command in _CONTAINERS
        ]
        lines += [(launch.wiring or launch.place, launch.command) for launch in starts if _is_let_out(launch)]
        why = (
            "A container is given rights, mounts or a network of its host, so that it does not confine what runs in it."
        )
        yield from self._claim(ExposureFact.ISOLATION, "none", why, lines, OPENED)

    def of_wiring(self) -> Iterator[DeclaredClaim]:
        """What a client's configuration says: that a host agent calls it. Who decides its exposure it leaves open:
        users wire in what a vendor delivers."""
        starts = [launch for launch in self.declared.launches if self._is_its_start(launch)]
        lines = [
            (launch.wiring, launch.url or launch.command)
            for launch in starts
            if launch.wiring and self._wires_it_in(launch)
        ]
        if not self.possible & {"model_client", "agent_protocol"} and not self.is_agent:
            why = "A client with a model starts it as a server and calls it."
            yield from self._claim(RiskFactor.MULTI_AGENT_INTERACTIONS, "0.3", why, lines, "client configuration")
        commands = [launch for launch in starts if launch.command or launch.runs_at is RunsAt.HOSTED]
        if not any(map(runs_elsewhere, self.tools.tools)) and all(
            launch.command in _CONTAINERS and not _is_let_out(launch) for launch in commands
        ):
            lines = [(launch.wiring or launch.place, launch.command) for launch in commands]
            why = "Every way in which it is started runs it in a container."
            yield from self._claim(ExposureFact.ISOLATION, "sandbox", why, lines, "container start")

    def of_statements(self) -> Iterator[DeclaredClaim]:
        facts = [each for each in self.declared.statements if each.claim != ACCOUNT]
        for said in {(each.claim, each.value): each for each in reversed(facts)}.values():
            lines = [(each.place, "") for each in self.declared.statements if each.claim == said.claim]
            rule = "follows from it" if said.follows else "says it"
            yield from self._claim(said.claim, said.value, said.why, lines, rule, Basis.SENTENCE)

    def _wires_it_in(self, launch: Launch) -> bool:
        """An entry of a client, with a name, that starts no package of somebody else, as far as its own are known."""
        own = not launch.package or not self.own or launch.package.split("@")[0] in self.own
        return launch.stated_by.startswith("client") and bool(launch.server) and own

    def _is_its_own(self, tool: InventoryTool) -> bool:
        """One name in an example, or names in prose alone, may be of something else."""
        if tool.idiom not in MENTIONS:
            return True
        return self.shown > 1 if tool.idiom == EXAMPLE else self.listed

    def _is_its_start(self, launch: Launch) -> bool:
        """A command in prose may start anything: it counts where it fetches the product's own package."""
        if _aside(launch.place.path) or not launch.runs_at:
            return False
        return launch.stated_by != "command line" or launch.package.split("@")[0] in self.own

    def of_credentials(self) -> Iterator[DeclaredClaim]:
        oauth = [s for s in self.declared.schemes if s.kind.lower() in ("oauth2", "openidconnect")]
        clients = [credential for credential in self.secrets if _OF_AN_APPLICATION.search(credential.name)]
        lines = [(scheme.place, scheme.name) for scheme in oauth]
        lines += [(client.place, client.name) for client in clients]
        own = [each for each in self.secrets if each.stated_by not in OF_BESIDE and not _aside(each.place.path)]
        own = [each for each in own if not each.name.upper().startswith("TEST_")]
        factor = RiskFactor.DYNAMIC_IDENTITY
        if lines:
            why = "Callers or users sign in to it by OAuth, so it acts under identities that are delegated to it."
            yield from self._claim(factor, "0.5", why, lines, "sign-in by OAuth")
        elif own:
            names = ", ".join(dict.fromkeys(credential.name for credential in own[:NAMED]))
            why = f"It acts with a key that its user sets once: {names}."
            keys = [(credential.place, credential.name) for credential in own]
            yield from self._claim(factor, "0.1", why, keys, "keys")

    def of_layers(self) -> Iterator[DeclaredClaim]:
        declared = self.declared
        sdk = [(fact.place, fact.name) for fact in self.powers.values() if fact.says in _FRAMEWORKS]
        acts = [tool for tool in self.tools.tools if tool.origin not in OF_A_HOST and self._is_its_own(tool)]
        acts = [tool for tool in acts if tool.idiom != SERVER]
        opened = {each.place for each in declared.openings}
        contained = [(fact.place, fact.value) for fact in declared.containers if fact.place not in opened]
        schemes = [(scheme.place, scheme.name) for scheme in declared.schemes]
        hosted = [
            launch for launch in declared.launches if launch.runs_at is RunsAt.HOSTED and not _aside(launch.place.path)
        ]
        wired = {launch.place: launch.wiring for launch in declared.launches}
        served = [(wired.get(launch.place) or launch.place, launch.url) for launch in hosted]
        calls = "model_client" in self.powers or not any(
            launch.stated_by.startswith("client") for launch in declared.launches
        )
        keys = [key for key in self.secrets if calls and OF_A_MODEL.search(key.name)]
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
            yield from self._claim(layer, LayerStatus.MAPPED, why, lines, "declared")


_FRAMEWORKS = frozenset({"mcp_sdk", "agent_protocol"})
_OF_AN_APPLICATION = re.compile(r"(?i)client_?secret")
"""Names of secrets with which an application has its users sign in."""
_PROVIDER = re.compile(
    r"(?i)(?<![\w-])(?:openai|anthropic|claude|gpt|gemini|mistral|groq|deepseek|cohere|grok)(?![\w-])"
)
"""A provider or model in words: a bare key may be for a test, or one that is only kept."""
_CONTAINERS = frozenset({"docker", "podman", "nerdctl"})
_ADDRESS = "address or transport"
_STATED = frozenset({_ADDRESS, "says it"})
"""Rules whose lines say the value itself."""
_STORES = frozenset({"sql", "document_store", "container_control"})
_WORST = {str(fact): values[-1] for fact, values in EXPOSURE_VALUES.items()} | {
    ExposureFact.CHANGES: "scoped",
    ExposureFact.SPENDS: "scoped",
}
"""The worst value of each fact that a rule here gives."""
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


def _is_let_out(launch: Launch) -> bool:
    return LETS_OUT.search(" ".join(launch.arguments)) is not None


def _aside(path: str) -> bool:
    """Documents beside the README tell of other set-ups as well as of the product's own."""
    name = path.rsplit("/", 1)[-1].lower()
    return name.endswith((".md", ".mdx", ".rst")) and not name.startswith("readme")
