"""Site, desk and terminal say the same of a claim: its title, how it is known, and what its quote does for it."""

from __future__ import annotations

from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from flows.report import assessment_text
from publishing.catalogue import of_records
from publishing.pages.agent_page import agent_page
from records.store import Store
from scoring import labels
from scoring.claims import Claim, Extraction, LayerAssessment, SupportVerdict
from scoring.vocabulary import Detail, Support
from tests.publishing.made_records import record as made_record
from tests.records.made import record
from tests.review.world import fill, found, people, put, visitor

WHY = "“mends <nets>” speaks of: its work"
MARKS: tuple[dict[str, Any], ...] = (
    {"support": SupportVerdict(verdict=Support.CARRIES, rule="says it", why=WHY)},
    {"support": SupportVerdict(verdict=Support.OFF, rule="off", why=WHY), "detail": Detail.QUOTE_DOES_NOT_CARRY},
    {"detail": Detail.NOT_RECOGNISED},
    {"detail": "a_word_of_a_later_version"},
)


def marked(extraction: Extraction) -> Extraction:
    """Each claim with one of the marks: a verdict that carries where a quote is, another where none is."""

    def mark(n: int, claim: Claim | LayerAssessment) -> Any:
        return claim.model_copy(update=MARKS[0] if claim.evidence else MARKS[1 + n % 3])

    return Extraction.model_validate(
        extraction.model_copy(
            update={
                "factors": tuple(mark(n, claim) for n, claim in enumerate(extraction.factors)),
                "layers": tuple(mark(n, claim) for n, claim in enumerate(extraction.layers)),
                "exposure": tuple(mark(n, claim) for n, claim in enumerate(extraction.exposure)),
            }
        ).model_dump()
    )


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "assay.db") as opened:
        fill(opened, "otter")
        people(opened)
        put(opened, marked(found("otter")))
        yield opened


@pytest.mark.slow
def test_the_three_say_the_same_of_every_claim(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    current = store.assessments.current("otter")
    assert current is not None
    published = record(store, "otter").model_copy(
        update={"extraction": current.extraction, "assessment": current.assessment}
    )
    site = unescape(agent_page(published, of_records([published])))
    assessment_text.show(current.extraction, current.assessment)
    terminal = capsys.readouterr().out
    desk = visitor(store, "vera")
    claims = [
        *((f"factors.{claim.factor}", claim) for claim in current.extraction.factors),
        *((f"layers.{claim.layer}", claim) for claim in current.extraction.layers),
        *((f"exposure.{claim.fact}", claim) for claim in current.extraction.exposure),
    ]
    lines = {labels.grounds(claim) for _, claim in claims}
    assert len(lines) == len(MARKS) and all(line in site and line in terminal for line in lines)
    for path, claim in claims:
        title, card = labels.path_title(path), unescape(desk.get(f"/agents/otter?claim={path}").text)
        assert f"<h2>{title}</h2>" in card and labels.grounds(claim) in card, path
        assert title in terminal and title.removeprefix(path[-2:]).strip() in site, path
        assert labels.known(claim) in terminal and labels.known(claim) in site, path


def test_site_and_terminal_advise_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    published = made_record()
    assert published.advice is not None and published.likely is not None
    site = " ".join(unescape(agent_page(published, of_records([published]))).split())
    assessment_text.show(published.extraction, published.assessment)
    terminal = " ".join(capsys.readouterr().out.split())
    assert f"advice: {published.advice.word}. {published.advice.reason}" in terminal
    assert published.advice.reason in site
    ends = f"{published.likely.low} to {published.likely.high}"
    assert f"likely {ends}" in terminal and f">{ends}</a>" in site
