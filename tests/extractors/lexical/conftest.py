"""Pages and requests in our own words."""

from collections.abc import Callable

import pytest

from extractors.model.completion import CompletionRequest
from extractors.pages.page_text import PageText
from extractors.pages.text_extraction import page_text
from extractors.prompting.prompt_files import load

Ask = Callable[..., CompletionRequest]


def page(text: str, url: str = "file:README.md") -> PageText:
    return page_text(text.encode(), url=url)


@pytest.fixture
def ask() -> Ask:
    """A request about the given Markdown texts, the first as README unless it names its file."""

    def request(*texts: str | tuple[str, str], name: str = "Quayside", slug: str = "quayside") -> CompletionRequest:
        documents = tuple(page(text) if isinstance(text, str) else page(text[1], text[0]) for text in texts)
        return CompletionRequest(prompt=load("assess"), slug=slug, name=name, documents=documents)

    return request
