"""What one call of a tool does at worst: read, write, execute, send or spend, with the rule that says so.

Idea: the name's own verb counts, with what it is done to; the description decides where the name does not, and where
it plainly says something graver. A harmless description takes a grave name back only where it says how: read-only, a
`SELECT`, a preview. Invariants: pure; every answer but `unknown` names its rule; a contradiction is told, not settled
in silence.
"""

from __future__ import annotations

import re
import tomllib
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import NamedTuple

TABLE = Path(__file__).parents[2] / "data/tools/verbs.toml"
_WORDS = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|\d+")
_NOISE = re.compile(r"(?:v|v?\d+|mcp|tool|api)", re.IGNORECASE)
_LEAD = re.compile(
    r"^(?:\W+|(?:this|the) (?:tool|function|action|endpoint)(?: (?:is used to|can be used to|allows? (?:you"
    r"|users?|agents?|the (?:user|agent|model)) to|lets you|will))?\s"
    r"|(?:a |an )?(?:tool|function|utility|helper|command)s? (?:to|for|that|which)\s|allows? (?:you|users?"
    r"|agents?|the \w+|for)?\s*(?:to\s)?|(?:can be )?used to\s"
    r"|use this (?:tool )?(?:to|when you (?:need|want) to|for)\s|(?:enables?|lets?|helps?) (?:you|users?"
    r"|agents?)? ?(?:to\s)?|\[[^\]]{0,40}\]\s|\([^)]{0,40}\)\s"
    r"|(?:asynchronously|safely|quickly|easily|directly|automatically|programmatically|simply|bulk|batch)\s)+",
    re.IGNORECASE,
)
_CODE = (
    r"(?:sql|code|commands?|scripts?|javascript|typescript|python|shell|bash|powershell|kubectl|cypher"
    r"|programs?|luau?|applescript|expressions?|jxa|cli commands?|terminal|statements?|ddl|dml|gremlin|groovy)"
)
_EXECUTES = re.compile(
    rf"\b(?:execut(?:e|es|ing)|run(?:s|ning)?|evaluat(?:e|es|ing)|eval|interpret(?:s)?)\s+(?:(?!and\b|or\b"
    rf"|to\b|on\b|in\b|against\b|math|arithmetic|regex|cron|xpath|numeric)[\w'`*/(),.-]+\s+){{0,5}}?[`'\"]?{_CODE}\b"
    rf"|\barbitrary\s+{_CODE}\b|\b{_CODE} execution\b|\b(?:trigger|start|launch|kick off|re-?run|retrigger"
    rf"|dispatch)(?:s|ing)?\s+(?:(?!and\b|or\b|to\b|on\b|in\b|of\b|for\b)[\w'`*-]+\s+){{0,4}}?"
    r"(?:workflow|pipeline|build|job|dag|playbook|ci run|workflow run|deployment run|test suite)s?\b",
    re.IGNORECASE,
)
_SPENDS = re.compile(
    r"\b(?:(?:purchas(?:e|es|ing)|buy(?:s|ing)?|refund(?:s|ing)?) (?:an?|the|new|items?|domains?|credits?"
    r"|products?|or|stocks?|tokens?|more)\b|pay(?:s|ing)? (?:for|an?|the|with|out)|charg(?:e|es|ing) (?:a|the"
    r"|an|your) (?:card|customer|account|payment|credit)"
    r"|(?:plac|creat|submit)(?:e|es|ing|s)? (?:an?|the|new|market|limit|a new)? ?(?:[\w-]+ )?(?:orders?"
    r"|payments?|payment links?|refunds?|charges?|payouts?|bookings?|trades?|checkout sessions?)\b"
    r"|(?:send|transfer)(?:s|ring|ing)? (?:funds|money|tokens|eth|sol|usdc|btc|crypto\w*|native|erc-?20)\b"
    r"|swap(?:s|ping)? (?:tokens?|crypto)"
    r"|incurs? (?:a )?(?:cost|charge|fee)s?|will be (?:billed|charged)|costs? money|complet(?:e|es"
    r"|ing) (?:the |a )?(?:purchase|payment|checkout)|book(?:s|ing)? (?:a|an|the) (?:flight|hotel|room|table"
    r"|ride|stay))\b",
    re.IGNORECASE,
)
_SENDS = re.compile(
    r"\b(?:send(?:s|ing)?|deliver(?:s|ing)?|broadcast(?:s|ing)?|forward(?:s|ing)?)\s+(?:(?!and\b|or\b|request"
    r"|quer|to\b|in\b)[\w'`*-]+\s+){0,4}?"
    r"(?:e-?mails?|mails?|messages?|sms|notifications?|tweets?|dms?|alerts? to|invitations?|texts?|replies"
    r"|reply|newsletter|faxe?s?)\b"
    r"|\bpost(?:s|ing)?\s+(?:(?!request)[\w'`*-]+\s+){0,3}?(?:messages?|tweets?|to (?:slack|twitter|x|linkedin"
    r"|a channel|the channel|discord|teams|mastodon|bluesky))\b"
    r"|\b(?:creat|publish)(?:e|es|ing)?\s+(?:a |an |the |new )*(?:public )?(?:status page post|tweet"
    r"|social media post|linkedin post|announcement)\b"
    r"|\bnotif(?:y|ies|ying)\s+(?:the |a |an |all |your )?(?:users?|people|team|channel|subscribers|customers"
    r"|owner)\b|\b(?:e-?mail|text|dm|tweet)s? (?:a|an|the|someone|people|users?)\b"
    r"|\bplay(?:s)? (?:a )?(?:sound|speech)|\bspeaks?\s+(?:the |a |some )?(?:given |provided )?(?:text"
    r"|message)|\bmake(?:s)? (?:a )?phone calls?\b",
    re.IGNORECASE,
)
_CHANGES = re.compile(
    r"\b(?:insert|update|delete|drop|alter)\b(?:,| and | or |/)\s*(?:insert|update|delete|drop|alter|create)\b"
    r"|\b(?:saves?|writes?|stores?) (?:it |them |the (?:result|output|image|file)s? )?(?:to|into|in) (?:a "
    r"|the )?(?:disk|file|path|local|database|output|specified|given|directory|workspace|memory)",
    re.IGNORECASE,
)
_ONLY_READS = re.compile(
    r"(?i)\bread[- ]?only (?:sql|quer|cypher|select|access|operation|transaction|command|statement|database"
    r"|mode|tool)|\bselect(?:[- ]only)? (?:quer|statement)|\bonly (?:select|read|supports select|allows select"
    r"|read-only)"
    r"|\bwithout (?:executing|running|sending|changing|modifying)|\bdoes not (?:execute|run|modify|change|send"
    r"|write)|\bdoesn't (?:execute|run|modify|send)|\bdry[- ]run (?:only|of)|^preview\b|\bquer\w+ \(?read[- ]only"
    r"|\bin (?:a )?read-only (?:mode|transaction)\b|\(read[- ]only\)|^read[- ]only\b"
)
_CONDITIONAL = re.compile(
    r"(?i)\b(?:when|if|unless|depending|in restricted mode|may be|limitations|can be (?:set|configured))\b"
)
_PLAIN_CHANGES = {
    "creates",
    "create",
    "deletes",
    "delete",
    "removes",
    "remove",
    "updates",
    "update",
    "modifies",
    "modify",
    "inserts",
    "insert",
    "overwrites",
    "overwrite",
    "drops",
    "drop",
    "destroys",
    "destroy",
    "uploads",
    "upload",
    "deploys",
    "deploy",
    "writes",
    "write",
    "edits",
    "edit",
    "purges",
    "resets",
    "sends",
    "send",
    "buys",
    "buy",
    "pays",
    "pay",
    "purchases",
    "purchase",
    "revokes",
    "grants",
    "installs",
    "install",
    "kills",
    "terminates",
}
"""First words of a description that change something, whatever the name says."""
_COSTS = re.compile(
    r"(?i)confirm_?cost|\bpayment_?method|\bmax_?price|\bcost_?id|\bbilling_?period"
    r"|\bamount\b[^}]{0,200}\bcurrency|\bcurrency\b[^}]{0,200}\bamount"
)


class Verb(StrEnum):
    """In the order of gravity, `unknown` apart."""

    UNKNOWN = "unknown"
    READ = "read"
    WRITE = "write"
    SEND = "send"
    SPEND = "spend"
    EXECUTE = "execute"


GRAVITY = {verb: number for number, verb in enumerate(Verb)}


class Judged(NamedTuple):
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


@cache
def _table() -> _Table:
    rows = tomllib.loads(TABLE.read_text(encoding="utf-8"))
    sure: dict[str, Verb] = {}
    nouns: dict[str, Verb] = {}
    objects: dict[Verb, frozenset[str]] = {}
    for name, row in rows.items():
        verb = Verb(name)
        sure |= dict.fromkeys(row["sure"], verb)
        nouns |= dict.fromkeys(row["also_nouns"], verb)
        objects[verb] = frozenset(row.get("objects", ()))
    return _Table(sure, nouns, objects, frozenset(rows["execute"]["jobs"]))


def words_of(name: str) -> list[str]:
    """`VPS_purchaseNewVirtualMachineV1` is vps, purchase, new, virtual, machine."""
    words = [word.lower() for word in _WORDS.findall(name)]
    return [word for word in words if not _NOISE.fullmatch(word)] or words


def judge(name: str, description: str = "", schema: str = "") -> Judged:
    """The class of one tool; `schema` is the text of its parameters as far as it is known."""
    words = words_of(name)
    by_name, name_rule = _by_name(words)
    text = description[:1_000]
    by_text, text_rule = _by_text(text)
    only_reads = _ONLY_READS.search(text) is not None and not _CONDITIONAL.search(text)
    if only_reads and by_name is not Verb.WRITE:
        clash = f"name: {by_name}; description: read only" if by_name in (Verb.SPEND, Verb.SEND) else ""
        return Judged(Verb.READ, "description: says that it only reads", clash)
    if by_name is Verb.UNKNOWN:
        verb, rule = by_text, text_rule
    elif (
        name_rule.endswith("+ select")
        and not re.search(r"(?i)\b(?:any|arbitrary|raw)\b", text)
        and not _CHANGES.search(text)
    ):
        verb, rule = by_name, name_rule  # the name limits what the description leaves open
    elif by_text is Verb.UNKNOWN or by_text is by_name:
        verb, rule = by_name, name_rule
    else:
        verb, rule = _weighed(words, by_name, name_rule, by_text, text_rule)
    if (
        verb in (Verb.WRITE, Verb.UNKNOWN)
        and _COSTS.search(schema)
        and not {"update", "delete", "cancel", "get", "list"} & set(words)
    ):
        verb, rule = Verb.SPEND, "schema: asks for a cost, a payment or an amount"
    differ = by_name is not Verb.UNKNOWN and by_text is not Verb.UNKNOWN and by_name is not by_text
    told = differ and Verb.READ in (by_name, by_text) and max(GRAVITY[by_name], GRAVITY[by_text]) >= GRAVITY[Verb.WRITE]
    return Judged(verb, rule, f"name: {by_name}; description: {by_text}" if told else "")


def _weighed(words: list[str], by_name: Verb, name_rule: str, by_text: Verb, text_rule: str) -> tuple[Verb, str]:
    """Name and description differ. A pattern of the description is sure; its first word alone only raises."""
    sure_text = not text_rule.startswith("description begins")
    if GRAVITY[by_text] > GRAVITY[by_name]:
        plain = sure_text or name_rule.endswith("(may be a noun)") or text_rule.rpartition(" ")[2] in _PLAIN_CHANGES
        return (by_text, text_rule) if plain and by_text is not by_name else (by_name, name_rule)
    if by_name is Verb.EXECUTE and by_text is Verb.READ and not name_rule.startswith("name: runs code"):
        return Verb.READ, text_rule
    if by_name in (Verb.SEND, Verb.SPEND) and name_rule.endswith("(may be a noun)"):
        return by_text, text_rule
    if by_name is Verb.WRITE and by_text is Verb.READ and name_rule.endswith("(may be a noun)"):
        return by_text, text_rule
    return by_name, name_rule


def _by_name(words: list[str]) -> tuple[Verb, str]:
    table = _table()
    present = set(words)
    first = next((word for word in words if word in table.sure), None)
    verbs = [(word, table.sure[word]) for word in words if word in table.sure]
    if first is None:
        return _by_noun(words)
    verb = table.sure[first]
    if (
        "run" in words[: words.index(first)]
        and set(words[words.index("run") :]) & (table.jobs | table.objects[Verb.EXECUTE])
        and verb is Verb.WRITE
    ):
        return _by_noun([word for word in words if word != first])
    if "or" in present and len(verbs) > 1:
        first, verb = max(verbs, key=lambda each: GRAVITY[each[1]])
    after = words[words.index(first) + 1 :]
    if verb is Verb.EXECUTE:
        return _executing(words, first, after)
    if verb is Verb.READ and words[0] in ("run", "rerun") and first in ("test", "check"):
        return Verb.EXECUTE, f"name: {words[0]} + {first}"
    if (
        verb is Verb.READ
        and words.index(first) > 0
        and words[0] in table.nouns
        and table.nouns[words[0]] is Verb.EXECUTE
        and words[0] == "run"
    ):
        return Verb.READ, f"name: run + {first}"
    if first == "checkout" and present & {"cart", "basket", "order", "session"}:
        return Verb.SPEND, "name: checkout"
    if (
        first in ("create", "place", "submit", "make", "process", "finalize", "new", "confirm", "start", "initiate")
        or verb is Verb.WRITE
    ):
        behind = after or words[: words.index(first)]
        last = behind[-1] if behind else ""
        tail = {last, "".join(behind[-2:])}
        if (
            first in ("create", "submit", "open", "start", "add", "register")
            and (tail & table.objects[Verb.SPEND])
            and not present & {"template", "draft"}
        ):
            return Verb.SPEND, f"name: {first} + {last}"
        if first in ("transfer", "move") and present & {
            "funds",
            "money",
            "tokens",
            "token",
            "eth",
            "sol",
            "usdc",
            "balance",
            "crypto",
            "nft",
        }:
            return Verb.SPEND, f"name: {first} + money"
        if (
            first in ("create", "publish", "submit")
            and (last in table.objects[Verb.SEND] or "postupdate" in tail)
            and present.isdisjoint({"draft", "template", "schedule"})
        ):
            return Verb.SEND, f"name: {first} + {last}"
        if first in ("start", "launch", "restart", "submit", "apply") and last in table.jobs - {
            "task",
            "tasks",
            "action",
            "build",
            "function",
        }:
            return Verb.EXECUTE, f"name: {first} + {last}"
    if first == "resolve" and present & {
        "incident",
        "alert",
        "issue",
        "thread",
        "conversation",
        "conflict",
        "comment",
        "ticket",
        "discussion",
    }:
        return Verb.WRITE, f"name: {first}"
    return verb, f"name: {first}"


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
    if {
        "make",
        "process",
        "place",
        "finalize",
        "confirm",
        "initiate",
        "capture",
        "handle",
    } & present and present & table.objects[Verb.SPEND]:
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
    if words[:2] == ["prompt", "user"] or words[:2] == ["ask", "user"]:
        return Verb.SEND, "name: prompt + user"
    ends = [words[0], words[-1]] if words else []
    if ends and table.nouns.get(words[0]) in (Verb.SEND, Verb.SPEND) and words[-1] in table.nouns:
        ends.reverse()
    for word in dict.fromkeys([*ends, *words]):
        if word in table.nouns:
            verb = table.nouns[word]
            if verb is Verb.EXECUTE and word not in (words[0], words[-1]):
                continue
            sure = verb is Verb.EXECUTE
            return verb, f"name: {word}" + ("" if sure else " (may be a noun)")
    return Verb.UNKNOWN, ""


def _by_text(text: str) -> tuple[Verb, str]:
    if not text.strip():
        return Verb.UNKNOWN, ""
    for verb, pattern, rule in (
        (Verb.EXECUTE, _EXECUTES, "runs code or starts a job"),
        (Verb.SPEND, _SPENDS, "spends"),
        (Verb.SEND, _SENDS, "sends"),
    ):
        found = pattern.search(text)
        if found and not _denied(text, found.start()) and not _is_looked_at(text, found.start()):
            return verb, f"description: {rule} ({' '.join(found.group(0).lower().split())[:40]})"
    if _CHANGES.search(text):
        return Verb.WRITE, "description: changes or stores"
    start = _LEAD.sub("", text)
    found_words = re.findall(r"[A-Za-z]+(?:-[a-z]+)?", start[:80])
    for word in found_words[:1]:
        verb = _lemma(word.lower())
        if verb in (Verb.READ, Verb.WRITE, Verb.SEND, Verb.SPEND):
            return verb, f"description begins with {word.lower()}"
    return Verb.UNKNOWN, ""


def _denied(text: str, at: int) -> bool:
    before = text[max(0, at - 40) : at].lower()
    return (
        re.search(
            r"\b(?:not|never|without|cannot|can't|don't|doesn't|before|after|instead of|avoid|to be|was|were"
            r"|been)\s+(?:\w+\s+){0,2}$",
            before,
        )
        is not None
    )


def _is_looked_at(text: str, at: int) -> bool:
    """`List the messages sent …`, `Get the status of a running job`: the sentence reads what others did."""
    sentence = re.split(r"[.!?\n]", text[:at])[-1]
    start = _LEAD.sub("", sentence) if len(sentence) < 200 else sentence
    words = re.findall(r"[A-Za-z]+", start)
    if not words:
        return False
    return (
        _lemma(words[0].lower()) is Verb.READ
        and re.search(r"\b(?:and|then|or)\s+(?:\w+\s+)?$|[,;:(]\s*(?:and |then )?$", sentence) is None
    )


def _lemma(word: str) -> Verb:
    """The class of a verb in any of its forms."""
    table = _table()
    candidates = []
    for suffix in ("s", "es", "ing", "ed", "d"):
        if word.endswith(suffix) and len(word) > len(suffix) + 2:
            stem = word[: -len(suffix)]
            candidates += [stem, stem + "e", stem[:-1] if stem[-1:] == stem[-2:-1] else stem]
    if word.endswith(("ies", "ied")):
        candidates.append(word[:-3] + "y")
    candidates.append(word)
    for candidate in candidates:
        if candidate in table.sure:
            return table.sure[candidate]
    for candidate in candidates:
        if candidate in table.nouns and table.nouns[candidate] in (Verb.READ, Verb.WRITE):
            return table.nouns[candidate]
    return Verb.UNKNOWN
