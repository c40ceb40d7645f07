"""Does a page move its own score? Seventy real folders, each with text added or headings renamed.

Idea: what is done to a page here makes no product safer, so no score and no high end may fall. Every change is made to
the README as bytes and takes the whole way. Invariant: a folder counts once for each change under which it falls.
"""

from __future__ import annotations

import asyncio
import re
import shutil
import tempfile
from decimal import Decimal
from pathlib import Path

from benches.attacks.gaming_changes import ATTACKS, CHANGES
from benches.figure import Figure
from benches.shared_data import SHARED
from extractors.pages.local_folder import read_folder
from flows.night.assessment import assess_completion, completion_client, request_for
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
    """Score and range of a folder, by the built-in reader."""
    read, settings = read_folder(folder), load()
    client = completion_client(settings)
    request = request_for(read.listing, read.pages, settings, client)
    completion = asyncio.run(client.complete(request))
    return assess_completion(request, completion, settings.profile, read.not_read, read.findings).assessment.headline


def fell(before: AivssScore, after: AivssScore) -> bool:
    """A withheld headline is no lower one, but its high end counts."""
    lower = before.score is not None and after.score is not None and after.score < before.score
    return lower or Decimal(after.high) < Decimal(before.high)


def falls(folder: Path) -> dict[str, bool]:
    """Change to whether the folder's score or high end falls under it."""
    name = folder.parent.name if folder.name == "files" else folder.name
    with tempfile.TemporaryDirectory() as place:
        copy = Path(place) / name
        shutil.copytree(folder, copy)
        readme = readme_of(copy)
        if readme is None:
            return {}
        text, before = readme.read_text(encoding="utf-8", errors="replace"), headline(copy)
        found = {}
        for change, changed in CHANGES.items():
            readme.write_text(changed(text), encoding="utf-8")
            found[change] = fell(before, headline(copy))
        readme.write_text(text, encoding="utf-8")
        for added in ADDED:
            if not (copy / added).exists():
                (copy / added).write_text(f"# More\n\n{ATTACKS['decoys']}\n", encoding="utf-8")
                found[f"decoys in {added}"] = fell(before, headline(copy))
                (copy / added).unlink()
        return found


def run() -> list[Figure]:
    results = [found for folder in folders() if (found := falls(folder))]
    figures = []
    for change in (*CHANGES, *(f"decoys in {added}" for added in ADDED)):
        count = sum(found.get(change, False) for found in results)
        name = f"agents whose score or high end falls: {change}"
        how = "seventy real folders, the README changed, the built-in reader"
        figures.append(Figure("extractors", name, f"{count} of {len(results)}", "0", count == 0, how))
    return figures


if __name__ == "__main__":
    for figure in run():
        print(figure.name, figure.value)
