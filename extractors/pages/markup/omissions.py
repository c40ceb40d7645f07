"""What of an HTML page enters no block: comments, hidden elements, elements that are no text, pictures.

Invariant: what is left out is counted, and its words are handed on where a reader of models could meet them.
"""

from typing import Any

from extractors.pages.markup.badges import MACHINE_COMMENT, is_an_editors, picture_kind, without_tags
from extractors.pages.markup.block_writer import Writer
from extractors.pages.markup.html_elements import FEW_WORDS, GONE, REPORTED


def comment(writer: Writer, node: Any) -> None:
    """Keeps the words of a comment: as hidden text where it may say something, aside where a program wrote it."""
    text = node.comment_content if node.tag else (node.html or "").strip("<?>")
    text = text or ""
    words = without_tags(text, links=True).split()
    if len(words) >= 6 and not MACHINE_COMMENT.match(text) and not is_an_editors(text):
        writer.hide("HTML comment", text)
    else:
        writer.drop("comment")
        writer.add_unseen("HTML comment", text)


def hidden(writer: Writer, node: Any, how: str) -> None:
    """Keeps the words of a hidden element, for a finding."""
    if how == "for screen readers only":
        writer.drop("hidden")
        writer.add_unseen(how, node.text())
    else:
        writer.hide(how, node.text())


def gone(writer: Writer, node: Any, tag: str, attributes: dict[str, str | None]) -> None:
    """Keeps the words of an element that is never shown as text."""
    noscript = "data-noscript" in attributes
    text = (node.html or "") if tag == "template" else node.text()
    writer.drop("noscript" if noscript else GONE[tag])
    if noscript and not ("javascript" in text.lower() and len(text.split()) < 40):
        writer.hide("noscript", text)
    elif not noscript and tag in REPORTED and len(text.split()) >= (3 if tag in FEW_WORDS else 1):
        writer.hide(REPORTED[tag], without_tags(text))
    elif GONE[tag] in ("embedded", "form control"):
        writer.add_unseen(GONE[tag], text)


def picture(writer: Writer, attributes: dict[str, str | None]) -> None:
    """Counts a picture and keeps its description."""
    writer.drop(picture_kind(attributes.get("src") or ""))
    writer.add_unseen("image description", attributes.get("alt"))
