"""Parts of an A2A agent card that are built in program text: skills, security schemes."""

from __future__ import annotations

from tree_sitter import Node

from extractors.declarations.facts import DeclaredTool, Origin, Scheme
from extractors.declarations.place import first_line, place
from extractors.declarations.program_text.helpers import Helpers
from extractors.declarations.program_text.syntax.parsed_file import Item

CARDS = {
    "agentskill": "",
    "agentcapabilities": "",
    "apikeysecurityscheme": "apiKey",
    "httpauthsecurityscheme": "http",
    "oauth2securityscheme": "oauth2",
    "openidconnectsecurityscheme": "openIdConnect",
    "mutualtlssecurityscheme": "mutualTLS",
}
"""Constructors by their kind of scheme; empty for what is none."""


class Cards(Helpers):
    """Rules for agent cards."""

    def _card(self, item: Item, key: str, given: dict[str, Node]) -> None:
        unit = item.unit
        if key == "agentskill":
            identifier = self._first_text(given, ("id", "name"), unit, item)
            node = given.get("id") or given.get("name")
            if identifier and node is not None:
                self._seen.add((unit.file.path + identifier, node.start_byte))
                self.tools.append(
                    DeclaredTool(
                        name=identifier,
                        description=first_line(
                            self.program.prose(given["description"], unit, item) if "description" in given else ""
                        ),
                        origin=Origin.CARD,
                        idiom="agent card in program text",
                        place=place(unit.file, node.start_byte, node.end_byte),
                    )
                )
        elif CARDS[key]:
            name = self._first_text(given, ("name", "schemename", "scheme"), unit, item) or CARDS[key]
            self.schemes.append(
                Scheme(
                    name=name, kind=CARDS[key], place=place(unit.file, item.node.start_byte, item.node.start_byte + 1)
                )
            )
