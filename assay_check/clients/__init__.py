"""How five clients decide whether an MCP server may run, from what they document and publish.

Idea: an allow list is worth what its reader makes of it. Each client is one pure function from policies and a server
to a decision with its reason; the writers of allow lists check what they write with the same functions.
"""

from collections.abc import Callable

from assay_check.clients import claude_code, codex, copilot, gemini_cli, vscode
from assay_check.clients.decision import Decision, Policies, Server

__all__ = ["CLIENTS", "Decision", "Policies", "Server"]

CLIENTS: dict[str, Callable[[Policies, Server], Decision]] = {
    "vscode": vscode.decide,
    "claude_code": claude_code.decide,
    "copilot": copilot.decide,
    "codex": codex.decide,
    "gemini_cli": gemini_cli.decide,
}
"""By client what it does with a server under policies."""
