"""From an answer to a typed outcome: what was sent, what it means, what is kept.

Invariant: every answer has exactly one outcome, and only 404 and 410 say that a page is not there.
"""

import re
from collections.abc import Mapping
from datetime import datetime

from selectolax.lexbor import LexborHTMLParser

from extractors.crawl.crawl_settings import CrawlSettings
from extractors.crawl.http.address_guard import is_allowed
from extractors.crawl.http.content_decoding import ACCEPT_ENCODING
from extractors.crawl.http.exchange import Reply, media_type
from extractors.crawl.http.url import Address
from extractors.crawl.wrong_page.detection import challenged
from extractors.pages.markup.badges import noscript_as_template
from extractors.pages.snapshot import Fetched, FetchOutcome, PageRequest, PageSnapshot, sha256

ACCEPT = "text/html, text/markdown, text/plain, application/json;q=0.9, application/xml;q=0.9, */*;q=0.5"
REDIRECTS = frozenset({301, 302, 303, 307, 308})
_CHARSET = re.compile(r""";\s*charset\s*=\s*["']?([!#-&(-:<-~]{1,40})""", re.IGNORECASE)
_SAID_BY_STATUS = (
    FetchOutcome.NOT_FOUND,
    FetchOutcome.GONE,
    FetchOutcome.RATE_LIMITED,
    FetchOutcome.SERVER_ERROR,
    FetchOutcome.TIMEOUT,
)
"""Outcomes that say more than a check's header beside them."""
_OF_STATUS = {
    **dict.fromkeys((200, 203, 204, 205), FetchOutcome.FETCHED),
    304: FetchOutcome.UNCHANGED,
    404: FetchOutcome.NOT_FOUND,
    408: FetchOutcome.TIMEOUT,
    410: FetchOutcome.GONE,
    429: FetchOutcome.RATE_LIMITED,
}
_OF_CLASS = {2: FetchOutcome.DAMAGED, 3: FetchOutcome.BAD_REDIRECT, 4: FetchOutcome.FORBIDDEN}
_UTF_16_OR_32 = ("utf-16", "utf-32", "utf16", "utf32", "ucs-2", "iso-10646-ucs-2", "unicode")


def headers_for(address: Address, settings: CrawlSettings, request: PageRequest | None = None) -> dict[str, str]:
    """What we send. Validators go only to the URL that gave them, a token only to its own host."""
    headers = {"User-Agent": settings.user_agent, "Accept": ACCEPT, "Accept-Encoding": ACCEPT_ENCODING}
    if "@" in settings.contact and settings.contact.isascii():
        headers["From"] = settings.contact.removeprefix("mailto:")
    token = settings.authorization.get(address.host)
    if token is not None:
        private = is_allowed(address.host, address.port, settings.allow_private)
        if address.scheme == "https" or private:
            headers["Authorization"] = token.get_secret_value()
    if request is not None:
        if request.accept:
            headers["Accept"] = request.accept
        if address.href == request.validated_url or (request.validated_url is None and address.href == request.url):
            if request.etag:
                headers["If-None-Match"] = request.etag
            if request.last_modified:
                headers["If-Modified-Since"] = request.last_modified
    return headers


def outcome_of(status: int, headers: Mapping[str, str]) -> FetchOutcome:
    """What a final status means (a redirect is not final)."""
    if status == 403 and ("retry-after" in headers or headers.get("x-ratelimit-remaining") == "0"):
        return FetchOutcome.RATE_LIMITED
    return _OF_STATUS.get(status) or _OF_CLASS.get(status // 100, FetchOutcome.SERVER_ERROR)


def is_temporary(reply: Reply) -> bool:
    """True when the same request may do better soon."""
    outcome = outcome_of(reply.status, reply.headers)
    trouble = outcome is FetchOutcome.SERVER_ERROR and reply.status not in (501, 505, 511)
    return trouble or outcome in (FetchOutcome.RATE_LIMITED, FetchOutcome.TIMEOUT)


def fetched_result(request: PageRequest, final: Address, reply: Reply, at: datetime) -> Fetched:
    """The outcome of a final answer, with its page when there is one."""
    outcome, reason = _outcome_and_reason(request, reply)
    link = reply.headers.get("link", "")[:4_000]
    snapshot = None
    if outcome is FetchOutcome.FETCHED:
        content_type = reply.headers.get("content-type", "")
        snapshot = PageSnapshot(
            url=request.url,
            final_url=final.href,
            fetched_at=at,
            status=reply.status,
            media_type=media_type(content_type),
            charset=_charset(content_type),
            etag=reply.headers.get("etag"),
            last_modified=reply.headers.get("last-modified"),
            digest=sha256(reply.body),
            length=len(reply.body),
            link=link if "next" in link.lower() else None,
        )
        if snapshot.digest == request.previous_digest:
            outcome, reason = FetchOutcome.UNCHANGED, "the same bytes as before"
    return Fetched(
        url=request.url,
        outcome=outcome,
        reason=reason,
        at=at,
        snapshot=snapshot,
        body=reply.body if outcome is FetchOutcome.FETCHED else None,
        sent=True,
        bytes_received=reply.wire,
        link=link,
    )


def _outcome_and_reason(request: PageRequest, reply: Reply) -> tuple[FetchOutcome, str]:
    outcome = outcome_of(reply.status, reply.headers)
    if outcome is FetchOutcome.UNCHANGED:
        if request.etag or request.last_modified:
            return outcome, ""
        return FetchOutcome.SERVER_ERROR, "HTTP 304 to an unconditional request"
    if outcome not in _SAID_BY_STATUS and (check := challenged(reply.headers)):
        return FetchOutcome.NOT_THE_PAGE, check
    if outcome is not FetchOutcome.FETCHED:
        return outcome, f"HTTP {reply.status}"
    if _is_binary(reply.body, _charset(reply.headers.get("content-type", ""))):
        return FetchOutcome.UNSUPPORTED_TYPE, "the body is binary, not text"
    return outcome, ""


def _charset(content_type: str) -> str | None:
    named = _CHARSET.search(content_type)
    return named[1].lower() if named else None


def _is_binary(body: bytes, charset: str | None) -> bool:
    """A NUL in the first bytes, unless the text is in an encoding that has them."""
    head = body[:1024]
    if b"\x00" not in head or (charset or "").startswith(_UTF_16_OR_32):
        return False
    return not head.startswith((b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff"))


MOST_WORDS = 40
"""Of a page that only leads on: `If you are not forwarded, click here`."""
LONGEST_WAIT = 10.0
"""Seconds. A page that stays longer is to be read."""
_LOOKED_AT = 20_000
_TARGET = re.compile(
    r"""\A\s{0,20}((?:[0-9]{1,10}(?:\.[0-9]{0,10})?|\.[0-9]{1,10})?)\s{0,9}[;,]\s{0,9}(?:url\s{0,9}=\s{0,9})?["']?\s{0,9}([^"'\s]+)""",
    re.IGNORECASE,
)


def forward_of(body: bytes, media_type: str) -> str:
    """Where the page leads, as it is written; nothing for a page that is one."""
    if "html" not in media_type or len(body) > _LOOKED_AT or b"refresh" not in body.lower():
        return ""
    tree = LexborHTMLParser(noscript_as_template(body.decode("utf-8", "replace")))
    tree.strip_tags(["script", "style", "template", "title"], recursive=True)
    if tree.root is None or len(tree.root.text(separator=" ").split()) > MOST_WORDS:
        return ""
    for meta in tree.css("meta[http-equiv][content]"):
        refreshes = (meta.attributes["http-equiv"] or "").strip().lower() == "refresh"
        match = _TARGET.match(meta.attributes["content"] or "") if refreshes else None
        if match and float(match[1] or 0) <= LONGEST_WAIT:
            return match[2]
    return ""
