"""docs/settings.md: every setting with its variable, its default and what it means, from the settings model itself.

Invariant: the page says nothing of its own about a setting; a test keeps it equal to what this module writes.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from itertools import pairwise
from pathlib import Path
from typing import Any

from pydantic import BaseModel, SecretStr

from flows.environment_variables import variable_of
from flows.settings import REPOSITORY, Settings

PAGE = REPOSITORY / "docs" / "settings.md"
_HEAD = """# Settings

Written by `assay config page`; do not edit. A value comes from its variable, else from `assay.toml` in the working
folder (or the file that `ASSAY_CONFIG` names), else from the default. `assay config show` says where each came from.
In a variable, lists and tables are JSON. Times are seconds and sizes bytes where nothing else is said.
"""


def settings_page() -> str:
    """The page as Markdown, a section of the file a heading."""
    own = [(name, field) for name, field in Settings.model_fields.items() if not _section(field.annotation)]
    parts = [_HEAD, _table("", Settings, [name for name, _ in own])]
    for name, field in Settings.model_fields.items():
        if model := _section(field.annotation):
            parts += [f"## `[{name}]`\n", _table(f"{name}.", model, list(model.model_fields))]
    return "\n".join(parts)


def meanings(model: type[BaseModel]) -> dict[str, str]:
    """The docstring under each field of a settings class; empty where there is none."""
    (tree,) = ast.parse(textwrap.dedent(inspect.getsource(model))).body
    body = getattr(tree, "body", [])
    found = dict.fromkeys(model.model_fields, "")
    for field, after in pairwise(body):
        match field, after:
            case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(text))):
                found[name] = " ".join(text.split())
    return found


def _section(kind: Any) -> type[BaseModel] | None:
    return kind if isinstance(kind, type) and issubclass(kind, BaseModel) else None


def _table(prefix: str, model: type[BaseModel], names: list[str]) -> str:
    lines = ["| setting | variable | default | meaning |", "|---|---|---|---|"]
    said = meanings(model)
    for name in names:
        default = _shown(model.model_fields[name].get_default(call_default_factory=True))
        lines.append(f"| `{prefix}{name}` | `{variable_of(prefix + name)}` | {default} | {_cell(said[name])} |")
    return "\n".join((*lines, ""))


def _shown(default: Any) -> str:
    if isinstance(default, SecretStr):
        default = default.get_secret_value()
    if isinstance(default, Path) and default.is_relative_to(REPOSITORY):
        default = default.relative_to(REPOSITORY)
    if isinstance(default, tuple):
        default = ", ".join(map(str, default))
    return "" if default in (None, "", {}) else f"`{_cell(str(default))}`"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
