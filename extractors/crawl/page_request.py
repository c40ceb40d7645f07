"""What is asked for, with what is known from the last time."""

from __future__ import annotations

from scoring.claims import Digest, Frozen


class PageRequest(Frozen):
    """One URL. The validators make the request conditional."""

    url: str
    etag: str | None = None
    last_modified: str | None = None
    validated_url: str | None = None
    """The final URL that gave the validators, when it was reached by redirects; None means `url` itself."""
    previous_digest: Digest | None = None
    """Of the body as last fetched: the same bytes again are `unchanged`."""
    accept: str | None = None
    """An `Accept` header, for APIs."""
