"""Compiled SQL for the stores of all tests: SQLAlchemy keeps it with an engine, and each test has its own engines."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.util import LRUCache


class StatementCache(LRUCache[Any, Any]):
    """A key begins with the engine's dialect, of which those of one class compile alike."""

    def get(self, key: Any, default: Any = None) -> Any:
        return super().get((type(key[0]), *key[1:]), default)

    def __setitem__(self, key: Any, compiled: Any) -> None:
        super().__setitem__((type(key[0]), *key[1:]), compiled)


def share_compiled_statements() -> None:
    """From now on every engine of this process keeps what it compiles in one cache."""
    make, cache = sa.Engine.__init__, StatementCache(5_000)

    def sharing(engine: sa.Engine, *arguments: Any, **options: Any) -> None:
        make(engine, *arguments, **options)
        engine._compiled_cache = cache

    sa.Engine.__init__ = sharing  # type: ignore[method-assign,assignment]
