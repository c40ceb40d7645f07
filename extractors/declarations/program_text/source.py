"""Tools declared in program text.

Idea: files that cannot declare a tool are not parsed; all others of one product are read as one program, so that
constants, helpers and lists of other files count. Invariant: program text is read, never run.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from extractors.declarations.facts import Declarations, SourceFile
from extractors.declarations.program_text.idioms import Tools
from extractors.declarations.program_text.openness import gaps
from extractors.declarations.program_text.powers.powers import powers
from extractors.declarations.program_text.syntax.parsed_file import Unit
from extractors.declarations.program_text.values import Program
from extractors.program_paths import language_of, shipped

_MAY_DECLARE = re.compile(r"(?i)tool|KernelFunction|AgentSkill")


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
        gaps=(*found.gaps, *gaps(program, found)),
        powers=powers(units, files),
    )
