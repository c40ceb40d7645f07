"""Which sentences state an exposure fact of the product itself.

Idea: a CVSS base rests on these sentences, so a passing mention is not enough. A sentence counts when it stands
where the product is described, and, where an entry asks for it, when the product is its subject: named before the
words, `it`, `this server`, an imperative that opens a feature line, or the opening definition. Invariant: sample
files, personal stories, conditions, options among several and other subjects state nothing that lowers a score.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from extractors.lexical.cue_matching import found_at, matches, negated, of_another_from
from extractors.lexical.cue_tables import CUES, Pattern, pattern
from extractors.lexical.passages import MAIN_DOCUMENTS, OF_A_PART, Passage
from extractors.lexical.stemming import Word, stem, words
from extractors.pages.page_text import BlockKind, PageText
from scoring.cvss.exposure_defaults import DEFAULTS, LOCAL_FED_BY, PROTECTIONS
from scoring.errors import BadInput
from scoring.vocabulary import EXPOSURE_VALUES, AgentKind, ExposureFact

INTRODUCING = 1.5
"""Weight of the first sentences and of a description."""
SET_UP = 0.4
OPENING_WORDS = 2
"""So many words of a feature line may stand before the words that state the fact."""
SUBJECT_LENGTH = 8
_NO_PROSE = frozenset({BlockKind.HEADING, BlockKind.CODE, BlockKind.FACT})
_DESCRIBES = re.compile(r"^file:(?:listing\.txt|readme(?:[._-][\w-]+)?(?:\.\w+)?)$", re.IGNORECASE)
_SKILL_FILE = re.compile(r"(?:^|[/:])(?:skill|agent)\.md(?:\.txt)?$|commands?/", re.IGNORECASE)
_NOT_OF_THE_PRODUCT = re.compile(
    r"(?<!\.md)(?<!\.mdx)(?<!listing)(?<!llms)\.txt$|\.(?:ya?ml|toml|json|cfg|ini|example)$|"
    r"(?:^|[/:])(?:examples?|samples?|cookbook|fixtures|demos?)/|(?:^|[/:])(?:agents|claude|gemini|contributing|security|privacy|terms|legal|governance|"
    r"changelog|roadmap|faq)[\w.-]*$",
    re.IGNORECASE,
)


def _stems(text: str) -> frozenset[str]:
    return frozenset(stem(word) for word in text.split())


_PAST = re.compile(
    r"\b(?:started (?:out )?as|used to|originally|formerly|previously|no longer|deprecated)\b", re.IGNORECASE
)
_FLAG = re.compile(r"\A\W*?--\w")
_CODE = re.compile(r"```|>>>|\{'")
_STORY = _stems("i my me i'm i've")
_UNSURE = _stems("if may might could would optional optionally option either recommended consider suppose imagine soon")
_ONE_OF_SEVERAL = _stems("supports includes such like example sample instead here")
_IT = _stems("it itself we our")
_OURS = _stems("this the these our its all every")
_THING = _stems(
    "project server tool agent framework skill plugin app application library package product repository toolkit sdk "
    "platform extension integration assistant system service bot toolbox newest mcp"
)
_IS = _stems("is are was have has had can will")
_GENERIC = _stems("mcp server agent ai plugin skill official the for and tool app code api llm client")

Names = tuple[frozenset[str], ...]
"""Ways to name the product: stems that stand together."""


@dataclass(frozen=True)
class Entry:
    """One thing to be said, and the exposure values that follow from it."""

    id: str
    says: str
    gives: Mapping[ExposureFact, str]
    patterns: tuple[Pattern, ...]
    never: tuple[Pattern, ...]
    kinds: frozenset[AgentKind]
    itself: bool
    setup: bool
    lowers: bool
    """A value of it is safer than what silence gives."""
    protects: bool
    """A claim of safety: in what the product tells its own model it is a wish."""


@dataclass(frozen=True)
class Statement:
    entry: Entry
    passage: Passage
    itself: bool


@cache
def entries() -> tuple[Entry, ...]:
    """The table, checked on reading."""
    table = tomllib.loads((CUES / "5-exposure.toml").read_text(encoding="utf-8"))["exposure"]
    return tuple(_entry(each) for each in table)


def _entry(given: dict[str, object]) -> Entry:
    gives = {ExposureFact(key): str(value) for key, value in dict(given["gives"]).items()}  # type: ignore[call-overload]
    for fact, value in gives.items():
        if value not in EXPOSURE_VALUES[fact]:
            raise BadInput(f"{value!r} is no value of {fact}", subject=str(given["id"]), step="read the cue tables")

    def strings(name: str) -> list[str]:
        listed = given.get(name, [])
        return [str(item) for item in listed] if isinstance(listed, list) else []

    lowering = any(lowers(fact, value) for fact, value in gives.items())
    return Entry(
        id=str(given["id"]),
        says=str(given["says"]),
        gives=gives,
        patterns=tuple(pattern(cue) for cue in strings("cues")),
        never=tuple(pattern(cue) for cue in strings("never")),
        kinds=frozenset(AgentKind(kind) for kind in strings("kinds")) or frozenset(AgentKind),
        itself=bool(given.get("itself")) or lowering,
        lowers=lowering,
        setup=bool(given.get("setup", False)),
        protects=any(PROTECTIONS.get(fact) == value or value.startswith("nothing") for fact, value in gives.items()),
    )


def lowers(fact: ExposureFact, value: str) -> bool:
    """The value is safer than what the headline takes, for some product, when nothing is said."""
    silent = LOCAL_FED_BY.value if fact is ExposureFact.FED_BY else DEFAULTS[fact].value
    return EXPOSURE_VALUES[fact].index(value) < EXPOSURE_VALUES[fact].index(silent)


def statements(
    kind: AgentKind, name: str, documents: Sequence[PageText], passages: Iterable[Passage]
) -> tuple[Statement, ...]:
    """Every sentence that states an entry of the table of this product, in the order of the documents."""
    index = _by_first_word()
    names = _names(name, documents)
    found: list[Statement] = []
    for passage in passages:
        if (passage.kind in _NO_PROSE and passage.key != "description") or not passage.quotable:
            continue
        if passage.weight < SET_UP or _CODE.search(passage.text):
            continue
        opening = [(at, each) for at, word in enumerate(passage.words) for each in index.get(word.stem, ())]
        seen: set[str] = set()
        for at, (entry, cue) in opening:
            if entry.id in seen or kind not in entry.kinds:
                continue
            if passage.weight < OF_A_PART and not (entry.setup or _means_it(passage.words[:at], names)):
                continue
            if (entry.protects and passage.own_instructions) or (_FLAG.match(passage.text) and not entry.setup):
                continue
            if cue.at_start and not _opens(passage, at, 0):
                continue
            last = found_at(passage.words, at, cue)
            if last is None or not _counts(entry, kind, passage, documents[passage.document], at, last, names):
                continue
            seen.add(entry.id)
            found.append(Statement(entry, passage, _of_itself(passage, at, last, names)))
    return tuple(found)


@cache
def _by_first_word() -> dict[str, tuple[tuple[Entry, Pattern], ...]]:
    index: dict[str, list[tuple[Entry, Pattern]]] = {}
    for entry in entries():
        for cue in entry.patterns:
            for first in cue.slots[0]:
                index.setdefault(first, []).append((entry, cue))
    return {first: tuple(listed) for first, listed in index.items()}


def _counts(
    entry: Entry, kind: AgentKind, passage: Passage, document: PageText, at: int, last: int, names: Names
) -> bool:
    said = passage.words
    if at >= of_another_from(said) or negated(said, at, last) or matches(said, entry.never):
        return False
    if _STORY.intersection(word.stem for word in said) or _PAST.search(passage.text):
        return False
    if not _describes(document, passage.document):
        told = passage.key == "description" or _named(said[: last + 1], names)
        if entry.lowers or not told or _NOT_OF_THE_PRODUCT.search(document.url):
            return False
    if entry.protects and not entry.setup and any(word.stem == "can" for word in said[:at]):
        return False
    if not entry.itself and kind is not AgentKind.FRAMEWORK:
        return True
    before = {word.stem for word in said[:at]}
    unsure = _UNSURE.intersection(word.stem for word in said) or _ONE_OF_SEVERAL.intersection(before)
    return not unsure and _of_itself(passage, at, last, names)


def _describes(document: PageText, index: int) -> bool:
    """The document is about the product as a whole: its entry, README or skill file, or a page that came first."""
    if _DESCRIBES.search(document.url) or (document.own_instructions and _SKILL_FILE.search(document.url)):
        return not document.own_instructions or index < MAIN_DOCUMENTS
    if document.url.startswith("file:"):
        return index == 0 and not _NOT_OF_THE_PRODUCT.search(document.url)
    return index < MAIN_DOCUMENTS


def _of_itself(passage: Passage, at: int, last: int, names: Names) -> bool:
    """The product is the subject of the words that begin at `at`."""
    said = passage.words
    subject = _subject(said)
    foreign = subject is not None and [word.stem for word in subject] != ["you"] and not _means_it(subject, names)
    if foreign and not (subject and at == 0 and last >= len(subject) - 1):  # unless the cue itself names its subject
        return False
    if passage.own_instructions and passage.key != "description":
        return _opens(passage, at, 1) or _means_it(said[:at], names)
    return passage.weight >= INTRODUCING or _opens(passage, at) or _means_it(said[:at], names)


def _means_it(said: Sequence[Word], names: Names) -> bool:
    """It is named, or meant by a pronoun or by the sort of thing it is."""
    stems = {word.stem for word in said}
    return _named(said, names) or bool(_IT & stems) or bool(_OURS & stems and _THING & stems)


def _subject(said: Sequence[Word]) -> Sequence[Word] | None:
    """What stands before the first `is` of the sentence; None when it does not open as a statement about something."""
    for i, word in enumerate(said[: SUBJECT_LENGTH + 1]):
        if word.stem in _IS:
            return said[:i] if i else None
    return None


def _opens(passage: Passage, at: int, most: int = OPENING_WORDS) -> bool:
    """The words open a sentence or the part of a feature line behind its label."""
    said = passage.words
    first = next(i for i, word in enumerate(said) if word.clause == said[at].clause)
    if at - first > most:
        return False
    mark = passage.text[said[first - 1].end : said[first].start] if first else ""
    return not first or any(sign in mark for sign in ":|—–") or " - " in mark


def _named(said: Iterable[Word], names: Names) -> bool:
    stems = {word.stem for word in said}
    return any(name <= stems for name in names)


def _names(name: str, documents: Sequence[PageText]) -> Names:
    """The product's name as listed and as its own page is headed, each without the words that many names share."""
    called = [name.replace("-", " ").replace("_", " ")]
    for document in documents[:MAIN_DOCUMENTS]:
        heading = next((b for b in document.blocks if b.kind is BlockKind.HEADING), None)
        title = document.text[heading.start : heading.end] if heading else ""
        if 0 < len(title.split()) <= 4 and _DESCRIBES.search(document.url):
            called.append(title)
    stems = [frozenset(word.stem for word in words(each)) for each in called]
    return tuple((each - _GENERIC) or each for each in stems if each)
