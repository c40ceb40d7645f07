"""Lines that show that a program's list of tools is not closed.

Idea: completeness is believed only where nothing speaks against it, so every sign of a list that is made at run time,
of tools taken from elsewhere and of registration under a condition counts, also where it may be harmless.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from extractors.declarations.facts import Gap
from extractors.declarations.place import place
from extractors.declarations.program_text.syntax.parsed_file import Item, field
from extractors.declarations.program_text.syntax.parts import callee, function_name
from extractors.declarations.program_text.values import Program

if TYPE_CHECKING:
    from extractors.declarations.program_text.idioms import Tools

_SIGNS: tuple[tuple[re.Pattern[str], str], ...] = (
    (
        re.compile(
            r"\?\s*\[[^\]\n]{0,200}\]\s*:\s*\[|\b\w{0,120}[tT]ools?\w{0,120}\.filter\("
            r"|&&\s*[\w.]{0,60}\.(?:tool|registerTool|addTool)\("
            r"|\bfor \w{1,120} in \w{0,120}tools\w{0,120} if\b"
            r"|\benabled\s*=|\b(?:in|ex)clude_tags\b|\bdisable\(\)|\.remove\(\)"
        ),
        "a condition decides which tools exist",
    ),
    (
        re.compile(
            r"[tT]ools?\w{0,120}\.(?:push|unshift|concat|extend|AddRange|addAll)\(\s*(?!\{)|\b\w{0,120}tools\w{0,120}\s{0,20}\+=\s*(?!\[)"
        ),
        "a list of tools is put together at run time",
    ),
    (
        re.compile(
            r"\bfrom_openapi\b|\bfrom_fastapi\b|\bFastApiMCP\b|\bOpenAPI\w*(?:Toolset|Provider|Tool)\b|(?i:openapi[-_.]?to[-_.]?mcp)"
        ),
        "tools are made from an API description",
    ),
    (
        re.compile(
            r"\bas_proxy\b|\bFastMCPProxy\b|\bcreate_proxy\b|\bProxyClient\b"
            r"|(?<!@server)(?<!@app)(?<!@mcp)\.(?:listTools|list_tools|ListTools|ListToolsAsync|getTools|get_tools)\s*\("
        ),
        "tools of another server are carried on",
    ),
    (
        re.compile(
            r"\bimport_module\s*\(|\b__import__\s*\(|\bpkgutil\.|\bentry_points\s*\(|\bload_plugins?\b|\bstevedore\b"
            r"|\brequire\(\s*(?![\"'`)\s])|\bimport\(\s*(?![\"'`)\s])|\breaddir(?:Sync)?\(|\bimport\.meta\.glob\b|\bplugin\.Open\("
            r"|\bAssembly\.Load|\bServiceLoader\b|\bgetattr\(\s*\w+\s*,\s*\w+\s*\)|\bdir\(\s*\w+\s*\)|\binspect\.getmembers\b"
        ),
        "modules are loaded at run time",
    ),
    (
        re.compile(
            r"\bsendToolListChanged\b|\bsend_tool_list_changed\b|\bnotify_tool_list_changed\b|\btools/list_changed\b"
            r"|\blistChanged[\"']?\s*:\s*true|\btool_list_changed\b|\bToolListChanged\b|\bWithToolCapabilities\(true\)"
        ),
        "the list of tools changes while the server runs",
    ),
    (
        re.compile(
            r"\b(?:enable|enabled|allow|include|exclude|disable|disabled|active|selected)_?[tT]ool(?:s|sets?|_?groups?)\b"
            r"|\b(?:tool_?sets?|toolsets?|tool_?groups?)\b|\bdynamic_?tools?\b",
            re.IGNORECASE,
        ),
        "a setting chooses which tools exist",
    ),
)
_MOST = 8
_ANSWERS = re.compile(r"CallTool|call_tool|callTool")
_ANSWERED = re.compile(
    r"\bcase\s+[\"']([A-Za-z][\w.-]{2,80})[\"']\s*:|\b(?:name|tool|toolName|tool_name)\s*={2,3}\s*[\"']([A-Za-z][\w.-]{2,80})[\"']"
)
_SERVER = re.compile(r"(?i)^(?:\w*server|\w*mcp|app|s|srv|registry)$")
_HARMLESS = re.compile(
    r"(?i)connect|transport|serve|run|listen|start|close|stdio|http|sse|log|print|error|handle|append|push|wrap"
    r"|prompt|resource|middleware|signal|shutdown|len|str|isinstance|cast|require|assert|test|new|make|exit|main|schema|^add_?tools?$|^tool$|^register_?(?:app_?)?tool$"
)


def gaps(program: Program, tools: Tools) -> list[Gap]:
    found: list[Gap] = []
    for unit in program.units:
        for sign, why in _SIGNS:
            for match in list(sign.finditer(unit.text))[:_MOST]:
                found.append(Gap(why=why, place=place(unit.file, match.start(), match.end())))
        if unit.tree.root_node.has_error:
            found.append(Gap(why="a file does not parse as a whole", place=place(unit.file, 0, 1)))
    found += _answered(program, {tool.name for tool in tools.tools})
    registering = _all_registering(program, tools)
    for unit in program.units:
        for item in unit.items:
            if item.kind == "call":
                found += _of_call(item, program, registering)
            elif item.kind == "condition":
                found += _of_condition(item, registering)
    return found


def _answered(program: Program, names: set[str]) -> list[Gap]:
    """Names for which a server's handler has an answer, and which no list declares."""
    found = []
    for unit in program.units:
        if _ANSWERS.search(unit.text):
            for match in list(_ANSWERED.finditer(unit.text))[:400]:
                if next(filter(None, match.groups())) not in names:
                    where = place(unit.file, match.start(), match.end())
                    found.append(Gap(why="a call is answered for a tool that no list declares", place=where))
    return found[:_MOST]


def _all_registering(program: Program, tools: Tools) -> set[str]:
    """Functions that register, and the functions that call them."""
    known = set(tools.registering)
    callers: dict[str, set[str]] = {}
    for unit in program.units:
        for item in unit.items:
            function = item.around("function") if item.kind == "call" else None
            if function is not None and (name := function_name(function)):
                callers.setdefault(callee(item)[1], set()).add(name)
    waiting = list(known)
    while waiting:
        for name in callers.get(waiting.pop(), set()) - known:
            known.add(name)
            waiting.append(name)
    return known


def _of_call(item: Item, program: Program, registering: set[str]) -> list[Gap]:
    """A server handed to a function that was not read; registration that a condition decides."""
    _, name = callee(item)
    found: list[Gap] = []
    condition = item.around("condition")
    if name in registering and condition is not None and "__name__" not in condition.unit.of(condition.node)[:60]:
        found.append(_gap(item, "a condition decides whether tools are registered"))
    if name and name not in program.functions and name not in program.classes and not _HARMLESS.search(name):
        function = field(item.node, "arguments")
        given = function.named_children if function is not None else []
        if any(_SERVER.match(item.unit.of(node)) for node in given[:3] if node.end_byte - node.start_byte < 40):
            found.append(_gap(item, "the server is handed to code that was not read"))
    return found


def _of_condition(item: Item, registering: set[str]) -> list[Gap]:
    """`if readOnly { return }` before a registration."""
    function = item.around("function")
    if function is None or function_name(function) not in registering:
        return []
    text = item.unit.of(item.node)[:600]
    head = text.partition("{")[0] if "{" in text else text.partition(":")[0]
    if re.search(r"\b(?:return|continue|break)\b", text) and not re.search(
        r"(?i)err|exception|nil|none|null|undefined", head
    ):
        return [_gap(item, "a condition decides whether tools are registered")]
    return []


def _gap(item: Item, why: str) -> Gap:
    node = item.node
    return Gap(why=why, place=place(item.unit.file, node.start_byte, min(node.end_byte, node.start_byte + 200)))
