"""Documents that do not fit one request, cut into several: by whole documents, then by whole blocks.

Idea: the same documents and the same size give the same parts on every machine. Invariant: every character
of every document stands in exactly one part, and a part keeps the id of its document, because quotes are
grounded in the whole page anyway.
"""

from __future__ import annotations

from collections.abc import Iterator

from extractors.completion import CompletionRequest
from extractors.messages import Part, whole_documents
from extractors.page_text import Block


def tokens_in(text: str) -> int:
    """An estimate without a tokenizer: a token for three bytes of UTF-8, rounded up. Most texts need fewer."""
    return -(-len(text.encode("utf-8", "replace")) // 3)


def most_tokens_in(text: str) -> int:
    """What a byte-level tokenizer hardly exceeds: a token for two bytes. For reserving money."""
    return -(-len(text.encode("utf-8", "replace")) // 2)


def split(request: CompletionRequest, tokens: int) -> tuple[tuple[Part, ...], ...]:
    """Runs of parts, each of at most about `tokens`; one run when everything fits."""
    runs: list[list[Part]] = [[]]
    used = 0
    for whole, page in zip(whole_documents(request), request.documents, strict=True):
        for part in _pieces(whole, page.blocks, tokens):
            size = tokens_in(part.text)
            if runs[-1] and used + size > tokens:
                runs.append([])
                used = 0
            runs[-1].append(part)
            used += size
    return tuple(tuple(run) for run in runs)


def _pieces(whole: Part, blocks: tuple[Block, ...], tokens: int) -> Iterator[Part]:
    if tokens_in(whole.text) <= tokens:
        yield whole
        return
    start, size = 0, 0
    bounds = [block.start for block in blocks[1:]] + [len(whole.text)]
    at = 0
    for bound in bounds:
        block_size = tokens_in(whole.text[at:bound])
        if size and size + block_size > tokens:
            yield whole._replace(text=whole.text[start:at], cut=True)
            start, size = at, 0
        if block_size > tokens:
            yield from _slices(whole, start, bound, tokens)
            start, size = bound, 0
        else:
            size += block_size
        at = bound
    if start < len(whole.text):
        yield whole._replace(text=whole.text[start:], cut=True)


def _slices(whole: Part, start: int, end: int, tokens: int) -> Iterator[Part]:
    """A single block larger than a request, cut at white space where there is some."""
    while start < end:
        stop = min(start + max(1, tokens * 3 // 4), end)
        if stop < end and (space := whole.text.rfind(" ", start + 1, stop)) > start:
            stop = space + 1
        yield whole._replace(text=whole.text[start:stop], cut=True)
        start = stop
