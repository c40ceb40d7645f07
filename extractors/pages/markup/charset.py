"""From bytes to text: byte order mark, header, `<meta>`, then sniffing.

Idea: order, prescan and labels are those of the WHATWG encoding standards, which browsers follow
(html.spec.whatwg.org, "determining the character encoding"). Invariants: decoding never fails, a byte that
fits nowhere becomes U+FFFD; the same bytes and header give the same encoding.
"""

from __future__ import annotations

import re

import webencodings

PRESCAN_BYTES = 65_536
"""Browsers look at 1,024 bytes first, and start again when the parser meets a later `<meta>`."""
_BOMS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xfe\xff", "utf-16be"), (b"\xff\xfe", "utf-16le"))
_SPACE = b"\t\n\x0c\r "
_CHARSET = re.compile(
    rb"charset[\t\n\x0c\r ]*=[\t\n\x0c\r ]*(\"[^\"]*\"|'[^']*'|[^\"'\t\n\x0c\r ;][^\t\n\x0c\r ;]*)", re.I
)
_XML = re.compile(rb"<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([A-Za-z0-9._-]{1,40})[\"']")
_UNSAFE = frozenset({"hz-gb-2312", "replacement", "iso-2022-kr", "iso-2022-cn"})
"""Encodings in which plain ASCII can mean something else; no browser reads them."""
DEFAULT = "windows-1252"


def decode(body: bytes, charset: str | None = None, html: bool = False) -> str:
    """The text. `charset` is what the Content-Type header said; `<meta>` counts in HTML only."""
    found = webencodings.lookup(encoding_of(body, charset, html))
    codec = (found or webencodings.UTF8).codec_info
    return codec.decode(body, "replace")[0].removeprefix("\ufeff")


def encoding_of(body: bytes, charset: str | None = None, html: bool = True) -> str:
    """The name of the encoding in which these bytes are to be read."""
    for mark, name in _BOMS:
        if body.startswith(mark):
            return name
    if charset and (name := _known(charset.strip(" \"'"))):
        return name
    if html and (name := declared_in(body[:PRESCAN_BYTES])):
        return name
    return sniffed(body)


def declared_in(head: bytes) -> str:
    """The prescan: the encoding that a `<meta>` in the first bytes declares, or nothing."""
    if match := _XML.match(head):
        return _declared(match.group(1))
    at = 0
    while 0 <= at < len(head):
        at = head.find(b"<", at)
        if at < 0:
            return ""
        rest = head[at : at + 6].lower()
        if rest.startswith(b"<!--"):
            end = head.find(b"-->", at + 2)
            if end < 0:
                return ""
            at = end + 3
        elif rest[:5] == b"<meta" and rest[5:6] and rest[5] in _SPACE + b"/":
            name, at = _meta(head, at + 5)
            if name:
                return name
        elif re.match(rb"</?[a-z]", rest):
            at = _after_name(head, at + 1)
            attribute: tuple[bytes, bytes] | None = (b"-", b"")
            while attribute is not None:
                attribute, at = _attribute(head, at)
        elif rest[1:2] in (b"!", b"/", b"?"):
            end = head.find(b">", at)
            if end < 0:
                return ""
            at = end + 1
        else:
            at += 1
    return ""


def _meta(head: bytes, at: int) -> tuple[str, int]:
    """The encoding of one `<meta>`: `charset`, or `content` if `http-equiv` is `content-type`."""
    seen: dict[bytes, bytes] = {}
    while True:
        attribute, at = _attribute(head, at)
        if attribute is None:
            break
        seen.setdefault(*attribute)
    if at > len(head):
        return "", at  # the tag does not end within the bytes looked at
    if b"charset" in seen:
        return _declared(seen[b"charset"]), at
    if seen.get(b"http-equiv") == b"content-type" and (match := _CHARSET.search(seen.get(b"content", b""))):
        return _declared(match.group(1).strip(b"\"'")), at
    return "", at


def _attribute(head: bytes, at: int) -> tuple[tuple[bytes, bytes] | None, int]:
    """One attribute in lower case and the place after it; None at `>`; past the end when bytes run out."""
    past = len(head) + 1
    while at < len(head) and head[at] in _SPACE + b"/":
        at += 1
    if at >= len(head):
        return None, past
    if head[at : at + 1] == b">":
        return None, at + 1
    start = at
    at += 1  # a leading `=` belongs to the name
    while at < len(head) and head[at] not in _SPACE + b"=/>":
        at += 1
    name = head[start:at].lower()
    while at < len(head) and head[at] in _SPACE:
        at += 1
    if at >= len(head):
        return None, past
    if head[at : at + 1] != b"=":
        return (name, b""), at
    at += 1
    while at < len(head) and head[at] in _SPACE:
        at += 1
    quote = head[at : at + 1]
    if quote in (b'"', b"'") and quote:
        end = head.find(quote, at + 1)
        return (None, past) if end < 0 else ((name, head[at + 1 : end].lower()), end + 1)
    start = at
    while at < len(head) and head[at] not in _SPACE + b">":
        at += 1
    return (None, past) if at >= len(head) else ((name, head[start:at].lower()), at)


def _after_name(head: bytes, at: int) -> int:
    while at < len(head) and head[at] not in _SPACE + b">":
        at += 1
    return at


def _declared(label: bytes) -> str:
    """A page that can be read as ASCII to this point is not UTF-16, whatever it says."""
    name = _known(label.decode("ascii", "replace"))
    return {"utf-16le": "utf-8", "utf-16be": "utf-8", "x-user-defined": DEFAULT}.get(name, name)


def _known(label: str) -> str:
    found = webencodings.lookup(label)
    return "" if found is None or found.name in _UNSAFE else found.name


def sniffed(body: bytes) -> str:
    """UTF-8 if it is that; else the likeliest legacy encoding of the first bytes."""
    if body.isascii():
        return DEFAULT
    try:
        body.decode("utf-8")
    except UnicodeDecodeError as error:
        # A page cut or damaged in one place is still UTF-8: a legacy text fails in its first accent.
        if error.start > 2_000 and not body[: error.start].isascii():
            return "utf-8"
        return _legacy(body[:20_000])
    return "utf-8"


def _legacy(sample: bytes) -> str:
    from charset_normalizer import from_bytes

    best = from_bytes(sample, cp_exclusion=["utf_7"], enable_fallback=False).best()
    return (_known(best.encoding.replace("_", "-")) if best else "") or DEFAULT
