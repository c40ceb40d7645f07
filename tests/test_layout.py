"""Breaking lines changes no page: Jinja reads the same words from a template before and after."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from jinja2 import Environment

from tests import layout

JINJA = Environment(trim_blocks=True, lstrip_blocks=True)
UNSEEN = re.compile(
    r"(</(?:td|th|tr|thead|tbody|table|caption|option|section|p|h[1-3]|form|article|details|div)>"
    r"|<input type=\"hidden\"[^<>]*>|>(?=\s+<input type=\"hidden\"))\s+(?=<)"
)
PIECES = (
    "{% if a %}", "{% endif %}", "{% for b in c if b.one == b.two %}", "{# a note of some words #}", "{{ a or 'b c' }}",
    "{{ words.title(a.path, b) }}", " ", " ", "word", "two words: ", "<b>", "</b>", "</a>", "<td>", "</td>", "</p>",
    '<a class="x y" href="?{{ a }}">', "<p>", "\n", ".", '<input type="hidden" name="a" value="{{ a }}">',
)  # fmt: skip


def words(template: str) -> str:
    """What Jinja reads, with each run of white space as one space; none where it cannot be seen."""
    tokens = ((kind, text) for _, kind, text in JINJA.lex(template) if kind != "whitespace")
    joined = "".join(text if kind == "data" else f"⟦{' '.join(text.split())}⟧" for kind, text in tokens)
    return UNSEEN.sub(r"\1", re.sub(r"\s+", " ", joined))


@given(st.lists(st.sampled_from(PIECES), min_size=30, max_size=120).map("".join))
@example("<p>" + "{% if a %} <b>" * 30)
def test_a_template_says_the_same_in_more_lines(text: str) -> None:
    broken = layout.template(text)
    assert words(broken) == words(text)
    assert layout.template(broken) == broken


DECLARATIONS = st.lists(
    st.sampled_from(["color: var(--a);", "margin: 0 auto;", 'font: 1rem/1.6 a, "b c";']), min_size=1
)


@given(st.lists(st.tuples(st.sampled_from(["a:hover", ".b > i, q", "@media print"]), DECLARATIONS), max_size=8))
def test_a_style_sheet_says_the_same_in_more_lines(rules: list[tuple[str, list[str]]]) -> None:
    sheet = " ".join(
        f"{head} {{ p {{ {' '.join(body)} }} }}" if head.startswith("@") else f"{head} {{ {' '.join(body)} }}"
        for head, body in rules
    )
    written = layout.style_sheet(sheet)
    assert written.split() == sheet.split()
    assert layout.style_sheet(written) == written
    assert all(len(line) <= layout.WIDTH for line in written.split("\n"))


@pytest.mark.parametrize("path", layout.files(), ids=lambda path: path.name)
def test_every_file_is_as_the_tool_writes_it(path: layout.Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert layout.laid_out(path) == text, "run python -m tests.layout"
    assert max(map(len, text.split("\n"))) <= layout.LIMIT
