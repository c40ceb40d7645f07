"""What single tools show beside their class: what code they run and where, whose data they read, what they use up.

Idea: a tool's name and the first line of its description hold more than its verb. Invariant: each answer follows from
one tool alone, by phrases of `data/tools/phrases.toml` and by the reviewed words of
`data/tools/exposure.toml`.
"""

import re
import tomllib
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from extractors.declarations.facts import Origin, Place
from extractors.inventory.inventory import PREPARED, InventoryTool
from extractors.inventory.phrases import WORDS, says
from extractors.inventory.verb_classes import words_of
from scoring.tools.inventory import Verb

TABLE = Path(__file__).parents[2] / "data/tools/exposure.toml"
OF_A_HOST = frozenset({Origin.SKILL, Origin.AGENT, Origin.COMMAND, Origin.HOOK})


def lines_of(tools: Sequence[InventoryTool]) -> list[tuple[Place, str]]:
    """Each with its description; what a skill or command may do is there, not in the line of its name."""
    shown = []
    for tool in sorted(tools, key=lambda tool: not tool.description):
        of_a_host = tool.origin in OF_A_HOST and bool(tool.description)
        quote = tool.description if of_a_host else f"{tool.place.quote} {tool.description}"
        further = tool.description and tool.description not in tool.place.quote
        place = tool.place.model_copy(update={"quote": quote}) if further or of_a_host else tool.place
        shown.append((place, tool.description if of_a_host else tool.name))
    return shown


def runs_code(tool: InventoryTool) -> bool:
    """Whether it runs what its caller writes; a hook, or a permission for certain commands, runs prepared ones."""
    if tool.origin is Origin.HOOK:
        return False
    by_rule = not tool.rule.startswith(PREPARED) and says("rule_runs_code", tool.rule)
    return bool(by_rule or says("says_code", tool.description))


def runs_on_pages(tool: InventoryTool) -> bool:
    """Whether what it runs runs in a browser, by its name or description: how far that reaches no line says."""
    return tool.verb is Verb.EXECUTE and says("on_pages", f"{tool.name}: {tool.description}") is not None


def runs_statements(tool: InventoryTool) -> bool:
    """Whether it runs statements of a data base, which it is there to change."""
    return bool({"sql", "cypher", "query", "psql"} & set(words_of(tool.name))) or "SQL" in tool.description


def runs_on_the_machine(tool: InventoryTool) -> bool:
    """Whether its description says that it runs whatever its caller writes in a shell of its user's machine."""
    runs = says("says_code", tool.description) and not says("on_pages", tool.description)
    return bool(runs and says("on_the_machine", _text(tool)) and not says("elsewhere", _text(tool)))


def runs_elsewhere(tool: InventoryTool) -> bool:
    """Whether what it runs runs on another machine than the one it is on."""
    return tool.verb is Verb.EXECUTE and says("other_machines", _text(tool)) is not None


def _text(tool: InventoryTool) -> str:
    return f"{tool.name.replace('_', ' ').replace('-', ' ')}: {tool.description}"


def reads_own_data(tool: InventoryTool, keyed: bool) -> bool:
    """Whether what it reads is its user's, and a part. `keyed`: the product acts with a key of its user's, so that what
    it reads by name is theirs; what it searches may be for all."""
    own = names(tool, "own_data") or "your " in tool.description
    return not says("anything", tool.description) and (own or (keyed and "search" not in words_of(tool.name)[:1]))


def is_of_its_runs(tool: InventoryTool) -> bool:
    """Whether it acts on runs of the product itself, by its name or where its description begins."""
    return bool(_table()["own_runs"]["words"] & {*words_of(tool.name), *_first_words(tool, 5)})


def is_its_own_affair(tool: InventoryTool) -> bool:
    """Whether it acts on runs, logs or settings of the product itself."""
    return is_of_its_runs(tool) or bool(_table()["own_state"]["words"] & {*words_of(tool.name), *_first_words(tool, 4)})


def _first_words(tool: InventoryTool, count: int) -> list[str]:
    return re.findall(r"[a-z]+", tool.description[:60].lower())[:count]


def cuts_deep(tool: InventoryTool) -> bool:
    """Whether it deletes, acts on many things at once or cannot be undone."""
    return names(tool, "deletes") or says("cuts_deep", tool.description) is not None


def gives_secrets(tool: InventoryTool) -> bool:
    """Whether it returns credentials: `get_secret`, not `list_secrets`, which names them."""
    return says("gives_secrets", "_".join(WORDS.findall(tool.name)).lower()) is not None


def reads_open_text(tool: InventoryTool) -> bool:
    """Whether it takes in what anybody writes: by its name, or by a phrase of its description."""
    if tool.verb is not Verb.READ:
        return names(tool, "opens_pages") and not says("own_pages", tool.description)
    return names(tool, "open_text") or bool(says("opens", f"{' '.join(words_of(tool.name))}: {tool.description}"))


def changes_plainly(tool: InventoryTool) -> bool:
    """Whether a reader sees from its name, or where its description begins, that it changes something."""
    words = words_of(tool.name)
    leaves_it_to_another_call = words[:1] == ["prepare"]
    picks_its_own_profile = "active" in words and not {"set", "switch", "select"}.isdisjoint(words)
    if leaves_it_to_another_call or picks_its_own_profile:
        return False
    own = () if tool.origin in OF_A_HOST else words  # a skill's name is a title
    return bool(_table()["plain_changes"]["words"] & {*own, *_first_words(tool, 3)})


def acts_on_whole_stores(tool: InventoryTool) -> bool:
    """Whether it deletes what holds records of many kinds (`delete_project`, not `delete_project_label`), or changes
    things of whatever kind its caller writes down (`apply_resource`, any manifest)."""
    words = words_of(tool.name)
    if names(tool, "takes_down") or (names(tool, "deletes") and set(words[-1:]) & _table()["whole_stores"]["words"]):
        return True
    alone = len(words) < 4 and set(words[-1:]) & _table()["any_kind"]["words"]
    return bool(alone or says("any_kind", tool.description))


def uses_up(tool: InventoryTool, costly: bool) -> bool:
    """Whether it runs up cost or takes infrastructure down. `costly`: whatever the product acts on does."""
    if tool.origin in OF_A_HOST:
        return False  # its description is a task, and no line says what the task costs
    words, first = set(words_of(tool.name)), set(re.findall(r"[a-z0-9]+", tool.description.lower()))
    table = _table()["spends"]
    if words & (table["things"] | table["acts"]) or (words | first) & table["plain"]:
        return True
    return bool(words & table["jobs"]) if tool.verb is Verb.EXECUTE else costly


def names(tool: InventoryTool, kind: str) -> bool:
    """Whether its name holds a word of a kind of the table; what follows *by* only says how it finds something."""
    words = words_of(tool.name)
    return bool(_table()[kind]["words"] & set(words[: words.index("by")] if "by" in words else words))


@cache
def _table() -> dict[str, dict[str, frozenset[str]]]:
    rows = tomllib.loads(TABLE.read_text(encoding="utf-8"))
    return {name: {key: frozenset(words) for key, words in row.items()} for name, row in rows.items()}
