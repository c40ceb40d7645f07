"""Where people read a file of a repository, and where its relative links lead.

Idea: a README is fetched from a host of raw files and read on the forge; its relative links mean the repository, so
they are resolved there: a folder is a `tree`, a file a `blob`. Invariant: pure; an address of no known forge stays as
it is.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from extractors.sources.git_forge import Forge
from extractors.sources.listing_entry import web_address

_RAW = (
    (re.compile(r"(https://github\.com/[^/]+/[^/]+)/raw/(?:refs/heads/)?"), r"\1/blob/"),
    (re.compile(r"https://cdn\.jsdelivr\.net/gh/([^/]+/[^/@]+)@([^/]+)/"), r"https://github.com/\1/blob/\2/"),
    (re.compile(r"https://cdn\.jsdelivr\.net/gh/([^/]+/[^/@]+)/"), r"https://github.com/\1/blob/HEAD/"),
    (re.compile(r"\A(https://[^/]+/.+/-)/raw/"), r"\1/blob/"),
    (re.compile(r"(https://[^/]+/[^/]+/[^/]+)/raw/(branch|tag|commit)/"), r"\1/src/\2/"),
    (re.compile(r"(https://bitbucket\.org/[^/]+/[^/]+)/raw/"), r"\1/src/"),
)
_ABSOLUTE = re.compile(r"\A(?:[a-z][a-z0-9+.-]{0,30}:|//)", re.IGNORECASE)
_FILE = re.compile(r"\A(?P<root>https?://.+?/(?:-/)?(?:blob|tree|src/(?:branch|tag|commit))/[^/]+/)(?P<path>.+)")


def read_at(url: str, forge: Forge) -> str:
    """The forge's page of a raw file; any other address as it is."""
    if url.startswith(forge.raw + "/"):
        owner, _, rest = url.removeprefix(forge.raw + "/").partition("/")
        name, _, rest = rest.partition("/")
        rest = rest.removeprefix("refs/heads/")
        return f"{forge.web}/{owner}/{name}/blob/{rest}" if "/" in rest else url
    return next((pattern.sub(page, url, count=1) for pattern, page in _RAW if pattern.match(url)), url)


def raw_file(url: str, forge: Forge, default: str = "README.md") -> str:
    """The raw address of a file's page or of a repository's README; any other address as it is."""
    place = forge.place(url)
    if place is None:
        return url
    segments = [part for part in urlsplit(url).path.split("/") if part]
    is_file = "blob" in segments[2:3] and len(segments) > 4
    return forge.raw_url(place, "/".join(filter(None, (place.inside, segments[-1] if is_file else default))))


def linked(href: str, base: str) -> str:
    """Where a link of the page at `base` leads; nothing when that is no web address."""
    here = _FILE.match(base)
    if here is not None and href.startswith("/") and not href.startswith("//"):
        href = here["root"] + href.lstrip("/")
    relative = not _ABSOLUTE.match(href) or (here and href.startswith(here["root"]))
    address = web_address(href, base)
    if not relative or here is None or (there := _FILE.match(address)) is None:
        return address
    path = there["path"].split("?")[0]
    is_folder = path.endswith("/") or "." not in path.rsplit("/", 1)[-1].lstrip(".")
    kind = "/tree/" if is_folder else "/blob/"
    return re.sub(r"/(?:blob|tree)/", kind, address, count=1).rstrip("/") if "/src/" not in there["root"] else address
