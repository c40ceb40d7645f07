"""From the bytes of a page to its clean text.

Idea: every format is brought to one shape, blocks with exact offsets, by the reader that knows it.
Invariants: the same bytes, address and media type give the same text; no bytes raise anything but `NoText`;
an empty text from a page that is not empty is a failure that says why.
"""

from collections import Counter
from collections.abc import Mapping, Sequence

from extractors.injection import findings as hostile_findings
from extractors.pages.charset import decode
from extractors.pages.markup.block_writer import Writer
from extractors.pages.markup.format_detection import format_of, is_own_instructions, not_text
from extractors.pages.markup.nesting_limits import TooMuchMarkup
from extractors.pages.markup.page_formats import HTML, PLAIN, PageFormat
from extractors.pages.page_text import PageText
from extractors.pages.snapshot import sha256
from extractors.pages.visibility.invisible_characters import without_invisible
from scoring.claims import Finding
from scoring.errors import TerminalError
from scoring.vocabulary import FindingKind

PARSER = "page-text@10"
"""Version of what this package makes of a page, raised when the same bytes give another text or finding: every page is
then parsed again."""

MAX_FINDINGS = 60
MAX_SEARCHED = 20_000
"""Characters of unseen text that are searched for words to models."""


class NoText(TerminalError):
    """A page from which no readable text came; the old record stays. What was hidden on it is reported all the same."""

    def __init__(self, problem: str, url: str, findings: tuple[Finding, ...] = ()) -> None:
        super().__init__(problem, subject=url, step="page text")
        self.findings = findings


def page_text(body: bytes, *, url: str, media_type: str = "", charset: str | None = None) -> PageText:
    """The text that a person would see. `charset` is the Content-Type header's."""
    if not body.strip():
        raise NoText("the page is empty", url)
    if reason := not_text(body, media_type):
        raise NoText(reason, url)
    form = format_of(url, media_type, body)
    source = decode(body, charset, html=form is HTML)
    writer = _read(source, form, url)
    own = is_own_instructions(url)
    text, blocks = writer.finish()
    if not text:
        raise NoText(_why_empty(writer, form), url, _hidden_findings(writer, url, own))
    digest = sha256(text.encode())
    places = _places_of(writer.doubtful, text) if writer.doubtful else {}
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


def _read(source: str, form: PageFormat, url: str) -> Writer:
    """A manifest that its reader cannot take is read as plain text. Markup is not: it could show what it hides."""
    source = source.replace("\r\n", "\n").replace("\r", "\n").encode("utf-8", "replace").decode()
    writer = Writer()
    try:
        form.read(source, writer)
    except Exception as error:  # parsers of foreign text raise what they like
        if isinstance(error, TooMuchMarkup) or form.hides:
            problem = f"the {form.name} page could not be read ({type(error).__name__})"
            raise NoText(problem, url) from error
        writer = Writer()
        PLAIN.read(source, writer)
        writer.drop(f"{form.name} markup that could not be read")
    return writer


def _why_empty(writer: Writer, form: PageFormat) -> str:
    gone = ", ".join(f"{count} {what}" for what, count in sorted(writer.dropped.items()))
    return f"no readable text in the {form.name} page" + (f" (left out: {gone})" if gone else "")


FEWEST_LETTERS = 8
"""Letters and digits of words that have a place; fewer match anywhere by chance."""
MOST_PLACED = 200


def _places_of(hidden: Sequence[tuple[str, str]], text: str) -> dict[tuple[str, str], tuple[int, int]]:
    """(carrier, the excerpt of its finding) to the place in the text, for (carrier, words).

    The words come from an element and the text from blocks, so white space differs; letters and digits do not. Words
    that are in the text more often than they were reported are seen somewhere, and have no place.
    """
    offsets = [number for number, char in enumerate(text) if char.isalnum()]
    letters = _letters(text)
    reported = Counter(_letters(words) for _, words in hidden[:MOST_PLACED])
    places: dict[tuple[str, str], tuple[int, int]] = {}
    for how, words in hidden[:MOST_PLACED]:
        sought = _letters(words)
        start = letters.find(sought) if len(sought) >= FEWEST_LETTERS else -1
        if start >= 0 and letters.count(sought) <= reported[sought]:
            places.setdefault((how, words[:300]), (offsets[start], offsets[start + len(sought) - 1] + 1))
    return places


def _letters(words: str) -> str:
    return "".join(filter(str.isalnum, words))


def _placed(finding: Finding, places: Mapping[tuple[str, str], tuple[int, int]], digest: str) -> Finding:
    """Words that stay in the text although a person may not see them are no evidence: their place is reported."""
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
    for how, text in (*hidden, *dict.fromkeys(writer.unseen)):
        if left > 0:
            found += hostile_findings(text[:left], (), url, None, own_instructions, visible=False, how=how)
            left -= len(text)
    return tuple(dict.fromkeys(found))[: 2 * MAX_FINDINGS]
