"""Whether a list of tools is whole: believed only where the program text shows it.

Idea: completeness is the one thing here that closes a range, so each way in which a tool could be missed is a reason
against it, and one reason is enough. Invariant: with one file less there are never fewer reasons.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from typing import NamedTuple

from extractors.declarations.facts import Declarations, Origin, SourceFile
from extractors.program_paths import is_program, shipped

_FOREIGN = re.compile(
    r"\.(?:rb|php|swift|dart|ex|exs|erl|lua|scala|clj|cljs|hs|ml|fs|vb|jl|nim|zig|cpp|cc|c|h|hpp|m|mm|pl|r"
    r"|groovy|vue|svelte|ipynb|proto|wasm|so|dll|jar|pyc|pyd|pyx|s|asm|node)$",
    re.IGNORECASE,
)
_DESCRIBED = re.compile(
    r"(?:^|/)(?:openapi|swagger)[\w.-]*\.(?:json|ya?ml)$|(?:^|/)(?=[\w-]*tools?)[\w-]*+\.(?:json|ya?ml"
    r"|toml)$",
    re.IGNORECASE,
)
_CARRIER = re.compile(r"(?i)(?:^|[/@_.-])mcp(?:[/_.-]|$)|mcp|toolkit|agent[-_]tools")
_LISTED = {"document's list", "document's table", "document's heading"}


class Completeness(NamedTuple):
    complete: bool
    why: str
    open_ends: tuple[str, ...]


def completeness(declarations: Declarations, files: Sequence[SourceFile], unread: Sequence[str] | None) -> Completeness:
    source = [tool for tool in declarations.tools if tool.origin is Origin.SOURCE]
    reasons: list[str] = []
    if not declarations.tools:
        return Completeness(False, "no tool was found", ("no tool was found",))
    if not source:
        origins = sorted({tool.origin.value for tool in declarations.tools})
        why = f"{' and '.join(origins)} only: no program text was read"
        return Completeness(False, why, (why,))
    read = {file.path for file in files}
    reasons += ["which files there are is not known"] if unread is None else unread
    reasons += [f"{file.path} was cut" for file in files if file.truncated][:5]
    reasons += declarations.gaps
    reasons += ["a condition decides whether a tool exists" for tool in source if tool.behind]
    names = {tool.name for tool in source}
    for tool in declarations.tools:
        if (
            tool.origin not in (Origin.SOURCE, Origin.SKILL, Origin.AGENT, Origin.COMMAND, Origin.HOOK)
            and tool.name not in names
        ):
            listed = tool.origin is not Origin.DOCUMENT or tool.idiom in _LISTED
            reasons.append(
                "a list names a tool that the program text does not declare"
                if listed
                else "a document mentions a tool that no file declares"
            )
    for dependency in declarations.dependencies:
        if not dependency.development and dependency.says != "mcp_sdk" and _CARRIER.search(dependency.name):
            reasons.append("a dependency may bring tools of its own")
    reasons = list(dict.fromkeys(reasons))
    if reasons:
        more = f" (and {len(reasons) - 1} further reasons)" if len(reasons) > 1 else ""
        return Completeness(False, f"partial: {reasons[0]}{more}", tuple(reasons))
    count = len({tool.place.path for tool in source})
    programs = len([path for path in read if is_program(path)])
    where = f"{count} of {programs} program files"
    why = f"all {len(names)} tools are declared in {where}, and every program file of the tree was read"
    return Completeness(True, why, ())


def unread(tree: Sequence[str], read: Collection[str], tree_is_cut: bool = False) -> tuple[str, ...]:
    """Reasons from the list of all paths: program text that was not read, or is of a kind that no reader knows.
    `tree_is_cut`: there are more."""
    ours, root = shipped([*tree, *read])
    missing = [path for path in ours if path not in read]
    other = [path for path in tree if path.startswith(root) and _FOREIGN.search(path) and not _aside(path)]
    described = [
        path
        for path in tree
        if path.startswith(root) and _DESCRIBED.search(path) and not _aside(path) and path not in read
    ]
    found = ["the list of files is cut"] if tree_is_cut else []
    if missing:
        found.append(f"{len(missing)} program {'file was' if len(missing) == 1 else 'files were'} not read")
    if other:
        found.append("program text in a language that is not read")
    if described:
        found.append("a description of tools or of an API was not read")
    return tuple(found)


def _aside(path: str) -> bool:
    return (
        re.search(
            r"(?:^|/)(?:tests?|__tests__|docs?|examples?|fixtures?|assets|images|static|\.github|node_modules"
            r"|vendor)/",
            path,
        )
        is not None
    )
