"""Page texts by the page they were made from, so that an unchanged page is never parsed again.

Invariant: a text is kept under (URL, page digest, parser); texts of older parsers stay, since evidence points
into them by offset. That a page has no text is kept as well, with what was hidden on it.
"""

from collections.abc import Sequence
from typing import NamedTuple

import sqlalchemy as sa

from extractors.canonical_json import canonical_bytes
from extractors.pages.page_text import PageText
from extractors.pages.snapshot import sha256
from records.database.store_part import StorePart
from records.database.tables import texts
from scoring.claims import Digest, Finding
from scoring.errors import NotFound, required


class NoTextKept(NamedTuple):
    """This page was parsed before and holds no readable text."""

    reason: str
    findings: tuple[Finding, ...] = ()


_DERIVED = sa.select(texts.c.body, texts.c.reason).where(
    texts.c.url == sa.bindparam("a"), texts.c.page_digest == sa.bindparam("b"), texts.c.parser == sa.bindparam("c")
)
_BY_DIGEST = sa.select(texts.c.body).where(texts.c.text_digest == sa.bindparam("a"))
_BY_DIGEST = _BY_DIGEST.order_by(texts.c.url, texts.c.page_digest, texts.c.parser).limit(1)
_BY_PLACE = _BY_DIGEST.where(texts.c.url == sa.bindparam("b"))


class Texts(StorePart):
    """Derived from pages; `parser` names the version of the code that made them."""

    def keep(self, text: PageText, *, parser: str = "") -> None:
        row = {"url": text.url, "page_digest": text.page_digest, "parser": parser, "text_digest": text.digest}
        self._db.put(texts, {**row, "reason": "", "body": canonical_bytes(text)}, replace=False, quick=True)

    def keep_none(
        self, url: str, page_digest: Digest, reason: str, findings: Sequence[Finding] = (), *, parser: str = ""
    ) -> None:
        """Remembers that this page has no readable text, and why. With findings an empty text carries them."""
        row: dict[str, object] = {"url": url, "page_digest": page_digest, "parser": parser, "text_digest": None}
        body = None
        if findings:
            empty = PageText(
                url=url, text="", digest=sha256(b""), page_digest=page_digest, blocks=(), findings=tuple(findings)
            )
            row["text_digest"], body = empty.digest, canonical_bytes(empty)
        self._db.put(texts, {**row, "reason": reason, "body": body}, replace=False, quick=True)

    def derived(self, url: str, page_digest: Digest, *, parser: str = "") -> PageText | NoTextKept | None:
        """What this page gave when it was parsed; None when it never was by this parser."""
        row = self._db.row(_DERIVED, {"a": url, "b": page_digest, "c": parser})
        if row is None:
            return None
        if row.body is None:
            return NoTextKept(row.reason)
        text = PageText.model_validate_json(row.body)
        return text if text.text else NoTextKept(row.reason, text.findings)

    def get(self, digest: Digest, url: str | None = None) -> PageText:
        """The page text with this text digest; of that URL if it is given."""
        return PageText.model_validate_json(self.body(digest, url))

    def body(self, digest: Digest, url: str | None = None) -> bytes:
        """The same as the JSON that is kept."""
        query = _BY_DIGEST if url is None else _BY_PLACE
        body: bytes = required(
            self._db.scalar(query, {"a": digest, "b": url} if url is not None else {"a": digest}),
            NotFound("this page text is not kept", subject=url or digest, step="texts", next_step="`assay night run`"),
        )
        return body
