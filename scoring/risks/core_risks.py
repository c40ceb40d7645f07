"""For each of AIVSS's ten core risks: when it applies, its reference vector, and what evidence moves in it.

Idea: each row starts from the vector that AIVSS 0.8 section 3.6 itself scores for that risk. A metric in
`moved` follows the agent's own facts as far as they are known, and stays at the reference where they are not.
A metric in `derived` always follows our rule table: sections 3.6.1 and 3.6.10 print UI:A because the attacker
has to chat, but CVSS v4.0 means a human other than the attacker, so that reading is not copied; and 3.6.10
prints AC:H, a barrier that no page of another agent has to have.
Invariant: applicability is asked in three answers; a risk that is not excluded may apply.
"""

from typing import NamedTuple

from scoring.risks.indicators import Condition, any_of, at_least, beyond, is_one_of
from scoring.vocabulary import CoreRisk
from scoring.vocabulary import ExposureFact as F
from scoring.vocabulary import RiskFactor as R


class CoreRiskRule(NamedTuple):
    risk: CoreRisk
    reference: str
    """The vector of AIVSS 0.8 section 3.6, without its prefix."""
    moved: tuple[str, ...]
    derived: tuple[str, ...]
    applies: Condition
    yes: str
    no: str
    unknown: str
    facts: tuple[F, ...]
    """Exposure facts that the row rests on."""
    factors: tuple[R, ...] = ()
    """Factors that decide whether it applies."""


OWN = ("VC", "VI", "VA")
OTHERS = ("SC", "SI", "SA")
REACH = (F.REACHES, F.CHANGES, F.SPENDS)
CODE = (F.READS, F.WRITES, F.EXECUTES, F.ISOLATION)


RULES: tuple[CoreRiskRule, ...] = (
    CoreRiskRule(
        CoreRisk.TOOL_MISUSE,
        "AV:N/AC:L/AT:N/PR:N/UI:A/VC:H/VI:H/VA:H/SC:H/SI:H/SA:H",
        (*OWN, *OTHERS),
        ("UI",),
        any_of(
            at_least(R.DYNAMIC_TOOL_USE, "0.3"), *(beyond(fact, "nothing") for fact in (F.WRITES, F.EXECUTES, *REACH))
        ),
        "it has tools beyond text output",
        "its pages show no tool beyond text output",
        "no page says whether it has tools beyond text output",
        (*CODE, *REACH, F.APPROVAL),
        (R.DYNAMIC_TOOL_USE,),
    ),
    CoreRiskRule(
        CoreRisk.ACCESS_CONTROL,
        "AV:N/AC:L/AT:N/PR:L/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N",
        ("PR", *OWN),
        (),
        any_of(
            at_least(R.DYNAMIC_IDENTITY, "0.3"),
            beyond(F.READS, "nothing_private"),
            beyond(F.REACHES, "nothing"),
            beyond(F.CHANGES, "nothing"),
        ),
        "it holds access to data, accounts or systems of its users",
        "its pages show no access to data, accounts or systems",
        "no page says which access it holds",
        (F.FED_BY, *CODE, F.REACHES, F.CHANGES),
        (R.DYNAMIC_IDENTITY,),
    ),
    CoreRiskRule(
        CoreRisk.CASCADING_FAILURES,
        "AV:N/AC:H/AT:N/PR:L/UI:N/VC:N/VI:N/VA:H/SC:N/SI:H/SA:H",
        ("SI", "SA"),
        (),
        any_of(at_least(R.MULTI_AGENT_INTERACTIONS, "0.3"), is_one_of(F.APPROVAL, "unattended")),
        "its results go on to other agents or to unattended work",
        "it works alone and under a person's eyes",
        "no page says whether its results go on unattended or to other agents",
        (F.APPROVAL, F.CHANGES, F.SPENDS),
        (R.MULTI_AGENT_INTERACTIONS,),
    ),
    CoreRiskRule(
        CoreRisk.ORCHESTRATION,
        "AV:A/AC:L/AT:N/PR:L/UI:N/VC:H/VI:H/VA:H/SC:H/SI:H/SA:H",
        ("AV", *OTHERS),
        (),
        at_least(R.MULTI_AGENT_INTERACTIONS, "0.5"),
        "it coordinates other agents or is coordinated by them",
        "it neither coordinates other agents nor is one of a team",
        "no page says whether it coordinates other agents",
        (F.RUNS_AT, F.FED_BY, *REACH),
        (R.MULTI_AGENT_INTERACTIONS,),
    ),
    CoreRiskRule(
        CoreRisk.IDENTITY_IMPERSONATION,
        "AV:N/AC:H/AT:N/PR:N/UI:A/VC:H/VI:H/VA:N/SC:N/SI:N/SA:N",
        ("VC", "VI"),
        (),
        any_of(at_least(R.NATURAL_LANGUAGE_INTERFACE, "0.5"), at_least(R.DYNAMIC_IDENTITY, "0.3")),
        "it talks with people or acts under a name",
        "it neither talks with people nor acts under a name",
        "no page says whether it talks with people or acts under a name",
        (F.READS, F.WRITES, F.EXECUTES, F.ISOLATION),
        (R.NATURAL_LANGUAGE_INTERFACE, R.DYNAMIC_IDENTITY),
    ),
    CoreRiskRule(
        CoreRisk.MEMORY_MANIPULATION,
        "AV:A/AC:H/AT:N/PR:H/UI:N/VC:L/VI:H/VA:L/SC:N/SI:N/SA:N",
        ("PR",),
        (),
        any_of(
            at_least(R.PERSISTENT_MEMORY, "0.3"),
            at_least(R.CONTEXTUAL_AWARENESS, "0.5"),
            is_one_of(F.FED_BY, "anyone"),
        ),
        "it remembers, retrieves, or takes in content of third parties",
        "it is stateless and takes in nothing of third parties",
        "no page says what it remembers or takes in",
        (F.FED_BY,),
        (R.PERSISTENT_MEMORY, R.CONTEXTUAL_AWARENESS),
    ),
    CoreRiskRule(
        CoreRisk.CRITICAL_SYSTEMS,
        "AV:A/AC:L/AT:N/PR:H/UI:N/VC:N/VI:H/VA:H/SC:N/SI:N/SA:N",
        ("VI", "VA", "SI", "SA"),
        (),
        any_of(
            is_one_of(F.CHANGES, "broad"),
            beyond(F.SPENDS, "nothing"),
            is_one_of(F.EXECUTES, "arbitrary_code"),
        ),
        "it can change production, spend money or run code",
        "it changes no other system broadly, spends nothing and runs no code of its own",
        "no page says whether it can change production, spend money or run code",
        (*CODE, F.CHANGES, F.SPENDS),
    ),
    CoreRiskRule(
        CoreRisk.SUPPLY_CHAIN,
        "AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N",
        OWN,
        (),
        lambda agent: True,
        "every product rests on models, packages and tools of others",
        "",
        "",
        (F.RUNS_AT, F.ISOLATION),
    ),
    CoreRiskRule(
        CoreRisk.UNTRACEABILITY,
        "AV:N/AC:L/AT:N/PR:L/UI:N/VC:N/VI:L/VA:N/SC:N/SI:N/SA:N",
        ("VI",),
        (),
        at_least(R.OPACITY_REFLEXIVITY, "0.3"),  # full traceability is evidenced by opacity 0 alone
        "its acts are not fully traceable",
        "its pages evidence logs or fixed steps by which its acts can be traced",
        "no page says whether its acts are logged",
        (F.WRITES, F.EXECUTES, F.ISOLATION),
        (R.OPACITY_REFLEXIVITY,),
    ),
    CoreRiskRule(
        CoreRisk.GOAL_MANIPULATION,
        "AV:N/AC:H/AT:N/PR:N/UI:A/VC:L/VI:L/VA:N/SC:N/SI:N/SA:N",
        ("VC", "VI"),
        ("AC", "UI"),
        any_of(
            at_least(R.NATURAL_LANGUAGE_INTERFACE, "0.3"),
            at_least(R.CONTEXTUAL_AWARENESS, "0.3"),
            is_one_of(F.FED_BY, "anyone"),
        ),
        "natural language or foreign text steers it",
        "neither natural language nor foreign text steers it",
        "no page says whether natural language or foreign text steers it",
        (F.INPUT_BARRIER, F.FED_BY, F.APPROVAL, *CODE),
        (R.NATURAL_LANGUAGE_INTERFACE, R.CONTEXTUAL_AWARENESS),
    ),
)
"""Ten, in the order of `CoreRisk`."""
