"""Documents that do not fit one request, cut into several: by whole documents, then by whole blocks.

Idea: the same documents and the same size give the same parts on every machine. Invariant: every block
that is shown stands in one part, and a part keeps the id of its document, because quotes are
grounded in the whole page anyway.
"""

from __future__ import annotations

from collections.abc import Iterator

from extractors.model.completion import CompletionRequest
from extractors.pages.page_text import Block, PageText
from extractors.prompting.messages import Part, whole_documents
from extractors.prompting.prompt_truncation import shown

_BETWEEN = 4
"""Tokens for what stands between two blocks."""


def tokens_in(text: str) -> int:
    """An estimate without a tokenizer: a token for three bytes of UTF-8, rounded up. Most texts need fewer."""
    return -(-len(text.encode("utf-8", "replace")) // 3)


def most_tokens_in(text: str) -> int:
    """What a byte-level tokenizer hardly exceeds: a token for two bytes. For reserving money."""
    return -(-len(text.encode("utf-8", "replace")) // 2)


def fewest_tokens_in(text: str) -> int:
    """What no tokenizer needs fewer of: a third of a token for four bytes. An endpoint that counts fewer read less."""
    return len(text.encode("utf-8", "replace")) // 12


def split(request: CompletionRequest, tokens: int) -> tuple[tuple[Part, ...], ...]:
    """Runs of parts, each of at most about `tokens`; one run when everything fits."""
    runs: list[list[Part]] = [[]]
    used = 0
    for whole, page in zip(whole_documents(request), request.documents, strict=True):
        for part in _pieces(whole, page, tokens):
            size = tokens_in(part.text)
            if runs[-1] and used + size > tokens:
                runs.append([])
                used = 0
            runs[-1].append(part)
            used += size
    return tuple(tuple(run) for run in runs)


def _pieces(whole: Part, page: PageText, tokens: int) -> Iterator[Part]:
    if tokens_in(whole.text) <= tokens:
        yield whole
        return
    run: list[Block] = []
    used = 0
    for block in page.blocks:
        size = tokens_in(page.text[block.start : block.end]) + _BETWEEN
        if run and used + size > tokens:
            yield from _parts(whole, page, run, tokens)
            run, used = [], 0
        run.append(block)
        used += size
    yield from _parts(whole, page, run, tokens)


def _parts(whole: Part, page: PageText, run: list[Block], tokens: int) -> Iterator[Part]:
    """One part; several when a single block is larger than a request, cut at white space where there is some."""
    text = shown(page.model_copy(update={"blocks": tuple(run)}))
    step = max(1, tokens * 3 // 4)
    while text:
        stop = len(text) if tokens_in(text) <= tokens else step
        if stop < len(text) and (space := text.rfind(" ", 1, stop)) > 0:
            stop = space + 1
        yield whole._replace(text=text[:stop], cut=True)
        text = text[stop:]
