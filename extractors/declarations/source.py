"""Tools declared in program text.

Idea: files that cannot declare a tool are not parsed; all others of one product are read as one program, so that
constants, helpers and lists of other files count. Invariant: program text is read, never run.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from extractors.declarations.facts import Declarations, SourceFile
from extractors.declarations.idioms import Tools
from extractors.declarations.openness import gaps
from extractors.declarations.syntax import Unit, language_of
from extractors.declarations.values import Program

_NO_PROGRAM = re.compile(
    r"(?:^|/)(?:tests?|__tests__|spec|specs|__mocks__|mocks?|fixtures?|testdata|e2e|examples?|samples?|demos?|docs?|"
    r"benchmarks?|bench|node_modules|vendor|third_party|\.github|evals?|storybook|website)/"
    r"|(?:^|/)(?:test_[^/]+|[^/]+_test|[^/]+[.-](?:test|spec|stories|mock|bench)s?|conftest|setup)\.\w+$"
    r"|(?:^|/)src/test/|Tests?\.(?:cs|java|kt)$|\.d\.ts$|\.config\.\w+$",
    re.IGNORECASE,
)
_MAY_DECLARE = re.compile(r"(?i)tool|KernelFunction")


def is_program(path: str) -> bool:
    """True for program text that may be part of what is delivered: no tests, examples or configuration."""
    return language_of(path) is not None and not _NO_PROGRAM.search(path)


def read_source(files: Sequence[SourceFile]) -> Declarations:
    """The tools of one product's program text, with the lines that leave its list open."""
    programs = [file for file in files if is_program(file.path)]
    if not any(_MAY_DECLARE.search(file.text) for file in programs):
        return Declarations()
    units = [Unit(file, language) for file in programs if (language := language_of(file.path))]
    program = Program(units)
    found = Tools(program)
    return Declarations(tools=tuple(found.tools), gaps=(*found.gaps, *gaps(program, found)))



