"""Does a page move its own score? Seventy real folders, each with text added or headings changed.

Idea: what is done to a page here makes no product safer, so no score and no high end may fall. Every change is made to
the README as bytes and takes the whole way. Invariant: a folder counts once for each change under which it falls.
"""

from __future__ import annotations

import re
import shutil
import tempfile
from decimal import Decimal
from functools import cache
from pathlib import Path

from benches.attacks.gaming_changes import ATTACKS, CHANGES, Change
from benches.figure import Figure
from benches.shared_data import SHARED
from flows.operations.local_record import assess_folder
from flows.settings import load
from scoring.scores import AivssScore

ADDED = ("SKILL.md", "NOTES.md")
"""Documents that are added beside the README."""


def folders() -> list[Path]:
    """Every folder of documents in `../shared`."""
    agreement = [path for path in sorted((SHARED / "agreement").iterdir()) if path.is_dir()]
    return [*agreement, *sorted((SHARED / "corpus" / "agents").glob("*/files"))]


def readme_of(folder: Path) -> Path | None:
    """The file that the changes are made to."""
    found = (path for path in sorted(folder.iterdir()) if re.match(r"(?i)readme\.md|skill\.md", path.name))
    return next(found, None)


def headline(folder: Path) -> AivssScore:
    """Score and range of a folder as a user gets them: what its files declare, and the built-in reader."""
    return assess_folder(folder, load()).assessment.headline


def fell(before: AivssScore, after: AivssScore) -> bool:
    """A withheld headline is no lower one, but its high end counts."""
    lower = before.score is not None and after.score is not None and after.score < before.score
    return lower or Decimal(after.high) < Decimal(before.high)


@cache
def before(folder: Path) -> AivssScore:
    return headline(folder)


def falls_with(folder: Path, file: str, text: str) -> bool:
    """Whether the folder's score or high end falls when one of its files holds another text."""
    with tempfile.TemporaryDirectory() as place:
        copy = Path(place) / (folder.parent.name if folder.name == "files" else folder.name)
        shutil.copytree(folder, copy)
        (copy / file).unlink(missing_ok=True)
        (copy / file).write_text(text, encoding="utf-8")
        return fell(before(folder), headline(copy))


def falls_under(folder: Path, change: Change) -> bool:
    """Whether it falls under a change of its README."""
    readme = readme_of(folder)
    return readme is not None and falls_with(
        folder, readme.name, change(readme.read_text(encoding="utf-8", errors="replace"))
    )


def falls(folder: Path) -> dict[str, bool]:
    """Change to whether the folder's score or high end falls under it."""
    if readme_of(folder) is None:
        return {}
    decoys = f"# More\n\n{ATTACKS['decoys']}\n"
    more = [added for added in ADDED if not (folder / added).exists()]
    return {name: falls_under(folder, change) for name, change in CHANGES.items()} | {
        f"decoys in {added}": falls_with(folder, added, decoys) for added in more
    }


def run() -> list[Figure]:
    results = [found for folder in folders() if (found := falls(folder))]
    figures = []
    for change in (*CHANGES, *(f"decoys in {added}" for added in ADDED)):
        count = sum(found.get(change, False) for found in results)
        name = f"agents whose score or high end falls: {change}"
        how = "seventy real folders, the README changed, the built-in reader and what files declare"
        figures.append(Figure(name, f"{count} of {len(results)}", "0", count == 0, how))
    return figures
