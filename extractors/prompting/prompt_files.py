"""Prompt files: front matter and text, loaded strictly and named by the digest of the whole file.

Idea: a prompt is data with a version; a record names both. Invariant: a file whose front matter has an
unknown, missing or mistyped key is refused, so that a typing error never silently changes a request.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from extractors.model.completion import Prompt
from extractors.pages.snapshot import sha256
from scoring.errors import BadInput

PROMPTS = Path(__file__).resolve().parents[2] / "prompts"
SETTINGS: dict[str, type] = {"temperature": str, "max_output_tokens": int}
"""Every model setting that a prompt may carry. A temperature is text because no float is ever hashed."""

_FENCE = "---\n"


def load(name: str) -> Prompt:
    """The bundled prompt of that name: `prompts/<name>.md`."""
    return _read(PROMPTS / f"{name}.md")


@lru_cache(maxsize=32)
def _read(path: Path) -> Prompt:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise BadInput(
            f"cannot be read ({error.strerror})",
            subject=str(path.name),
            step="prompt",
            next_step=f"choose one of {', '.join(sorted(p.stem for p in PROMPTS.glob('*.md')))}",
        ) from error
    return parse(data, path.name)


def parse(data: bytes, subject: str) -> Prompt:
    """`---`, YAML front matter, `---`, text."""
    try:
        whole = data.decode("utf-8")
        if not whole.startswith(_FENCE):
            raise ValueError("does not begin with front matter")
        head, fence, text = whole[len(_FENCE) :].partition("\n" + _FENCE)
        if not fence:
            raise ValueError("has front matter without an end")
        front = yaml.safe_load(head)
        _check(front)
        if not text.strip():
            raise ValueError("has no text")
    except (ValueError, yaml.YAMLError) as error:
        raise BadInput(str(error), subject=subject, step="prompt", next_step="mend its front matter") from error
    prompt = Prompt(**front, digest=sha256(data), text=text.strip() + "\n")
    if not prompt.is_whole:
        told = "is not written as prompts are: name, version, reply, settings, a blank line, the text"
        raise BadInput(told, subject=subject, step="prompt", next_step="write it as prompts/assess.md is written")
    return prompt


def _check(front: Any) -> None:
    wanted = {"name": str, "version": int, "reply": str, "settings": dict}
    if not isinstance(front, dict):
        raise ValueError("has front matter that is no mapping")
    for key in front:
        if key not in wanted:
            raise ValueError(f"has the unknown front-matter key {key!r}")
    for key, kind in wanted.items():
        if key not in front:
            raise ValueError(f"lacks the front-matter key {key!r}")
        if not isinstance(front[key], kind) or isinstance(front[key], bool):
            raise ValueError(f"has a front-matter key {key!r} that is no {kind.__name__}")
    for key, value in front["settings"].items():
        if key not in SETTINGS:
            raise ValueError(f"has the unknown setting {key!r}")
        if not isinstance(value, SETTINGS[key]) or isinstance(value, bool):
            raise ValueError(f"has a setting {key!r} that is no {SETTINGS[key].__name__}")
