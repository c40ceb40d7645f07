"""A published page says how its claims were confirmed, by whom, and in how many seconds a whole draft was approved."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from selectolax.lexbor import LexborHTMLParser

from flows.cli import app
from flows.operations.demonstration import demonstrate
from flows.operations.publication import publish_site
from flows.settings import Settings, load
from flows.store_access import open_store
from records.agents.review_queue import IN_QUEUE, Filter
from records.store import Store
from tests.flows.conftest import World  # type: ignore[import-not-found]
from tests.review.world import people, visitor

pytestmark = pytest.mark.slow


def words(site: Path) -> dict[str, str]:
    """The words of each agent's page, by slug."""
    pages = (site / "current" / "agents").glob("*.html")
    return {page.stem: " ".join(LexborHTMLParser(page.read_text()).text().split()) for page in pages}


@pytest.fixture
def waiting(looked_at: World) -> Iterator[tuple[Store, Settings, list[str]]]:
    settings = looked_at[1]
    with open_store(settings) as store:
        yield store, settings, [row.slug for row in store.queue.page(Filter(statuses=IN_QUEUE), limit=9).rows]


def test_what_is_approved_at_desk_and_terminal_says_how_and_in_how_long(
    waiting: tuple[Store, Settings, list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    store, settings, (at_terminal, at_desk, by_claims, *_) = waiting
    app(["review", "show", at_terminal], standalone_mode=False)
    (line,) = re.findall(r"Next: assay (review approve)\|reject (.*), or", capsys.readouterr().out)
    app([*line[0].split(), *line[1].split()], standalone_mode=False)
    people(store)
    desk = visitor(store, "vera")
    desk.conclude("approve", slug=at_desk, seconds=75)
    desk.decide("factors.persistent_memory", "accepted", slug=by_claims)
    desk.conclude("approve", slug=by_claims, seconds=75)
    publish_site(store, settings, settings.site, released_by="ada")
    told = words(settings.site)
    assert re.search(r"approved as a whole in \d+ s by ", told[at_terminal])
    assert "approved as a whole in 75 s by reviewer " in told[at_desk]
    assert "1 of 33 claims confirmed one by one, 32 only with the draft as a whole by reviewer " in told[by_claims]
    record = json.loads((settings.site / "current" / "agents" / f"{at_desk}.json").read_text())
    assert record["reviewed_seconds"] == 75


def test_the_demonstration_says_in_how_many_seconds_its_reviewer_approved(tmp_path: Path) -> None:
    demonstrate(tmp_path / "demo")
    told = words(load().model_copy(update={"home": tmp_path / "demo"}).site)
    assert len(told) == 9
    for slug, said in told.items():
        assert re.search(r"approved as a whole in \d+ s by demo ", said), slug
