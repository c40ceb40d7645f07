"""Where the foreign data lies that benches measure on: `../shared`, or what `ASSAY_SHARED` names."""

from __future__ import annotations

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SHARED = Path(os.environ.get("ASSAY_SHARED", ROOT.parent / "shared"))
