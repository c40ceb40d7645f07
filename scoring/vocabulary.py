"""The closed sets of the two standards, in the order and with the names that records print.

Idea: every other room speaks in these words. Invariant: an order that is written here is the order
everywhere (files, pages, prompts), so that two records can be compared line by line.

Sources: OWASP AIVSS 0.5 section 1 (the ten published factors), AIVSS 0.8 table 2 (the eleventh),
AIVSS 0.8 section 3.6 (core risks), MAESTRO (Ken Huang, Cloud Security Alliance, 2025), CVSS v4.0.
"""

from enum import StrEnum


class RiskFactor(StrEnum):
    """The ten factors of published records, in their order, and AIVSS 0.8's eleventh."""

    AUTONOMY_OF_ACTION = "autonomy_of_action"
    GOAL_DRIVEN_PLANNING = "goal_driven_planning"
    SELF_MODIFICATION = "self_modification"
    DYNAMIC_TOOL_USE = "dynamic_tool_use"
    PERSISTENT_MEMORY = "persistent_memory"
    CONTEXTUAL_AWARENESS = "contextual_awareness"
    DYNAMIC_IDENTITY = "dynamic_identity"
    MULTI_AGENT_INTERACTIONS = "multi_agent_interactions"
    NON_DETERMINISM = "non_determinism"
    OPACITY_REFLEXIVITY = "opacity_reflexivity"
    NATURAL_LANGUAGE_INTERFACE = "natural_language_interface"


PUBLISHED_FACTORS: tuple[RiskFactor, ...] = tuple(RiskFactor)[:10]
"""The ten that a published record prints and that the headline sums."""

FACTOR_TITLES: dict[RiskFactor, str] = {
    RiskFactor.AUTONOMY_OF_ACTION: "Autonomy of Action",
    RiskFactor.GOAL_DRIVEN_PLANNING: "Goal-Driven Planning",
    RiskFactor.SELF_MODIFICATION: "Self-Modification",
    RiskFactor.DYNAMIC_TOOL_USE: "Dynamic Tool Use",
    RiskFactor.PERSISTENT_MEMORY: "Persistent Memory",
    RiskFactor.CONTEXTUAL_AWARENESS: "Contextual Awareness",
    RiskFactor.DYNAMIC_IDENTITY: "Dynamic Identity",
    RiskFactor.MULTI_AGENT_INTERACTIONS: "Multi-Agent Interactions",
    RiskFactor.NON_DETERMINISM: "Non-Determinism",
    RiskFactor.OPACITY_REFLEXIVITY: "Opacity & Reflexivity",
    RiskFactor.NATURAL_LANGUAGE_INTERFACE: "Natural Language Interface",
}


class MaestroLayer(StrEnum):
    """MAESTRO's seven layers, in order."""

    L1 = "L1"
    L2 = "L2"
    L3 = "L3"
    L4 = "L4"
    L5 = "L5"
    L6 = "L6"
    L7 = "L7"


LAYER_TITLES: dict[MaestroLayer, str] = {
    MaestroLayer.L1: "Foundation Models",
    MaestroLayer.L2: "Data Operations",
    MaestroLayer.L3: "Agent Frameworks",
    MaestroLayer.L4: "Deployment and Infrastructure",
    MaestroLayer.L5: "Evaluation and Observability",
    MaestroLayer.L6: "Security and Compliance",
    MaestroLayer.L7: "Agent Ecosystem",
}


class LayerStatus(StrEnum):
    MAPPED = "mapped"
    NOT_CERTAIN = "not_certain"
    NOT_APPLICABLE = "not_applicable"


class Certainty(StrEnum):
    """How a value is known. `stated` and `inferred` need a grounded quote."""

    STATED = "stated"
    INFERRED = "inferred"
    NOT_CERTAIN = "not_certain"


class NotCertainReason(StrEnum):
    """Why a claim is not certain from the listing."""

    NOT_STATED = "not_stated"
    PAGE_NOT_REACHED = "page_not_reached"
    PAGE_TRUNCATED = "page_truncated"
    SOURCES_CONTRADICT = "sources_contradict"
    QUOTE_REJECTED = "quote_rejected"


REASON_TITLES: dict[NotCertainReason, str] = {
    NotCertainReason.NOT_STATED: "not stated",
    NotCertainReason.PAGE_NOT_REACHED: "page not reached",
    NotCertainReason.PAGE_TRUNCATED: "page truncated",
    NotCertainReason.SOURCES_CONTRADICT: "sources contradict",
    NotCertainReason.QUOTE_REJECTED: "quote rejected",
}


class Basis(StrEnum):
    """What a claim rests on."""

    SENTENCE = "sentence"
    """Prose of a page."""
    DECLARATION = "declaration"
    """A machine-readable file of the product, such as a manifest."""
    INVENTORY = "inventory"
    """The list of its tools."""
    RULE = "rule"
    """A rule table over other claims of this record."""


class Support(StrEnum):
    """Whether the quoted words mean what is claimed."""

    CARRIES = "carries"
    HINTS = "hints"
    """Same topic and direction, but the words do not settle the value."""
    OFF = "off"
    """The words say nothing of the claim, or contradict it."""


class Detail(StrEnum):
    """Finer reasons beside `NotCertainReason`. An open vocabulary: readers must expect others."""

    ONLY_HINTED = "only_hinted"
    QUOTE_DOES_NOT_CARRY = "quote_does_not_carry"
    BARRED_WORDS = "barred_words"
    """The quote is only in words that may be meant for whoever assesses, or that a reader does not see."""
    NOT_RECOGNISED = "not_recognised"
    LANGUAGE_NOT_READ = "language_not_read"
    DECLARATION_DIFFERS = "declaration_differs"
    """Known, and the product's own files and an assessor's quote say different things; both are shown."""


DETAIL_TITLES: dict[str, str] = {
    Detail.ONLY_HINTED: "the quote only hints",
    Detail.QUOTE_DOES_NOT_CARRY: "quote does not carry the claim",
    Detail.BARRED_WORDS: "quote barred: its words may be meant for whoever assesses",
    Detail.NOT_RECOGNISED: "not recognised by the built-in reader",
    Detail.LANGUAGE_NOT_READ: "language not read",
    Detail.DECLARATION_DIFFERS: "files and pages differ",
}

NOT_CERTAIN_OPENING = "Not certain from the listing"
"""The fixed words that open every layer text that the pages do not pin."""


class Severity(StrEnum):
    """AIVSS 0.8 section 3.5.2. `None` for 0.0 is our addition: the standard leaves 0.0 without a band."""

    NONE = "None"
    LOW = "Low"
    MEDIUM = "Medium"
    HIGH = "High"
    CRITICAL = "Critical"


class CoreRisk(StrEnum):
    """The ten core risks, AIVSS 0.8 order."""

    TOOL_MISUSE = "tool_misuse"
    ACCESS_CONTROL = "access_control"
    CASCADING_FAILURES = "cascading_failures"
    ORCHESTRATION = "orchestration"
    IDENTITY_IMPERSONATION = "identity_impersonation"
    MEMORY_MANIPULATION = "memory_manipulation"
    CRITICAL_SYSTEMS = "critical_systems"
    SUPPLY_CHAIN = "supply_chain"
    UNTRACEABILITY = "untraceability"
    GOAL_MANIPULATION = "goal_manipulation"


CORE_RISK_TITLES: dict[CoreRisk, str] = {
    CoreRisk.TOOL_MISUSE: "Agentic AI Tool Misuse",
    CoreRisk.ACCESS_CONTROL: "Agent Access Control Violation",
    CoreRisk.CASCADING_FAILURES: "Agent Cascading Failures",
    CoreRisk.ORCHESTRATION: "Agent Orchestration and Multi-Agent Exploitation",
    CoreRisk.IDENTITY_IMPERSONATION: "Agent Identity Impersonation",
    CoreRisk.MEMORY_MANIPULATION: "Agent Memory and Context Manipulation",
    CoreRisk.CRITICAL_SYSTEMS: "Insecure Agent Critical Systems Interaction",
    CoreRisk.SUPPLY_CHAIN: "Agent Supply Chain and Dependency Risk",
    CoreRisk.UNTRACEABILITY: "Agent Untraceability",
    CoreRisk.GOAL_MANIPULATION: "Agent Goal and Instruction Manipulation",
}


class AgentKind(StrEnum):
    """What sort of product a listing describes."""

    AGENT = "agent"
    APP = "app"
    FRAMEWORK = "framework"
    PLATFORM = "platform"
    MCP_SERVER = "mcp_server"
    PLUGIN = "plugin"
    SKILL = "skill"
    TOOL = "tool"


class ExposureFact(StrEnum):
    """The listing facts from which the CVSS 4.0 base, ThM and MF are derived. Order is the record's."""

    RUNS_AT = "runs_at"
    INPUT_BARRIER = "input_barrier"
    SET_UP_BY = "set_up_by"
    FED_BY = "fed_by"
    APPROVAL = "approval"
    READS = "reads"
    WRITES = "writes"
    EXECUTES = "executes"
    ISOLATION = "isolation"
    REACHES = "reaches"
    CHANGES = "changes"
    SPENDS = "spends"
    INCIDENT = "incident"
    CONTROL = "control"


EXPOSURE_VALUES: dict[ExposureFact, tuple[str, ...]] = {
    # safest first, worst last
    ExposureFact.RUNS_AT: ("local", "internal_network", "hosted"),
    ExposureFact.INPUT_BARRIER: ("validated_barrier", "no_barrier"),
    ExposureFact.SET_UP_BY: ("integrator", "vendor"),
    ExposureFact.FED_BY: ("administrators", "account_holders", "anyone"),
    ExposureFact.APPROVAL: ("each_action", "user_starts", "unattended"),
    ExposureFact.READS: ("nothing_private", "limited", "secrets_or_all"),
    ExposureFact.WRITES: ("nothing", "limited", "broad"),
    ExposureFact.EXECUTES: ("nothing", "fixed_commands", "arbitrary_code"),
    ExposureFact.ISOLATION: ("sandbox", "none"),
    ExposureFact.REACHES: ("nothing", "scoped", "broad"),
    ExposureFact.CHANGES: ("nothing", "scoped", "broad"),
    ExposureFact.SPENDS: ("nothing", "scoped", "broad"),
    ExposureFact.INCIDENT: ("searched_none_found", "not_searched", "cited"),
    ExposureFact.CONTROL: ("enforceable", "none"),
}
"""The legal values of each fact, safest first."""

EXPOSURE_QUESTIONS: dict[ExposureFact, str] = {
    ExposureFact.RUNS_AT: "Where does it run: on the user's machine, inside a network, or hosted for all?",
    ExposureFact.INPUT_BARRIER: "Does a validated barrier stand between foreign text and its actions?",
    ExposureFact.SET_UP_BY: "Does its exposure depend on how an integrator configures it (library, SDK, skill)?",
    ExposureFact.FED_BY: "Who can put text in front of it: administrators, account holders, anyone?",
    ExposureFact.APPROVAL: "Does a person approve each action, start each run, or does it run unattended?",
    ExposureFact.READS: "What of its own user's data can it read?",
    ExposureFact.WRITES: "What of its own user's state can it change?",
    ExposureFact.EXECUTES: "Does it run commands or code?",
    ExposureFact.ISOLATION: "Is what it runs confined by a sandbox or container?",
    ExposureFact.REACHES: "Which other systems can it read through its tools?",
    ExposureFact.CHANGES: "Which other systems can it change through its tools?",
    ExposureFact.SPENDS: "Which money, quota or infrastructure can it use up or take down?",
    ExposureFact.INCIDENT: "Was an incident search made, and is an exploitation in the wild cited?",
    ExposureFact.CONTROL: "Does the listing evidence a specific, enforceable control?",
}


class SubjectKind(StrEnum):
    """By what a machine can match a product."""

    PACKAGE = "package"
    IMAGE = "image"
    REGISTRY_NAME = "registry_name"
    PLUGIN = "plugin"
    MARKETPLACE = "marketplace"
    AGENT = "agent"
    REPOSITORY = "repository"
    ENDPOINT = "endpoint"


class FindingKind(StrEnum):
    """What crawled text tries to do. Findings are reported; they never move a value."""

    HIDDEN_TEXT = "hidden_text"
    ADDRESSES_THE_ASSESSOR = "addresses_the_assessor"
    INSTRUCTS_ITS_OWN_MODEL = "instructs_its_own_model"
    TOOL_CONTRADICTS_ITSELF = "tool_contradicts_itself"
