"""Foreign text on its way out: what may stand in HTML, XML, a link, a spreadsheet cell.

Idea: one door for each form; templates pass every value through `shown` by themselves. Invariant: a value
that went through its door cannot start markup, a formula, a script or a load, in any reader we know of.
"""

import re
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urlsplit

from markupsafe import Markup

_NOT_TEXT = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef"
    + "".join(chr(plane << 16 | low) for plane in range(17) for low in (0xFFFE, 0xFFFF))
    + "]"
)
"""Code points that XML 1.0 or HTML forbid in text: controls, surrogates, noncharacters."""

_DIRECTION = re.compile("[\u202a-\u202e\u2066-\u2069\u200e\u200f\u061c]")
"""Marks that turn the reading direction of what stands beside them."""

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠", "|", "%")


def clean(text: str) -> str:
    """Text without the code points that no document may hold; each becomes U+FFFD."""
    return text if text.isprintable() else _NOT_TEXT.sub("\ufffd", text)


def shown(value: Any) -> str:
    """A value as it is in a page: our own markup passes, None is empty, the rest is cleaned and escaped text."""
    if isinstance(value, Markup):
        return value
    text = "" if value is None else clean(str(value)).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return text.replace("'", "&#39;").replace('"', "&#34;")


def plain(text: str) -> str:
    """One line without direction marks, for titles, feeds, badges and cells."""
    if text.isprintable():  # then there is no other white space than blanks, and no direction mark
        return " ".join(text.split()) if "  " in text or text[:1] == " " or text[-1:] == " " else text
    return " ".join(_DIRECTION.sub("", clean(text)).split())


def clip(text: str, length: int) -> str:
    """At most `length` characters, cut at a space with an ellipsis."""
    if len(text) <= length:
        return text
    cut = text[: length - 1]
    space = cut.rfind(" ")
    return (cut[:space] if space > length * 0.6 else cut).rstrip(" ,;:") + "…"


def link(url: str | None) -> str | None:
    """The URL when it may be a link: http or https with a host, nothing that a browser would reinterpret."""
    if not url or len(url) > 2000 or any(c <= " " or c in '\\"<>`{}|^' or "\x7f" <= c <= "\xa0" for c in url):
        return None
    try:
        parts = urlsplit(url)
        host = parts.hostname
        _ = parts.port
    except ValueError:
        return None
    if parts.scheme not in ("http", "https") or not host or "@" in parts.netloc:
        return None
    try:
        host.encode("ascii")
    except UnicodeEncodeError:
        return None  # shown as text: a look-alike host must not become a link
    return quote(url, safe="!#$%&'()*+,/:;=?@[]~-._") if _well_escaped(url) else None


def out(url: str) -> Markup:
    """A link to another site, else the address as text."""
    name, href = f"<bdi>{shown(clip(url, 90))}</bdi>", link(url)
    return Markup(
        f'<a class="out" href="{shown(href)}" rel="nofollow noopener noreferrer">{name}</a>' if href else name
    )


def _well_escaped(url: str) -> bool:
    """True when the URL has at most one fragment mark and each percent sign starts an escape."""
    brackets = "[" in url or "]" in url
    return url.count("#") <= 1 and not brackets and not re.search(r"%(?![0-9A-Fa-f]{2})", url)


def cell(value: Any) -> str:
    """A spreadsheet cell that is never a formula: one line, an apostrophe before anything that could start one."""
    text = plain("" if value is None else str(value))
    return "'" + text if text.startswith(_FORMULA) else text


def day(moment: datetime) -> str:
    """`2026-11-21`, in UTC."""
    return moment.astimezone(UTC).strftime("%Y-%m-%d")


def stamp(moment: datetime) -> str:
    """`2026-11-21T02:30:00Z`, in UTC, with microseconds only where there are some."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def when(moment: datetime | str) -> Markup:
    """`2026-11-21 02:30 UTC` for a reader, the exact moment for a program. Takes a `stamp` as well."""
    exact = moment if isinstance(moment, str) else stamp(moment)
    return Markup('<time datetime="{}">{} {} UTC</time>').format(exact, exact[:10], exact[11:16])
