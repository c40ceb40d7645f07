"""Whether a list of tools is whole: believed only where the program text shows it.

Idea: completeness is the one thing here that closes a range, so each way in which a tool could be missed is a reason
against it, and one reason is enough. Invariant: with one file less there are never fewer reasons.
"""

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
_BESIDE = re.compile(
    r"(?:^|/)(?:tests?|__tests__|docs?|examples?|fixtures?|assets|images|static|\.github|node_modules|vendor)/"
)
_OF_THEMSELVES = frozenset({Origin.SOURCE, Origin.SKILL, Origin.AGENT, Origin.COMMAND, Origin.HOOK})
"""What declares itself, whatever the program text says."""
_LISTED = {"document's list", "document's table", "document's heading"}


class Completeness(NamedTuple):
    complete: bool
    why: str
    open_ends: tuple[str, ...]


def completeness(declarations: Declarations, files: Sequence[SourceFile], unread: Sequence[str] | None) -> Completeness:
    source = [tool for tool in declarations.tools if tool.origin is Origin.SOURCE]
    if not declarations.tools:
        return Completeness(False, "no tool was found", ("no tool was found",))
    if not source:
        origins = sorted({tool.origin.value for tool in declarations.tools})
        why = f"{' and '.join(origins)} only: no program text was read"
        return Completeness(False, why, (why,))
    names = {tool.name for tool in source}
    reasons = [
        *(["which files there are is not known"] if unread is None else unread),
        *[f"{file.path} was cut" for file in files if file.truncated][:5],
        *declarations.gaps,
        *("a condition decides whether a tool exists" for tool in source if tool.behind),
        *(
            "a list names a tool that the program text does not declare"
            if tool.origin is not Origin.DOCUMENT or tool.idiom in _LISTED
            else "a document mentions a tool that no file declares"
            for tool in declarations.tools
            if tool.origin not in _OF_THEMSELVES and tool.name not in names
        ),
        *(
            "a dependency may bring tools of its own"
            for dependency in declarations.dependencies
            if not dependency.development and dependency.says != "mcp_sdk" and _CARRIER.search(dependency.name)
        ),
    ]
    reasons = list(dict.fromkeys(reasons))
    if reasons:
        more = f" (and {len(reasons) - 1} further reasons)" if len(reasons) > 1 else ""
        return Completeness(False, f"partial: {reasons[0]}{more}", tuple(reasons))
    count = len({tool.place.path for tool in source})
    programs = sum(map(is_program, {file.path for file in files}))
    where = f"{count} of {programs} program files"
    why = f"all {len(names)} tools are declared in {where}, and every program file of the tree was read"
    return Completeness(True, why, ())


def unread(tree: Sequence[str], read: Collection[str], tree_is_cut: bool = False) -> tuple[str, ...]:
    """Reasons from the list of all paths: program text that was not read, or is of a kind that no reader knows.
    `tree_is_cut`: there are more."""
    ours, root = shipped([*tree, *read])
    missing = [path for path in ours if path not in read]
    own = [path for path in tree if path.startswith(root) and not _BESIDE.search(path)]
    were = "file was" if len(missing) == 1 else "files were"
    reasons = (
        (tree_is_cut, "the list of files is cut"),
        (missing, f"{len(missing)} program {were} not read"),
        (any(map(_FOREIGN.search, own)), "program text in a language that is not read"),
        (
            any(_DESCRIBED.search(path) for path in own if path not in read),
            "a description of tools or of an API was not read",
        ),
    )
    return tuple(reason for holds, reason in reasons if holds)
