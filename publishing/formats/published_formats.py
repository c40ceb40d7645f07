"""What is published beside pages and records: the door through which a new format comes in.

A format is a function, in a file of its own, and an entry of `SITE_FORMATS` (one file of the whole catalogue) or of
`AGENT_FORMATS` (one file an agent). Invariant: it is a function of what it is given and reads no clock, so that the
same records give the same bytes.
"""

from collections.abc import Callable, Collection
from typing import NamedTuple

from publishing.catalogue import Names
from publishing.formats import catalogue_files
from publishing.formats.atom_feed import feed
from publishing.formats.badge import badge, summary
from publishing.formats.cyclonedx import cyclonedx
from publishing.pages import lists
from publishing.pages.index_rows import Row
from scoring.record import PublishedRecord

SiteFormat = Callable[[Collection[Row], Names], bytes]
"""`make(rows of all records that were ever published, names of the site)`."""


class AgentFormat(NamedTuple):
    """One file an agent; made anew when its record or the site's names change."""

    path: str
    """With `{slug}`."""
    make: Callable[[PublishedRecord, Row, Names], bytes]


SITE_FORMATS: dict[str, SiteFormat] = {
    "modified.csv": lambda rows, names: catalogue_files.modified_csv(rows),
    "agents.csv": catalogue_files.agents_csv,
    "feed.xml": feed,
    "index.json": lambda rows, names: lists.index_json(rows),
}
"""By path."""

AGENT_FORMATS: dict[str, AgentFormat] = {
    "badge": AgentFormat("badges/{slug}.svg", lambda record, row, names: badge(row, names)),
    "summary": AgentFormat("summaries/{slug}.json", summary),
    "cyclonedx": AgentFormat("cyclonedx/{slug}.cdx.json", cyclonedx),
}
