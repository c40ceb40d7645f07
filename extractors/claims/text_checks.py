"""What may stay of a text that a model wrote: whether each of its facts is quoted and agrees with what was decided.

Idea: a sentence is about threats, about an absence, or about a fact; only a fact needs a quote. Facts are spoken of in
few ways, so a small table of phrases finds them. Invariants: a sentence that is none of the first two and quotes
nothing that is in the given evidence is not kept; what agrees contradicts no decided fact in the table's words.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache

from scoring.maestro.threat_catalogue import CATALOGUE
from scoring.maestro.threat_recognition import threats_named_in
from scoring.vocabulary import ExposureFact, MaestroLayer

_SENTENCE_END = re.compile(r"(?:(?<=[.!?])|(?<=[.!?][\"'”’)]))\s+(?=[\"'“‘(]?[A-Z0-9])")
_OPENING = re.compile(r"[“\"]|(?<!\w)['‘]")
_CLOSING = {"“": re.compile("”"), '"': re.compile('"'), "'": re.compile(r"['’](?!\w)")}
_THREAT = re.compile(
    r"\b(?:threats?|risks?|risky|attack\w*|adversar\w*|malicious\w*|compromis\w*|exploit\w*|vulnerab\w*|poison\w*|inject\w*"
    r"|exfiltrat\w*|leak\w*|tamper\w*|hijack\w*|escalat\w*|spoof\w*|impersonat\w*|abus\w*|misus\w*|exposes?|exposure)\b",
    re.IGNORECASE,
)
_ABSENCE = re.compile(
    r"\b(?:not|no|nor|never|nothing|neither|unclear|unknown|undisclosed|unspecified|undocumented|unstated)\b",
    re.IGNORECASE,
)
_OF_THE_PAGES = re.compile(
    r"\b(?:stat\w+|say|says|said|mention\w*|describ\w*|detail\w*|disclos\w*|specif\w*|evidence|clear|certain|pin\w*|nam\w+"
    r"|document\w*|public\w*|listing|pages?|assess\w*|unclear|unknown|undisclosed|unspecified|undocumented|unstated)\b",
    re.IGNORECASE,
)
_UNSEEN = ("Cf", "Cs", "Co", "Cn")
"""Categories of characters of which nothing stays, not even a space."""
_SPOKEN: tuple[tuple[ExposureFact, frozenset[str], re.Pattern[str]], ...] = tuple(
    (ExposureFact(fact), frozenset(values.split()), re.compile(pattern, re.IGNORECASE))
    for fact, values, pattern in (
        (
            "approval",
            "each_action",
            r"\b(?:asks? (?:a|the) (?:person|user|human)|asks? for (?:approval|confirmation|permission)|"
            r"(?:person|user|human)s? (?:must |has to |have to )?(?:approves?|confirms?|agrees?)|"
            r"approval (?:is required|for each)|human[- ]in[- ]the[- ]loop|confirmation (?:is required|before))",
        ),
        (
            "approval",
            "unattended",
            r"\b(?:unattended|without (?:asking|approval|confirmation|a person|human)|on its own schedule)\b",
        ),
        ("isolation", "sandbox", r"\b(?:sandbox(?:ed)?|isolated container|confined to a container)\b"),
        (
            "runs_at",
            "hosted",
            r"\b(?:is hosted|hosted (?:service|server|platform)|as a service|in the vendor's cloud)\b",
        ),
        ("runs_at", "local", r"\b(?:runs? locally|(?:on|from) (?:the|its|your) user'?s? (?:own )?machine)\b"),
        ("executes", "arbitrary_code", r"\b(?:arbitrary (?:code|commands)|any (?:code|command|shell command))\b"),
        ("executes", "fixed_commands arbitrary_code", r"\b(?:runs?|executes?) (?:\w+ )?(?:code|commands|scripts)\b"),
        ("executes", "nothing", r"\b(?:runs?|executes?) no (?:code|commands?)\b"),
        ("changes", "nothing", r"\b(?:changes nothing|read-only|only reads)\b"),
        ("spends", "scoped broad", r"\b(?:spends? money|moves? money|makes? payments?|issues? refunds?)\b"),
        ("spends", "nothing", r"\bspends nothing\b"),
        ("fed_by", "anyone", r"\b(?:anyone|anybody|strangers|the public) (?:can|may)\b"),
        ("control", "enforceable", r"\b(?:enforced|enforceable) control\b"),
    )
)


def clean(text: str) -> str:
    """One line of visible characters: no control, format or surrogate characters, single spaces."""
    replacements = {
        ord(c): c if c.isprintable() else "" if unicodedata.category(c) in _UNSEEN else " " for c in set(text)
    }
    return " ".join(text.translate(replacements).split())


def words(text: str) -> int:
    """Words as a reader counts them: runs of non-space with a letter or digit."""
    return sum(1 for run in text.split() if any(c.isalnum() for c in run))


def split(text: str) -> list[str]:
    """Sentences of a text in our own or a model's words; a full stop inside a quotation ends none."""
    inside = list(_quotations(text))
    ends = [m.span() for m in _SENTENCE_END.finditer(text) if not any(a < m.start() < b for a, b in inside)]
    starts = [0, *(stop for _, stop in ends)]
    stops = [*(start for start, _ in ends), len(text)]
    return [text[a:b] for a, b in zip(starts, stops, strict=True) if text[a:b].strip()]


def folded(text: str) -> str:
    """Words and numbers in lower case, one space apart."""
    return " ".join(re.findall(r"\w+", unicodedata.normalize("NFKC", text).casefold()))


def quoted_passages(text: str) -> list[str]:
    """What is between quotation marks; an apostrophe inside a word is none."""
    return [text[start + 1 : end - 1] for start, end in _quotations(text)]


def without_quotations(text: str) -> str:
    parts: list[str] = []
    at = 0
    for start, end in _quotations(text):
        parts += (text[at:start], " … ")
        at = end
    return "".join((*parts, text[at:]))


def _quotations(text: str) -> Iterator[tuple[int, int]]:
    """Spans of quotations with their marks, in one pass: a mark that nothing closes is looked for once."""
    at = 0
    unclosed: set[str] = set()
    while opened := _OPENING.search(text, at):
        start, mark = opened.start(), opened.group().replace("‘", "'")
        at = start + 1
        closed = None if mark in unclosed else _CLOSING[mark].search(text, at)
        if closed is None:
            unclosed.add(mark)
        elif closed.start() > at:
            at = closed.end()
            yield start, at


def of_threats(sentence: str) -> bool:
    return bool(_THREAT.search(sentence))


def of_absence(sentence: str) -> bool:
    """`The pages do not say …`, `X is not disclosed`: about what is said, not about the product."""
    return bool(_ABSENCE.search(sentence) and _OF_THE_PAGES.search(sentence))


def every_fact_quoted(text: str, evidence: Iterable[str]) -> bool:
    """At least one fact is quoted, all that is quoted is in the evidence, and the rest speaks of threats."""
    quotes = [f" {folded(clean(quote))} " for quote in evidence]
    cited = 0
    for sentence in split(text):
        passages = [folded(passage) for passage in quoted_passages(sentence)]
        if any(not passage or not any(f" {passage} " in quoted_text for quoted_text in quotes) for passage in passages):
            return False
        cited += len(passages)
        if not passages and not of_threats(sentence) and not of_absence(sentence):
            return False
    return cited > 0


def agrees(text: str, known: Mapping[ExposureFact, str]) -> bool:
    """True when every fact that the text speaks of is known to be as it says."""
    return all(known.get(fact) in values for fact, values, pattern in _SPOKEN if pattern.search(text))


@lru_cache(maxsize=256)  # most layers have a text of ours
def catalogue_threats(layer: MaestroLayer, offered: tuple[str, ...], text: str) -> tuple[str, ...]:
    """Ids of this layer or of no single layer: those offered by id or name, then those that the text names."""
    ids = [t for entry in offered for t in ((entry,) if entry in CATALOGUE else threats_named_in(entry, layer))]
    found = dict.fromkeys((*ids, *threats_named_in(text, layer)))
    return tuple(threat for threat in found if CATALOGUE[threat].layer in (layer, None))
