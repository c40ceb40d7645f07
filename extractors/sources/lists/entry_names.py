"""What a part of a list names, and where that is: `[Otter](…) by [Ann](…)`, or *Otter* with a labelled link.

Idea: a name is the link that a part begins with, whatever marks precede it; or words with a link that says what
it is (`Repository: [o/otter](…)`, `Otter [GitHub](…)`). Invariants: pure; a link that goes on as a sentence on
something else is no name, nor is a word such as *Docs* that only labels its link there.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple
from urllib.parse import urlsplit

from extractors.sources.listing_entry import DOCUMENTS, HOMEPAGE, REPOSITORY, Link, is_repository, word_set
from extractors.sources.lists.list_units import Piece, Unit, words_of

Resolve = Callable[[str], str]
"""An absolute address of a link of the list; nothing when it leads nowhere."""

_HOME = HOMEPAGE | word_set("link url page project visit demo details address source")
_BESIDE = word_set(
    "twitter x discord slack linkedin youtube telegram reddit blog paper arxiv article announcement video tweet demo"
    " author authors creator founder founders company pypi npm docker hub huggingface license changelog releases"
    " download install try playground community forum news post tutorial crunchbase instagram facebook"
)
_FILLER = word_set("a an and here our the their this its my for to of on official read view more see full")
_NAMED_COLUMN = re.compile(
    r"name|agent|server|tool|project|product|plugin|skill|repo|title|resource|app\b|framework|package|library|link",
    re.I,
)
_PURE_NAME = re.compile(
    r"\A(?:\w{1,40} )?(?:name|agent|server|tool|project|product|plugin|skill|title|app|framework)s?", re.I
)
_MARK = re.compile(
    r"(?:\[[ xX]\]|\b(?:new|beta|alpha|hot|official|deprecated|archived|wip|experimental|free|paid|name)\b|"
    r"\d[\d.,:/k-]*)",
    re.IGNORECASE,
)
_WORD = re.compile(r"\w")
_BROKEN = re.compile(r"\[([^\[\]]{1,200})\]\($")
_DOUBLED = re.compile(r"^(?:%5B|\[).*(?:%5D|\])\((https?://[^()\s]+)\)$")
"""A link inside a link: `[name]([old](new))` leads to the inner one's target."""
_GOES_ON = re.compile(r"\s{0,9}([a-z][\w'’-]*)")
_OF_IT = re.compile(
    r"(?:by|from|for|is|are|with|that|which|who|of|in|on|at|to|an?|the|via|using|and|or|as|created|made|built|developed|"
    r"maintained|based|powered|was|were|has|have|can|could|will|lets?|your|you|aka|formerly|written|inspired|now|also|like|"
    r"where|\w{2,40}s|\w{3,40}ing)$"
)
LONGEST_LABEL = 300
"""Characters before a link in which its label is looked for."""
LONGEST_PLAIN = 80
"""Characters of a name that is no link."""


class EntryName(NamedTuple):
    """What a part names."""

    name: str
    url: str
    links: tuple[Link, ...] = ()
    """Its other links, with their labels."""
    is_link: bool = True
    """False: the name is words beside a labelled link."""
    says_more: bool = False
    """Words follow the name."""
    doubtful: bool = False
    """It may as well be a sentence: it counts only among others that are none."""


def clean_name(words: str) -> str:
    """Without pictures, ticks and stars at its ends, which are another's mark or a state."""
    words = " ".join(words.split())
    shown = [place for place, character in enumerate(words) if not _is_mark(character)]
    return words[shown[0] : shown[-1] + 1].removesuffix(":").strip() if shown else words


def _is_mark(character: str) -> bool:
    if character in "©®™":
        return False
    return character in " \ufe0f" or unicodedata.category(character) in ("So", "Sk", "Cf", "Me")


def words_in(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower())


def is_label(text: str) -> bool:
    """True for words that say what a link is and name nothing: `Docs`, `our website`, `GitHub`."""
    words = [word for word in words_in(text) if word not in _FILLER]
    known = REPOSITORY | _HOME | DOCUMENTS | _BESIDE
    return len(words) <= 2 and all(word in known for word in words)


def labelled(pieces: Sequence[Piece], resolve: Resolve, heading: str = "", *, apart: bool = False) -> Iterator[Link]:
    """Each link with the words before it in its line (`REPOSITORY:`), else with its own words, or its picture's.
    With `apart` only those that are no part of a sentence."""
    before = heading
    for piece in pieces:
        if piece.href is None:
            line = re.split(r"[\n|·•;]|[.!?]\s", before + piece.text)
            before = line[-1][-LONGEST_LABEL:]
        elif url := resolve(_DOUBLED.sub(r"\1", piece.href)):
            label = before.strip().rstrip(":：").strip(" -–—*([")
            own = piece.text.strip() or piece.alt
            is_labelled = (bool(label) and re.search(r"[:：]\s*$", before) is not None) or before == heading != ""
            if not apart or not before.strip() or before == heading or not re.search(r"[\w,]\s*$", before):
                yield Link(label if is_labelled and is_label(label) else own, url)


def rank(link: Link) -> int | None:
    """0 a repository, 1 a homepage, 2 documents; None for a label of anything else."""
    words = set(words_in(link.label)) - _FILLER
    if not words or len(words) > 3:
        return None
    if words & REPOSITORY and is_repository(link.url):
        return 0
    if not is_label(link.label) or words & _BESIDE - {"demo"}:
        return None
    if words & (_HOME | REPOSITORY):
        return 0 if is_repository(link.url) or words & REPOSITORY else 1
    return 2


def place_of(links: Sequence[Link]) -> Link | None:
    """The best of the labelled links."""
    ranked = [(at, number) for number, link in enumerate(links) if (at := rank(link)) is not None]
    return links[min(ranked)[1]] if ranked else None


def begins_with_link(pieces: Sequence[Piece], resolve: Resolve, *, pictures: bool = False) -> EntryName | None:
    """The name and its link when the pieces begin with them. With `pictures` a picture's words are a name, too."""
    before = ""
    for place, piece in enumerate(pieces):
        if piece.href is None:
            before += piece.text
            continue
        name = piece.text.strip() or (piece.alt if pictures else "")
        if not name:
            continue
        href = _DOUBLED.sub(r"\1", piece.href)
        if broken := _BROKEN.search(before):
            name, before = broken.group(1), before[: broken.start()]
        if href.startswith("#") or _WORD.search(_MARK.sub("", before)):
            return None
        if not (url := resolve(href)):
            return None
        rest = words_of(pieces[place + 1 :])
        after = pieces[place + 1].text if place + 1 < len(pieces) and pieces[place + 1].href is None else ""
        goes_on = None if piece.bold or after.startswith("\n") else _GOES_ON.match(after)
        if goes_on and is_label(name):
            return None
        return EntryName(
            clean_name(_name_of_address(name)),
            url,
            tuple(labelled(pieces[place + 1 :], resolve)),
            says_more=bool(_WORD.search(rest)),
            doubtful=goes_on is not None and not _OF_IT.match(goes_on.group(1)),
        )
    return None


def _name_of_address(name: str) -> str:
    """A name that is only an address says its last part: the repository, or the host."""
    if not re.match(r"https?://\S+$", name):
        return name
    parts = urlsplit(name)
    segments = [part for part in parts.path.split("/") if part]
    return segments[1] if is_repository(name) else segments[-1] if segments else parts.hostname or name


def begins_with_words(pieces: Sequence[Piece], resolve: Resolve, more: Sequence[Link] = ()) -> EntryName | None:
    """A name in words, bold or alone before a dash, beside a link that says what it is."""
    name, bold = "", False
    for piece in pieces:
        if piece.href is not None or (name and piece.bold != bold and _WORD.search(name)):
            break
        if not _WORD.search(name):
            bold = piece.bold
        name += piece.text
    if not bold:
        name = re.split(r"\s[-–—|:(]|[:：(\n]|\s{3,}", name.strip(), maxsplit=1)[0]
    name = clean_name(name.strip(" -–—:([*"))
    links = [*labelled(pieces, resolve), *more]
    place = place_of([*labelled(pieces, resolve, apart=True), *more])
    if place is None or not _WORD.search(name) or len(name) > LONGEST_PLAIN or is_label(name):
        return None
    return EntryName(name, place.url, tuple(links), is_link=False, says_more=True)


def row_name(unit: Unit, resolve: Resolve) -> EntryName | None:
    """Of a table's row: the cell that begins with a link, or a name with its links in other cells."""
    cells = (unit.pieces, *unit.cells)
    columns = unit.head if len(unit.head) == len(cells) else ("",) * len(cells)
    found = [begins_with_link(cell, resolve) for cell in cells]
    wordy = [n for n, cell in enumerate(cells) if _WORD.search(_MARK.sub("", words_of(cell)))]
    labels = [list(labelled(cell, resolve, column)) for cell, column in zip(cells, columns, strict=True)]
    rest = [link for links in labels for link in links]
    chosen = next((n for n in wordy[:1] if found[n]), None)
    in_words = bool(wordy) and _PURE_NAME.fullmatch(columns[wordy[0]]) is not None and not labels[wordy[0]]
    if chosen is None and not in_words:
        chosen = next(
            (n for n in wordy if _NAMED_COLUMN.search(columns[n]) and found[n] and not _says_label(found[n])), None
        )
    if chosen is None and wordy and (place := place_of(rest)) is not None:
        named_by = (n for n in wordy if _NAMED_COLUMN.search(columns[n]) and not labels[n])
        name = clean_name(words_of(cells[next(named_by, wordy[0])]))
        if len(name) <= LONGEST_PLAIN and not is_label(name):
            return EntryName(name, place.url, tuple(rest), is_link=False, says_more=True)
    if chosen is None:
        chosen = next((n for n in wordy if found[n] and not _says_label(found[n])), None)
    named = found[chosen] if chosen is not None else None
    if named is None:
        return None
    own = {named.url, *(link.url for link in named.links)}
    others = tuple(link for link in rest if link.url not in own)
    return named._replace(links=(*named.links, *others), says_more=len(wordy) > 1, doubtful=False)


def _says_label(named: EntryName | None) -> bool:
    return named is not None and is_label(named.name)
