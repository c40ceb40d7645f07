"""What sort of sentence it is: a statement about this product, or a heading, a question, a step, a plan, a badge.

Idea: a sentence may speak of a topic and still state nothing about the product. Each form is a pattern of
`data/support/forms.toml` with a name that a record can print. Invariant: forms depend on the passage and the
product's name alone, never on the claim.
"""

import re
import tomllib
from collections.abc import Callable
from functools import cache, lru_cache

from extractors.pages.page_text import BlockKind
from extractors.support.passage import DATA, Passage, folded, stem, stems

_GENERIC = frozenset(
    stem(word)
    for word in ("mcp", "server", "agent", "ai", "plugin", "skill", "official", "tool", "app", "api", "llm", "client")
)

_NO_STATEMENT = re.compile(r"^[^a-z]*$")
_UNDONE = re.compile(r"\A\W{0,4}?(?:\[ ?\]\s|☐|🚧|⏳|🔜)")
"""An open box, or a sign for work that goes on, before an item: a plan."""
_SENTENCE_END = re.compile(r"[.!:;]\W*$")
_VERB = re.compile(
    r"\b(?:is|are|was|has|have|can|will|does|do|uses?|runs?|lets?|allows?|enables?|provides?|supports?|offers?|keeps?|"
    r"stores?|reads?|writes?|creates?|makes?|returns?|gives?|\w+(?:izes?|ates?|ects?|ages?|ains?|ows?)|connects?|"
    r"executes?|searches?|asks?|requires?|needs?|works?|remembers?|acts?|sends?|calls?|you)\b"
)
_ACT = re.compile(r"^(?:\w{1,20}ly )?\w{3,20} (?:an?|the|your|its|new) \w|^\w{1,20} (?:that|which|returning) \w")
"""What few words begin with that say an act, or a thing with what it does, without a verb that is known here."""
_STATING = frozenset({"tool verb", "tool line", "step", "option"})
"""Forms that say something in few words."""
SHORT, LONG = 5, 30
"""Words below which a sentence hardly states, and above which it says many things."""


@cache
def _tests() -> tuple[tuple[str, Callable[[str], re.Match[str] | None]], ...]:
    """Each form with its test: what a sentence begins with, and what it has anywhere."""
    table = tomllib.loads((DATA / "forms.toml").read_text(encoding="utf-8"))
    begins = [(name, re.compile(pattern).match) for name, pattern in table["begins"].items()]
    return (*begins, *((name, re.compile(pattern).search) for name, pattern in table["has"].items()))


@lru_cache(maxsize=4_096)
def forms(passage: Passage, product: str) -> frozenset[str]:
    """The names of the forms of a passage."""
    text = folded(passage.sentence)
    by_table = frozenset(name for name, test in _tests() if test(text))
    words = stems(text)
    no_verb = not _VERB.search(text)
    states = by_table & _STATING or _SENTENCE_END.search(text) or _ACT.match(text)
    cells = re.split(r"[|•·]", text)
    name = frozenset(stems(folded(re.sub(r"[-_]", " ", product.rpartition("/")[2])))) - _GENERIC
    by_shape = {
        f"in a {passage.kind.replace('_', ' ')}": True,
        "plan": _UNDONE.match(passage.sentence),
        "question": text.rstrip("\"') ").endswith("?"),
        "own instructions": passage.own_instructions,
        "heading": passage.kind is BlockKind.HEADING or (len(words) <= SHORT and no_verb and not states),
        "menu": len(cells) > 2 and all(len(cell.split()) <= 3 for cell in cells),
        "short": len(words) < SHORT,
        "long": len(words) > LONG,
        "no verb": no_verb,
        "no words": not words or _NO_STATEMENT.match(text),
        "named": name and name <= set(words),
        "named first": name and name <= set(words[: len(name) + 4]),
    }
    return by_table | {form for form, holds in by_shape.items() if holds}
