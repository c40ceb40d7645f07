"""What each HTML element is to a reader: a block, a thing that is left out, a callout. Tables only."""

import re

from extractors.pages.page_text import BlockKind

FLOW = frozenset(
    re.findall(
        r"\S+",
        """address article aside body center details div fieldset figcaption figure footer form header html main
        p section summary ul ol menu dir table thead tbody tfoot caption tr td th dl hr legend hgroup search
        card cardgroup steps step tabs tab accordion accordiongroup columns frame paramfield responsefield tabitem""",
    )
)
GONE = {
    "script": "script",
    "style": "style",
    "template": "template",
    "svg": "svg",
    "iframe": "iframe",
    "textarea": "textarea",
    "select": "form control",
    "datalist": "form control",
    "canvas": "embedded",
    "object": "embedded",
    "audio": "embedded",
    "video": "embedded",
    "nav": "navigation",
    "del": "struck through",
    "s": "struck through",
    "strike": "struck through",
    "annotation": "annotation",
    "noframes": "fallback",
    "noembed": "fallback",
    "rp": "fallback",
    "progress": "fallback",
    "meter": "fallback",
    "title": "title",
}
REPORTED = {
    "iframe": "iframe fallback",
    "textarea": "textarea",
    "svg": "svg text",
    "template": "template",
    "noframes": "fallback",
    "noembed": "fallback",
    "progress": "fallback",
    "meter": "fallback",
    "title": "title",
}
FEW_WORDS = frozenset(("svg", "title", "progress", "meter"))
"""Often with a word or two, that nobody needs to be told."""
CALLOUTS = frozenset(("note", "warning", "tip", "info", "danger", "caution", "check", "callout", "important"))
BLOCKS = frozenset(["h1", "h2", "h3", "h4", "h5", "h6", "li", "pre", "blockquote", "dt", "dd", "dialog"])
ALL_BLOCKS = FLOW | BLOCKS | CALLOUTS
LISTS = frozenset(("ul", "ol", "menu", "dir"))
KINDS = {
    **dict.fromkeys(("h1", "h2", "h3", "h4", "h5", "h6"), BlockKind.HEADING),
    "li": BlockKind.LIST_ITEM,
    "pre": BlockKind.CODE,
    "blockquote": BlockKind.QUOTE,
    "tr": BlockKind.TABLE_ROW,
    "dt": BlockKind.DEFINITION,
    "dd": BlockKind.DEFINITION,
}
"""Blocks that say what the words in them are."""
BREAKS = frozenset({BlockKind.PARAGRAPH, BlockKind.LIST_ITEM, BlockKind.QUOTE, BlockKind.ADMONITION, BlockKind.CODE})
WITH_TITLE = frozenset(
    re.findall(r"\S+", "card step tab accordion frame paramfield responsefield tabitem note warning")
)
