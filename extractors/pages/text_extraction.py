"""From the bytes of a page to its clean text.

Idea: every format is brought to one shape, blocks with exact offsets, by the reader that knows it.
Invariants: the same bytes, address and media type give the same text; no bytes raise anything but `NoText`;
an empty text from a page that is not empty is a failure that says why.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from extractors.injection import findings as hostile_findings
from extractors.pages.markup.block_writer import Writer
from extractors.pages.markup.charset import decode
from extractors.pages.markup.format_detection import Form, form_of, is_own_instructions, not_text
from extractors.pages.markup.html import read_html
from extractors.pages.markup.manifests import read_json, read_json_lines, read_lines, read_toml, read_yaml
from extractors.pages.markup.markdown import read_markdown
from extractors.pages.markup.nesting_limits import TooMuchMarkup
from extractors.pages.markup.plain_text import read_listing, read_notebook, read_plain, read_rst
from extractors.pages.page_text import PageText
from extractors.pages.snapshot import sha256
from extractors.pages.visibility.invisible_characters import without_invisible
from extractors.pages.visibility.kept_words import places_of
from scoring.claims import Finding
from scoring.errors import TerminalError
from scoring.vocabulary import FindingKind

MAX_FINDINGS = 60
MAX_SEARCHED = 20_000
"""Characters of unseen text that are searched for words to models."""


class NoText(TerminalError):
    """A page from which no readable text came; the old record stands. What was hidden on it is told all the same."""

    def __init__(self, problem: str, url: str, findings: tuple[Finding, ...] = ()) -> None:
        super().__init__(problem, subject=url, step="page text")
        self.findings = findings


def page_text(body: bytes, *, url: str, media_type: str = "", charset: str | None = None) -> PageText:
    """The text that a person would see. `charset` is the Content-Type header's."""
    if not body.strip():
        raise NoText("the page is empty", url)
    if reason := not_text(body, media_type):
        raise NoText(reason, url)
    form = form_of(url, media_type, body)
    source = decode(body, charset, html=form is Form.HTML)
    writer = _read(source, form, url)
    own = is_own_instructions(url)
    text, blocks = writer.finish()
    if not text:
        raise NoText(_why_empty(writer, form), url, _hidden_findings(writer, url, own))
    digest = sha256(text.encode())
    places = places_of(writer.kept, text) if writer.kept else {}
    return PageText(
        url=url,
        text=text,
        digest=digest,
        page_digest=sha256(body),
        blocks=blocks,
        findings=tuple(_placed(finding, places, digest) for finding in _hidden_findings(writer, url, own)),
        dropped=tuple(sorted(writer.dropped.items())),
        title=" ".join(without_invisible(writer.title)[0].split())[:300],
        own_instructions=own,
    )


_READERS: dict[Form, Callable[[str, Writer], None]] = {
    Form.HTML: read_html,
    Form.MARKDOWN: read_markdown,
    Form.MDX: lambda text, writer: read_markdown(text, writer, mdx=True),
    Form.RST: read_rst,
    Form.NOTEBOOK: read_notebook,
    Form.JSON: read_json,
    Form.JSON_LINES: read_json_lines,
    Form.YAML: read_yaml,
    Form.TOML: read_toml,
    Form.LINES: read_lines,
    Form.LISTING: read_listing,
    Form.PLAIN: read_plain,
}


def _read(source: str, form: Form, url: str) -> Writer:
    """A manifest that its reader cannot take is read as plain text. Markup is not: it could show what it hides."""
    source = source.replace("\r\n", "\n").replace("\r", "\n").encode("utf-8", "replace").decode()
    writer = Writer()
    try:
        _READERS[form](source, writer)
    except Exception as error:  # parsers of foreign text raise what they like
        if isinstance(error, TooMuchMarkup) or form in (Form.HTML, Form.MARKDOWN, Form.MDX, Form.LISTING):
            problem = f"the {form} page could not be read ({type(error).__name__})"
            raise NoText(problem, url) from error
        writer = Writer()
        read_plain(source, writer)
        writer.drop(f"{form} markup that could not be read")
    return writer


def _why_empty(writer: Writer, form: Form) -> str:
    gone = ", ".join(f"{count} {what}" for what, count in sorted(writer.dropped.items()))
    return f"no readable text in the {form} page" + (f" (left out: {gone})" if gone else "")


def _placed(finding: Finding, places: Mapping[tuple[str, str], tuple[int, int]], digest: str) -> Finding:
    """Words that stay in the text although a person may not see them are no evidence: their place is told."""
    place = places.get((finding.how, finding.excerpt)) if finding.kind is FindingKind.HIDDEN_TEXT else None
    if place is None:
        return finding
    return finding.model_copy(update={"text_digest": digest, "start": place[0], "end": place[1]})


def _hidden_findings(writer: Writer, url: str, own_instructions: bool) -> tuple[Finding, ...]:
    """Hidden words, and what unseen text of any sort says to models; what is visible is searched later."""
    hidden = list(dict.fromkeys(writer.hidden))
    found = [
        Finding(kind=FindingKind.HIDDEN_TEXT, url=url, excerpt=text[:300], visible=False, how=how)
        for how, text in hidden[:MAX_FINDINGS]
    ]
    left = MAX_SEARCHED
    for how, text in (*hidden, *dict.fromkeys(writer.aside)):
        if left > 0:
            found += hostile_findings(text[:left], (), url, None, own_instructions, visible=False, how=how)
            left -= len(text)
    return tuple(dict.fromkeys(found))[: 2 * MAX_FINDINGS]
