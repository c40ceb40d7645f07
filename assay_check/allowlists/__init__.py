"""Allow lists of clients and a static registry, written from a check: what the policy allows, in the buyer's spelling.

Invariant: what is written is read back by the client's own decision function before it is handed out; an entry that
the client would drop, an empty list and a name-only entry are refused, never written.
"""

from assay_check.allowlists.allow_list import AllowList
from assay_check.allowlists.client_settings import SETTINGS, settings
from assay_check.allowlists.registry import registry
from assay_check.checking import Checked

__all__ = ["SETTINGS", "AllowList", "allow_list"]


def allow_list(client: str, checked: Checked) -> AllowList:
    """The files of `vscode`, `claude-code`, `copilot` or `registry`. Raises `BadInput` when nothing can be written."""
    return registry(checked) if client == "registry" else settings(client, checked)
