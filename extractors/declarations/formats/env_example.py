"""`.env.example` and its kin: the variables that have to be set, and environment variables that a README names."""

from __future__ import annotations

import re

from extractors.declarations.credentials import credential
from extractors.declarations.document import Document
from extractors.declarations.facts import Credential, Declarations
from extractors.declarations.place import place

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
    found: list[Credential] = []
    seen: set[str] = set()
    is_example = bool(_FILES.search(document.path))
    for match in (_LINE if is_example else _IN_TEXT).finditer(document.text):
        name = next(filter(None, match.groups()))
        if name in seen or len(found) >= MAX_VARIABLES:
            continue
        seen.add(name)
        stated_by = "environment example" if is_example else "document"
        found += credential(name, stated_by, place(document.file, match.start(), match.end()))
    return Declarations(credentials=tuple(found))
