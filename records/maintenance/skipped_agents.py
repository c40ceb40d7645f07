"""What one agent's refusal or damage costs: that agent, which is named; never the others.

Invariant: an error that is about everything (a database that is away, a full disk, a defect) still ends the work.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import zstandard
from pydantic import ValidationError

from scoring.errors import TerminalError

DAMAGE = (ValidationError, zstandard.ZstdError)
"""A stored document that cannot be read."""


@contextmanager
def skip_on_error(slug: str, skipped: dict[str, str]) -> Iterator[None]:
    """Work on one agent that may fail on its own; notes why it did, one line."""
    try:
        yield
    except TerminalError as error:
        skipped.setdefault(slug, error.problem)
    except DAMAGE:
        skipped.setdefault(slug, "what is kept of it is damaged (`assay store verify`)")
