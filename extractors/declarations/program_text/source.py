"""Tools declared in program text.

Idea: files that cannot declare a tool are not parsed; all others of one product are read as one program, so that
constants, helpers and lists of other files count. Invariant: program text is read, never run.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Sequence

from extractors.declarations.facts import Declarations, SourceFile
from extractors.declarations.program_text.idioms import Tools
from extractors.declarations.program_text.openness import gaps
from extractors.declarations.program_text.syntax import Unit, language_of
from extractors.declarations.program_text.values import Program

_NO_PROGRAM = re.compile(
    r"^(?:[^/]+/)?(?:tests?|__tests__|specs?|__mocks__|mocks?|fixtures?|testdata|e2e|examples?|samples?|demos?|docs?|"
    r"benchmarks?|bench|node_modules|vendor|third_party|\.github|evals?|storybook|website)/"
    r"|(?:^|/)(?:__tests__|__mocks__|node_modules|src/test)/"
    r"|(?:^|/)(?<!/tools/)(?<!/tool/)test_[^/]+\.py$|(?:^|/)(?:conftest|setup)\.py$"
    r"|(?:^|/)[^/]+_test\.(?:go|py)$|(?:^|/)[^/]+\.(?:test|spec|stories|mock|bench|spechelper)s?\.[cm]?[jt]sx?$"
    r"|Tests?\.(?:cs|java|kt)$|\.d\.ts$|\.config\.\w+$",
    re.IGNORECASE,
)
"""Folders count near the root only: `src/tools/tests/list.ts` may well declare tools about tests."""
_MAY_DECLARE = re.compile(r"(?i)tool|KernelFunction|AgentSkill")


def is_program(path: str) -> bool:
    """True for a path with the ending of a language that is read."""
    return language_of(path) is not None


def shipped(paths: Sequence[str]) -> tuple[list[str], str]:
    """(program paths that may be part of what is delivered, the product's own folder): no tests, examples or
    configuration. Where a product itself lives under `samples/`, that part of its path does not count."""
    root = posixpath.commonpath([posixpath.dirname(path) or "." for path in paths]) if paths else ""
    root = root + "/" if root not in ("", ".") else ""
    return [
        path for path in dict.fromkeys(paths) if is_program(path) and not _NO_PROGRAM.search(path[len(root) :])
    ], root


def read_source(files: Sequence[SourceFile]) -> Declarations:
    """The tools of one product's program text, with the lines that leave its list open."""
    chosen = set(shipped([file.path for file in files])[0])
    programs = [file for file in files if file.path in chosen]
    if not any(_MAY_DECLARE.search(file.text) for file in programs):
        return Declarations()
    units = [Unit(file, language) for file in programs if (language := language_of(file.path))]
    program = Program(units)
    found = Tools(program)
    return Declarations(
        tools=tuple(found.tools),
        schemes=tuple(found.schemes),
        capabilities=tuple(found.capabilities),
        gaps=(*found.gaps, *gaps(program, found)),
    )
