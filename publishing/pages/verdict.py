"""The verdict of a record: what it is, what a hijack of it could do, in the product's own nouns.

Idea: the assessor's summary says it best; where none was kept, tools and quoted facts say it. The level of risk is the
headline's word alone, so a summary's own word for it is cut out. Invariants: a pure function of the record; a name, a
tool or a quote in it stands in the record; no product without such nouns gets an ending that fits another.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from publishing.pages.escaping import clip, plain
from scoring.claims import Extraction
from scoring.labels import CALLS, KINDS
from scoring.record import PublishedRecord
from scoring.tools.inventory import Verb, tools_of
from scoring.vocabulary import ExposureFact

COMPOSED = "of seven layers are not certain from the listing."
"""How every summary ends that was composed of counts because no assessor's own could be kept."""

_LEVEL = (
    r"(?:very |rather |fairly |relatively |notably )?"
    r"(?:low|minimal|limited|moderate|medium|notable|elevated|significant|considerable|high|severe|critical)"
)
_LEVELS = rf"{_LEVEL}(?:(?: to |-to-| or |/){_LEVEL})?"
_BECAUSE = r"(?:,? (?:because|since|as|where|when|if|while|though|although|but)\b|:|;|,)"
_CLAUSE = re.compile(
    rf"(?:(?:the|its|its own|overall|how) ){{0,2}}risk(?: factors| profile| level)?\b[^.;:]{{0,80}}?\b"
    rf"(?:is|are|remains?|seems|rated|stays)(?: rated| judged| considered| scored| as)?\s{_LEVELS}\b"
    rf"[^.;:,]{{0,60}}?(?:{_BECAUSE}\s*|(?=[.]|$))",
    re.IGNORECASE,
)
_BEFORE_RISK = re.compile(rf"\b(an? )?{_LEVELS}((?:[ -][a-z]+){{0,2}}[ -]risks?)\b", re.IGNORECASE)
_SENTENCE_END = re.compile(r"(?<=[.!?]) (?=[A-Z0-9“\"'])")

_HARMS: tuple[tuple[ExposureFact, str, Verb, str], ...] = (
    (ExposureFact.EXECUTES, "arbitrary_code", Verb.EXECUTE, "run any code or command"),
    (ExposureFact.SPENDS, "broad", Verb.SPEND, "spend money or infrastructure at large"),
    (ExposureFact.CHANGES, "broad", Verb.WRITE, "change many connected systems"),
    (ExposureFact.READS, "secrets_or_all", Verb.READ, "read secrets or all of its user's data"),
    (ExposureFact.WRITES, "broad", Verb.WRITE, "overwrite its user's files or records"),
    (ExposureFact.EXECUTES, "fixed_commands", Verb.EXECUTE, "start its prepared commands"),
    (ExposureFact.SPENDS, "scoped", Verb.SPEND, "use up money or quota"),
    (ExposureFact.CHANGES, "scoped", Verb.WRITE, "change connected systems"),
    (ExposureFact.REACHES, "broad", Verb.READ, "read many connected systems"),
    (ExposureFact.WRITES, "limited", Verb.WRITE, "change what it keeps or drafts for its user"),
    (ExposureFact.REACHES, "scoped", Verb.READ, "read connected systems"),
    (ExposureFact.READS, "limited", Verb.READ, "read what its user hands over"),
)
"""What a hijack could do by each known fact, gravest first, and the class of tools that says the same."""

MOST_HARMS = 3
MOST_CHARACTERS = 2_000
"""Of a summary; the JSON has it whole."""


class Verdict(NamedTuple):
    text: str
    """One to three sentences, without the band's word."""
    reason: str
    """One line for lists."""


def verdict(record: PublishedRecord) -> Verdict:
    """What a reader needs first. A summary that somebody wrote is kept but for its word for the level of risk."""
    extraction = record.extraction
    band = record.assessment.headline.severity
    own = clip(extraction.summary.text, MOST_CHARACTERS)
    if not own.endswith(COMPOSED):
        sentences = [said for part in _SENTENCE_END.split(plain(own)) if (said := _levelled(part, band and str(band)))]
        if sentences:
            return Verdict(
                " ".join(sentences), clip(sentences[min(1, len(sentences) - 1)].partition(";")[0].rstrip("."), 110)
            )
    about = f"{clip(plain(extraction.name), 60)} is {_article(KINDS[extraction.kind])}"
    quote = f": “{clip(_sentence(evidence[0].quote), 160)}”" if (evidence := extraction.summary.evidence) else ""
    harms = list(_harms(extraction, quote))[:MOST_HARMS]
    if not harms:
        silent = "Its tools and the data it touches are not known"
        return Verdict(
            f"{silent}. {about}{quote or '; no sentence of its pages was recognised'}.", clip(f"{silent}{quote}", 110)
        )
    *most, last = (harm for harm, _ in harms)
    could = f"A hijack could {', '.join(most)}{' and ' if most else ''}{last}"
    named = any(own for _, own in harms)
    return Verdict(f"{about}{quote}. {could}." if named else f"{could}. {about}{quote}.", clip(could, 110))


def _levelled(sentence: str, band: str | None) -> str:
    """The sentence without its own word for the level of risk: the clause goes, an adjective becomes the band's."""
    rest = _CLAUSE.sub("", sentence)
    word = f"{band.lower()}" if band else ""

    def replaced(found: re.Match[str]) -> str:
        article = (("an " if word[:1] in "aeiou" else "a ") if word else "a ") if found[1] else ""
        return f"{article}{word}{found[2] if word else found[2].lstrip(' -')}"

    rest = _BEFORE_RISK.sub(replaced, rest).strip(" ,;:")
    if len(rest.split()) < 3:
        return ""
    return rest if sentence.startswith(rest[:1]) else rest[0].upper() + rest[1:]


def _harms(extraction: Extraction, quoted: str) -> Iterator[tuple[str, bool]]:
    """`run code or jobs (run_sql, …)`, then `change connected systems (“Create issues …”)`, gravest first, one for each
    class of tools; and whether it holds a name or quote of its own."""
    verbs_named: set[Verb] = set()
    for verb, call in CALLS.items():
        tools = (tool for tool in tools_of(extraction.inventory) if tool.verb is verb and tool.evidence)
        names = [clip(plain(tool.name), 40) for tool in tools]
        if names and verb is not Verb.UNKNOWN:
            verbs_named.add(verb)
            more = f" and {len(names) - 3} more" if len(names) > 3 else ""
            yield f"{call} ({', '.join(names[:3])}{more})", True
    for fact, value, verb, harm in _HARMS:
        claim = extraction.fact(fact)
        if claim.value != value or verb in verbs_named:
            continue
        verbs_named.add(verb)
        quote = clip(_sentence(claim.evidence[0].quote), 110)
        new = quote.rstrip("…") not in quoted
        quoted += quote
        yield (f"{harm} (“{quote}”)" if new else harm), new


def _sentence(quote: str) -> str:
    """A quote as it may stand inside another sentence."""
    return plain(quote).removeprefix("description: ").strip(" .-*#").replace("“", "‘").replace("”", "’")


def _article(kind: str) -> str:
    kind = kind if kind[:2].isupper() else kind.lower()
    return f"an {kind}" if kind[0] in "aeiouM" else f"a {kind}"
