"""How READMEs write headings, items, names, types and labels, and whether a text can be the name of a tool.

Invariants: each pattern is linear in its line; a name is an identifier, never a sentence.
"""

import re
import tomllib
from pathlib import Path

_TABLE = Path(__file__).parents[4] / "data/tools/verbs.toml"

NO_README = re.compile(
    r"(?i)changelog|history|contributing|code_of_conduct|licen[cs]e|security|releas|migrat|roadmap|todo|skill\.md"
)
HEADING = re.compile(r"\A {0,3}(#{1,6})[ \t]+(.*)$")
FENCE = re.compile(r"\A[ \t>]*+(```+|~~~+)")
HTML_HEADING = re.compile(r"<(?:h([1-6])|summary)\b[^<>]{0,300}>(.*?)(?:</(?:h[1-6]|summary)>|$)", re.IGNORECASE)
ITEM = re.compile(r"^([ \t>]*)(?:[-*+•]|\d{1,3}[.)])[ \t]+(?:\[[ xX]\][ \t]+)?(\S.*)$")
TAG = re.compile(r"<[^<>]{0,300}>")
LINK = re.compile(r"!?\[([^\[\]]{0,200})\]\([^()\s]{0,400}(?:\s[^()]{0,100})?\)")
MARKUP = re.compile(r"[`*\\<\[]")
EMOJI = re.compile(r"[^\w\s`*()\[\]{}.,:;/|&+_\"'-]+")
TOOLS = re.compile(
    r"(?i)\btools?\b|\btool(?:kit)? reference\b|\b(?:available|supported|mcp) (?:functions|commands|operations"
    r"|methods|actions)\b"
    r"|\bmcp (?:server )?(?:api|capabilities)\b|^functions$|\btool list\b"
    r"|\b(?:werkzeuge?|herramientas?|outils?|ferramentas?|strumenti)\b|инструмент|工具|ツール|도구"
)
NO_TOOLS = re.compile(
    r"(?i)\btool ?sets?\b|\btoolkits?\b(?! reference)|\bconfigur|\bvariables?\b|\bparameters?\b|\barguments?\b"
    r"|\bflags?\b|\boptions?\b|\bfilter"
    r"|\benabl|\bdisabl|\bexamples?\b|\bprompts?\b|^resources?$|\bresource templates?\b|\bclients?\b|\brespons"
    r"|\boutput format|\berrors?\b|\bbadge"
    r"|\bscopes?\b|\bannotations?\b|\bcategor(?:y|ies) names|\bother\b[^\n]{0,80}\btools\b|\b(?:adding|creating|create"
    r"|writing|custom) (?:a |new |your )*tools?\b"
    r"|\bspecif\w+ individual|\bbuilt with|\btechnolog|\bcompar|\balternativ|\brelated\b|\brenam|\bremov"
    r"|\bcli tools\b|\bdev(?:elopment|eloper)? tools\b"
    r"|\btool (?:design|naming|philosophy|selection|timeouts?|visibility|safety|conventions?|profiles?|groups?"
    r"|packs?)\b"
)
"""Under such a heading no item is a tool."""
SELDOM = re.compile(
    r"(?i)\binstall|\bsetup\b|\bset up\b|\bsetting|\benviron|\bprerequisit|\brequirement|\bdevelop|\bcontribut"
    r"|\blicen|\btroubleshoot|\bauthenticat"
    r"|\bsecurity\b|\bdebug|\btest(?:s|ing)?\b|\bquick ?start|\bgetting started|\bsponsor|\backnowledg"
    r"|\bpermissions?\b|\bdeprecat|\bstructure\b"
    r"|\barchitecture\b|\bhow it works|\bwhy\b|\broadmap|\bscripts?\b|\buse cases?\b|\bworkflows?\b|\bfaq\b|\busage\b"
)
"""A part of a README of its own; below a tools heading, a group of tools."""
LABEL = re.compile(
    r"(?i)^\W*(?:(?:input|request|query|path|body|optional|required|common|key|tool|output|response|supported"
    r"|available) )?"
    r"(?:parameters?|params?|inputs?|args?|arguments?|returns?|outputs?|options?|required|optional|examples?"
    r"|propert(?:y|ies)|fields?|schema|response|"
    r"request|headers?|usage|notes?|filters?|prompts?|values?|attributes?|result|configuration"
    r"|env(?:ironment)?(?: variables)?|"
    r"example prompts?|use cases?|inputs? schema|features?|limitations?|behaviou?r|default|accepts?|takes"
    r"|supports?|resources?)\b[^.]{0,40}:?\W*$"
)
TAKES = re.compile(
    r"(?i)\b(?:requires?|takes?|accepts?|parameters?|arguments?|options?|fields?|settings?|variables?"
    r"|categories|types of|groups of|following (?:env|values))\b"
)
INTRODUCES = re.compile(
    r"(?i)\btools\b[^.]{0,80}:\W*$|\bfollowing tools\b|\btools (?:are|is) (?:available|provided|exposed)\b"
)
NAME = r"[A-Za-z][A-Za-z0-9]*(?:(?:[_.-]|__|--)[A-Za-z0-9]+)*"
CODE = re.compile(rf"`({NAME})(?:\([^`]*\))?`")
LEAD = re.compile(
    rf"\A(?:(?P<strong>\*\*|__)?\s*(?P<code>`)?"
    rf"|(?P<code2>`)(?P<strong2>\*\*)?)(?P<name>{NAME})(?P<call>\([^)`]{{0,200}}\))?`?(?:\*\*|__)?`?"
)
TITLED = re.compile(rf"(?:\*\*|__)[^*_`\n]{{2,60}}(?:\*\*|__):?\s*[(\[]?`({NAME})`[)\]]?")
ROW = re.compile(
    r"\A[\W_]{0,6}(?P<label>[\w &/+-]{1,60}(?:\(\d+\))?[*_]{0,2}[:–—-][*_]{0,2})?"
    r"(?:[\s,·•|/;&.*]|\band\b|\(\w{1,20}\))*+\Z"
)
"""What a row of names holds beside them: `**Files**: … · … · …`."""
_ALSO_NOUNS = {"type", "store", "control", "block", "play", "stage", "cat", "head"}
_ROWS = tomllib.loads(_TABLE.read_text(encoding="utf-8")).values()
_VERBS = [word for row in _ROWS if isinstance(row, dict) for word in row["sure"]]
_VERBS += ["search", "query", "check", "run", "scan", "export", "generate", "call", "start"]
ACTS = re.compile(
    rf"(?:^|[_.-]|(?<=[a-z0-9])(?=[A-Z]))(?i:{'|'.join(sorted({*_VERBS} - _ALSO_NOUNS))})(?=[_.-]|$|[A-Z])"
)
"""A verb in a name: what a tool does, and what shows a list of tools where no heading calls it one."""
FEWEST = 3
"""Names with a verb, more than half of its items, by which a list shows that it is one of tools."""
PROPER_NOUN = re.compile(r"(?:[A-Z][a-z0-9]+){2,}")
"""`DevTools`: as a heading without code style a group or a product, unless it begins with a verb."""
OTHER_KIND = re.compile(r"(?i)\A[\s`*_]*[(\[](?:mcp ?)?\w{0,20}(?:resource|prompt)\w{0,20}(?: template)?[)\],]")
"""What follows the name of something else that a server offers."""
CUT_OFF = re.compile(r"[_.-]?[*<{]")
"""What follows the beginning of a pattern: `zpa_create_*`."""
OWNER = re.compile(r"\b([A-Z]\w+)['’]s\s\Z")
"""Whose tool the one is that follows."""
IDENTIFIER = re.compile(
    r"\A(?:[A-Za-z0-9]+(?:__?[A-Za-z0-9]+)+|[a-z0-9]+(?:--?[a-z0-9]+)+"
    r"|[a-z][a-z0-9]*(?:[A-Z][a-z0-9]*)+|(?:[A-Z][a-z0-9]+){2,})"
)
TYPES = (
    r"(?:string|str|number|integer|int|bool(?:ean)?|array|object|list|dict|float|enum|any|date(?:time)?"
    r"|json|uuid|path|url|file|string\[\]|number\[\])"
)
TYPED = re.compile(
    rf"\A[`*_\s]*+(?:[:\-–—]\s*+[*_`]*+)?(?:[(\[{{][^)\]}}]{{0,60}}\b(?:{TYPES}|required|optional|default"
    rf"|deprecated parameter)\b"
    rf"|[*_`]{{0,3}}{TYPES}[*_`]{{0,3}}(?:\[\])?\s*(?:$|[,(|\-–—:;.=]))|\A\s*+=|\A\s*+\?\s*+:",
    re.IGNORECASE,
)
STOP = {
    "true",
    "false",
    "null",
    "none",
    "stdio",
    "sse",
    "http",
    "https",
    "npx",
    "uvx",
    "docker",
    "node",
    "python",
    "json",
    "yaml",
    "default",
    "string",
    "number",
    "boolean",
    "integer",
    "object",
    "array",
    "required",
    "optional",
    "name",
    "type",
    "id",
    "limit",
    "page",
    "url",
    "streamable-http",
    "read-only",
    "read_only",
    "dry_run",
    "dry-run",
    "readonly",
    "e.g",
    "i.e",
    "note",
    "warning",
    "important",
    "tip",
    "example",
    "examples",
    "parameters",
    "arguments",
    "returns",
    "description",
    "input",
    "output",
    "inputs",
    "outputs",
    "tools",
    "tool",
    "resources",
    "prompts",
    "all",
    "pip",
    "npm",
    "api_key",
    "apikey",
    "api-key",
    "github",
    "git",
    "bash",
    "shell",
    "claude",
    "cursor",
    "vscode",
    "mcp",
    "format",
    "options",
    "usage",
    "response",
    "open-source",
    "real-time",
    "built-in",
    "command-line",
    "pre-built",
    "easy-to-use",
    "type-safe",
    "cross-platform",
    "up-to-date",
    "multi-step",
    "yes",
    "no",
    "n-a",
    "get",
    "post",
    "put",
    "patch",
    "delete",
    "head",
    "key",
    "value",
    "path",
    "data",
    "args",
    "env",
    "headers",
    "body",
    "pretooluse",
    "posttooluse",
    "posttoolusefailure",
    "permissionrequest",
    "userpromptsubmit",
    "sessionstart",
    "sessionend",
    "subagentstart",
    "subagentstop",
    "precompact",
    "beforeshellexecution",
    "beforemcpexecution",
    "beforereadfile",
    "beforesubmitprompt",
    "afterfileedit",
}
FILE = re.compile(
    r"(?i)\.(?:json|ya?ml|md|toml|py|[cm]?[jt]sx?|go|rs|cs|java|kt|sh|txt|env|lock|html?|css|xml|csv|io|com"
    r"|dev|org|net|ai|sql|pdf|png|exe|mdx|ini|cfg|log)$"
)
VARIABLE = re.compile(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*")
PROSE = re.compile(
    rf"(?:\bcall_tool|\bcallTool|\buse_mcp_tool|\binvoke_tool|\bexecute_tool"
    rf"|\bCallTool)\(\s*(?:\"[^\"\n]{{1,60}}\"\s*,\s*)?(?:\{{\s*\"?name\"?:\s*)?[\"'](?P<call>{NAME})[\"']"
    rf"|^[ \t]*\"name\":\s*\"(?P<json>{NAME})\",?\s*+\"arguments\""
    rf"|\{{\s*\"(?:tool|tool_name|toolName|name)\":\s*\"(?P<json2>{NAME})\"\s*,\s*\"(?:arguments|args|params|parameters|input)\""
    rf"|\"(?:tool|tool_name|toolName)\":\s*\"(?P<json3>{NAME})\""
    rf"|\bTools?:\s*`?(?P<label>[a-z](?=\w*_\w)\w++)`?[ \t]*$"
    rf"|`(?P<before>{NAME})`\s+(?:MCP )?tools?\b(?!\s*(?:sets?|kits?|chain))"
    rf"|\b(?:[Tt]he|[Uu]se(?:s)?|[Cc]all(?:s|ing)?|[Rr]un"
    rf"|[Ii]nvoke)\s+(?P<plain>[a-z][a-z0-9]*(?:_[a-z0-9]+)+)\s+(?=(?:(?:and|or)\s+\w{{1,60}}\s+)?tools?\b)"
    rf"|\b(?:and|or)\s+(?P<second>[a-z][a-z0-9]*(?:_[a-z0-9]+)+)\s+tools\b"
    rf"|`[\w-]*mcp[\w-]*/(?P<served>{NAME})`"
    rf"|\b(?:MCP )?tools?\s+(?:named\s+|called\s+)?`(?P<after>{NAME})`"
    rf"|\btool\s+\(`(?P<aside>[a-z](?=\w*_\w)\w++)`",
    re.MULTILINE,
)
SPEAKS = re.compile(r"[Tt]ool|\"(?:arguments|args|params|parameters|input)\"|mcp[\w-]{0,60}/")
"""One of these is in, or right after, all that `PROSE` finds."""
SPEAKS_OF = re.compile(r"(?i)\A\W*(?:how|why|when|what|where|using|about|note)\b|`[)\]*_]*\s+[a-z]{2,}")
"""A heading that is a sentence about a name, not the name."""
SEPARATOR = re.compile(r"\A\s*+\|?\s*+:?-{2,}+:?\s*+(?:\|\s*+:?-{2,}+:?\s*+)*+\|?\s*+\Z")
TOOL_COLUMN = re.compile(
    r"(?i)\A\W*+(?:(?:[\w-]+ ){0,3}tools?|functions?|function name|command name|method name)(?: names?| id"
    r"| identifier)?\W*$"
)
NAME_COLUMN = re.compile(r"(?i)^\W*(?:name|command|method|action|operation|feature|capability|function)s?\W*$")
NO_COLUMN = re.compile(
    r"(?i)\b(?:param|argument|variable|option|flag|env|setting|field|propert|default|required|type|toolset"
    r"|prompt|resource|uri|scope)\w*"
)
TEXT_COLUMN = re.compile(r"(?i)description|purpose|what|does|summary|details|function")
BEHIND = re.compile(
    r"(?i)\b(?:requires?|only (?:available )?(?:when|with|if|in)|when|enabled (?:by|with|via)|opt-in (?:by|with|via)"
    r"|needs)\b[^.|]{0,40}?(`?--[a-z][\w-]+(?:=\S+)?`?|`[A-Z][A-Z0-9_]{3,}(?:=\w+)?`)"
)


def is_name(name: str, marked: bool) -> bool:
    """`marked`: in code style or shaped like an identifier."""
    if len(name) < 2 or len(name) > 80 or name.lower() in STOP or FILE.search(name) or name.startswith("www."):
        return False
    if VARIABLE.fullmatch(name) and (len(name) > 3 or "_" in name):
        return False
    return marked and not re.fullmatch(r"v?\d[\d.]*", name)


def is_identifier(name: str) -> bool:
    """Whether it is shaped like an identifier, even without code style."""
    return IDENTIFIER.fullmatch(name) is not None and not (PROPER_NOUN.fullmatch(name) and not ACTS.match(name))


def cells_of(text: str) -> list[str]:
    return [cell.strip() for cell in re.split(r"(?<!\\)\|", text.strip().removeprefix("|").removesuffix("|"))]


def plain_text(text: str) -> str:
    if not MARKUP.search(text):
        return " ".join(text.split())
    return " ".join(re.sub(r"[`*]|\\(?=\W)", "", LINK.sub(r"\1", TAG.sub("", text))).split()).strip()
