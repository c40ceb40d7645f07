"""The Atom feed of changes: newest first, one entry a record version.

Invariant: an entry's id never changes and is never used for another version; the feed's own time is that of
its newest entry; titles and notes are plain text, whatever a page said.
"""

from collections.abc import Iterable
from html import escape
from xml.sax.saxutils import quoteattr

from publishing.catalogue import Names
from publishing.pages.escaping import clip, plain
from publishing.pages.index_rows import Row
from publishing.pages.lists import newest_first

ENTRIES = 100
_NEVER = "1970-01-01T00:00:00Z"


def feed(rows: Iterable[Row], names: Names) -> bytes:
    newest = newest_first(rows)[:ENTRIES]
    base = escape(names.base_url)
    updated = newest[0].modified if newest else _NEVER
    head = (
        '<?xml version="1.0" encoding="utf-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom">\n'
        f"<id>{base}/feed.xml</id>\n<title>{_text(names.title)}: changes</title>\n<updated>{updated}</updated>\n"
        f'<link rel="self" type="application/atom+xml" href="{base}/feed.xml"/>\n'
        f'<link rel="alternate" type="text/html" href="{base}/index.html"/>\n'
        f"<author><name>{_text(names.title)}</name></author>\n"
    )
    return (head + "".join(_entry(row, base) for row in newest) + "</feed>\n").encode()


def _entry(row: Row, base: str) -> str:
    place = f"{base}/agents/{row.slug}"
    state = "" if row.live else "withdrawn, was "
    return (
        "<entry>\n"
        f"<id>urn:{escape(row.id)}:{row.modified.replace(':', '-')}</id>\n"
        f"<title>{_text(clip(row.name, 120))}: {state}{row.verdict}, {row.outlook}</title>\n"
        f"<published>{row.published}</published>\n<updated>{row.modified}</updated>\n"
        f'<link rel="alternate" type="text/html" href="{place}.html"/>\n'
        f'<link rel="alternate" type="application/json" href="{place}.json"/>\n'
        f"{''.join(f'<category term={quoteattr(mark)}/>' for mark in row.marks)}"
        f'<summary type="text">{_text(row.note)}</summary>\n'
        "</entry>\n"
    )


def _text(text: str) -> str:
    return escape(plain(text), quote=False)
