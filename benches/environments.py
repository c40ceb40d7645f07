"""Other people's programs in environments of their own, made by the standard library's `venv` and pip.

Invariant: an environment that was not installed to its end, or for other requirements, is made anew.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent


def python_with(requirements: Path) -> Path:
    """The interpreter of an environment with these requirements; made at first need, which takes a network."""
    digest = hashlib.sha256(requirements.read_bytes()).hexdigest()[:12]
    folder = HERE.parent / "build" / f"bench-{requirements.stem}-{digest}"
    python, done = folder / "bin" / "python", folder / "installed"
    if not done.exists():
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(folder)], check=True)
        quiet = ["-q", "--disable-pip-version-check", "--no-input"]
        subprocess.run([str(python), "-m", "pip", "install", *quiet, "-r", str(requirements)], check=True)
        done.touch()
    return python
