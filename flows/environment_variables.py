"""The environment as far as settings and connections depend on it: what is wrong with it, in one line that names it.

Invariant: no variable that begins with `ASSAY_` is passed over in silence, and none of another program's that a
connection to a model would trip over.
"""

from __future__ import annotations

import json
import os
import typing
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pydantic import BaseModel
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


def check(model: type[BaseModel], environment: Mapping[str, str] | None = None) -> None:
    """Raises `BadInput` for the first variable that no setting has, or whose text cannot be read as its setting."""
    known = dict(_settings(model))
    for variable, text in sorted((os.environ if environment is None else environment).items()):
        name = variable.upper()
        if not name.startswith(PREFIX) or name in BESIDE or name.startswith("ASSAY_TEST_"):
            continue
        setting = name.removeprefix(PREFIX).lower().replace("__", ".")
        if setting in known:
            _check_text(variable, setting, known[setting], text)
        elif not any(  # `ASSAY_CRAWL__AUTHORIZATION__HOST` is an entry of a table
            setting.startswith(f"{table}.") for table, kind in known.items() if _origin(kind) is dict
        ):
            raise BadInput(
                "there is no such setting", subject=variable, step="settings", next_step=_meant(setting, known)
            )


def unknown(name: str, model: type[BaseModel]) -> str:
    """What a person who wrote this name of a setting may have meant."""
    near = get_close_matches(name, dict(_settings(model)), n=1)
    return f"did you mean {near[0]}?" if near else "`assay config show` lists all settings"


def _meant(setting: str, known: Mapping[str, Any]) -> str:
    near = get_close_matches(variable_of(setting), map(variable_of, known), n=1, cutoff=0.75)
    return f"did you mean {near[0]}?" if near else "unset it; `assay config show` lists all settings"


def _settings(model: type[BaseModel], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Every setting by its dotted name, sections included, with its type; `str` for one that reads its text itself."""
    for name, field in model.model_fields.items():
        kind = str if any(mark is NoDecode for mark in field.metadata) else field.annotation
        yield prefix + name, kind
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            yield from _settings(kind, f"{prefix}{name}.")


def _check_text(variable: str, setting: str, kind: Any, text: str) -> None:
    """Lists, tables and sections are JSON in a variable."""
    section = isinstance(kind, type) and issubclass(kind, BaseModel)
    wanted = dict if section else _origin(kind)
    if wanted not in (tuple, list, dict):
        return
    try:
        value = json.loads(text)
    except ValueError:
        value = None
    if isinstance(value, dict if wanted is dict else list):
        return
    if section:
        raise BadInput(
            "it is a section, not a setting",
            subject=variable,
            step="settings",
            next_step=f"set one of its settings, such as {variable.upper()}__{next(iter(kind.model_fields)).upper()}",
        )
    parts = [part.strip() for part in text.split(",") if part.strip()]
    example = json.dumps({"HOST": text} if wanted is dict else parts)
    what = "a table" if wanted is dict else "a list"
    raise BadInput(
        f"{setting} is {what}, not the text {shown(text)}",
        subject=variable,
        step="settings",
        next_step=f"write it as JSON, such as {variable}='{example}'",
    )


def _origin(kind: Any) -> Any:
    return typing.get_origin(kind) or kind


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
