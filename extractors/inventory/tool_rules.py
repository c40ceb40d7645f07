"""Exposure facts and factors from a product's tools.

Idea: a tool that runs SQL says more than prose, and needs no guess. Invariants: a fact is raised by what tools do, and
never lowered by what a product says of itself; *nothing* is inferred of executes, changes and spends only, and only
from a list that is shown to be whole.
"""

from collections.abc import Iterator, Sequence

from extractors.declarations.facts import Origin
from extractors.inventory.inventory import PERMISSION, PREPARED, InventoryTool
from extractors.inventory.phrases import says
from extractors.inventory.rule_claims import Product
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
    runs_code,
    runs_elsewhere,
    runs_on_pages,
    runs_on_the_machine,
    runs_statements,
    uses_up,
)
from extractors.model.declared import DeclaredClaim
from scoring.tools.inventory import ACTING, Verb
from scoring.vocabulary import Basis, ExposureFact, RiskFactor

_POWERFUL = frozenset({"shell", "code_execution", "browser", "desktop_control", "container_control", "sql", "payment"})
"""What a dependency shows that a list of reading tools does not: no *nothing* is inferred beside it."""
_MANY = 10
_FEW = 3
_STORES = frozenset({"sql", "document_store", "container_control"})
_DOES = {
    ExposureFact.EXECUTES: "runs commands or code",
    ExposureFact.CHANGES: "changes anything",
    ExposureFact.SPENDS: "spends or uses up anything",
}


def of_tools(product: Product) -> Iterator[DeclaredClaim]:
    """A tool that executes shows that, and no more: no line says what its code reads and changes, unless it is a
    shell of its user's machine or of others."""
    executing = sorted(product.tools.of(Verb.EXECUTE), key=lambda tool: not runs_code(tool))
    writing = [tool for tool in product.tools.of(Verb.WRITE) if not says("renders", tool.rule)]
    plain = [tool for tool in writing if changes_plainly(tool)]
    sending = product.tools.of(Verb.SEND, Verb.SPEND)
    acting = [*dict.fromkeys((*plain, *writing)), *sending, *executing]
    shown = [*plain, *sending, *(tool for tool in executing if not tool.rule.startswith(PREPARED))]
    costly = "container_control" in product.powers
    spending = [*product.tools.of(Verb.SPEND), *(tool for tool in acting if uses_up(tool, costly))]
    reading = [
        each for each in product.tools.of(Verb.READ) if not names(each, "of_nobody") and PERMISSION not in each.rule
    ]
    keyed = bool(product.others) or bool(product.powers.keys() & _STORES)
    own = [tool for tool in reading if reads_own_data(tool, keyed)]
    code = bool(executing) and runs_code(executing[0])
    remote = [tool for tool in executing if runs_elsewhere(tool) and runs_code(tool)]
    with_rights = [tool for tool in executing if runs_on_the_machine(tool) and tool not in remote]
    opened = [tool for tool in product.tools.of(Verb.READ, Verb.WRITE) if reads_open_text(tool)]
    changing = [each for each in shown if each not in executing or runs_statements(each) or not runs_code(each)]
    files = [tool for tool in product.tools.tools if says("takes_files", tool.description)]
    described = [tool for tool in reading if tool.description and "browser" not in product.powers]
    fact, shown_by_tools, any_command = ExposureFact, Product.claim_of_tools, "run any command with its user's rights"
    for claimed, claim, value, what, tools in (
        (shown_by_tools, fact.EXECUTES, "arbitrary_code" if code else "fixed_commands", "execute", executing),
        (shown_by_tools, fact.CHANGES, "broad", "run any command on other machines", remote),
        (_of_others, fact.CHANGES, "scoped", "change something", changing),
        (shown_by_tools, fact.SPENDS, "scoped", "spend or use up", spending),
        (shown_by_tools, fact.WRITES, "broad", any_command, with_rights),
        (shown_by_tools, fact.WRITES, "broad", "change whole stores", filter(acts_on_whole_stores, plain)),
        (shown_by_tools, fact.WRITES, "limited", "write", (each for each in plain if not is_of_its_runs(each))),
        (shown_by_tools, fact.READS, "secrets_or_all", any_command, with_rights),
        (shown_by_tools, fact.READS, "secrets_or_all", "read secrets", filter(gives_secrets, reading)),
        (shown_by_tools, fact.READS, "limited", "read", [*own, *files]),
        (shown_by_tools, fact.FED_BY, "anyone", "read what anybody writes", opened),
        (_of_others, fact.REACHES, "scoped", "act with its keys", described),
    ):
        yield from claimed(product, claim, value, what, list(dict.fromkeys(tools)))
    yield from _tool_use(product, acting, shown, reading)


def _of_others(
    product: Product, claim: str, value: str, what: str, tools: Sequence[InventoryTool]
) -> Iterator[DeclaredClaim]:
    """What tools do to another system, with the line that names one; nothing where no line does. Its own jobs, logs
    and settings are none."""
    if product.others:
        far = [each for each in tools if each.origin not in OF_A_HOST and not is_its_own_affair(each)]
        yield from product.claim_of_tools(claim, value, what, far, product.others)


def _tool_use(
    product: Product, acting: Sequence[InventoryTool], shown: Sequence[InventoryTool], reading: Sequence[InventoryTool]
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
        yield from product.claim_of_tools(factor, "1.0", "execute or spend", grave)
    elif picked:
        deletes = any(map(cuts_deep, picked))
        infrastructure = any(uses_up(tool, costly=False) for tool in picked)
        value = "0.7" if count >= _MANY or executing or infrastructure else "0.5" if count > _FEW or deletes else "0.3"
        yield from product.claim_of_tools(factor, value, "change something", picked)
    elif product.tools.complete and not acting and not product.declared.powers:
        yield from product.claim_of_tools(factor, "0.2", "read", reading)


def closed_world(product: Product) -> Iterator[DeclaredClaim]:
    """What no tool of a whole list does; nothing beside a tool of unknown class, a power of its dependencies or its
    program text, or a contradiction."""
    tools = product.tools.tools
    doubt = product.tools.of(Verb.UNKNOWN) or product.possible & _POWERFUL or any(t.contradiction for t in tools)
    if not product.tools.complete or doubt or product.hooks or product.missing:
        return
    shown = {ExposureFact.EXECUTES: product.tools.of(Verb.EXECUTE), ExposureFact.CHANGES: product.tools.of(*ACTING)}
    shown[ExposureFact.SPENDS] = shown[ExposureFact.CHANGES]
    for fact, found in shown.items():
        acts = any(power.executes or fact is not ExposureFact.EXECUTES for power in product.declared.powers)
        if not found and not acts:
            why = f"None of its {len(tools)} tools {_DOES[fact]}; {product.tools.why}."
            yield from product.claim(fact, "nothing", why, lines_of(tools), "whole list of tools", Basis.INVENTORY)
