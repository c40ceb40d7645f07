"""The forms in which a night is reported: the door through which a new one comes in.

A form is a function, in a file of its own, and an entry of `REPORTS`; `assay night run --report FILE` takes the one of
the file's ending. Invariant: a form is a function of the summary alone, and what may have come from outside is harmless
where it is shown.
"""

import json
from collections.abc import Callable
from pathlib import Path

from flows.report.morning_report import morning_lines, morning_markdown
from flows.report.night_summary import NightSummary
from scoring.errors import BadInput

REPORTS: dict[str, Callable[[NightSummary], str]] = {
    ".txt": lambda summary: "\n".join(morning_lines(summary)) + "\n",
    ".md": morning_markdown,
    ".json": lambda summary: json.dumps(summary.model_dump(mode="json"), ensure_ascii=False, indent=2) + "\n",
}
"""By the ending of the file."""


def write_report(summary: NightSummary, file: Path) -> None:
    """Writes the night in the form that the file's ending names."""
    file.write_text(REPORTS[ending_of(file)](summary), encoding="utf-8")


def ending_of(file: Path) -> str:
    """The ending of a report; a name without one is a text. `BadInput` lists the ones there are."""
    ending = file.suffix.lower() or ".txt"
    if ending not in REPORTS:
        raise BadInput(f"no report ends in {ending}", subject=str(file), step="report", next_step=", ".join(REPORTS))
    return ending
