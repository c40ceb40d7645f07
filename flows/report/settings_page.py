"""Every setting with its default and what it means, from the settings model: docs/settings.md, `assay config show`.

Invariant: nothing of its own is said about a setting; a test keeps the page equal to what this module writes.
"""

import ast
import inspect
import textwrap
from collections.abc import Iterator
from itertools import groupby, pairwise
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import BaseModel

from flows.environment_variables import fields_of, section_of, variable_of
from flows.settings import REPOSITORY, Settings, origins, shown

PAGE = REPOSITORY / "docs" / "settings.md"
_HEAD = """# Settings

Written by `assay config page`; do not edit. A value comes from its variable, else from `assay.toml` in the working
folder (or the file that `ASSAY_CONFIG` names), else from the default. `assay config show` says where each came from.
In a variable, lists and tables are JSON. Times are seconds and sizes bytes where nothing else is said.
"""


class Setting(NamedTuple):
    """One that a file accepts."""

    name: str
    """`crawl.pace`"""
    default: str
    meaning: str


def settings_of() -> list[Setting]:
    """Every setting, those outside a section first."""
    fields = [(name, field) for name, field in fields_of(Settings) if section_of(field) is None]
    fields.sort(key=lambda named: "." in named[0])
    meanings = _meanings(Settings)
    return [
        Setting(name, _default(field.get_default(call_default_factory=True)), meanings.get(name, ""))
        for name, field in fields
    ]


def _meanings(model: type[BaseModel], prefix: str = "") -> dict[str, str]:
    """The docstring under each setting, by its dotted name. Read here and not by pydantic, which would parse the source
    of all settings whenever a command starts."""
    (tree,) = ast.parse(textwrap.dedent(inspect.getsource(model))).body
    found: dict[str, str] = {}
    for field, after in pairwise(getattr(tree, "body", ())):
        match field, after:
            case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(text))):
                found[prefix + name] = " ".join(text.split())
    for name, info in model.model_fields.items():
        if section := section_of(info):
            found |= _meanings(section, f"{prefix}{name}.")
    return found


def settings_page() -> str:
    """The page as Markdown, a section of the file a heading."""
    parts = [_HEAD]
    for section, settings in groupby(settings_of(), lambda setting: setting.name.rpartition(".")[0]):
        parts += [f"## `[{section}]`\n"] if section else []
        parts += ["| setting | variable | default | meaning |", "|---|---|---|---|"]
        for name, default, meaning in settings:
            parts.append(f"| `{name}` | `{variable_of(name)}` | {_code(default)} | {_cell(meaning)} |")
        parts.append("")
    return "\n".join(parts)


def settings_in_force(settings: Settings) -> Iterator[tuple[str, str, str, Setting]]:
    """(name, value, where it came from, the setting that it is or is an entry of) of all of them."""
    known = {setting.name: setting for setting in settings_of()}
    for name, value, origin in origins(settings):
        yield name, value, origin, known.get(name) or known[".".join(name.split(".")[:2])]


def _default(value: Any) -> str:
    inside = isinstance(value, Path) and value.is_relative_to(REPOSITORY)
    return shown(value.relative_to(REPOSITORY) if inside else value)


def _code(text: str) -> str:
    return f"`{_cell(text)}`" if text else ""


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
