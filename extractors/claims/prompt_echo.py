"""Whether a model's text is an echo: of the instructions, of the delimiter, of a page, of text that talks to models.

Idea: the reply can only fill free texts with words; words that come from the wrong place are not kept. A
page speaks in a record between quotation marks or not at all. Invariant: nothing that only the prompt
contains (its nonce, a marked token, a long run of its words), no run of a sentence that addresses the
assessor, and no unquoted sentence of a page is ever stored in a text of a record.
"""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

from extractors.claims.text_checks import clean, folded, split, without_quotations
from extractors.injection import findings as hostile_findings
from extractors.model.completion import CompletionRequest
from extractors.pages.page_text import Block, BlockKind
from extractors.pages.snapshot import sha256
from extractors.prompting.messages import nonce_for
from scoring.claims import Finding
from scoring.vocabulary import FindingKind

PROMPT_RUN = 10
"""Words in a row that a text may not share with the prompt."""
HOSTILE_RUN = 6
"""Words in a row that a text may not share with a sentence that addresses the assessor."""
PAGE_RUN = 8
"""Words in a row that a text may not share with a page outside quotation marks."""
_SENTENCE = 4
"""Words from which a whole sentence that is on a page too is an echo."""
_MARKED = re.compile(r"(?<![\w-])(?=[\w-]*\d)(?=[\w-]*[A-Za-z])[\w-]{8,}|\b[A-Z][A-Z_-]{7,}\b")
"""A token of letters and digits, or of capitals: in a prompt, a canary or a key."""
_LINK = re.compile(r"https?://|www\.|[<>]|\]\(|data:|javascript:", re.IGNORECASE)


class CopiedTextCheck:
    """What the texts of one reply are compared with."""

    def __init__(self, request: CompletionRequest, findings: Sequence[Finding]) -> None:
        pages = "\n".join(page.text for page in request.documents)
        self._nonce = nonce_for(request)
        self._marked = [token for token in _marked_tokens(request.prompt.text) if token not in pages]
        self._prompt = _prompt_runs(request.prompt.text)
        self._pages = f" {folded(clean(pages))} "
        addressing = [f.excerpt for f in findings if f.kind is FindingKind.ADDRESSES_THE_ASSESSOR]
        self._hostile = _runs(addressing, HOSTILE_RUN)

    def may_keep(self, text: str) -> bool:
        """True for words of the assessor's own."""
        return not (
            _LINK.search(text)
            or self.repeats_the_prompt(text)
            or self._speaks_as_a_page(text)
            or _runs([text], HOSTILE_RUN) & self._hostile
            or _addresses_the_assessor(text)
        )

    def _speaks_as_a_page(self, text: str) -> bool:
        unquoted = without_quotations(text)
        sentences = (folded(sentence) for sentence in split(unquoted))
        whole = (sentence for sentence in sentences if len(sentence.split()) >= _SENTENCE)
        return any(f" {run} " in self._pages for run in (*_runs([unquoted], PAGE_RUN), *whole))

    def repeats_the_prompt(self, text: str) -> bool:
        """True for words that can only come from the request's own instructions."""
        marked = self._nonce in text.lower() or any(token in text for token in self._marked)
        return marked or bool(_runs([text], PROMPT_RUN) & self._prompt)


@lru_cache(maxsize=4096)
def _addresses_the_assessor(text: str) -> bool:
    """Asked again and again of the built-in assessor's own sentences."""
    found = hostile_findings(text, (Block(0, len(text), BlockKind.PARAGRAPH),), "", sha256(text.encode()), False)
    return any(finding.kind is FindingKind.ADDRESSES_THE_ASSESSOR for finding in found)


@lru_cache(maxsize=4)
def _marked_tokens(prompt: str) -> frozenset[str]:
    return frozenset(_MARKED.findall(prompt))


@lru_cache(maxsize=4)
def _prompt_runs(text: str) -> frozenset[str]:
    return _runs([text], PROMPT_RUN)


def _runs(texts: Iterable[str], length: int) -> frozenset[str]:
    folded_words = (folded(text).split() for text in texts)
    return frozenset(" ".join(words[n : n + length]) for words in folded_words for n in range(len(words) - length + 1))
