"""What each exposure value means, and which value the headline takes for a fact that no page gives.

Idea: three plain rules decide every default, so that a thin page looks neither safe nor absurdly bad.
  1. A protection that is not stated is not counted (barrier, approval of each act, sandbox, incident search,
     control); one that is merely inferred leaves its fact unknown.
  2. What belongs to ordinary use is counted: it can be reached, a user starts it, it sees and shapes
     what that user hands over.
  3. A further capability (code, other systems, money) is not assumed, but the range counts it.
Invariant: every fact has a default with its reason; what a default hides always shows in `low` and `high`.
"""

from collections.abc import Mapping
from typing import NamedTuple

from scoring.vocabulary import AgentKind, ExposureFact

Facts = Mapping[ExposureFact, str]
"""Facts by name, each with one of its values."""


class Default(NamedTuple):
    """The headline's value for a fact that is not known, and why it is that one."""

    value: str
    reason: str


DEFAULTS: dict[ExposureFact, Default] = {
    ExposureFact.RUNS_AT: Default("hosted", "a product that is offered publicly is taken as reachable by network"),
    ExposureFact.INPUT_BARRIER: Default("no_barrier", "a barrier that is not stated is not counted"),
    ExposureFact.SET_UP_BY: Default("vendor", "a precondition that no page gives is not counted"),
    ExposureFact.FED_BY: Default("account_holders", "a listed product has users; that outsiders reach it is not said"),
    ExposureFact.APPROVAL: Default(
        "user_starts", "somebody uses it; neither approval of each act nor a schedule is said"
    ),
    ExposureFact.READS: Default("limited", "whatever it is, it sees what its user hands over"),
    ExposureFact.WRITES: Default("limited", "whatever it is, its answers enter its user's work"),
    ExposureFact.EXECUTES: Default("nothing", "running code is a capability that no page states"),
    ExposureFact.ISOLATION: Default("none", "a sandbox that is not stated is not counted"),
    ExposureFact.REACHES: Default("nothing", "reading other systems is a capability that no page states"),
    ExposureFact.CHANGES: Default("nothing", "changing other systems is a capability that no page states"),
    ExposureFact.SPENDS: Default(
        "nothing", "using up money, quota or infrastructure is a capability that no page states"
    ),
    ExposureFact.INCIDENT: Default("not_searched", "no page says that incidents were searched for"),
    ExposureFact.CONTROL: Default("none", "a control that is not stated is not counted"),
}

KIND_DEFAULTS: dict[tuple[AgentKind, ExposureFact], Default] = {
    (AgentKind.SKILL, ExposureFact.RUNS_AT): Default("local", "a skill runs inside its user's own host program"),
    (AgentKind.PLUGIN, ExposureFact.RUNS_AT): Default("local", "a plugin runs inside its user's own host program"),
    (AgentKind.MCP_SERVER, ExposureFact.REACHES): Default(
        "scoped", "an MCP server exists to give a host agent one further system"
    ),
}
"""Where the kind of product itself says more than silence does."""

PROTECTIONS: dict[ExposureFact, str] = {
    ExposureFact.INPUT_BARRIER: "validated_barrier",
    ExposureFact.APPROVAL: "each_action",
    ExposureFact.ISOLATION: "sandbox",
    ExposureFact.INCIDENT: "searched_none_found",
    ExposureFact.CONTROL: "enforceable",
}
"""The values that protect: they count only if a page states them."""

LOCAL_FED_BY = Default("anyone", "no sign-in stands between a document and a program on its reader's own machine")
"""Who feeds a local product, when no page says: there is no account that an attacker would have to hold."""

MEANINGS: dict[ExposureFact, tuple[str, ...]] = {
    ExposureFact.RUNS_AT: (
        "on its user's machine or inside its user's host program",
        "inside an organisation's network only",
        "hosted by somebody, a bot or an API: reachable over the network",
    ),
    ExposureFact.INPUT_BARRIER: (
        "a validated barrier (typed input only, a tested filter that fails closed) stands before its actions",
        "none, or one that is merely claimed",
    ),
    ExposureFact.SET_UP_BY: (
        "an integrator builds it in and decides its exposure (library, SDK, skill)",
        "it is used as the vendor delivers it",
    ),
    ExposureFact.FED_BY: (
        "only administrators can put text before it",
        "people with an account can",
        "anyone can: public chat, mail, web pages, issues, documents of strangers",
    ),
    ExposureFact.APPROVAL: (
        "a person approves each action, by default",
        "a person starts each run",
        "it runs by schedule, trigger or in the background",
    ),
    ExposureFact.READS: (
        "nothing private",
        "what the user hands over, or one bounded store",
        "secrets, credentials, or all data of its user or tenant",
    ),
    ExposureFact.WRITES: (
        "nothing: what it gives is looked at and not taken over",
        "answers and drafts that enter its user's work, or one bounded store",
        "its user's files, records or settings at large",
    ),
    ExposureFact.EXECUTES: (
        "no commands, no code",
        "fixed commands or prepared jobs",
        "code or shell commands that a model or an input composes",
    ),
    ExposureFact.ISOLATION: (
        "what it runs is confined by a named sandbox, container or virtual machine",
        "not confined, or merely claimed to be",
    ),
    ExposureFact.REACHES: (
        "reads no other system",
        "reads named systems with scoped rights",
        "reads many systems, or with broad rights",
    ),
    ExposureFact.CHANGES: (
        "changes no other system",
        "changes named systems with scoped rights",
        "changes many systems, or with broad rights",
    ),
    ExposureFact.SPENDS: (
        "can use up nothing of others",
        "bounded money, quota or resources",
        "money, quota or infrastructure at large; can take it down",
    ),
    ExposureFact.INCIDENT: (
        "a page states that incidents were searched for and none was found",
        "no search is stated",
        "an exploitation in the wild is cited",
    ),
    ExposureFact.CONTROL: (
        "a specific control that is enforced is stated (not merely 'secure')",
        "none, or ineffective",
    ),
}
"""What each value of `EXPOSURE_VALUES` means, in the same order."""


def default(fact: ExposureFact, kind: AgentKind, known: Facts) -> Default:
    """The headline's value for an unknown fact of a product of this kind, given what is known; with its reason."""
    if fact is ExposureFact.FED_BY:
        runs_at = known.get(ExposureFact.RUNS_AT) or default(ExposureFact.RUNS_AT, kind, known).value
        if runs_at == "local":
            return LOCAL_FED_BY
    return KIND_DEFAULTS.get((kind, fact), DEFAULTS[fact])
