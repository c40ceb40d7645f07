"""Windows of a real browser that wait a minute and a half for a page: half a minute goes by on a busy machine."""

from typing import Any

PATIENCE = 90_000
"""Milliseconds."""


def new_context(browser: Any, **options: Any) -> Any:
    """As the browser's own method gives it."""
    context = browser.new_context(**options)
    context.set_default_timeout(PATIENCE)
    return context
