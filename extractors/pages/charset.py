"""From bytes to text: byte order mark, header, `<meta>`, then sniffing.

Idea: order, prescan and labels are those of the WHATWG encoding standards, which browsers follow
(html.spec.whatwg.org, "determining the character encoding"). Invariants: decoding never fails, a byte that
fits nowhere becomes U+FFFD; the same bytes and header give the same encoding.
"""

import re

import webencodings

PRESCAN_BYTES = 65_536
"""Browsers look at 1,024 bytes first, and start again when the parser meets a later `<meta>`."""
_BOMS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xfe\xff", "utf-16be"), (b"\xff\xfe", "utf-16le"))
_CHARSET = re.compile(
    rb"charset[\t\n\x0c\r ]*=[\t\n\x0c\r ]*(\"[^\"]*\"|'[^']*'|[^\"'\t\n\x0c\r ;][^\t\n\x0c\r ;]*)", re.I
)
_BLANKS = rb"[\t\n\x0c\r ]*+"
_NAME = rb"([^\t\n\x0c\r />][^\t\n\x0c\r /=>]*+)" + _BLANKS
"""Of an attribute; a leading `=` belongs to it."""
_VALUE = rb"=" + _BLANKS + rb"(?:\"([^\"]*+)\"|'([^']*+)'|((?:[^\t\n\x0c\r >\"'][^\t\n\x0c\r >]*+)?+)"
_ATTRIBUTE = re.compile(_NAME + rb"(?:" + _VALUE + rb"))?+")
"""One attribute of a tag that ends."""
_TAG = re.compile(
    rb"<!(?=--)(?:.*?-->|.*+)|<(?:(?P<meta>meta)(?=[\t\n\x0c\r /])|/?[a-z][^\t\n\x0c\r >]*+)"
    rb"(?:[\t\n\x0c\r /]*+" + _NAME + rb"(?:" + _VALUE + rb"(?=[\t\n\x0c\r >]))|(?=[^\t\n\x0c\r =])))*+"
    rb"(?:[\t\n\x0c\r /]*+(?P<end>>)|.*+)|<[!/?][^>]*+>?",
    re.DOTALL | re.IGNORECASE,
)
"""Comments, tags and declarations; one that does not end takes all that is left."""
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
    for tag in _TAG.finditer(head):
        if not tag["meta"] or not tag["end"]:
            continue
        attributes: dict[bytes, bytes] = {}
        for name, *values in _ATTRIBUTE.findall(head, tag.end("meta"), tag.end()):
            attributes.setdefault(name.lower(), b"".join(values).lower())
        label = attributes.get(b"charset")
        if label is None and attributes.get(b"http-equiv") == b"content-type":
            match = _CHARSET.search(attributes.get(b"content", b""))
            label = match.group(1).strip(b"\"'") if match else None
        if label is not None and (found := _declared(label)):
            return found
    return ""


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
        from charset_normalizer import from_bytes

        best = from_bytes(body[:20_000], cp_exclusion=["utf_7"], enable_fallback=False).best()
        return (_known(best.encoding.replace("_", "-")) if best else "") or DEFAULT
    return "utf-8"
