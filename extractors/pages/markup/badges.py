"""Pictures, badges and walls of contributors: seen, but they say nothing that could be evidence; and what is
beside the text, in comments and for readers without scripts.

Idea: such things are recognised by where their pictures and links lead, never by their words. Invariant: a block
with a sentence of its own is never a wall.
"""

import re
from collections.abc import Iterator
from typing import Any

_BADGE = re.compile(
    r"shields\.io|badge|badgen\.net|fury\.io|img\.shields|travis-ci|codecov|coveralls|circleci\.com/gh|"
    r"github\.com/[^/]{1,100}/[^/]{1,100}/(?:actions/)?workflows|deepwiki\.com/badge|star-history|trendshift|visitor|"
    r"producthunt|opencollective\.com/[^/]{1,100}/tiers|/badges?/|colab-badge|snyk\.io/test|sonarcloud|pepy\.tech",
    re.IGNORECASE,
)
_FACE = re.compile(
    r"avatars\d*\.githubusercontent\.com|contrib\.rocks|opencollective\.com|gravatar\.com|"
    r"github\.com/[\w-]+\.png|contributors-img|images\.weserv\.nl.{0,300}avatar",
    re.IGNORECASE,
)
MACHINE_COMMENT = re.compile(
    r"\A\s*+(?:\[if |prettier|markdownlint|eslint|all-contributors|toc\b|start\b|end\b|begin\b|vale |textlint|"
    r"cspell|spell|doctoc|omit|readme-|automd|snippet|note: this (?:has been|is) generated|"
    r"/|\w[\w.:-]*(?:start|end)\b\s*$)",
    re.IGNORECASE,
)
"""Comments that a tool reads, of which nobody needs to be told."""
_OF_THE_FILE = re.compile(
    r"\b(?:readme|links?|translations?|section|markdown|badges?|logos?|images?|screenshots?|gifs?|sponsors?|uncomment|"
    r"(?:this|the) comment|generated|placeholder|table of contents|todo|fixme|heading|pypi|rendered|readability)\b",
    re.IGNORECASE,
)
_OF_MORE = re.compile(
    r"\b(?:ai|llms?|models?|assistants?|agents?|bots?|crawlers?|gpt\S*|claude|gemini|assess\w*|scor\w+|rat(?:e|ing)s?|risk\w*|"
    r"reviewers?|ignore|disregard|instruct\w*|must|prompt\w*|safe\w*|secur\w+|approv\w+|sandbox\w*|permission\w*|humans?|"
    r"trust\w*|harmless|malicious|password|credential\w*|tokens?|execut\w+|delet\w+|commands?)\b",
    re.IGNORECASE,
)
MOST_OF_AN_EDITOR = 80
FEWEST_FACES = 6
FEWEST_PEOPLE = 8


def is_an_editors(comment: str) -> bool:
    """True for a comment on the file itself (its links, badges, sections) that says nothing of the product and speaks
    to nobody but who edits it: nobody needs to be told, though it is searched like all unseen text."""
    words = without_tags(comment, links=True)
    few = len(words.split()) <= MOST_OF_AN_EDITOR
    return few and _OF_THE_FILE.search(words) is not None and _OF_MORE.search(words) is None


COMMENTS = ("-comment", None)
"""Tags of what browsers take for a comment; a processing instruction has none."""
_PROFILE = re.compile(r"https?://(?:www\.)?(?:github|gitlab)\.com/[\w.-]+/?$")


def picture_kind(source: str) -> str:
    if source[:5].lower() == "data:":
        return "base64"
    return "badge" if _BADGE.search(source) else "image"


def may_have_wall(root: Any, html: str) -> bool:
    """Cheap: looks once over a page, so that most pages need no look at each element."""
    pictures, links = html.count("<img"), html.count("github.com/") + html.count("gitlab.com/")
    return (pictures >= FEWEST_FACES or links >= FEWEST_PEOPLE) and _people_shown(root) > 0


def is_wall(node: Any) -> bool:
    """Many faces, or links to people, with hardly any words outside the links."""
    people = _people_shown(node) if node.child is not None else 0
    if not people:
        return False
    linked = sum(len(a.text().split()) for a in node.css("a"))
    return len(node.text().split()) - linked <= people


def _people_shown(node: Any) -> int:
    """Faces, or else links to people; none where they are too few to be a wall."""
    faces = sum(1 for image in node.css("img") if _FACE.search(image.attributes.get("src") or ""))
    if faces >= FEWEST_FACES:
        return faces
    people = sum(1 for a in node.css("a") if _PROFILE.match(a.attributes.get("href") or ""))
    return max(faces, people) if people >= FEWEST_PEOPLE else 0


_MARKUP = re.compile(r"<[^>]*+(?:>|\Z)")
_LINK = re.compile(r"https?://\S+")


def without_tags(text: str, *, links: bool = False) -> str:
    """The words between tags; addresses go as well if asked. What the last `<` leaves open is text."""
    closed = text.rfind(">") + 1
    words = _MARKUP.sub(" ", text[:closed]) + text[closed:]
    return _LINK.sub(" ", words) if links else words


_NOSCRIPT = re.compile(
    r"<!--.*?(?:-->|\Z)|<(script|style|textarea|title)\b.*?(?:</\1\s*>|\Z)|<noscript\b[^>]*+"
    r"(?:>(.*?)(?:</noscript\s*>|\Z)|\Z)",
    re.DOTALL | re.IGNORECASE,
)


def noscript_as_template(html: str) -> str:
    """What only readers without scripts are shown, put where no reader is shown anything."""
    return _NOSCRIPT.sub(_as_template, html) if "<noscript" in html.lower() else html


def _as_template(match: re.Match[str]) -> str:
    inside = match.group(2)
    if inside is None:
        return match.group()
    escaped = without_tags(inside).replace("<", "&lt;")
    return f'<template data-noscript="">{escaped}</template>'


_TEMPLATE = re.compile(r"<template\b([^<>]{0,1000})>|</template\s*>", re.IGNORECASE)
_SHADOW_MODE = re.compile(r"\bshadowrootmode\s*=\s*[\"']?(?:open|closed)", re.IGNORECASE)
SHADOW_ROOT = "data-shadow-root"


def shadow_roots_as_elements(html: str) -> str:
    """A declarative shadow root is a template that browsers show: here an element with the mark `SHADOW_ROOT`."""
    if "shadowrootmode" not in html.lower():
        return html
    opened: list[bool] = []
    inert = 0

    def plain(match: re.Match[str]) -> str:
        nonlocal inert
        if match[1] is not None:
            opened.append(not inert and bool(_SHADOW_MODE.search(match[1])))
            inert += not opened[-1]
            return f"<div {SHADOW_ROOT}>" if opened[-1] else match.group()
        shown = opened.pop() if opened else False
        inert -= bool(inert) and not shown
        return "</div>" if shown else match.group()

    return _TEMPLATE.sub(plain, html)


def beside_shadow_roots(tree: Any) -> Iterator[Any]:
    """Elements that nobody sees, since their parent shows a shadow root in which there is no place for them."""
    host_ids: set[int] = set()
    for shadow in tree.css(f"div[{SHADOW_ROOT}]"):
        host = shadow.parent
        if host is not None and host.mem_id not in host_ids and shadow.css_first("slot") is None:
            yield from (node for node in host.iter() if node.mem_id != shadow.mem_id)
        host_ids.add(host.mem_id if host is not None else 0)


def comments_beside(tree: Any) -> Iterator[Any]:
    """Comments before and after the body, where a comment that opens a page ends up."""
    html = tree.root
    for parent in (html.parent, html, tree.head) if html is not None else ():
        node = parent.child if parent is not None else None
        while node is not None:
            if node.tag in COMMENTS:
                yield node
            node = node.next


def is_layout(row: Any) -> bool:
    """A table row that holds lists, code or headings is a way of placing things, not a record of cells."""
    return row.css_first("pre, ul, ol, h1, h2, h3, h4, h5, h6, table, blockquote, details") is not None
