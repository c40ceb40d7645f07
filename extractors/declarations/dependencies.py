"""What a dependency shows that a program is built to do; which ones, and why, is in `data/tools/dependencies.toml`.

Invariant: a name says something only by the table, with a source each; nothing is looked up.
"""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path

from extractors.declarations.document import Document
from extractors.declarations.facts import Dependency
from extractors.declarations.located import Located

TABLE = Path(__file__).parents[2] / "data/tools/dependencies.toml"
MAX_DEPENDENCIES = 600
_ASIDE = re.compile(
    r"(?i)(?:^|/)(?:docs?|examples?|samples?|tests?|__tests__|e2e|evals?|bench(?:mark)?s?|website|fixtures|scripts|\.github)/"
    r"|(?:^|/)[\w.]*\.tests?\.[cf]sproj$"
)
"""Folders whose manifests are not those of what is shipped."""


@cache
def table() -> dict[tuple[str, str], str]:
    """{(ecosystem, name): what it says}; a name ending in `*` is a beginning."""
    rows = tomllib.loads(TABLE.read_text(encoding="utf-8"))
    return {
        (ecosystem, name): says
        for says, row in rows.items()
        for ecosystem, names in row.items()
        if isinstance(names, list)
        for name in names
    }


def says(ecosystem: str, name: str) -> str:
    known = table()
    folded = re.sub(r"[-_.]+", "-", name).lower() if ecosystem == "pypi" else name
    if (ecosystem, folded) in known:
        return known[(ecosystem, folded)]
    parts = re.split(r"(?<=[/.-])", folded)
    beginnings = ("".join(parts[:count]) for count in range(len(parts) - 1, 0, -1))
    return next((known[(ecosystem, f"{start}*")] for start in beginnings if (ecosystem, f"{start}*") in known), "")


def dependency(
    ecosystem: str, name: str, development: bool, document: Document, at: Located, optional: bool = False
) -> Dependency:
    """`development`: so said; a manifest that stands beside the product, as that of its tests, brings nothing else."""
    return Dependency(
        name=name,
        says=says(ecosystem, name),
        development=development or _ASIDE.search(document.path) is not None,
        optional=optional,
        place=document.place(at),
    )
