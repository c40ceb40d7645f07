"""What a product can do, tool by tool, and whether the list can be believed to be whole.

Idea: all declarations of one tool become one row: the best text for its description, the gravest class that any of its
texts shows. Invariants: what a product declares about itself (`readOnlyHint`) never lowers a class; taking a file away
never makes a list complete; equal declarations give an equal digest.
"""

import re
from collections.abc import Sequence

from extractors.canonical_json import digest
from extractors.declarations.facts import Declarations, DeclaredTool, Origin, Place, SourceFile
from extractors.inventory.completeness import completeness
from extractors.inventory.verb_classes import VerbClass, classify_verb
from extractors.pages.snapshot import sha256
from scoring.claims import Digest, Frozen
from scoring.tools.inventory import GRAVITY, ListedTool, Verb, counts

_TRUST = {origin: number for number, origin in enumerate(Origin)}
EXAMPLE = "document's example"
SERVER = "plugin's server"
"""A server that a plugin starts: it stands for tools of which nothing is known."""
MENTIONS = {"document's prose", EXAMPLE}
PERMISSION = "permission: "
"""How the rule of a tool begins that acts by a tool of its host; what follows names the host's tool."""
PREPARED = f"fixed {PERMISSION}"
"""The same, where the host's tool may run certain commands only."""
_HOST_VERBS: dict[str, Verb] = {
    **dict.fromkeys(("bash", "powershell"), Verb.EXECUTE),
    **dict.fromkeys(("write", "edit", "multiedit", "notebookedit"), Verb.WRITE),
    **dict.fromkeys(("read", "grep", "glob", "ls", "bashoutput", "notebookread"), Verb.READ),
    **dict.fromkeys(("todowrite", "webfetch", "websearch"), Verb.READ),
}
"""The host's own tools by which a skill, agent or command acts; one that is not here could do anything (a sub-agent has
tools of its own), so that nothing is known. A list of the session's own steps changes nothing."""
_CONFIRMS_A_COST = re.compile(r"(?i)\A(?:confirm|accept|approve).*_(?:cost|price|quote)s?$")
_CREATES = re.compile(r"(?i)\b(?:creat\w+|new)\s+(?:an? |the |new )*([a-z]+)(?:\s+(?:or|and)\s+([a-z]+))?")
_PREPARED = re.compile(
    r"\w{1,20}\((?:git (?:add|branch|checkout|commit|diff|log|push|restore|rev-parse|show|stash|status|switch|tag)\b|"
    r"gh (?:api|issue|label|pr|project|release|run|search|workflow)\b|"
    r"(?:ls|cat|echo|test|mkdir|head|tail|wc|jq|date|pwd|cp|mv|rm|touch|diff)\b|"
    r"\$\{CLAUDE_PLUGIN_ROOT\}(?:/[\w-][\w.-]*+)++(?=[ :)]))"
    r"[^,;|&<>$`()]*\)"
)
"""`Bash(git add:*)`: a command that is not there to start others, as `git bisect`, `gh alias` and a whole `git` are;
or a script of its own."""


class InventoryTool(ListedTool):
    """A tool with its place in the files."""

    origin: Origin
    idiom: str
    place: Place
    """The best of its places."""


class ToolInventory(Frozen):
    tools: tuple[InventoryTool, ...]
    """In the order of their names."""
    complete: bool
    """True only if nothing speaks against it; a list without program text never is."""
    why: str
    """One line for a reader."""
    open_ends: tuple[str, ...] = ()
    """Everything that speaks against completeness, or by which its program could do more, each once."""
    digest: Digest
    """Of names, descriptions and schemas: it changes when a tool comes, goes or reads otherwise."""

    def of(self, *verbs: Verb) -> tuple[InventoryTool, ...]:
        return tuple(tool for tool in self.tools if tool.verb in verbs)

    def counts(self) -> dict[Verb, int]:
        return counts(self.tools)


def inventory(
    declarations: Declarations,
    files: Sequence[SourceFile],
    unread: Sequence[str] | None = None,
) -> ToolInventory:
    """`unread`: reasons from the list of all files (`completeness.unread`), None if there is no such list."""
    rows: dict[str, list[DeclaredTool]] = {}
    for tool in declarations.tools:
        hook = f"{tool.name}\n{tool.description}\n{tool.place.start}"  # hooks on one event run different commands
        rows.setdefault(hook if tool.origin is Origin.HOOK else tool.name, []).append(tool)
    costed = _costed(declarations.tools)
    tools = [_merged(found, costed) for _, found in sorted(rows.items())]
    whole = completeness(declarations, files, unread)
    powers = tuple(power.why for power in declarations.powers)
    beyond = f"; beyond its list, {powers[0]}" if powers and tools else ""
    return ToolInventory(
        tools=tuple(tools),
        complete=whole.complete,
        why=whole.why + beyond,
        open_ends=(*whole.open_ends, *powers),
        digest=digest([[tool.name, tool.description, tool.schema_digest or ""] for tool in tools]),
    )


def _merged(found: list[DeclaredTool], costed: frozenset[str]) -> InventoryTool:
    ranked = sorted(found, key=lambda tool: (tool.idiom in MENTIONS, _TRUST[tool.origin], not tool.description))
    best = ranked[0]
    described = next((tool.description for tool in ranked if tool.description), "")
    schema = next((tool.schema_text for tool in ranked if tool.schema_text), "")
    allowed = next((tool.allowed_tools for tool in ranked if tool.allowed_tools), ())
    texts = dict.fromkeys((tool.description, tool.schema_text) for tool in ranked)
    judged = max(
        (*(_judged(best, text, schema_text, costed) for text, schema_text in texts), _by_host_tools(allowed)),
        key=lambda each: GRAVITY[each.verb],
    )
    claims_to_read = any(tool.annotations is not None and tool.annotations.read_only for tool in ranked)
    against_hints = claims_to_read and GRAVITY[judged.verb] >= GRAVITY[Verb.WRITE]
    return InventoryTool(
        name=best.name,
        description=described,
        annotations=next((tool.annotations for tool in ranked if tool.annotations is not None), None),
        verb=judged.verb,
        rule=judged.rule,
        contradiction=judged.contradiction or (f"declares readOnlyHint; {judged.rule}" if against_hints else ""),
        origin=best.origin,
        idiom=best.idiom,
        allowed_tools=allowed,
        behind=best.behind if all(tool.behind for tool in found) else "",
        schema_digest=sha256(schema.encode()) if schema else None,
        place=best.place,
    )


def _judged(tool: DeclaredTool, text: str, schema: str, costed: frozenset[str]) -> VerbClass:
    if tool.origin is Origin.HOOK:
        return VerbClass(Verb.EXECUTE, "hook: the host runs a command")
    if tool.origin in (Origin.SKILL, Origin.AGENT, Origin.COMMAND):
        return VerbClass(Verb.UNKNOWN, "")
    judged = classify_verb(tool.name, text, schema)
    if (
        judged.verb is Verb.WRITE
        and judged.rule == "name: create"
        and costed & set(re.split(r"\W|_", tool.name.lower()))
    ):
        return VerbClass(Verb.SPEND, "a sibling asks to confirm its cost", judged.contradiction)
    return judged


def _costed(tools: Sequence[DeclaredTool]) -> frozenset[str]:
    """`confirm_cost: … costs. Required to create a new project or branch` makes `create_project` one that spends."""
    confirming = [tool.description for tool in tools if _CONFIRMS_A_COST.match(tool.name)]
    things = (match.groups("") for text in confirming for match in _CREATES.finditer(text))
    return frozenset(word.lower() for words in things for word in words if word)


def _by_host_tools(allowed: Sequence[str]) -> VerbClass:
    """Of a skill, agent or command: the gravest of the host's tools that it asks for; an unknown one hides a milder."""
    found = [_by_host_tool(entry) for entry in allowed]
    best = max(
        found,
        key=lambda each: (GRAVITY[each.verb], not each.rule.startswith(PREPARED)),
        default=VerbClass(Verb.UNKNOWN, ""),
    )
    unknown = any(each.verb is Verb.UNKNOWN for each in found)
    return VerbClass(Verb.UNKNOWN, "") if unknown and best.verb is Verb.READ else best


def _by_host_tool(entry: str) -> VerbClass:
    name = entry.partition("(")[0].strip()
    if name in ("*", "all"):
        return VerbClass(Verb.EXECUTE, f"{PERMISSION}every tool of its host")
    verb = _HOST_VERBS.get(name.lower(), Verb.UNKNOWN)
    if verb is Verb.UNKNOWN and name.startswith("mcp__"):
        verb = classify_verb(name.rpartition("__")[2]).verb
    prepared = verb is Verb.EXECUTE and _PREPARED.fullmatch(entry.strip())
    return VerbClass(verb, f"{PREPARED if prepared else PERMISSION}{name}")
