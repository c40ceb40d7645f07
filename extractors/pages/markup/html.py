"""Walks an HTML tree as a reader's eye would, and gives its text in blocks.

Idea: parsing is the crawl's cost, so the tree is lexbor's and is walked once, without recursion (pages with
20,000 nested elements exist). Invariant: text that a person does not see never enters a block; what is left
out is counted, and hidden words are handed on to be reported.
"""

import re
from typing import Any, NamedTuple

from selectolax.lexbor import LexborHTMLParser

from extractors.pages.markup import omissions
from extractors.pages.markup.badges import (
    COMMENTS,
    beside_shadow_roots,
    comments_beside,
    is_layout,
    is_wall,
    may_have_wall,
    noscript_as_template,
    shadow_roots_as_elements,
)
from extractors.pages.markup.block_writer import Writer
from extractors.pages.markup.html_elements import (
    ALL_BLOCKS,
    BREAKS,
    CALLOUTS,
    GONE,
    KINDS,
    LISTS,
    WITH_TITLE,
)
from extractors.pages.markup.nesting_limits import bounded
from extractors.pages.page_text import BlockKind
from extractors.pages.visibility.colors import indistinguishable, plain_color
from extractors.pages.visibility.css_parser import Declared, plain_style, written
from extractors.pages.visibility.doubtful_visibility import covers, hard_to_see, hiding_animations
from extractors.pages.visibility.hidden_elements import (
    HidingStyles,
    colors_of,
    hidden_by_attributes,
    hidden_by_sheet,
    hidden_by_style,
    hidden_together,
)
from extractors.pages.visibility.revealed_content import CLOSES, Controls, may_open, opened
from extractors.pages.visibility.style_sheets import MAX_STYLE, Sheet, has_only_own_styles, sheet_of, with_variables

_MARKER = re.compile(r"\A\s*+\[!(\w+)\][-+]?\s*")
_STYLED = frozenset(("style", "bgcolor", "text", "background", "color"))


class _Inside(NamedTuple):
    """What the words at this place are part of."""

    leaving: int
    """Node id at whose end this stops."""
    kind: BlockKind
    level: int


def read_html(html: str, writer: Writer, *, page_color: str = "") -> None:
    """`page_color` is the background colour of the page where nothing else says (Markdown is shown on white)."""
    bounded(html)
    tree = LexborHTMLParser(html := shadow_roots_as_elements(noscript_as_template(html)))
    root = tree.body or tree.root
    if title := tree.css_first("head > title"):
        writer.title = " ".join(title.text().split())[:300]
    for meta in tree.css("head > meta[name=description], head > meta[property='og:description']"):
        writer.add_unseen("page description", meta.attributes.get("content"))
    if root is not None:
        default_page_color = "#ffffff" if not page_color and has_only_own_styles(tree) else ""
        walk = _Walk(writer, sheet_of(tree, html, hidden_by_style), page_color, default_page_color)
        walk.by_sheet.update({node.mem_id: "outside its shadow root" for node in beside_shadow_roots(tree)})
        for comment in comments_beside(tree):
            omissions.comment(writer, comment)
        walk.walk(root, html)


class _Walk:
    def __init__(self, writer: Writer, sheet: Sheet, page_color: str, default_page_color: str) -> None:
        self.writer = writer
        self.sheet = sheet
        self.judge = HidingStyles(sheet.variables)
        self.by_sheet, self.perhaps = hidden_by_sheet(sheet, self.judge)
        self.hiding = hiding_animations(sheet.text) if sheet.text else frozenset()
        self.left_to_tell = 200
        for what in sheet.unread:
            writer.report("style sheets longer than is read", what)
        self.words: list[str] = []
        self.stack: list[_Inside] = []
        of_page, text_color = colors_of({"style": with_variables(written(sheet.of_page), sheet.variables)})
        self.colors: list[tuple[int, str, str]] = [(0, of_page or page_color, text_color)]
        """Node id, background and text colour, where the page says them."""
        self.default_page_color = default_page_color
        """The background of text where the page says nothing and nothing unread can say more."""
        self.in_pre = 0
        self.lists = 0
        self.walls_to_try = 0
        self.root: Any = None
        self.controls: Controls | None = None
        """Looked up where something waits for a click."""

    def walk(self, root: Any, html: str) -> None:
        """Depth first with `child`, `next` and `parent` only: no recursion, whatever the nesting.

        Half of all nodes are text, so they are taken here, where it costs no call.
        """
        node, root_id = root, root.mem_id
        self.root = root
        if indistinguishable(self.colors[0][1] or self.default_page_color, self.colors[0][2]):
            self._report_doubtful("text in the colour of its background", root)
        self.walls_to_try = 500 if may_have_wall(root, html) else 0
        words = self.words
        while node is not None:
            tag = node.tag
            if tag == "-text":
                text = node.text_content or ""
                if self.in_pre:
                    words.append(text)
                elif words or not text.isspace():
                    words.append(text.replace("\n", " "))  # runs of spaces become one where the block is written
            elif self.enter(node, tag):
                child = node.child
                if child is not None:
                    node = child
                    continue
                self.leave(node, tag)
            while (further := node.next) is None and node.mem_id != root_id:
                node = node.parent
                self.leave(node, node.tag)
            node = further if node.mem_id != root_id else None
        self.flush()

    def enter(self, node: Any, tag: str) -> bool:
        """Takes the node's own words. False when its children are not to be read."""
        if tag is None or tag[0] == "-":
            omissions.comment(self.writer, node) if tag in COMMENTS else None
            return False
        attributes = node.attributes
        how = self.by_sheet.get(node.mem_id, "") if self.by_sheet else ""
        if attributes and not how:
            how = hidden_by_attributes(tag, attributes, *self.colors[-1][1:], self.sheet.variables)
        from_sheet = self.sheet.of_element.get(node.mem_id) if self.sheet.of_element else None
        if from_sheet and not how and (own := attributes.get("style")):
            how = hidden_together(from_sheet, plain_style(own), self.sheet.variables)
        if how and (how := self._still_hidden(node, how, attributes, from_sheet)):
            omissions.hidden(self.writer, node, how)
            return False
        if tag == "img" or tag == "source":
            omissions.picture(self.writer, attributes) if tag == "img" else None
            return False
        if tag in GONE:
            omissions.gone(self.writer, node, tag, attributes)
            return False
        if from_sheet or (attributes and not _STYLED.isdisjoint(attributes)):
            self._styled(node, attributes, from_sheet)
        if self.perhaps and (how := self.perhaps.get(node.mem_id, "")):
            self._report_doubtful(how, node)
        if tag == "br":
            self.words.append("\n" if self._kind() in BREAKS else " ")
            return False
        if tag in ALL_BLOCKS:
            return self._block(node, tag, attributes)
        if attributes.get("title"):
            self.writer.add_unseen("tooltip", attributes["title"])
        return True

    def _still_hidden(
        self, node: Any, how: str, attributes: dict[str, str | None], declarations: Declared | None
    ) -> str:
        """The carrier that hides an element, also once a reader has clicked on what opens it; or nothing."""
        if not may_open(how):
            return how
        if self.controls is None:
            self.controls = Controls(self.root)
        if not self.controls.is_revealed(node, attributes):
            return how
        left = {name: value for name, value in (declarations or {}).items() if name not in CLOSES}
        by_sheet = self.judge.of(left)[0] if left else ""
        return by_sheet or hidden_by_attributes(
            node.tag, opened(attributes), *self.colors[-1][1:], self.sheet.variables
        )

    def _styled(self, node: Any, attributes: dict[str, str | None], declarations: Declared | None) -> None:
        """Keeps the colours of what is inside; reports what may be out of sight, and may be not."""
        own = plain_style(attributes.get("style") or "")
        if len(own) > MAX_STYLE:
            self._report_doubtful("a style longer than is read", node)
        elif how := self.judge.of_style(own):
            self._report_doubtful(f"{how}, for some readers", node)
        style = f"{written(declarations)};{own}" if declarations else own
        style = with_variables(style, self.sheet.variables)[:MAX_STYLE]
        if how := hard_to_see(style, self.colors[-1][1] or self.default_page_color, self.hiding):
            self._report_doubtful(how, node)
        if self.left_to_tell > 0 and covers(style) and node.parent is not None and not node.text().strip():
            self._report_doubtful("covered by another element", node.parent)
        page_color, text_color = colors_of({**attributes, "style": style})
        if node.tag == "font":
            text_color = text_color or plain_color(attributes.get("color") or "")
        if page_color or text_color:
            page_color, text_color = page_color or self.colors[-1][1], text_color or self.colors[-1][2]
            self.colors.append((node.mem_id, page_color, text_color))
            if indistinguishable(page_color or self.default_page_color, text_color):
                self._report_doubtful("text in the colour of its background", node)

    def _report_doubtful(self, how: str, node: Any) -> None:
        """Reports what is kept, as often as anybody reads: elements in elements hold the same words."""
        self.left_to_tell -= 1
        if self.left_to_tell >= 0:
            self.writer.report(how, node.text()[:20_000])

    def leave(self, node: Any, tag: str) -> None:
        if len(self.colors) > 1 and self.colors[-1][0] == node.mem_id:
            self.colors.pop()
        if tag not in ALL_BLOCKS:
            return
        if tag in ("td", "th") and self._kind() is BlockKind.TABLE_ROW:
            self.words.append(" | ")
            return
        if tag == "dt":
            self.words.append(": ")
            self.stack.pop()
            return
        if self._kind() is not BlockKind.TABLE_ROW or tag in ("tr", "table"):
            self.flush()
        if tag == "pre":
            self.in_pre -= 1
        elif tag in LISTS:
            self.lists -= 1
        while self.stack and self.stack[-1].leaving == node.mem_id:
            self.stack.pop()

    def flush(self) -> None:
        text = "".join(self.words)
        self.words.clear()
        if not text.strip():
            return
        kind, level = self._kind(), self.stack[-1].level if self.stack else 0
        if kind is BlockKind.TABLE_ROW:
            text = text.rstrip().removesuffix("|")
        if kind is BlockKind.QUOTE and (match := _MARKER.match(text)):
            self.stack[-1] = self.stack[-1]._replace(kind=BlockKind.ADMONITION)
            self.writer.add(match.group(1).capitalize(), BlockKind.ADMONITION, level)
            text, kind = text[match.end() :], BlockKind.ADMONITION
        self.writer.add(text, kind, level)

    def _kind(self) -> BlockKind:
        return self.stack[-1].kind if self.stack else BlockKind.PARAGRAPH

    def _block(self, node: Any, tag: str, attributes: dict[str, str | None]) -> bool:
        if self._kind() is BlockKind.TABLE_ROW and tag not in ("tr", "table"):
            self.words.append(" ")
            return True
        if tag != "dd":
            self.flush()
        if self.walls_to_try and tag in ("table", "p", "div"):
            self.walls_to_try -= 1
            if is_wall(node):
                self.writer.drop("contributor wall")
                return False
        if tag == "dialog" and "open" not in attributes:
            self.writer.drop("dialog")
            self.writer.add_unseen("dialog", node.text())
            return False
        if tag in LISTS:
            self.lists += 1
        elif tag in KINDS and not (tag == "tr" and is_layout(node)):
            level = int(tag[1]) if tag[0] == "h" else max(1, self.lists) if tag == "li" else 0
            self.in_pre += tag == "pre"
            self.stack.append(_Inside(node.mem_id, KINDS[tag], level))
        elif tag in CALLOUTS or "admonition" in (attributes.get("class") or "").split():
            self.stack.append(_Inside(node.mem_id, BlockKind.ADMONITION, 0))
            if tag in CALLOUTS:
                self.writer.add(tag.capitalize(), BlockKind.ADMONITION)
        if tag in WITH_TITLE and attributes.get("title"):
            self.writer.add(attributes["title"] or "", BlockKind.PARAGRAPH)
        return True
