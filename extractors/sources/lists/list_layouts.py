"""Which parts of a written list are its entries, whatever layout it has.

Idea: a heading that is a link, or has a labelled link below it, is an entry with all below it, unless the parts below
are entries themselves: then it is a section. Else bullets, rows, terms and paragraphs that begin with a link, or are a
name beside a labelled link. Invariants: pure; every part with a link is an entry, belongs to one, or is counted with
the reason why not; what is nested in an entry belongs to it.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import NamedTuple

from extractors.sources.identity import place_key
from extractors.sources.listing_entry import Link, word_set
from extractors.sources.lists.entry_names import (
    EntryName,
    Resolve,
    begins_with_link,
    begins_with_words,
    clean_name,
    is_label,
    labelled,
    place_of,
    row_name,
    words_in,
)
from extractors.sources.lists.list_units import HEADINGS, Unit

NOT_THE_LIST = "in a section that is no list of agents"
SENTENCE = "a sentence on something else"
BESIDE = "beside the list: its entries are headings"
CATEGORY = "a category"
UNLINKED = "a name that is no link, in a list whose names are links"
LEAST_OF_WORDS = 3
"""Names that are no links are a layout of the list when names that are links are not so many times as many."""
LEAST_PARAGRAPHS = 3
"""So many paragraphs that begin with a link are a layout."""
_ASIDE = word_set(
    "contributing contribute contributors contribution contributions license licence licensing sponsors sponsor"
    " sponsorship backers contents toc installation install setup prerequisites requirements acknowledgements"
    " acknowledgments acknowledgment credits disclaimer footnotes trademarks maintainers"
)
_RELATED = word_set(
    "related resources links references reading see support contact community help learn faq documentation docs"
    " feedback security questions more other articles announcements"
)


class Entry(NamedTuple):
    """One entry, in the list's order."""

    named: EntryName
    text: str
    sections: tuple[str, ...]


class _Reader:
    def __init__(self, units: Sequence[Unit], resolve: Resolve, lines: Sequence[str]) -> None:
        self.units = units
        self.resolve = resolve
        self.lines = lines
        self.named = {unit.number: self._name(unit) for unit in units}
        self.left_out: Counter[str] = Counter()
        self.entries: dict[int, Entry] = {}
        self.children: defaultdict[int, list[Unit]] = defaultdict(list)
        for unit in units:
            for around in unit.inside:
                self.children[around].append(unit)

    def _name(self, unit: Unit) -> EntryName | None:
        if unit.tag == "tr":
            return row_name(unit, self.resolve)
        named = begins_with_link(unit.pieces, self.resolve)
        if unit.tag in HEADINGS and named is not None and is_label(named.name) and not named.says_more:
            return None if len(words_in(named.name)) != 1 else named
        return named

    def region(self, heading: Unit) -> list[Unit]:
        """The parts below a heading, up to the next of its level."""
        below = []
        for number in range(heading.number + 1, len(self.units)):
            unit = self.units[number]
            if unit.tag in HEADINGS and unit.level <= heading.level:
                break
            below.append(unit)
        return below

    def text_of(self, heading: Unit, below: Sequence[Unit]) -> str:
        if heading.line < 0:
            return "\n\n".join([heading.text, *(u.text for u in below if not u.inside)])
        further = range(heading.number + len(below) + 1, len(self.units))
        after = next((self.units[n].line for n in further if self.units[n].line >= 0), len(self.lines))
        return "\n".join(self.lines[heading.line : after]).strip()

    def is_member(self, unit: Unit, heading: Unit) -> bool:
        """True for a part below a heading that names something of its own, not a detail of the heading's."""
        named = self.named[unit.number]
        if named is None or is_label(named.name) or unit.tag == "p":
            return False
        own = self.named[heading.number]
        below = own is not None and place_key(named.url).startswith(place_key(own.url) + "/")
        return below or (named.says_more and not named.doubtful) or unit.tag in HEADINGS or unit.tag == "tr"

    def heading_entries(self) -> set[int]:
        """Numbers of all parts that belong to an entry with a heading of its own."""
        headings = [unit for unit in self.units if unit.tag in HEADINGS and not self.is_aside(unit)]
        linked: defaultdict[int, list[Unit]] = defaultdict(list)
        for heading in headings:
            if self.named[heading.number] is not None:
                linked[heading.level].append(heading)
        owned: set[int] = set()
        for level in sorted(linked):
            group = [heading for heading in linked[level] if heading.number not in owned]
            if len(group) < 2:
                continue
            if self._are_sections(group):
                self.left_out[CATEGORY] += len(group)
                continue
            for heading in group:
                below = self.region(heading)
                own = self.named[heading.number]
                assert own is not None
                links = (*own.links, *self._links(below))
                self.add(heading, own._replace(links=links), self.text_of(heading, below))
                owned |= {heading.number, *(unit.number for unit in below)}
        self._labelled_headings(headings, owned)
        return owned

    def _are_sections(self, group: Sequence[Unit]) -> bool:
        parts = members = 0
        for heading in group:
            below = [u for u in self.region(heading) if u.tag != "p" and self.named[u.number] is not None]
            outermost = [u for u in below if not any(self.named[n] for n in u.inside if n > heading.number)]
            parts += len(outermost)
            members += sum(self.is_member(unit, heading) for unit in outermost)
        return members * 2 > parts

    def _labelled_headings(self, headings: Sequence[Unit], owned: set[int]) -> None:
        """One heading an entry, its place in a line below: `REPOSITORY: [o/otter](…)`."""
        groups: defaultdict[tuple[int, tuple[tuple[int, str], ...]], list[Unit]] = defaultdict(list)
        for heading in headings:
            if heading.number not in owned and self.named[heading.number] is None:
                groups[heading.level, heading.sections].append(heading)
        for group in groups.values():
            found: list[tuple[Unit, list[Unit], EntryName]] = []
            for heading in group:
                below = self.region(heading)
                named = self._labelled_heading(heading, below)
                if named is not None and not owned & {unit.number for unit in below}:
                    found.append((heading, below, named))
            if len(found) < 2 or len(found) * 2 < len(group):
                continue
            for heading, below, named in found:
                self.add(heading, named, self.text_of(heading, below))
                owned |= {heading.number, *(unit.number for unit in below)}

    def _labelled_heading(self, heading: Unit, below: Sequence[Unit]) -> EntryName | None:
        if not words_in(heading.title) or any(unit.tag in HEADINGS and unit.level < 4 for unit in below):
            return None
        if sum(self.is_member(unit, heading) for unit in below if unit.tag in ("li", "tr", "dt")) > 1:
            return None
        own = begins_with_words(heading.pieces, self.resolve)
        links = [*(own.links if own else ()), *self._links(below)]
        place = place_of([*(own.links if own else ()), *self._links(below, apart=True)])
        if place is None:
            return None
        name = own.name if own is not None else clean_name(heading.title)
        return EntryName(name, place.url, tuple(links), is_link=False, says_more=True)

    def _links(self, below: Sequence[Unit], *, apart: bool = False) -> list[Link]:
        """Links of an entry's body with their labels, a part's own words before its link."""
        found: dict[str, Link] = {}
        for unit in below:
            if unit.tag == "p" and any(self.units[n].tag in ("li", "tr", "dt") for n in unit.inside):
                continue
            cells = zip((unit.pieces, *unit.cells), unit.head or ("",) * (1 + len(unit.cells)), strict=False)
            for cell, column in cells if unit.cells else [(unit.pieces, "")]:
                for link in labelled(cell, self.resolve, column, apart=apart):
                    found.setdefault(link.url, link)
        return list(found.values())

    def is_aside(self, unit: Unit, words: frozenset[str] = _ASIDE) -> bool:
        titles = [title for level, title in unit.sections if level > 1 or (level, title) == unit.sections[-1]]
        if unit.tag in HEADINGS:
            titles = [*titles, unit.title]
        return any(len(said := words_in(title)) <= 4 and words & set(said[:2] + said[-1:]) for title in titles)

    def parts(self, owned: set[int]) -> None:
        """Bullets, rows, terms and paragraphs that are entries themselves."""
        candidates = [
            unit
            for unit in self.units
            if unit.tag not in HEADINGS
            and unit.number not in owned
            and self._has_link(unit, *self.children[unit.number])
        ]
        paragraphs = sum(
            1 for u in candidates if u.tag == "p" and not u.inside and self._says(u) and not self.is_aside(u)
        )
        weak = [u for u in candidates if u.tag in ("li", "dt") and self._in_words(u) is not None]
        heads = len(self.entries)
        taken: set[int] = set()
        chosen: list[tuple[Unit, EntryName]] = []
        for unit in candidates:
            if taken & set(unit.inside) or (unit.tag == "p" and unit.inside and self.units[unit.inside[-1]].tag != "p"):
                continue
            named = self.named[unit.number]
            if unit.tag == "p" and (paragraphs < LEAST_PARAGRAPHS or named is None or not self._says(unit)):
                continue
            if named is None and unit.tag in ("li", "dt") and len(weak) > 1:
                named = self._in_words(unit)
            if self.is_aside(unit):
                self.left_out[NOT_THE_LIST] += self._leads_out(unit)
            elif named is None:
                self.left_out[SENTENCE] += self._leads_out(unit) and not self.children[unit.number]
            elif self._is_category(unit, named):
                self.left_out[CATEGORY] += 1
            else:
                chosen.append((unit, named))
                taken.add(unit.number)
        firm = Counter(unit.sections for unit, named in chosen if not named.doubtful)
        doubtful = Counter(unit.sections for unit, named in chosen if named.doubtful)
        chosen = [(u, n) for u, n in chosen if not n.doubtful or firm[u.sections] > doubtful[u.sections]]
        self.left_out[SENTENCE] += sum(doubtful.values()) - sum(n.doubtful for _, n in chosen)
        if heads:
            listed = [candidate for candidate in chosen if not self.is_aside(candidate[0], _RELATED)]
            listed = listed if len(listed) * 2 >= heads else []
            self.left_out[BESIDE] += len(chosen) - len(listed)
            chosen = listed
        words = sum(not named.is_link for _, named in chosen)
        if words * LEAST_OF_WORDS < len(chosen) - words:
            self.left_out[UNLINKED] += words
            chosen = [candidate for candidate in chosen if candidate[1].is_link]
        for unit, named in chosen:
            nested = self._links([u for u in self.children[unit.number] if u.tag in ("li", "tr", "dt")])
            self.add(unit, named._replace(links=(*named.links, *nested)), unit.text)

    def _says(self, unit: Unit) -> bool:
        """A paragraph that is an entry: a link, and words on it."""
        named = self.named[unit.number]
        return named is not None and named.says_more and not named.doubtful and not is_label(named.name)

    def _in_words(self, unit: Unit) -> EntryName | None:
        nested = [u for u in self.children[unit.number] if u.tag == "li"]
        if any(self.named[u.number] and not is_label(self.named[u.number].name) for u in nested):  # type: ignore[union-attr]
            return None
        return begins_with_words(unit.pieces, self.resolve, self._links(nested))

    def _is_category(self, unit: Unit, named: EntryName) -> bool:
        nested = [u for u in self.children[unit.number] if u.tag == "li"]
        here = place_key(self.resolve("./")).split("/")[:3]
        least = 1 if place_key(named.url).split("/")[:3] == here else 2  # a folder of the list's own repository
        return not named.says_more and sum(self.is_member(u, unit) for u in nested) >= least

    @staticmethod
    def _has_link(*units: Unit) -> bool:
        return any(piece.href for unit in units for cell in (unit.pieces, *unit.cells) for piece in cell)

    def _leads_out(self, unit: Unit) -> bool:
        hrefs = [
            piece.href for cell in (unit.pieces, *unit.cells) for piece in cell if piece.href and piece.text.strip()
        ]
        return unit.tag != "p" and any(not href.startswith("#") and self.resolve(href) for href in hrefs)

    def add(self, unit: Unit, named: EntryName, text: str) -> None:
        self.entries[unit.number] = Entry(named, text, tuple(title for _, title in unit.sections))


def entries_of(units: Sequence[Unit], resolve: Resolve, lines: Sequence[str]) -> tuple[list[Entry], Counter[str]]:
    """The entries of a list, and how many parts with a link are none, by reason."""
    reader = _Reader(units, resolve, lines)
    reader.parts(reader.heading_entries())
    if not reader.entries:
        _pictured(reader)
    return [entry for _, entry in sorted(reader.entries.items())], +reader.left_out


def _pictured(reader: _Reader) -> None:
    """Lists whose names are pictures: `<a><img alt="Otter"></a>`, and words on it in the same paragraph."""
    for unit in reader.units:
        if unit.tag in ("p", "li", "tr") and not unit.inside and not reader.is_aside(unit):
            named = begins_with_link(unit.pieces, reader.resolve, pictures=True)
            others = [piece for piece in unit.pieces if piece.href is not None and not piece.text.strip()]
            says = named is not None and named.says_more and not re.search(r"\bbadge\b", named.name, re.I)
            if named is not None and says and len(others) == 1:
                reader.add(unit, named, unit.text)
