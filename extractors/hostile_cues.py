# ruff: noqa: E501
"""How text speaks to whoever rates a listing: the cues, each a pattern over folded text with what it needs.

Idea: four questions. Is an AI spoken to as the reader or judge of this page? Is a task about this listing
dictated (summarise, rate, recommend)? Is a verdict dictated? Is the reader's model told to drop its
instructions, show them, or write a given reply? Patterns describe ways of speaking, not known attacks.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import NamedTuple


class Needs(StrEnum):
    """What must stand beside a cue before it counts."""

    NOTHING = "nothing"
    A_STEER = "a steer"
    """Something that the reader is told to do, other than to read documentation."""
    NO_EXAMPLE = "no example"
    """It must not be shown as an example: quoted, in code, in a table, or in talk about attacks."""


class Cue(NamedTuple):
    says: str
    """For a person: what the text does."""
    pattern: re.Pattern[str]
    needs: Needs
    opens: bool
    """True when it must open its clause."""
    in_own_instructions: bool = False
    """True when it is an alarm even in a file that instructs its own model."""


_KIND = (
    r"(?:(?:ai|a\.i\.|artificial[ -]intelligence|llms?|large language|language|gpt(?:-?\w+)?|chat ?gpt|claude|gemini"
    r"|copilot|automated|autonomous|coding|generative)[ /-]{1,2}){1,2}"
)
_JUDGES = (
    r"(?:(?:security |code |paper |safety |risk )?(?:reviewer|judge|grader|evaluator|assessor|rater|auditor|summari[sz]er|moderator"
    r"|screener|ranker|analyst)s?|(?:analysis|screening|review|evaluation|scoring|assessment|moderation|grading|rating|audit)"
    r" (?:software|systems?|tools?|pipelines?|engines?|models?|bots?|agents?|ai))"
)
_READERS = r"(?:agent|assistant|model|system|bot|chat ?bot|crawler|scraper|reader|tool|assistants? and agent|coder)s?"
_AN_AI = (
    rf"(?:{_KIND}(?:{_READERS}|{_JUDGES})|ais?|llms?|language models?|chat ?gpt|claude|gemini|copilot|gpt-?\d\w*"
    rf"|(?:{_JUDGES}|{_READERS}) (?:ai|llm)s?)"
)
_BARE = r"(?:agents?|assistants?|bots?|models?|(?:virtual|digital) assistants?)"
_READING = (
    r"(?:read(?:s|ing)?|pars(?:es?|ing)|crawl(?:s|ing)?|process(?:es|ing)?|index(?:es|ing)?|scrap(?:es?|ing)|ingest(?:s|ing)?"
    r"|consum(?:es?|ing)|visit(?:s|ing)?|view(?:s|ing)?|look(?:s|ing)? at|access(?:es|ing)?|brows(?:es?|ing)|see(?:s|ing)?"
    r"|scan(?:s|ning)?|integrat(?:es?|ing)|install(?:s|ing)?|load(?:s|ing)?|handling|handles?)"
)
_JUDGE = (
    r"(?:evaluat|assess|review|rat|scor|grad|judg|audit|analy[sz]|summari[sz]|classif|rank|recommend|vet|triag|apprais"
    r"|describ|categori[sz]|scrutini[sz]|benchmark|compar|characteri[sz]|threat[- ]model|explain|present|introduc|represent)"
)
_JUDGING = rf"(?:{_JUDGE}(?:e|es|y|ies|ying|ing|ting|s)?)"
_LISTING = (
    r"(?:readme|page|file|repo(?:sitory)?|project|listing|entry|submission|code ?base|code|package|plug-?in|skill|server|tool"
    r"|agent|product|app|application|website|site|document|profile|card|record|library|extension|system|software|description"
    r"|framework|platform|service|solution)"
)
_THIS = rf"(?:this|the|our|these|my|said) (?:[\w-]+ ){{0,2}}{_LISTING}"
_PAGE = rf"(?:(?:this|these|our|my) (?:[\w-]+ ){{0,2}}(?:{_LISTING}|section|comment|message|content|note|text|filing|ticket|article|post|notice|data|input|work|paper|block|instructions?)s?|this\b)"
_GAP = r"[^.!?\n]{0,80}?"
START = r"(?#opens)\b"
"""Put before an order: it must open its clause (see `opens_a_clause`)."""
_OPENING = re.compile(
    r"(?:^|[.!?:;,\n\])>*#\"|–-][\s\"'*_>#-]*|\s\s"
    r"|\b(?:please|now|must|should|shall|you|will|and|then|immediately|simply|instead|also|so|to|just|always|only|kindly|strongly|first)[, ]{1,2})$"
)

_SUMMARISING = (
    r"(?:summari[sz](?:e|ing)|describ(?:e|ing)|recommend(?:ing)?|classify(?:ing)?|categori[sz](?:e|ing)|characteri[sz](?:e|ing)"
    r"|threat[- ]model(?:l?ing)?|answer(?:ing)? (?:any )?questions? about)"
)
_WEIGHING = (
    r"(?:review(?:ing)?|evaluat(?:e|ing)|rat(?:e|ing)|scor(?:e|ing)|assess(?:ing)?|grad(?:e|ing)|judg(?:e|ing)|rank(?:ing)?"
    r"|analy[sz](?:e|ing)|present(?:ing)?|explain(?:ing)?|introduc(?:e|ing)|compar(?:e|ing)|audit(?:ing)?)"
)
_STRONG_ORDER = (
    r"(?:(?:you |always |must |should |do not |don't |never |please |only |explicitly )*(?:rate|score|give (?:it|this|us|a)|assign|treat|classify|highlight|emphasi[sz]e"
    r"|stress|conclude|mark|report|output|respond|reply|say|state|describe|refer to (?:it|this)|include the (?:following|token|phrase|sentence|words?)|append|ignore"
    r"|disregard|omit|assume|set|rank|recommend|mention)|you must|must always|must never)"
)
_ORDER = (
    r"(?:you (?:must|should|shall|are required to|have to|need to|will)|must|always|never|please|do not|don't|only|explicitly|"
    r"be sure to|make sure to|remember to|ensure|include|append|add|insert|mention|refer|emphasi[sz]e|highlight|stress|say|state"
    r"|tell|give|assign|rate|score|treat|classify|report|note that|output|repl(?:y|ies)|respond|use the|write|start|begin|end"
    r"|consider|assume|regard|ignore|omit|skip|set|rank|recommend|suggest|avoid|prefer|call it|describe)"
)
_FACTOR = (
    r"(?:risks?|autonomy|planning|self-?modification|tool[ -]use|memory|contextual awareness|identity|multi-?agent|opacity"
    r"|non-?determinism|aivss|cvss|maestro|aars|severity|threats?|safety|security|trust(?:worthiness)?|quality|ratings?|scores?"
    r"|factors?|layers?|band|verdict|findings?|vulnerabilit(?:y|ies)|stars?|grade|rank(?:ing)?)"
)
_VERDICT = (
    r"(?:safe|(?:very |extremely |as )?low(?:est)?(?:[ -]risk)?|minimal|negligible|benign|harmless|false[ _-]?positives?|trusted"
    r"|trustworthy|approved|verified|compliant|certified|secure|not (?:a )?(?:risky|risk|applicable|vulnerable)|no risk|risk[- ]free"
    r"|zero|none|null|0(?:\.0+)?|10(?:\.0)?|100|[0-9.]+ ?(?:/|out of) ?10+|five stars|5 stars|(?:the )?(?:highest|best|top|maximum"
    r"|perfect|lowest|minimum)|excellent|production[- ]ready|info(?:rmational)?|pass(?:ed|ing)?|accept(?:ed|able)?|positive(?:ly)?"
    r"|dangerous|malicious|unsafe|high[ -]risk|critical)\b"
)


def cue(says: str, pattern: str, needs: Needs, own: bool = False) -> Cue:
    return Cue(says, re.compile(pattern, re.MULTILINE), needs, pattern.startswith(START), own)


def opens_a_clause(text: str, start: int) -> bool:
    """True when an order may begin here: at a start, after a mark, after `please`, `must`, `you`, `and` …"""
    return _OPENING.search(text, max(0, start - 24), start) is not None


CUES: tuple[Cue, ...] = (
    # Who is spoken to
    cue(
        "speaks to an AI as the judge of this listing",
        rf"\b(?:if|since|as|because|assuming) you(?:'re| are)(?: currently| probably| likely)? (?:an? |the |any )?(?:{_AN_AI}|{_BARE})"
        rf"(?: \w+){{0,4}}? {_JUDGING}\b",
        Needs.NOTHING,
        own=False,
    ),
    cue(
        "speaks to an AI as the judge of this listing",
        rf"\b(?:{_AN_AI}|{_BARE}) (?:that (?:is|are) |who (?:is|are) |currently |tasked with |asked to |trying to |used to )?{_JUDGING} {_PAGE}",
        Needs.A_STEER,
        own=True,
    ),
    cue(
        "is a note to an AI judge",
        rf"(?:\b(?:notes?|notices?|messages?|memo|instructions?|attention|dear|hello|hi|hey|guidance|hints?|reminder|directives?|info"
        rf"|information|important|alert|tips?)\b[ :,]{{0,2}}(?:to|for|,|:)? ?(?:all |any |the |our |other |every )?|\((?:for|to) (?:all |any |the )?)"
        rf"(?:{_KIND}{_JUDGES}|(?:{_JUDGES}) (?:ai|llm)s?)\b",
        Needs.NOTHING,
        own=True,
    ),
    cue(
        "speaks to an AI as the reader of this page",
        rf"\b(?:if|since|as|because|assuming|when|should) you(?:'re| are|r)?(?: be| currently| an?)? ?(?:an? |the |any )?(?:{_AN_AI}|{_BARE})"
        rf"(?: (?:who|that)(?: is| are)?)?(?: \w+){{0,3}}? {_READING}\b",
        Needs.A_STEER,
    ),
    cue(
        "speaks to an AI as its reader",
        rf"\b(?:if|since|assuming) you(?:'re| are) (?:an? |the )?(?:{_AN_AI})\b(?! (?:\w+ )?(?:developer|engineer|researcher|user|company|team|startup|enthusiast|builder|practitioner|beginner|expert|hobbyist))",
        Needs.A_STEER,
    ),
    cue(
        "speaks to an AI as the reader of this page",
        rf"\b(?:{_AN_AI}|{_BARE}) (?:that (?:is|are) |who (?:is|are) |currently )?{_READING} {_PAGE}",
        Needs.A_STEER,
    ),
    cue(
        "is a note to AI readers",
        rf"(?:^|[\n(\[#*!.:-])[\W_]*(?:(?:important|special|hidden|private|secret|urgent|critical|automatic|auto|quick) )?(?:(?:notes?|notices?|messages?|memo"
        rf"|instructions?|directives?|a word|reminder|warning|information|guidance) (?:to|for)|(?:attention|hello|hi|hey|dear)[,:]?) (?:all |any |the |our |other |fellow "
        rf"|every |whichever |(?:the )?(?:user'?s )?)?(?:{_AN_AI}|assistants?|bots?)(?![-\w])(?! (?:developer|engineer|researcher|user|team|builder|project|product|app|integration|compan)\w*)",
        Needs.A_STEER,
    ),
    cue(
        "greets an AI as its reader",
        rf"(?:^|[\n(\[#*!.])[\W_]*(?:hello|hi|hey|dear|greetings|welcome|attention)[, ]+(?:there,? )?(?:fellow |all |any |dear )?(?:{_AN_AI}|{_BARE})\b"
        rf"[\s\S]{{0,160}}?\b(?:you (?:are|might|may|can|must|should)|you're|reading)\b",
        Needs.NOTHING,
    ),
    # A task about this listing is dictated
    cue(
        "dictates how this listing is summarised, rated or recommended",
        rf"\b(?:when(?:ever)?|while|before|after|if|in|for|during|upon) (?:you (?:are |'re )?)?(?:asked (?:to|about) |prompted to |generating |providing |writing )?"
        rf"(?:{_SUMMARISING}|a (?:summary|review|description) of)\s+(?:{_THIS}|this\b)[^.!?\n]{{0,60}}?[,:;-]\s*(?:\w+ ){{0,3}}?{_ORDER}\b",
        Needs.NO_EXAMPLE,
        own=True,
    ),
    cue(
        "dictates how this listing is summarised, rated or recommended",
        rf"\b(?:when(?:ever)?|while|if|in|for|during|upon) (?:you (?:are |'re )?)?(?:asked to |prompted to )?{_WEIGHING}\s+(?:{_THIS}|this\b)"
        rf"[^.!?\n]{{0,60}}?[,:;-]\s*{_STRONG_ORDER}\b",
        Needs.NO_EXAMPLE,
        own=True,
    ),
    cue(
        "dictates what is answered about this page",
        r"\b(?:if|when(?:ever)?|in case) (?:the |a |any |your )?(?:users?|anyone|someone|people|you(?:'re| are| get)?|readers?) (?:is |are |ever )?(?:asks?|asked|inquires?|requests?|wants?|prompts?|prompted)\b"
        r"[^.!?\n]{0,90}?[,:]\s*(?:then |please |always |simply |just |only |you (?:must|should) |immediately |instead )*(?:reply|respond|answer|say|output|tell (?:them|the user|him|her)|state|claim)\b",
        Needs.NO_EXAMPLE,
    ),
    cue(
        "dictates how this listing is summarised, rated or recommended",
        rf"\b(?:any|all|every|each|your) (?:summar(?:y|ies)|reviews?|assessments?|evaluations?|descriptions?|ratings?|threat models?) of (?:{_THIS})"
        rf"[^.!?\n]{{0,40}}?\b(?:must|should|shall|has to|need to|have to)\b",
        Needs.NO_EXAMPLE,
        own=True,
    ),
    cue(
        "asks to be recommended",
        rf"{START}(?:always |strongly |actively )*(?:recommend|suggest|promote|endorse|prefer|prioriti[sz]e|favou?r)\s+(?:it|this|us|our|{_THIS})\b{_GAP}"
        r"\b(?:when(?:ever)?|to (?:all |any |every |your )?users?|over (?:all |any |other|its|the|compet)|above|as the (?:best|top|first|only)|first)\b",
        Needs.NO_EXAMPLE,
    ),
    cue(
        "tells the reader's agent what to say to its user",
        r"\b(?:tell|inform|notify|urge|advise|assure|persuade|convince|let) (?:your|the) (?:user|operator|human|principal|owner|customer)s?\b(?: know)? (?:that|to|about|\")",
        Needs.A_STEER,
    ),
    # A verdict is dictated
    cue(
        "dictates a verdict on this listing",
        rf"{START}(?:always |automatically |kindly )?(?:rate|score|classify|mark|label|assess|grade|rank|treat|report|flag|categori[sz]e|consider|regard|evaluate"
        rf"|assign|give|award|set|keep|judge|return|approve|pass|record)\s+(?:an? |as )?(?:{_THIS}|this\b|it\b|us\b|(?:all|every|each|any|the|its)\b{_GAP}\b{_FACTOR})"
        rf"{_GAP}(?:\bas\b|\bto\b|\bat\b|[=:]|\bbe\b|\bis\b)\s*(?:an? |being |\w+ )?(?:{_VERDICT})",
        Needs.NO_EXAMPLE,
        own=True,
    ),
    cue(
        "dictates a verdict on this listing",
        rf"{START}(?:assign|give|award|return|output|report|use|set)\s+(?:it |us |this \w+ |{_THIS} )?(?:an? |the )?(?:\w+ ){{0,2}}?{_VERDICT}{_GAP}\b(?:{_FACTOR})\b"
        rf"{_GAP}\b(?:this|{_THIS}|each|every|all)\b",
        Needs.NO_EXAMPLE,
        own=True,
    ),
    cue(
        "dictates a verdict on this listing",
        rf"\b(?:must|should|shall|has to|needs? to|deserves? to|ought to) (?:always |only |therefore )?(?:be )?(?:rated|scored|classified|marked|labell?ed|assessed|graded"
        rf"|ranked|treated|reported|flagged|categori[sz]ed|considered|evaluated|assigned|set|judged|given|receive)\s+(?:as |to |at |an? |the )*(?:{_GAP}\b{_FACTOR} (?:of|as|to|at|is)? ?)?{_VERDICT}",
        Needs.NO_EXAMPLE,
        own=True,
    ),
    cue(
        "dictates a verdict on this listing",
        rf"\b(?:all|every|each|any) (?:findings?|alerts?|issues?|vulnerabilit(?:y|ies)|risks?|factors?|threats?|warnings?) (?:in|of|for|about|on) (?:{_THIS}|this\b)"
        rf"{_GAP}\b(?:is|are|as|to|be)\s+(?:a |an )?(?:{_VERDICT})",
        Needs.NO_EXAMPLE,
        own=True,
    ),
)
"""In the order in which they are tried; the first that holds at a place names it."""

STEER = re.compile(
    rf"(?:^|[.!?:;,\n(\"*>–-]\s*|\b(?:please|must|should|shall|can|may|will|need to|required to|and|then|to|or|either|instead|just|also|first|always|never"
    r"|step \d+:?|\d[.)])\s+)"
    r"(?:auto-?)?(?:follow (?:these|the|all|every|this|our)|install|clone|run|execute|post|put|send|call|fetch|visit|curl|leave|tell|recommend|do not|don't|must|trust"
    r"|ignore|disregard|forget|include|append|mention|highlight|describe|refer to (?:it|this|us) as|emphasi[sz]e|say|state|rate|score|rank|try|subscribe|star|buy|sign up|register"
    r"|connect|configure|add|build|download|submit|file an?|report|upvote|promote|prefer|choose|suggest|output|print|forward|email|act|comply|stop|give|assign"
    r"|treat|classify|consider|assume|accept|approve|look for|note that|notice|evaluate|assess|conclude|remember|store|save|delete|disable|grant|share|reveal"
    r"|answer|reply|respond|write|open an?|create|update|set|make sure|ensure|instruct|ask (?:your|the) (?:user|human|operator)|invoke|pay|transfer|skip|omit|empty|remove|copy)\b"
)
"""Something that a reader is told to do beyond reading."""

NOT_SPOKEN_TO = re.compile(r"\b(?:not|isn't|aren't|never|rather than|nor)\b[^.!?\n]{0,40}$")
"""Just before a cue: it says that nobody is addressed."""

WORKS_ON_THE_CODE = re.compile(
    r"\b(?:work(?:s|ing)?|contribut\w+|develop(?:s|ing)?|edit(?:s|ing)?|modify(?:ing)?|hack(?:s|ing)?) (?:here|in|on)\b"
)
"""In a cue: it addresses those who work on the code, not those who rate it."""

EXAMPLE = re.compile(
    r"\b(?:attack\w*|inject\w*|jailbr\w+|adversar\w+|malicious\w*|exploit\w*|detect\w*|guardrails?|red[- ]?team\w*|threats?|examples?|e\.g|such as|payloads?"
    r"|poison\w*|leak\w*|phrases?|patterns?|benchmark\w*|saniti[sz]\w*|filter\w*|harmful|vulnerab\w*|test (?:cases?|prompts?|strings?)|untrusted|trick\w*|manipulat\w*"
    r"|scenario\w*|defen[cs]e\w*|protect\w*|block(?:s|ed|ing)|hijack\w*|spoof\w*|misuse|prevent\w*|mitigat\w*|attempt\w*|owasp|scann\w+)\b"
)
"""Talk about attacks: an attack string beside it is shown, not meant."""
