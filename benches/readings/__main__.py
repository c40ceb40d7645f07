"""`python -m benches.readings MODEL REPLIES [SECOND]`: keeps the replies of a folder, `AGENT.json` each.

Invariant: the replies stay where they are; what is written holds no word of a page.
"""

from __future__ import annotations

import sys
from pathlib import Path

from benches.readings.bench_readings import KEPT
from benches.readings.stored_readings import reading_of, request_of


def main(model: str, replies: Path, second: Path | None = None) -> None:
    """Writes one reading for each reply."""
    KEPT.mkdir(exist_ok=True)
    for file in sorted(replies.glob("*.json")):
        request = request_of(file.stem)
        again = second / file.name if second else None
        verdicts = again.read_text(encoding="utf-8") if again and again.exists() else None
        reading = reading_of(request, model, file.read_text(encoding="utf-8"), verdicts)
        (KEPT / file.name).write_text(reading.model_dump_json(indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1], *(Path(folder) for folder in sys.argv[2:4]))
