"""Every table of the store, by topic: found, decided, work."""

from records.database.tables.crawled import *  # noqa: F403
from records.database.tables.decided import *  # noqa: F403
from records.database.tables.operations import *  # noqa: F403
