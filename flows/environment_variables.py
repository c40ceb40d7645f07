"""The environment as far as settings and connections depend on it: what is wrong with it, in one line that names it.

Invariant: no variable that begins with `ASSAY_` is passed over in silence, and none of another program's that a
connection to a model would trip over.
"""

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from difflib import get_close_matches
from importlib.util import find_spec
from pathlib import Path
from typing import get_origin
from urllib.parse import urlsplit

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_settings import NoDecode

from scoring.errors import BadInput, shown

PREFIX = "ASSAY_"
BESIDE = frozenset(PREFIX + name for name in ("CONFIG", "DEBUG", "SHARED", "CHROMIUM", "KILL_SWEEP", "PUPPET"))
"""Names that are no settings: where settings and test data are, and how tests run (with `ASSAY_TEST_…`)."""
PROXIES = ("ALL_PROXY", "HTTPS_PROXY", "HTTP_PROXY")
AUTHORITIES = ("SSL_CERT_FILE", "SSL_CERT_DIR")


def variable_of(name: str) -> str:
    """`crawl.pace` → `ASSAY_CRAWL__PACE`."""
    return PREFIX + name.upper().replace(".", "__")


def check(model: type[BaseModel]) -> None:
    """Raises `BadInput` for the first variable that no setting has, or whose text cannot be read as its setting."""
    known = dict(fields_of(model))
    tables = tuple(f"{name}." for name, field in known.items() if get_origin(field.annotation) is dict)
    for variable, text in sorted(os.environ.items()):
        name = variable.upper()
        if not name.startswith(PREFIX) or name in BESIDE or name.startswith("ASSAY_TEST_"):
            continue
        setting = name.removeprefix(PREFIX).lower().replace("__", ".")
        if setting in known:
            _check_text(variable, setting, known[setting], text)
        elif not setting.startswith(tables):  # `ASSAY_CRAWL__AUTHORIZATION__HOST` is an entry of a table
            next_step = meant(name, map(variable_of, known), cutoff=0.75)  # all begin alike
            raise BadInput("there is no such setting", subject=variable, step="settings", next_step=next_step)


def meant(name: str, names: Iterable[str], cutoff: float = 0.6) -> str:
    """Which of the names a person who wrote this one may have meant."""
    near = get_close_matches(name, names, n=1, cutoff=cutoff)
    return f"did you mean {near[0]}?" if near else "remove it; `assay config show` lists all settings"


def fields_of(model: type[BaseModel], prefix: str = "") -> Iterator[tuple[str, FieldInfo]]:
    """Every setting by its dotted name, sections included."""
    for name, field in model.model_fields.items():
        yield prefix + name, field
        if section := section_of(field):
            yield from fields_of(section, f"{prefix}{name}.")


def section_of(field: FieldInfo) -> type[BaseModel] | None:
    """The settings below this one; None where it is a value."""
    kind = field.annotation
    return kind if isinstance(kind, type) and issubclass(kind, BaseModel) else None


def _check_text(variable: str, setting: str, field: FieldInfo, text: str) -> None:
    """Lists, tables and sections are JSON in a variable, but for lists that read their text themselves."""
    section, kind = section_of(field), get_origin(field.annotation)
    wanted = dict if section or kind is dict else list
    if not (section or kind in (dict, tuple)) or NoDecode in field.metadata:
        return
    with suppress(ValueError):
        if isinstance(json.loads(text), wanted):
            return
    if section:
        example = f"{variable.upper()}__{next(iter(section.model_fields)).upper()}"
        next_step = f"set one of its settings, such as {example}"
        raise BadInput("it is a section, not a setting", subject=variable, step="settings", next_step=next_step)
    parts = [part.strip() for part in text.split(",") if part.strip()]
    example = json.dumps({"HOST": text} if wanted is dict else parts)
    what = "a table" if wanted is dict else "a list"
    raise BadInput(
        f"{setting} is {what}, not the text {shown(text)}",
        subject=variable,
        step="settings",
        next_step=f"write it as JSON, such as {variable}='{example}'",
    )


def check_connections(environment: Mapping[str, str] | None = None) -> None:
    """Raises `BadInput` for a proxy or certificate variable with which no connection to a model can be made."""
    variables = os.environ if environment is None else environment
    for name in (spelling for proxy in PROXIES for spelling in (proxy, proxy.lower())):
        scheme = urlsplit(variables.get(name, "")).scheme.lower() if "://" in variables.get(name, "") else "http"
        if scheme.startswith("socks") and find_spec("socksio") is None:
            problem, fix = "a SOCKS proxy, for which the package socksio is not installed", "pip install socksio, or "
        elif scheme not in ("http", "https") and not scheme.startswith("socks"):
            problem, fix = f"a proxy of an unknown kind ({scheme})", ""
        else:
            continue
        raise BadInput(
            problem, subject=name, step="connections", next_step=f"{fix}unset {name} or name an http:// proxy in it"
        )
    for name in AUTHORITIES:
        if variables.get(name) and not Path(variables[name]).exists():
            raise BadInput(
                f"no such file or folder: {variables[name]}",
                subject=name,
                step="connections",
                next_step=f"unset {name}",
            )
