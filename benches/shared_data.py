"""Where the foreign data lies that benches measure on: `../shared`, or what `ASSAY_SHARED` names."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SHARED = Path(os.environ.get("ASSAY_SHARED", ROOT.parent / "shared"))


def agreement_folders() -> list[Path]:
    """The documents of the forty agreement agents, by name. Every second one, from the first, may be tuned to; the
    others are only reported on."""
    return sorted(path for path in (SHARED / "agreement").iterdir() if path.is_dir())


def document_folders() -> list[Path]:
    """Every folder of an agent's documents."""
    return [*agreement_folders(), *sorted((SHARED / "corpus" / "agents").glob("*/files"))]
