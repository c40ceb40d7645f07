"""Environment variables that a product asks for: which are secrets."""

from __future__ import annotations

import re

from extractors.declarations.facts import Credential, Place

VARIABLE = re.compile(r"\A(?:[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+|[A-Z]{4,}[A-Z0-9]*)")
_SECRET = re.compile(
    r"(?i)(?:^|_|-|\b)(?:api_?key|apikey|token|secret|password|passwd|pwd|pat|private_?key|access_?key|credentials?|"
    r"auth_?key|client_?secret|service_?key|session_?key|cookie|jwt|dsn|connection_?string|database_ur[li]|authorization|"
    r"x-api-key|license_?key|webhook_?url|bearer)(?:$|_|-|\b)|(?:key|token|secret|password)$"
)
_NO_SECRET = re.compile(
    r"(?i)(?:max|min|limit|threshold|count|expir\w*|timeout|ttl|path|file|dir|url(?!$)|endpoint|enabled?|name|header|type)$"
    r"|token_?(?:limit|count|threshold|url|endpoint)|public_?key"
    r"|^(?:uv_publish|twine|pypi|npm|docker(?:hub)?|codecov|cargo_registry)_"
)
"""Numbers and places, what is public, and keys with which a project publishes itself."""


def is_secret(name: str) -> bool | None:
    """By the name; None where it decides nothing."""
    if _NO_SECRET.search(name):
        return False
    return True if _SECRET.search(name) else None


def credential(name: str, stated_by: str, place: Place, secret: bool | None = None) -> tuple[Credential, ...]:
    """Nothing for what is no name of a variable or header."""
    name = name.strip()
    if not re.fullmatch(r"[\w.-]{2,80}", name):
        return ()
    known = is_secret(name) if secret is None else secret
    return (Credential(name=name, secret=known, stated_by=stated_by, place=place),)
