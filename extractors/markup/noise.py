"""Pictures, badges and walls of contributors: seen, but they say nothing that could be evidence.

Idea: such things are told by where their pictures and links lead, never by their words. Invariant: a block
with a sentence of its own is never a wall.
"""

from __future__ import annotations

import re
from typing import Any

_BADGE = re.compile(
    r"shields\.io|badge|badgen\.net|fury\.io|img\.shields|travis-ci|codecov|coveralls|circleci\.com/gh|"
    r"github\.com/[^/]+/[^/]+/(?:actions/)?workflows|deepwiki\.com/badge|star-history|trendshift|visitor|"
    r"producthunt|opencollective\.com/[^/]+/tiers|/badges?/|colab-badge|snyk\.io/test|sonarcloud|pepy\.tech",
    re.IGNORECASE,
)
_FACE = re.compile(
    r"avatars\d*\.githubusercontent\.com|contrib\.rocks|opencollective\.com|gravatar\.com|"
    r"github\.com/[\w-]+\.png|contributors-img|images\.weserv\.nl.*avatar",
    re.IGNORECASE,
)
MACHINE_COMMENT = re.compile(
    r"\s*(?:\[if |prettier|markdownlint|eslint|all-contributors|toc\b|start\b|end\b|begin\b|vale |textlint|"
    r"cspell|spell|doctoc|omit|readme-|automd|snippet|note: this (?:has been|is) generated|"
    r"/|\w[\w.:-]*(?:start|end)\b\s*$)",
    re.IGNORECASE,
)
"""Comments that a tool reads, of which nobody needs to be told."""
_PROFILE = re.compile(r"https?://(?:www\.)?(?:github|gitlab)\.com/[\w.-]+/?$")


def picture_kind(source: str) -> str:
    if source[:5].lower() == "data:":
        return "base64"
    return "badge" if _BADGE.search(source) else "image"


def may_have_wall(root: Any, html: str) -> bool:
    """Cheap: looks once over a page, so that most pages need no look at each element."""
    if html.count("<img") < 6 and html.count("github.com/") + html.count("gitlab.com/") < 8:
        return False
    faces = sum(1 for image in root.css("img") if _FACE.search(image.attributes.get("src") or ""))
    return faces >= 6 or sum(1 for a in root.css("a") if _PROFILE.match(a.attributes.get("href") or "")) >= 8


def is_wall(node: Any) -> bool:
    """Six or more faces, or links to people, with hardly any words outside the links."""
    child = node.child
    if child is None:
        return False
    faces = [i for i in node.css("img") if _FACE.search(i.attributes.get("src") or "")]
    people: list[Any] = []
    if len(faces) < 6:
        people = [a for a in node.css("a") if _PROFILE.match(a.attributes.get("href") or "")]
        if len(people) < 8:
            return False
    linked = sum(len(a.text().split()) for a in node.css("a"))
    words = len(node.text().split())
    return words - linked <= max(len(faces), len(people))
