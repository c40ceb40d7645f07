"""Which format a page is in: by media type, name and first bytes.

Idea: servers send Markdown as `text/plain` and HTML under any name, so the media type decides only when it
is specific. Invariant: unknown text is plain text; what is not text is named as such.
"""

import re
from urllib.parse import unquote, urlsplit

from extractors.pages.markup.page_formats import FORMATS, HTML, JSON, LINES, NOTEBOOK, PLAIN, PageFormat

_VAGUE = frozenset({"", "text/plain", "application/octet-stream", "binary/octet-stream"})
_TEXT_TYPE = re.compile(
    r"text/|application/(?:[\w.+-]*(?:json|xml|yaml|toml|javascript|markdown)|octet-stream|x-ndjson|jsonl|x-sh)|$"
)
_SIGNATURES = (
    (b"%PDF-", "a PDF document"), (b"PK\x03\x04", "a ZIP archive"), (b"\x1f\x8b", "gzip data"),
    (b"\x89PNG", "a picture"), (b"\xff\xd8\xff", "a picture"), (b"GIF8", "a picture"), (b"\x7fELF", "a program"),
    (b"RIFF", "media"), (b"\x00asm", "a program"), (b"BZh", "compressed data"), (b"\xfd7zXZ", "compressed data"),
)  # fmt: skip
_CONTROLS = bytes(byte for byte in range(32) if byte not in b"\t\n\x0b\x0c\r\x1b")
_OWN_NAMES = frozenset(
    re.findall(
        r"\S+",
        """skill.md agents.md agent.md claude.md claude.local.md gemini.md copilot-instructions.md .cursorrules
        .windsurfrules .clinerules .roorules .goosehints system_prompt.md system-prompt.md soul.md""",
    )
)
_OWN_FOLDERS = frozenset({"commands", "agents", "subagents", "rules", "prompts", "chatmodes", "instructions"})
_WRITTEN_FOR_PEOPLE = frozenset(
    {"docs", "doc", "documentation", "documents", "website", "site", "wiki", "content", "blog"}
)


def path_of(url: str) -> str:
    """The path of an address without query, decoded; a stored `.md.txt` is read as `.md`."""
    try:
        path = unquote(urlsplit(url).path)
    except ValueError:
        path = url
    if re.search(r"\.(?:md|mdx|mdc|rst|cursorrules|windsurfrules|clinerules)\.txt$", path, re.IGNORECASE):
        path = path[: -len(".txt")]
    return path


def format_of(url: str, media_type: str, body: bytes) -> PageFormat:
    """The format of a page; plain text when nothing says which."""
    name = path_of(url).rsplit("/", 1)[-1].lower()
    ending = name.rsplit(".", 1)[-1] if "." in name[1:] else ""
    media_type = media_type.lower()
    for form in FORMATS.values() if media_type not in _VAGUE else ():
        if media_type in form.media_types:
            return NOTEBOOK if form is JSON and ending == "ipynb" else form
    for form in FORMATS.values():
        if name in form.file_names:
            return form
    if name.startswith("requirements") and ending == "txt":
        return LINES
    for form in FORMATS.values():
        if ending in form.endings:
            return form
    start = body[:2_000].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if media_type not in ("text/plain",) and start.startswith((b"<!doctype", b"<html", b"<head", b"<body", b"<?xml")):
        return HTML
    return JSON if re.match(rb"[{\[]\s*[\"{\[\]}]", start) else PLAIN


def not_text(body: bytes, media_type: str) -> str:
    """Why these bytes are no text, or nothing."""
    if not _TEXT_TYPE.match(media_type.lower()):
        return f"the server says {media_type}, which is not text"
    for signature, what in _SIGNATURES:
        if body.startswith(signature):
            return f"the page is {what}, not text"
    if body.startswith((b"\xff\xfe", b"\xfe\xff")):
        return ""
    sample = body[:4_096] + body[-4_096:]
    controls = len(sample) - len(sample.translate(None, _CONTROLS))
    return "the page is binary data, not text" if controls > len(sample) / 10 else ""


def is_own_instructions(url: str) -> bool:
    """True for files whose reader is the product's own model: skills, commands, agent files."""
    parts = path_of(url).lower().split("/")
    name, folders = parts[-1], set(parts[:-1])
    if name in _OWN_NAMES or name.endswith((".mdc", ".prompt.md", ".chatmode.md", ".instructions.md", ".agent.md")):
        return True
    if not name.endswith(".md") or name.startswith(("readme", "index.")):
        return False
    return not _OWN_FOLDERS.isdisjoint(folders) and _WRITTEN_FOR_PEOPLE.isdisjoint(folders)
