"""Environment variables that a product asks for: which are secrets, and those that `.env.example` and its kin or a
README names."""

import re
from itertools import islice

from extractors.declarations.facts import Credential, Declarations, Place, place
from extractors.declarations.located import Document

VARIABLE = re.compile(r"(?<![A-Z0-9])(?:[A-Z][A-Z0-9]*+(?:_[A-Z0-9]++)++|[A-Z]{4,}+[A-Z0-9]*+)")
_SECRET = re.compile(
    r"(?i)(?:^|_|-|\b)(?:api_?key|apikey|token|secret|password|passwd|pwd|pat|private_?key|access_?key|credentials?|"
    r"auth_?key|client_?secret|service_?key|session_?key|cookie|jwt|dsn|connection_?string|database_ur[li]|authorization|"
    r"x-api-key|license_?key|webhook_?url|bearer)(?:$|_|-|\b)|(?:key|token|secret|password)$"
)
_NO_SECRET = re.compile(
    r"(?i)(?:max|min|limit|threshold|count|expir\w*|timeout|ttl|path|file|dir|url(?!$)|endpoint|enabled?|name|header|type)$"
    r"|token_?(?:limit|count|threshold|url|endpoint)|public_?key"
    r"|^(?:uv_publish|twine|pypi|codecov|cargo_registry|npm|node_auth|docker|dockerhub|vsce|ovsx)_"
)
"""Numbers and places, what is public, and keys with which a project publishes itself."""


def is_secret(name: str) -> bool | None:
    """By the name; None where it decides nothing."""
    if _NO_SECRET.search(name):
        return False
    return True if _SECRET.search(name) else None


def credential(name: str, stated_by: str, at: Place, secret: bool | None = None) -> tuple[Credential, ...]:
    """Nothing for what is no name of a variable or header."""
    name = name.strip()
    if not re.fullmatch(r"[\w.-]{2,80}", name):
        return ()
    known = is_secret(name) if secret is None else secret
    return (Credential(name=name, secret=known, stated_by=stated_by, place=at),)


_FILES = re.compile(
    r"(?:^|/)(?:[\w-]*\.?env[.-](?:example|sample|template|dist|local\.example|default)|(?:example"
    r"|sample)[\w-]*\.env|env\.(?:example|sample|template))$",
    re.IGNORECASE,
)
_LINE = re.compile(r"^[ \t]*+#?[ \t]*+(?:export[ \t]++)?([A-Z][A-Z0-9_]{2,79})[ \t]*=", re.MULTILINE)
_IN_TEXT = re.compile(
    r"`\$?\{?([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)\}?(?:=[^`\n]{0,80})?`"
    r"(?!(?i:[^\n]{0,120}(?:github actions|publish\w* (?:permissions?|rights))))|^[ \t]*(?:export[ \t]+"
    r"|set[ \t]+)?([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)=(?=\S)"
    r"|-e[ \t]+([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)|^\|[ \t]*([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)[ \t]*\|",
    re.MULTILINE,
)
MAX_VARIABLES = 300


def applies(document: Document) -> bool:
    return bool(_FILES.search(document.path)) or document.name.endswith((".md", ".mdx", ".rst"))


def read(document: Document) -> Declarations:
    is_example = bool(_FILES.search(document.path))
    stated_by = "environment example" if is_example else "document"
    first: dict[str, re.Match[str]] = {}
    for match in (_LINE if is_example else _IN_TEXT).finditer(document.text):
        first.setdefault(next(filter(None, match.groups())), match)
    places = {name: place(document.file, *match.span()) for name, match in islice(first.items(), MAX_VARIABLES)}
    found = (made for name, at in places.items() for made in credential(name, stated_by, at))
    return Declarations(credentials=tuple(found))
