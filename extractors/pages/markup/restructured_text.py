"""reStructuredText, rendered by docutils and then read as HTML.

Invariant: what would take seconds to render raises `TooMuchMarkup` instead, and no file is included.
"""

import re

from extractors.pages.markup.block_writer import Writer
from extractors.pages.markup.html import read_html
from extractors.pages.markup.nesting_limits import TooMuchMarkup

MAX_RST = 400_000
"""Characters: docutils takes seconds for them."""
_NESTED_SUBSTITUTION = re.compile(
    r"^[ \t]*\.\.[ \t]+\|[^|\n]+\|[ \t]+replace::[^|\n]*\|[^|\n]+\|[^|\n]*\|", re.MULTILINE
)
"""A definition that names others twice or more: thirteen of them expand to more text than any machine holds."""


def read_rst(text: str, writer: Writer) -> None:
    """Rendered by docutils with files, raw parts and messages switched off."""
    if len(text) > MAX_RST or len(_NESTED_SUBSTITUTION.findall(text)) > 8:
        raise TooMuchMarkup("more reStructuredText than can be rendered")
    from docutils.core import publish_parts

    settings = {
        "file_insertion_enabled": False,
        "raw_enabled": False,
        "report_level": 5,
        "halt_level": 6,
        "input_encoding": "unicode",
        "doctitle_xform": False,
        "smart_quotes": False,
        "syntax_highlight": "none",
        "math_output": "LaTeX",
        "_disable_config": True,
    }
    read_html(publish_parts(text, writer="html5", settings_overrides=settings)["body"], writer)
