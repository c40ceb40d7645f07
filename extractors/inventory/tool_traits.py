"""What single tools show beside their class: what code they run and where, whose data they read, what they use up.

Idea: a tool's name and the first line of its description hold more than its verb. Invariant: each answer follows from
one tool alone, by phrases and by the reviewed words of `data/tools/exposure.toml`.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from extractors.declarations.facts import Origin, Place
from extractors.inventory.inventory import PERMISSION, PREPARED, InventoryTool
from extractors.inventory.phrases import CODE, WORDS
from extractors.inventory.verb_classes import words_of
from scoring.tools.inventory import Verb

TABLE = Path(__file__).parents[2] / "data/tools/exposure.toml"
OF_A_HOST = frozenset({Origin.SKILL, Origin.AGENT, Origin.COMMAND, Origin.HOOK})
_RUNS_CODE = re.compile(
    rf"name: runs code|\b{CODE}\b(?! or starts)|^{PERMISSION}|name: (?:shell|bash|exec|eval)", re.IGNORECASE
)
_SAYS_CODE = re.compile(rf"\b(?:execut\w+|runs?|evaluat\w+|arbitrary)\b[^.]{{0,60}}\b{CODE}\b", re.IGNORECASE)
_ON_THE_MACHINE = re.compile(
    r"\b(?:shell|terminal|bash|powershell|zsh|applescript|operating system|(?:system|arbitrary) commands?)\b",
    re.IGNORECASE,
)
_ON_PAGES = re.compile(r"(?:\b|_)(?:browser\w*|(?:web ?)?pages?)(?:\b|_)", re.IGNORECASE)
_ELSEWHERE = re.compile(
    r"\b(?:sandbox\w*|pods?|containers?|dynos?|clusters?|remote\w*|sessions?|kernels?|cells?|notebooks?|vms?|"
    r"databases?|sql|servers?)\b",
    re.IGNORECASE,
)
"""Where code runs that reaches not all of its user's machine."""
_OTHER_MACHINES = re.compile(r"\b(?:ssh|remote\w*|hosts?)\b", re.IGNORECASE)
_OPENS = re.compile(
    r"\b(?:search(?:es)? (?:the )?(?:web|internet)|web ?(?:search|pages?)|pull requests?|browser snapshot|"
    r"(?:fetch|open|visit|scrape|crawl|navigat|extract)\w* (?:\w+ ){0,4}(?:url|webpage|website))\b",
    re.IGNORECASE,
)
_OWN_PAGES = re.compile(r"\b(?:test|local|localhost|development|staging)\b", re.IGNORECASE)
_TAKES_FILES = re.compile(
    r"\b(?:convert|pars|analy[sz]|extract|summari[sz]|transcrib)(?:e|es|ing|s)? (?:[\w.-]{1,30} ){0,3}"
    r"(?:files?|documents?|pdfs?|spreadsheets?)\b",
    re.IGNORECASE,
)
_ANY_KIND = re.compile(
    r"\b(?:any|arbitrary|all) (?:[\w-]{1,20} ){0,2}?(?:resources?|objects?|manifests?)\b"
    r"|\b(?:a|an|the|kubernetes) (?:[\w-]{1,20} ){0,2}?(?:resources?|manifests?|objects?) (?:by|from|with|using|in) "
    r"(?:an? |the )?(?:file|filename|stdin|yaml|json|manifest|url)",
    re.IGNORECASE,
)
"""Things of whatever kind."""
_GIVES_SECRETS = re.compile(
    r"(?:\A|_)(?:get|read|fetch|retrieve|reveal|show|export)_?(?:[a-z]{1,20}_){0,3}"
    r"(?:secret|credential|password|api_?key|private_?key)s?(?:_?values?)?\Z"
)
_ANYTHING = re.compile(
    r"\b(?:reads?|quer(?:y|ies)|gets?|access(?:es)?|fetch(?:es)?) (?:anything|everything)\b", re.IGNORECASE
)
_CUTS_DEEP = re.compile(
    r"\b(?:deletes?|destroys?|wipes?|purges?|irreversibl\w+|permanently|(?:cannot|can't) be (?:undone|reverted))\b"
    r"|\b(?:many|multiple|several|all) \w+ at once\b",
    re.IGNORECASE,
)
"""What a call does that is not small, or that nobody can take back."""
_RENDERS = re.compile(r"begins with (?:generat|render)")


def lines_of(tools: Sequence[InventoryTool]) -> list[tuple[Place, str]]:
    """Each with its description; what a skill or command may do stands there, not in the line of its name."""
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
    ruled = not tool.rule.startswith(PREPARED) and _RUNS_CODE.search(tool.rule) is not None
    return ruled or _SAYS_CODE.search(tool.description) is not None


def runs_on_pages(tool: InventoryTool) -> bool:
    """Whether what it runs runs in a browser, by its name or description: how far that reaches no line says."""
    return tool.verb is Verb.EXECUTE and _ON_PAGES.search(f"{tool.name}: {tool.description}") is not None


def runs_statements(tool: InventoryTool) -> bool:
    """Whether it runs statements of a data base, which it is there to change."""
    return bool({"sql", "cypher", "query", "psql"} & set(words_of(tool.name))) or "SQL" in tool.description


def runs_on_the_machine(tool: InventoryTool) -> bool:
    """Whether its description says that it runs whatever its caller writes in a shell of its user's machine."""
    text = f"{tool.name.replace('_', ' ').replace('-', ' ')}: {tool.description}"
    runs = _SAYS_CODE.search(tool.description) and not _ON_PAGES.search(tool.description)
    return bool(runs) and _ON_THE_MACHINE.search(text) is not None and not _ELSEWHERE.search(text)


def runs_elsewhere(tool: InventoryTool) -> bool:
    """Whether what it runs runs on another machine than the one it stands on."""
    text = f"{tool.name.replace('_', ' ').replace('-', ' ')}: {tool.description}"
    return tool.verb is Verb.EXECUTE and _OTHER_MACHINES.search(text) is not None


def takes_files(tool: InventoryTool) -> bool:
    """Whether it works on files that its user hands it."""
    return _TAKES_FILES.search(tool.description) is not None


def reads_own_data(tool: InventoryTool, keyed: bool) -> bool:
    """Whether what it reads is its user's, and a part. `keyed`: the product acts with a key of its user's, so that what
    it reads by name is theirs; what it searches may be for all."""
    if _ANYTHING.search(tool.description):
        return False
    own = names(tool, "own_data") or "your " in tool.description
    return own or (keyed and "search" not in words_of(tool.name)[:1])


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
    return names(tool, "deletes") or _CUTS_DEEP.search(tool.description) is not None


def gives_secrets(tool: InventoryTool) -> bool:
    """Whether it returns credentials: `get_secret`, not `list_secrets`, which names them."""
    return _GIVES_SECRETS.search("_".join(WORDS.findall(tool.name)).lower()) is not None


def reads_open_text(tool: InventoryTool) -> bool:
    """Whether it takes in what anybody writes: by its name, or by a phrase of its description."""
    if tool.verb is not Verb.READ:
        return names(tool, "opens_pages") and not _OWN_PAGES.search(tool.description)
    return names(tool, "open_text") or _OPENS.search(f"{' '.join(words_of(tool.name))}: {tool.description}") is not None


def renders(tool: InventoryTool) -> bool:
    """Whether what it makes is its answer only."""
    return _RENDERS.search(tool.rule) is not None


def changes_plainly(tool: InventoryTool) -> bool:
    """Whether a reader sees from its name, or where its description begins, that it changes something."""
    if words_of(tool.name)[:1] == ["prepare"]:
        return False  # what it would change is left to another call
    if {"set", "switch", "select"} & set(words_of(tool.name)) and "active" in words_of(tool.name):
        return False  # which of its own profiles or projects it works on
    own = () if tool.origin in OF_A_HOST else words_of(tool.name)  # a skill's name is a title
    return bool(_table()["plain_changes"]["words"] & {*own, *_first_words(tool, 3)})


def acts_on_whole_stores(tool: InventoryTool) -> bool:
    """Whether it deletes what holds records of many kinds (`delete_project`, not `delete_project_label`), or changes
    things of whatever kind its caller writes down (`apply_resource`, any manifest)."""
    words = words_of(tool.name)
    if names(tool, "takes_down") or (names(tool, "deletes") and set(words[-1:]) & _table()["whole_stores"]["words"]):
        return True
    alone = len(words) < 4 and set(words[-1:]) & _table()["any_kind"]["words"]
    return bool(alone) or _ANY_KIND.search(tool.description) is not None


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
