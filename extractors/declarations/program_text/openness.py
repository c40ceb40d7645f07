"""Lines that show that a program's list of tools is not closed.

Idea: completeness is believed only where nothing speaks against it, so every sign of a list that is made at run time,
of tools taken from elsewhere and of registration under a condition counts, also where it may be harmless.
"""

import re
from collections.abc import Iterator

from extractors.declarations.program_text.collect import Collector
from extractors.declarations.program_text.syntax.parsed_file import Item, field
from extractors.declarations.program_text.syntax.parts import callee, function_name
from extractors.declarations.program_text.values import Program

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
_ANSWERS = re.compile(r"CallTool|call_tool|callTool")
_ANSWERED = re.compile(
    r"\bcase\s+[\"']([A-Za-z][\w.-]{2,80})[\"']\s*:|\b(?:name|tool|toolName|tool_name)\s*={2,3}\s*[\"']([A-Za-z][\w.-]{2,80})[\"']"
)
_SERVER = re.compile(r"(?i)^(?:\w*server|\w*mcp|app|s|srv|registry)$")
_HARMLESS = re.compile(
    r"(?i)connect|transport|serve|run|listen|start|close|stdio|http|sse|log|print|error|handle|append|push|wrap"
    r"|prompt|resource|middleware|signal|shutdown|len|str|isinstance|cast|require|assert|test|new|make|exit|main|schema|^add_?tools?$|^tool$|^register_?(?:app_?)?tool$"
)


def gaps(program: Program, found: Collector) -> Iterator[str]:
    """Why tools may exist beside those that were found."""
    for unit in program.units:
        yield from (why for sign, why in _SIGNS if sign.search(unit.text))
        if unit.tree.root_node.has_error:
            yield "a file does not parse as a whole"
    if _answered(program) - {tool.name for tool in found.tools}:
        yield "a call is answered for a tool that no list declares"
    registering = _all_registering(program, found.registering)
    for item in (item for unit in program.units for item in unit.items):
        if _is_under_a_condition(item, registering) or _returns_before(item, registering):
            yield "a condition decides whether tools are registered"
        if item.kind == "call" and _hands_the_server_on(item, program):
            yield "the server is handed to code that was not read"


def _answered(program: Program) -> set[str]:
    """Names for which a server's handler has an answer."""
    answering = (unit.text for unit in program.units if _ANSWERS.search(unit.text))
    return {next(filter(None, match.groups())) for text in answering for match in _ANSWERED.finditer(text)}


def _all_registering(program: Program, registering: set[str]) -> set[str]:
    """Functions that register, and the functions that call them."""
    known = set(registering)
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


def _is_under_a_condition(item: Item, registering: set[str]) -> bool:
    condition = item.around("condition") if item.kind == "call" else None
    if condition is None or callee(item)[1] not in registering:
        return False
    return "__name__" not in condition.unit.of(condition.node)[:60]


def _hands_the_server_on(item: Item, program: Program) -> bool:
    """A server handed to a function that was not read."""
    _, name = callee(item)
    if not name or name in program.functions or name in program.classes or _HARMLESS.search(name):
        return False
    holder = field(item.node, "arguments")
    args = holder.named_children[:3] if holder is not None else []
    return any(_SERVER.match(item.unit.of(node)) for node in args if node.end_byte - node.start_byte < 40)


def _returns_before(item: Item, registering: set[str]) -> bool:
    """`if readOnly { return }` before a registration."""
    function = item.around("function") if item.kind == "condition" else None
    if function is None or function_name(function) not in registering:
        return False
    text = item.unit.of(item.node)[:600]
    head = text.partition("{" if "{" in text else ":")[0]
    leaves = re.search(r"\b(?:return|continue|break)\b", text) is not None
    return leaves and not re.search(r"(?i)err|exception|nil|none|null|undefined", head)
