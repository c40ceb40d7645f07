"""The formats of a page: the door through which a new one comes in.

A format is a reader, in a file of its own, and an entry of `FORMATS`. A reader gets the decoded text with `\\n` as its
only line end and gives a `Writer` blocks of visible text, and what is hidden. Invariant: a reader raises for what it
cannot take and never gives less than a person would see.
"""

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from extractors.pages.markup.block_writer import Writer
from extractors.pages.markup.html import read_html
from extractors.pages.markup.json_yaml_toml import read_json, read_json_lines, read_lines, read_toml, read_yaml
from extractors.pages.markup.markdown import read_markdown
from extractors.pages.markup.notebook import read_notebook
from extractors.pages.markup.plain_text import read_listing, read_plain
from extractors.pages.markup.restructured_text import read_rst


class PageFormat(NamedTuple):
    """One format; endings and names in lower case."""

    name: str
    """As messages say it."""
    read: Callable[[str, Writer], None]
    endings: frozenset[str] = frozenset()
    """Of file names, without the dot."""
    file_names: frozenset[str] = frozenset()
    media_types: frozenset[str] = frozenset()
    hides: bool = False
    """True: its markup can hide text, so what its reader cannot take is no text; else it is read as plain text."""


def _named(words: str) -> frozenset[str]:
    return frozenset(words.split())


HTML = PageFormat(
    "HTML", read_html, _named("html htm xhtml"), media_types=_named("text/html application/xhtml+xml"), hides=True
)
MARKDOWN = PageFormat(
    "Markdown",
    read_markdown,
    _named("md markdown mdown mkd mdc"),
    _named("llms.txt readme .cursorrules .windsurfrules .clinerules"),
    _named("text/markdown text/x-markdown"),
    hides=True,
)
MDX = PageFormat("MDX", partial(read_markdown, mdx=True), _named("mdx"), hides=True)
NOTEBOOK = PageFormat("notebook", read_notebook, _named("ipynb"), media_types=_named("application/x-ipynb+json"))
JSON = PageFormat("JSON", read_json, _named("json jsonc webmanifest"), media_types=_named("application/json"))
LINES = PageFormat(
    "configuration",
    read_lines,
    _named("cfg ini mod env example csv conf properties gradle"),
    _named("requirements.txt dockerfile makefile procfile"),
    _named("text/csv"),
)
PLAIN = PageFormat("plain text", read_plain)

FORMATS: dict[str, PageFormat] = {
    form.name: form
    for form in (
        HTML,
        MARKDOWN,
        MDX,
        PageFormat("reStructuredText", read_rst, _named("rst"), media_types=_named("text/x-rst")),
        NOTEBOOK,
        JSON,
        PageFormat(
            "JSON lines",
            read_json_lines,
            _named("jsonl ndjson"),
            media_types=_named("application/x-ndjson application/jsonl"),
        ),
        PageFormat(
            "YAML",
            read_yaml,
            _named("yaml yml"),
            media_types=_named("application/yaml text/yaml application/x-yaml"),
        ),
        PageFormat("TOML", read_toml, _named("toml"), _named("pipfile"), _named("application/toml")),
        LINES,
        PageFormat("listing", read_listing, frozenset(), _named("listing.txt"), _named("text/x-listing"), hides=True),
        PLAIN,
    )
}
