"""What one call of a tool does at worst: read, write, execute, send or spend, with the rule that says so.

Idea: the name's own verb counts, with what it is done to; the description decides where the name does not, and where
it plainly says something graver. A harmless description takes a grave name back only where it says how: read-only, a
`SELECT`, a preview. Invariants: pure; every answer but `unknown` names its rule; a contradiction is reported and not
settled in silence.
"""

import re
import tomllib
from functools import cache
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from extractors.inventory.phrases import WORDS, phrases, plain_changes, says
from scoring.tools.inventory import GRAVITY, Verb

TABLE = Path(__file__).parents[2] / "data/tools/verbs.toml"
_NOISE = re.compile(r"(?:v|v?\d+|mcp|tool|api)", re.IGNORECASE)
_NOUNS = frozenset(WORDS.findall("type store control block play stage cat head"))
"""Verbs that are as often nouns where they do not begin a name: `goal_type`, `key_store`."""
_MAKES = frozenset(WORDS.findall("create place submit make process finalize new confirm start initiate"))
_ORDERS = frozenset(WORDS.findall("create submit open start add register"))
_HANDLES = frozenset(WORDS.findall("make process place finalize confirm initiate capture handle"))


class VerbClass(NamedTuple):
    verb: Verb
    rule: str
    """`name: run + job`, `description: executes sql`, …; empty for `unknown`."""
    contradiction: str = ""
    """What name and description say, where they differ by more than a shade."""


class _Table(NamedTuple):
    sure: dict[str, Verb]
    nouns: dict[str, Verb]
    objects: dict[Verb, frozenset[str]]
    jobs: frozenset[str]
    pairs: tuple[tuple[Verb, frozenset[str], frozenset[str]], ...]


@cache
def _table() -> _Table:
    rows = tomllib.loads(TABLE.read_text(encoding="utf-8"))
    pairs = tuple((Verb(row["verb"]), frozenset(row["acts"]), frozenset(row["on"])) for row in rows.pop("pairs"))
    verbs = {Verb(name): row for name, row in rows.items()}
    return _Table(
        sure={word: verb for verb, row in verbs.items() for word in row["sure"]},
        nouns={word: verb for verb, row in verbs.items() for word in row["also_nouns"]},
        objects={verb: frozenset(row.get("objects", ())) for verb, row in verbs.items()},
        jobs=frozenset(rows["execute"]["jobs"]),
        pairs=pairs,
    )


def words_of(name: str) -> list[str]:
    """`VPS_purchaseNewVirtualMachineV1` is vps, purchase, new, virtual, machine."""
    words = [word.lower() for word in WORDS.findall(name)]
    return [word for word in words if not _NOISE.fullmatch(word)] or words


def classify_verb(name: str, description: str = "", schema: str = "") -> VerbClass:
    """The class of one tool; `schema` is the text of its parameters as far as it is known."""
    words = words_of(name)
    by_name, name_rule = _by_name(words)
    text = description[:1_000]
    by_text, text_rule = _by_text(text)
    only_reads = says("only_reads", text) and not says("conditional", text)
    if only_reads and by_name is not Verb.WRITE:
        clash = f"name: {by_name}; description: read only" if by_name in (Verb.SPEND, Verb.SEND) else ""
        return VerbClass(Verb.READ, "description: says that it only reads", clash)
    if by_name is Verb.UNKNOWN:
        verb, rule = by_text, text_rule
    elif (
        name_rule.endswith("+ select")
        and not re.search(r"(?i)\b(?:any|arbitrary|raw)\b", text)
        and not says("changes", text)
    ):
        verb, rule = by_name, name_rule  # the name limits what the description leaves open
    elif by_text is Verb.UNKNOWN or by_text is by_name:
        verb, rule = by_name, name_rule
    else:
        verb, rule = _weighed(words, by_name, name_rule, by_text, text_rule)
    if (
        verb in (Verb.WRITE, Verb.UNKNOWN)
        and says("costs", schema)
        and not {"update", "delete", "cancel", "get", "list"} & set(words)
    ):
        verb, rule = Verb.SPEND, "schema: asks for a cost, a payment or an amount"
    readings = {by_name, by_text}
    gravest = max(GRAVITY[reading] for reading in readings)
    contradicts = Verb.UNKNOWN not in readings and Verb.READ in readings and gravest >= GRAVITY[Verb.WRITE]
    return VerbClass(verb, rule, f"name: {by_name}; description: {by_text}" if contradicts else "")


def _weighed(words: list[str], by_name: Verb, name_rule: str, by_text: Verb, text_rule: str) -> tuple[Verb, str]:
    """Name and description differ. A pattern of the description is sure; its first word alone only raises."""
    sure_text = not text_rule.startswith("description begins")
    if GRAVITY[by_text] > GRAVITY[by_name]:
        plain = sure_text or name_rule.endswith("(may be a noun)") or text_rule.rpartition(" ")[2] in plain_changes()
        return (by_text, text_rule) if plain and by_text is not by_name else (by_name, name_rule)
    mild = by_text is Verb.READ
    prepared = mild and by_name is Verb.EXECUTE and not name_rule.startswith("name: runs code")
    noun = name_rule.endswith("(may be a noun)") and (
        by_name in (Verb.SEND, Verb.SPEND) or (mild and by_name is Verb.WRITE)
    )
    return (by_text, text_rule) if prepared or noun else (by_name, name_rule)


def _by_name(words: list[str]) -> tuple[Verb, str]:
    table = _table()
    present = set(words)
    first = next((word for word in words if word in table.sure), None)
    paired = _by_pair(words, table.sure.get(first or ""))
    if paired or first is None:
        return paired or _by_noun(words)
    verb = table.sure[first]
    if (
        "run" in words[: words.index(first)]
        and set(words[words.index("run") :]) & (table.jobs | table.objects[Verb.EXECUTE])
        and verb is Verb.WRITE
    ):
        return _by_noun([word for word in words if word != first])
    if "or" in present:
        first = max((word for word in words if word in table.sure), key=lambda word: GRAVITY[table.sure[word]])
        verb = table.sure[first]
    after = words[words.index(first) + 1 :]
    if verb is Verb.EXECUTE:
        return _executing(words, first, after)
    if verb is Verb.READ and words[0] in ("run", "rerun") and first in ("test", "check"):
        return Verb.EXECUTE, f"name: {words[0]} + {first}"
    if verb is Verb.READ and words[0] == "run":
        return Verb.READ, f"name: run + {first}"
    if verb is Verb.WRITE or first in _MAKES:
        behind = after or words[: words.index(first)]
        last = behind[-1] if behind else ""
        tail, prepared = {last, "".join(behind[-2:])}, present & {"draft", "template"}
        sent = last in table.objects[Verb.SEND] or "postupdate" in tail
        started = last in table.jobs - {"task", "tasks", "action", "build", "function"}
        for found, verbs, fits in (
            (Verb.SPEND, _ORDERS, not prepared and tail & table.objects[Verb.SPEND]),
            (Verb.SEND, ("create", "publish", "submit"), not prepared and sent and "schedule" not in present),
            (Verb.EXECUTE, ("start", "launch", "restart", "submit", "apply"), started),
        ):
            if first in verbs and fits:
                return found, f"name: {first} + {last}"
    noun = first in _NOUNS and words.index(first) > 0
    return verb, f"name: {first}" + (" (may be a noun)" if noun else "")


def _by_pair(words: list[str], sure: Verb | None) -> tuple[Verb, str] | None:
    """A verb and what it is done to, unless the name reads: `list_sent_payments`."""
    for verb, acts, things in _table().pairs:
        for at, word in enumerate(words):
            done = {*words[at + 1 :], *(words[:at] if at == len(words) - 1 else ())} & things
            if word in acts and done and (sure is not Verb.READ or _table().sure.get(word) is Verb.READ):
                return verb, f"name: {word} + {min(done)}"
    return None


def _executing(words: list[str], first: str, after: list[str]) -> tuple[Verb, str]:
    table = _table()
    if {"select", "readonly"} & set(after) or ("read" in after and ("query" in after or "sql" in after)):
        return Verb.READ, f"name: {first} + select"
    if (
        first in ("evaluate", "eval")
        and after
        and not set(after) & table.objects[Verb.EXECUTE]
        and "browser" not in words
    ):
        return Verb.UNKNOWN, ""
    code = next((word for word in after if word in table.objects[Verb.EXECUTE]), "")
    return Verb.EXECUTE, f"name: runs code ({first} + {code})" if code else f"name: {first}"


def _by_noun(words: list[str]) -> tuple[Verb, str]:
    """No sure verb: the first word, then the last, then any, if it is a verb as well as a noun."""
    table = _table()
    present = set(words)
    if _HANDLES & present and present & table.objects[Verb.SPEND]:
        return Verb.SPEND, "name: payment"
    if "run" in words and (
        words[0] == "run" or words[-1] == "run" or not any(word in table.nouns for word in words[: words.index("run")])
    ):
        after = words[words.index("run") + 1 :]
        if "select" in after or "readonly" in after:
            return Verb.READ, "name: run + select"
        code = next((word for word in after if word in table.objects[Verb.EXECUTE]), "")
        if code:
            return Verb.EXECUTE, f"name: runs code (run + {code})"
        job = next((word for word in after if word in table.jobs), "")
        if job or words[-1] == "run" or "query" in after:
            return Verb.EXECUTE, f"name: run + {job or ' '.join(after)}".rstrip(" +")
        return Verb.EXECUTE, "name: run (may be a noun)"
    ends = [words[0], words[-1]] if words else []
    if (
        words[1:2] != ["to"]
        and ends
        and table.nouns.get(words[0]) in (Verb.SEND, Verb.SPEND)
        and words[-1] in table.nouns
    ):
        ends.reverse()
    for word in [*ends, *words]:
        verb = table.nouns.get(word, Verb.UNKNOWN)
        if verb is Verb.READ or (verb is not Verb.UNKNOWN and word in ends):
            return verb, f"name: {word}" + ("" if verb is Verb.EXECUTE else " (may be a noun)")
    return Verb.UNKNOWN, ""


def _by_text(text: str) -> tuple[Verb, str]:
    if not text.strip():
        return Verb.UNKNOWN, ""
    for verb, kind, rule in (
        (Verb.EXECUTE, "executes", "runs code or starts a job"),
        (Verb.SPEND, "spends", "spends"),
        (Verb.SEND, "sends", "sends"),
    ):
        found = says(kind, text)
        if found and _is_done(text, found.start()):
            return verb, f"description: {rule} ({' '.join(found.group(0).lower().split())[:40]})"
    several = says("several_changes", text)
    if (several and _is_done(text, several.start())) or says("changes", text):
        return Verb.WRITE, "description: changes or stores"
    first = re.search(r"[A-Za-z]+(?:-[a-z]+)?", phrases()["lead"].sub("", text)[:80])
    word = first.group().lower() if first else ""
    verb = _lemma(word)
    if verb in (Verb.READ, Verb.WRITE, Verb.SPEND):  # of what is sent the object decides: SENDS
        return verb, f"description begins with {word}"
    return Verb.UNKNOWN, ""


def _is_done(text: str, at: int) -> bool:
    """False where a phrase is denied, or where its sentence reads what others did: `List the messages sent …`, `Get the
    status of a running job`."""
    sentence = re.split(r"[.!?\n]", text[:at])[-1]
    first = re.search(r"[A-Za-z]+", phrases()["lead"].sub("", sentence) if len(sentence) < 200 else sentence)
    looked_at = first is not None and _lemma(first[0].lower()) is Verb.READ
    acts_too = re.search(r"\b(?:and|then|or)\s+(?:\w+\s+)?$|[,;:(]\s*(?:and |then )?$", sentence)
    return not says("denied", text[max(0, at - 40) : at].lower()) and (not looked_at or acts_too is not None)


def _lemma(word: str) -> Verb:
    """The class of a verb in any of its forms."""
    table = _table()
    suffixes = ("s", "es", "ing", "ed", "d")
    stems = [word.removesuffix(end) for end in suffixes if word.endswith(end) and len(word) > len(end) + 2]
    candidates = [
        form for stem in stems for form in (stem, stem + "e", stem[:-1] if stem[-1:] == stem[-2:-1] else stem)
    ]
    candidates += [word[:-3] + "y", word] if word.endswith(("ies", "ied")) else [word]
    sure = (table.sure[candidate] for candidate in candidates if candidate in table.sure)
    nouns = (table.nouns[candidate] for candidate in candidates if candidate in table.nouns)
    return next(chain(sure, (verb for verb in nouns if verb in (Verb.READ, Verb.WRITE))), Verb.UNKNOWN)
