"""A page that only leads on (`<meta http-equiv=refresh>`) is a redirect, written in the page.

Invariant: pure; a page with words of its own, or one that shows itself again, leads nowhere.
"""

from __future__ import annotations

import re
from html import unescape

MOST_WORDS = 40
"""Of a page that only leads on: `If you are not forwarded, click here`."""
LONGEST_WAIT = 10.0
"""Seconds. A page that stays longer is to be read."""
_LOOKED_AT = 20_000
_META = re.compile(r"<meta\b[^<>]{0,2000}>", re.IGNORECASE)
_REFRESH = re.compile(r"""http-equiv\s{0,9}=\s{0,9}["']?\s{0,9}refresh\b""", re.IGNORECASE)
_CONTENT = re.compile(r"""content\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>]+))""", re.IGNORECASE)
_TARGET = re.compile(
    r"""\A\s{0,20}([\d.]{0,20})\s{0,9}[;,]\s{0,9}(?:url\s{0,9}=\s{0,9})?["']?\s{0,9}([^"'\s]+)""", re.IGNORECASE
)
_UNSEEN = re.compile(r"<(script|style|noscript|title)\b.*?(?:</\1\s*>|\Z)|<!--.*?(?:-->|\Z)", re.IGNORECASE | re.DOTALL)


def forward_of(body: bytes, media_type: str) -> str:
    """Where the page leads, as it is written; nothing for a page that is one."""
    if "html" not in media_type or len(body) > _LOOKED_AT or b"refresh" not in body.lower():
        return ""
    text = _UNSEEN.sub(" ", body.decode("utf-8", "replace"))
    if len(re.sub(r"<[^<>]*>", " ", text).split()) > MOST_WORDS:
        return ""
    for meta in _META.findall(text):
        content = _CONTENT.search(meta) if _REFRESH.search(meta) else None
        match = _TARGET.match(unescape(next(filter(None, content.groups()), ""))) if content else None
        if match and match[1].count(".") < 2 and float(match[1] or 0) <= LONGEST_WAIT:
            return match[2]
    return ""
