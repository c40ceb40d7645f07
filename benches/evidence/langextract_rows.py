"""Runs google/langextract's aligner over rows; for the bench environment, which has no Assay in it.

Reads `[{"text", "quote"}]` from the file given, prints `{"seconds", "accepted"}`. Not counted: the imports.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from langextract import data, resolver


def main() -> None:
    rows = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    aligner = resolver.WordAligner()
    accepted = []
    begin = time.process_time()
    for row in rows:
        wanted = data.Extraction(extraction_class="quote", extraction_text=row["quote"])
        aligned = aligner.align_extractions([[wanted]], row["text"])
        accepted.append(aligned[0][0].char_interval is not None)
    print(json.dumps({"seconds": time.process_time() - begin, "accepted": accepted}))


main()
