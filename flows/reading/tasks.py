"""What a reader is given to do: the parsing and searching of foreign text, as functions of what they are handed.

Invariant: they know no store and no network, and return what they have to say, since an error cannot travel.
"""

from typing import NamedTuple

from extractors.claims.extraction import SecondCompletion, second_request
from extractors.lexical import LexicalAssessor
from extractors.model.completion import Completion, CompletionRequest
from extractors.model.declared import Declared, DeclaringFile, ReadFrom
from extractors.pages.page_text import PageText
from extractors.pages.text_extraction import NoText, page_text
from extractors.prompting.prompt_files import load
from extractors.prompting.reply import Known
from extractors.prompting.reply_parser import InvalidReply
from extractors.sources.further_pages import links_on
from extractors.sources.listing_entry import Link
from flows.assessment.assessment import SECOND, Assessed, assess_completion
from scoring.claims import Finding, SourceNotRead
from scoring.vocabulary import RiskFactor


class WithoutText(NamedTuple):
    """Why a page gave no text, and what was hidden on it."""

    reason: str
    findings: tuple[Finding, ...] = ()


def text_of(body: bytes, url: str, media_type: str, charset: str | None) -> PageText | WithoutText:
    """The text of a page."""
    try:
        return page_text(body, url=url, media_type=media_type, charset=charset)
    except NoText as error:
        return WithoutText(error.problem, error.findings)


def text_and_links(
    with_text: bool, body: bytes, url: str, media_type: str, charset: str | None, final_url: str = ""
) -> tuple[PageText | WithoutText | None, tuple[Link, ...]]:
    """The text, where it is not known, and the links of a page, which go by where it was found."""
    text = text_of(body, url, media_type, charset) if with_text else None
    return text, links_on(body, final_url or url, media_type, charset)


def declared(files: tuple[DeclaringFile, ...], made_from: ReadFrom) -> Declared | None:
    """What files declare, with what the list of all files shows to be missing."""
    from extractors.inventory.from_pages import declared_in  # the grammars: who only hands work on needs none

    return declared_in(files, made_from.repository, made_from.unread, made_from.missing)


def unknown_factors(request: CompletionRequest) -> set[RiskFactor]:
    """The factors of which these pages say nothing, as far as the built-in assessor sees."""
    reply = LexicalAssessor().reply(request)
    return {entry.factor for entry in reply.factors if entry.known is Known.UNKNOWN}


def assessed_or_why(
    request: CompletionRequest,
    completion: Completion,
    profile: str,
    not_read: tuple[SourceNotRead, ...],
    findings: tuple[Finding, ...],
    second: SecondCompletion | None = None,
) -> Assessed | str:
    """Extraction and assessment of a completion, or why it holds no usable reply."""
    try:
        return assess_completion(request, completion, profile, not_read, findings, second)
    except InvalidReply as error:
        return error.problem


def second_reader_request(request: CompletionRequest, completion: Completion) -> CompletionRequest | None:
    """What a second reader is asked about a reply; None where it holds nothing usable."""
    try:
        return second_request(request, completion, load(SECOND))
    except InvalidReply:
        return None
