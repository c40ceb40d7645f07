"""Prompt files: front matter and text, loaded strictly and named by the digest of the whole file.

Idea: a prompt is data with a version; a record names both. Invariant: a file whose front matter has an
unknown, missing or mistyped key is refused, so that a typing error never silently changes a request.
"""

from functools import lru_cache
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from extractors.model.completion import Prompt
from extractors.pages.snapshot import sha256
from scoring.errors import BadInput

PROMPTS = Path(__file__).resolve().parents[2] / "prompts"
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


class _Settings(BaseModel):
    """Every model setting that a prompt may carry. A temperature is text because no float is ever hashed."""

    model_config = ConfigDict(extra="forbid", strict=True)

    temperature: str = ""
    max_output_tokens: int = 0


class _FrontMatter(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    name: str
    version: int
    reply: str
    settings: _Settings


def parse(data: bytes, subject: str) -> Prompt:
    """`---`, YAML front matter, `---`, text."""
    try:
        whole = data.decode("utf-8")
        if not whole.startswith(_FENCE):
            raise ValueError("does not begin with front matter")
        head, fence, text = whole[len(_FENCE) :].partition("\n" + _FENCE)
        if not fence:
            raise ValueError("has front matter without an end")
        front_matter = yaml.safe_load(head)
        if not isinstance(front_matter, dict):
            raise ValueError("has front matter that is no mapping")
        front = _FrontMatter.model_validate(front_matter)
        if not text.strip():
            raise ValueError("has no text")
    except ValidationError as error:
        first = error.errors()[0]
        problem = f"has front matter that cannot be used: {'.'.join(map(str, first['loc']))}: {first['msg']}"
        raise _unusable(problem, subject) from error
    except (ValueError, yaml.YAMLError) as error:
        raise _unusable(str(error), subject) from error
    prompt = Prompt(**front.model_dump(exclude_unset=True), digest=sha256(data), text=text.strip() + "\n")
    if not prompt.is_whole:
        problem = "is not written as prompts are: name, version, reply, settings, a blank line, the text"
        raise BadInput(problem, subject=subject, step="prompt", next_step="write it as prompts/assess.md is written")
    return prompt


def _unusable(problem: str, subject: str) -> BadInput:
    return BadInput(problem, subject=subject, step="prompt", next_step="mend its front matter")
