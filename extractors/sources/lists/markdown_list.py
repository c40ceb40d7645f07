"""Lists in Markdown: a heading per entry, bullets, table rows, terms or paragraphs.

Idea: `list_units` says which parts there are, `list_layouts` which of them are entries. Invariants: an address of a
web page is not read as a list; a list of which little or nothing was understood is a problem; what is left out is
counted by reason.
"""

import re
from collections import Counter
from collections.abc import Sequence

from extractors.pages.charset import decode
from extractors.pages.markup.nesting_limits import TooMuchMarkup
from extractors.sources import Get, Walk, walk_file
from extractors.sources.git_forge import Forge, linked
from extractors.sources.listing_entry import listing
from extractors.sources.lists.list_layouts import SENTENCE, entries_of
from extractors.sources.lists.list_units import units_of
from scoring.errors import BadInput
from scoring.vocabulary import AgentKind

LEAST_SHARE = 4
"""Of so many parts that look like entries at least one must be one."""
_WEB_PAGE = re.compile(r"\A\s*(?:<!--.*?-->\s*)?(?:<!doctype\s+html|<html[\s>])", re.IGNORECASE | re.DOTALL)


class MarkdownList:
    """`sections` limits the list to headings that contain one of these words; without it, all count."""

    def __init__(
        self,
        name: str,
        location: str,
        *,
        sections: Sequence[str] = (),
        kind: AgentKind | None = None,
        forge: Forge | None = None,
    ) -> None:
        self.name = name
        self.location = location
        self.sections = tuple(section.lower() for section in sections)
        self.kind = kind
        self.forge = forge or Forge()

    async def walk(self, get: Get) -> Walk:
        return await walk_file(get, self.forge.raw_file(self.location), self.read)

    def read(self, body: bytes, url: str) -> Walk:
        text = decode(body).replace("\r\n", "\n")
        if not text.strip():
            raise BadInput("the list is empty", subject=self.name, step="listings")
        if _WEB_PAGE.match(text):
            raise BadInput(
                "this is a web page, not a file in Markdown",
                subject=url,
                step="listings",
                next_step="give the raw address of the list, of a repository mostly that of its README.md",
            )
        base = self.forge.page_of(url)
        try:
            entries, left_out = entries_of(units_of(text), lambda href: linked(href, base), text.split("\n"))
        except TooMuchMarkup as error:
            raise BadInput(str(error), subject=self.name, step="listings") from error
        wanted = [entry for entry in entries if self._is_wanted(entry.sections)]
        elsewhere = Counter({"in another section than those of `sections`": len(entries) - len(wanted)})
        walk = Walk(left_out=left_out + elsewhere)
        for entry in wanted:
            walk.headings[entry.sections[-1] if entry.sections else ""] += 1
            walk.listings.append(
                listing(
                    entry.named.name,
                    self.name,
                    heading_url=entry.named.url,
                    links=entry.named.links,
                    kind=self.kind,
                    entry=entry.text,
                )
            )
        announced = len(entries) + left_out[SENTENCE]
        if entries and len(entries) * LEAST_SHARE < announced:
            shortfall = f"{len(entries)} entries where {announced} parts of the list have a link"
            walk.problems.append(f"{url}: {shortfall}: it has a layout that is not read")
        return walk

    def _is_wanted(self, sections: Sequence[str]) -> bool:
        above = " / ".join(sections).lower()
        return not self.sections or any(section in above for section in self.sections)
