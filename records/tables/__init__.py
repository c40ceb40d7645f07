"""Every table of the store, by topic: found, decided, work."""

from records.tables.decided import *  # noqa: F403
from records.tables.found import *  # noqa: F403
from records.tables.work import *  # noqa: F403
