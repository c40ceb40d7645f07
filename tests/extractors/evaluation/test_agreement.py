"""Agreement with a reference: the arithmetic on small cases done by hand, and the whole run on foreign data."""

import json
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from extractors.claims.extraction import extract
from extractors.evaluation.agreement import evaluate_agreement, read_reference, spearman
from extractors.evaluation.report import agreement_report
from extractors.lexical import LexicalAssessor
from extractors.model.openai_client import OpenAIClient
from extractors.pages.local_folder import read_folder
from scoring.errors import BadInput
from scoring.vocabulary import PUBLISHED_FACTORS


@pytest.fixture
def case(tmp_path: Path, replies: Any) -> Any:
    """Two agents with the same documents; the reference differs from the replies by known amounts."""
    for slug in ("one", "two"):
        folder = tmp_path / "agents" / slug
        folder.mkdir(parents=True)
        (folder / "README.md").write_text("\n\n".join(replies.readme), encoding="utf-8")
        (folder / "docs.md").write_text("\n\n".join(replies.docs), encoding="utf-8")
        (folder / "meta.json").write_text('{"kind": "framework", "factors": {}}', encoding="utf-8")
    recorded = tmp_path / "replies"
    recorded.mkdir()
    reply = replies.reply()
    (recorded / "one.json").write_text(json.dumps(reply), encoding="utf-8")
    (recorded / "two.json").write_text(json.dumps(reply), encoding="utf-8")
    read = read_folder(tmp_path / "agents" / "one")
    decided = extract(replies.request(*read.pages, kind=read.listing.kind), replies.completion(reply))
    values = {name.value: float(decided.factor(name).value) for name in PUBLISHED_FACTORS}
    rows = [
        {
            "slug": "one",
            "factors": values,
            "layers": [{"layer": "L3", "certain": True}, {"layer": "L4", "certain": None}],
        },
        {
            "slug": "two",
            "factors": {name: value + (0.2 if value < 0.5 else -0.2) for name, value in values.items()},
            "layers": [{"layer": "L3", "certain": True}, {"layer": "L1", "certain": True}],
        },
    ]
    reference = tmp_path / "reference.jsonl"
    reference.write_text("\n".join(map(json.dumps, rows)) + "\n", encoding="utf-8")
    return tmp_path / "agents", reference, recorded


def test_recorded_replies_are_compared_number_by_number(case: Any) -> None:
    folder, reference, recorded = case
    figures = evaluate_agreement(folder, reference, replies=recorded)
    assert figures["agents"] == 2 and figures["failed"] == {}
    assert figures["mae"] == 0.1  # ten factors at 0.0 and ten at 0.2
    assert figures["layer_agreement"] == 0.6667  # L3 twice right, L1 wrong, null not counted
    # words carry four of the ten published factors; one of eight quotes says nothing of its claim
    assert figures["not_certain_share"] == 0.6 and figures["grounding_rate"] == 0.875
    assert figures["per_factor"]["autonomy_of_action"]["mae"] == 0.1
    assert figures["per_kind"] == {"agent": {"agents": 2, "mae": 0.1, "layer_agreement": 0.6667}}, (
        "meta.json is not read"
    )
    assert figures["intervals"]["mae"] == [0.0, 0.2]
    assert evaluate_agreement(folder, reference, replies=recorded) == figures


def test_a_model_behind_an_endpoint_is_measured_like_its_recorded_replies(case: Any, model_endpoint: Any) -> None:
    folder, reference, recorded = case
    say = __import__("model_endpoint").Say
    model_endpoint.answers = [say((recorded / "one.json").read_text(encoding="utf-8"))]
    client = OpenAIClient("m", api_key="k", base_url=model_endpoint.url)
    assert evaluate_agreement(folder, reference, client=client) == evaluate_agreement(
        folder, reference, replies=recorded
    )
    assert len(model_endpoint.requests) == 2


def test_a_reply_that_is_missing_or_broken_is_named_and_left_out(case: Any) -> None:
    folder, reference, recorded = case
    (recorded / "two.json").write_text("I think it is fine.", encoding="utf-8")
    figures = evaluate_agreement(folder, reference, replies=recorded)
    assert figures["agents"] == 1 and "not JSON" in figures["failed"]["two"] and figures["mae"] == 0.0
    (recorded / "two.json").unlink()
    assert evaluate_agreement(folder, reference, replies=recorded)["failed"] == {"two": "no recorded reply"}
    (recorded / "one.json").unlink()
    with pytest.raises(BadInput, match="no agent could be compared"):
        evaluate_agreement(folder, reference, replies=recorded)


@pytest.mark.parametrize("text", ["", "{}", "no", '{"slug": "a", "factors": {"kindness": 1}}', "[1]"])
def test_a_reference_that_is_none_is_refused_in_one_line(tmp_path: Path, text: str) -> None:
    file = tmp_path / "reference.jsonl"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(BadInput) as error:
        read_reference(file)
    assert "\n" not in str(error.value) and "reference.jsonl" in str(error.value)


def test_rank_correlation_with_ties() -> None:
    assert spearman([(1, 1), (2, 2), (3, 3)]) == pytest.approx(1)
    assert spearman([(1, 3), (2, 2), (3, 1)]) == pytest.approx(-1)
    assert spearman([(1, 1), (1, 2)]) is None
    # ranks 1.5 1.5 3 against 1 2 3: 1.5 / sqrt(1.5 * 2)
    assert spearman([(1, 1), (1, 2), (2, 3)]) == pytest.approx(0.8660254)


@pytest.mark.slow
def test_the_floor_holds_on_the_foreign_agents(shared: Path) -> None:
    folder = shared / "agreement"
    figures = evaluate_agreement(folder, folder / "reference.jsonl", client=LexicalAssessor())
    assert figures["agents"] == 40 and figures["failed"] == {}
    assert figures["mae"] <= 0.183, "no better than always the mean"
    assert figures["grounding_rate"] >= 0.997  # one quote stands beside a sentence on assessing the risk of commands


class _Page(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.links += [value or "" for name, value in attrs if name in ("src", "href", "xlink:href")]


def test_the_report_plots_every_agent_loads_nothing_and_escapes_everything(case: Any) -> None:
    folder, reference, recorded = case
    figures = evaluate_agreement(folder, reference, replies=recorded)
    figures["failed"] = {"<script>alert(1)</script>": '"><img src=x>'}
    text = agreement_report(figures, title="<b>us</b>")
    page = _Page(text)
    assert page.links == [] and "script" not in page.tags and "b" not in page.tags and "img" not in page.tags
    assert page.tags.count("figure") == 10 and text.count('class="dot"') == 20
    assert text == agreement_report(figures, title="<b>us</b>")
