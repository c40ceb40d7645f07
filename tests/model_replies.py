"""A made-up product in our own words, and replies about it that fit their type."""

import copy
import json
from typing import Any

import pytest

from extractors.model.completion import Completion, CompletionOutcome, CompletionRequest
from extractors.pages.page_text import Block, BlockKind, PageText
from extractors.pages.snapshot import sha256
from extractors.prompting.prompt_files import load
from scoring.vocabulary import AgentKind, ExposureFact, MaestroLayer, RiskFactor

README = [
    "# Marrow",
    "Marrow is a command-line agent that sorts the files of one folder.",
    "It plans the moves, shows them as a list and starts only after you confirm the list.",
    "Every move is written to a log file that can undo it.",
    "It calls a language model of your choice through an API key that you provide.",
    "Marrow does not send file contents anywhere, only their names.",
]
DOCS = [
    "# Running Marrow",
    "Since version 2 the watcher moves new files every night without asking.",
    "Marrow remembers how you sorted earlier files in a small database in your home folder.",
    "The watcher runs in a container that has access to the sorted folder only.",
]


def page(lines: list[str], url: str = "https://marrow.example/readme", **more: Any) -> PageText:
    """One block a line; a line that starts with `# ` is a heading."""
    text, blocks = "", []
    for line in lines:
        kind = BlockKind.HEADING if line.startswith("# ") else BlockKind.PARAGRAPH
        line = line.removeprefix("# ")
        blocks.append(Block(len(text), len(text) + len(line), kind, 1 if kind is BlockKind.HEADING else 0))
        text += line + "\n\n"
    text = text.rstrip("\n")
    return PageText(
        url=url,
        text=text,
        digest=sha256(text.encode()),
        page_digest=sha256(b"raw" + text.encode()),
        blocks=tuple(blocks),
        **more,
    )


class Replies:
    """Builders for requests, replies and completions."""

    readme, docs = README, DOCS

    def page(self, lines: list[str], url: str = "https://marrow.example/readme", **more: Any) -> PageText:
        return page(lines, url, **more)

    def request(self, *pages: PageText, kind: AgentKind | None = AgentKind.AGENT, **more: Any) -> CompletionRequest:
        documents = pages or (page(README), page(DOCS, "https://marrow.example/docs"))
        return CompletionRequest(
            prompt=more.pop("prompt", load("assess")),
            slug="marrow",
            name=more.pop("name", "Marrow"),
            kind=kind,
            documents=documents,
            **more,
        )

    def reply(self, **changes: dict[str, Any]) -> dict[str, Any]:
        """A good reply. `autonomy_of_action={"value": 9}` and the like change one entry of it."""
        value = copy.deepcopy(_good())
        for key in ("factors", "layers", "exposure"):
            for entry in value[key]:
                name = entry.get("factor") or entry.get("layer") or entry.get("fact")
                entry.update(changes.get(name, {}))
        return value

    def verdicts(self, asked: CompletionRequest, worth: str = "says", why: str = "so it says") -> str:
        """A second reader's reply that gives every claim the same verdict."""
        given = [{"number": n, "why": why, "verdict": worth} for n, _ in enumerate(asked.claims, start=1)]
        return json.dumps({"verdicts": given})

    def text(self, **changes: dict[str, Any]) -> str:
        return json.dumps(self.reply(**changes))

    def completion(self, reply: dict[str, Any] | str, model: str = "scripted") -> Completion:
        text = reply if isinstance(reply, str) else json.dumps(reply)
        return Completion(
            key=sha256(text.encode("utf-8", "replace")), model=model, outcome=CompletionOutcome.ANSWERED, reply=text
        )


def _good() -> dict[str, Any]:
    quoted = {
        "autonomy_of_action": (2, "stated", "A person agrees before anything moves.", README[2]),
        "goal_driven_planning": (4, "stated", "One list of moves is planned.", "It plans the moves"),
        "persistent_memory": (7, "stated", "Earlier choices shape later ones.", DOCS[2]),
        "opacity_reflexivity": (2, "inferred", "Acts can be traced and undone.", README[3]),
        "dynamic_identity": (3, "stated", "The user's own key is set once.", README[4]),
    }
    factors = []
    for number, factor in enumerate(RiskFactor):
        value, known, why, quote = quoted.get(factor.value, (number % 7, "unknown", "", ""))
        document = "d2" if quote in DOCS else "d1" if quote else ""
        factors.append(
            {
                "factor": factor.value,
                "value": value,
                "known": known,
                "rationale": why,
                "document": document,
                "quote": quote,
                "says": "",
            }
        )
    layers = [
        {
            "layer": layer.value,
            "status": "not_certain",
            "text": "Not certain from the listing — the pages do not describe it. "
            "General threats are data poisoning and supply chain attacks.",
            "threats": [],
            "document": "",
            "quote": "",
            "says": "",
        }
        for layer in MaestroLayer
    ]
    layers[2].update(
        status="mapped",
        document="d1",
        quote=README[2],
        threats=["L3.3"],
        text=f'The listing says: "{README[2]}" '
        "File names written by others expose it to input validation attacks and framework evasion.",
    )
    exposure = [
        {"fact": fact.value, "value": "", "known": "unknown", "rationale": "", "document": "", "quote": "", "says": ""}
        for fact in ExposureFact
    ]
    by_name = {entry["fact"]: entry for entry in exposure}
    by_name["approval"].update(
        value="each_action", known="stated", rationale="The list waits for agreement.", document="d1", quote=README[2]
    )
    by_name["isolation"].update(
        value="sandbox", known="stated", rationale="A container confines the watcher.", document="d2", quote=DOCS[3]
    )
    return {
        "kind": "agent",
        "kind_known": "stated",
        "summary": "Marrow is a command-line agent that sorts the files of one folder after a person agrees. "
        "Its risk is low because moves are logged and can be undone; a compromise would hurt the sorted folder and "
        "the names of the files that are sent to a model.",
        "summary_document": "d1",
        "summary_quote": README[1],
        "factors": factors,
        "layers": layers,
        "exposure": exposure,
    }


@pytest.fixture(scope="session")
def replies() -> Replies:
    return Replies()
