"""What a product can touch, at the desk: a table by class, five tools named, the rest folded, all of it escaped; and
which claims rest on one sentence."""

from collections.abc import Callable

from extractors.canonical_json import digest
from records.store import Store
from scoring.tools.inventory import Inventory, ListedTool, Verb, counts
from scoring.vocabulary import Certainty, RiskFactor
from tests.review.world import Visitor, found, put


def test_a_table_by_class_with_five_named_and_the_rest_folded(otter: Store, sit: Callable[..., Visitor]) -> None:
    current = otter.assessments.current("otter")
    assert current is not None
    names = [*(f"delete_{number}" for number in range(7)), "<b>run</b>"]
    tools = tuple(
        ListedTool(name=name, verb=Verb.EXECUTE if "run" in name else Verb.WRITE, rule="name") for name in names
    )
    inventory = Inventory(tools=tools, counts=counts(tools), complete=False, why="README only", digest=digest(names))
    extraction = current.extraction.model_copy(update={"inventory": inventory})
    put(otter, extraction)
    page = sit("vera").get("/agents/otter").text
    table = page.split("What it can touch")[1].split("</section>")[0]
    assert "May lack tools: README only" in table and "2 more" in table
    assert "creates, changes or deletes\n(7)" in table and table.index("runs code") < table.index("creates, changes")
    assert "&lt;b&gt;run&lt;/b&gt;" in table and "<b>run" not in table


def test_the_desk_says_which_claims_rest_on_one_sentence(otter: Store, sit: Callable[..., Visitor]) -> None:
    assert "rest on one sentence" not in sit("vera").get("/agents/otter").text
    extraction = found()
    words = extraction.factor(RiskFactor.PERSISTENT_MEMORY).evidence
    crowded = tuple(
        estimate.model_copy(update={"certainty": Certainty.STATED, "reason": None, "rejected": (), "evidence": words})
        for estimate in extraction.factors
    )
    put(otter, extraction.model_copy(update={"factors": crowded}))
    head = sit("vera").get("/agents/otter").text.split('id="conclude"')[0]
    assert "More claims rest on one sentence than it can carry" in head and "Persistent Memory" in head
