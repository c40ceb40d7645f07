"""A folder of skills: each `SKILL.md` below it is an entry of its own, known by its digest.

Invariant: only front matter is read for the name; nothing of a skill is followed or run, no link is left.
"""

import hashlib
import re
from pathlib import Path

from assay_check.configurations.configuration import Configuration
from assay_check.configurations.tree import MOST_BYTES, Problem, decoded
from assay_check.redaction import shown
from assay_check.subjects import Entry, Subject, SubjectKind

MOST_SKILLS = 5_000
_NAME = re.compile(r"^name:[ \t]*[\"']?([^\n\"'#]{1,200})", re.MULTILINE)


def read_skills(folder: Path) -> list[Configuration]:
    """One configuration a `SKILL.md`, in the order of their paths."""
    found = []
    for file in sorted(folder.rglob("SKILL.md"))[:MOST_SKILLS]:
        inside = file.resolve().is_relative_to(folder.resolve()) and file.is_file()
        large = inside and file.stat().st_size > MOST_BYTES
        problem = Problem(0, "too large: not read" if large else "a link out of the folder: not read")
        unread = Configuration(str(file), "skill", (), (problem,))
        found.append(_skill(file) if inside and not large else unread)
    return found


def _skill(file: Path) -> Configuration:
    body = file.read_bytes()
    digest = f"sha256:{hashlib.sha256(body).hexdigest()}"
    text = decoded(body)
    end = text.find("\n---", 3) if text.startswith("---") else -1
    named = _NAME.search(text, 0, max(end, 0))
    name = named.group(1).strip() if named else file.parent.name
    line = text.count("\n", 0, named.start()) + 1 if named else 1
    why = "a skill of this machine: it is known by its digest alone"
    subject = Subject(SubjectKind.LOCAL, False, why, value=shown(str(file.parent.name)), digest=digest)
    entry = Entry(shown(name), line, "skill", subject, path=f"skill.{name}")
    return Configuration(str(file), "skill", (entry,), sha256=digest.removeprefix("sha256:"))
