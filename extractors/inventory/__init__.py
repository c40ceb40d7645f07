"""The tool inventory of a product: names, classes by rule, completeness, digest, changes.

`inventory(read_declarations(files), files, unread)` is pure; nothing is fetched, and no model is asked.
"""

from extractors.inventory.completeness import unread
from extractors.inventory.inventory import InventoryTool, ToolInventory, inventory
from extractors.inventory.verb_classes import Judged, judge
from scoring.tools.changes import ToolChange, ToolChangeKind, changes, note
from scoring.tools.inventory import GRAVITY, Verb

__all__ = [
    "GRAVITY",
    "InventoryTool",
    "Judged",
    "ToolChange",
    "ToolChangeKind",
    "ToolInventory",
    "Verb",
    "changes",
    "inventory",
    "judge",
    "note",
    "unread",
]
