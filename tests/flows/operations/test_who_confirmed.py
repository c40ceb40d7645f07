"""A published page says how its claims were confirmed, by whom, and in how many seconds a whole draft was approved."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from selectolax.lexbor import LexborHTMLParser

from flows.cli import app
from flows.operations.demonstration import demonstrate
from flows.operations.publication import publish_site
from flows.settings import Settings, load
from flows.store_access import open_store
from records.agents.agent_lists import Filter
from records.agents.review_queue import IN_QUEUE
from records.store import Store
from review.services import draft
from scoring.errors import BadInput
from tests.flows.conftest import World  # type: ignore[import-not-found]
from tests.review.world import people, visitor

pytestmark = pytest.mark.slow


def words(site: Path) -> dict[str, str]:
    """The words of each agent's page, by slug."""
    pages = (site / "current" / "agents").glob("*.html")
    return {page.stem: " ".join(LexborHTMLParser(page.read_text()).text().split()) for page in pages}


class Clock:
    """The time that a store tells to who decides; it stands still."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.began, self.seconds = datetime.now(UTC), 0
        monkeypatch.setattr(Store, "now", lambda _: self.began + timedelta(seconds=self.seconds))


@pytest.mark.parametrize("opened", ["4102444800", "1764399999000", "0", "12", "-5", "9" * 40])
def test_a_time_that_cannot_be_is_refused_at_the_terminal_and_not_told_at_the_desk(
    waiting: tuple[Store, Settings, list[str]], opened: str
) -> None:
    store, _, (slug, *_) = waiting
    digest = store.assessments.current_digest(slug)
    assert digest is not None
    with pytest.raises(BadInput, match=r"^[^\n]*--opened [^\n]* is no moment [^\n]*$"):
        app(["review", "approve", slug, "--digest", digest, f"--opened={opened}"], standalone_mode=False)
    people(store)
    desk = visitor(store, "vera")
    assert desk.conclude("approve", slug=slug, opened=opened).status_code < 400
    standing = store.reviews.standing(slug)
    assert standing is not None and standing.review.seconds is None


@pytest.fixture
def waiting(looked_at: World) -> Iterator[tuple[Store, Settings, list[str]]]:
    settings = looked_at[1]
    with open_store(settings) as store:
        yield store, settings, [row.slug for row in store.queue.page(Filter(statuses=IN_QUEUE), limit=9).rows]


def test_what_is_approved_at_desk_and_terminal_says_how_and_in_how_long(
    waiting: tuple[Store, Settings, list[str]],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    store, settings, (at_terminal, at_desk, by_claims, *_) = waiting
    clock = Clock(monkeypatch)
    app(["review", "show", at_terminal], standalone_mode=False)
    (line,) = re.findall(r"Next: assay (review approve)\|reject (.*), or", capsys.readouterr().out)
    clock.seconds += 42
    app([*line[0].split(), *line[1].split()], standalone_mode=False)
    people(store)
    desk = visitor(store, "vera")
    desk.conclude("approve", slug=at_desk, seconds=75)
    desk.decide("factors.persistent_memory", "accepted", slug=by_claims)
    desk.conclude("approve", slug=by_claims, seconds=75)
    publish_site(store, settings, settings.site, released_by="ada")
    told = words(settings.site)
    assert "approved as a whole in 42 s by " in told[at_terminal]
    assert "approved as a whole in 75 s by reviewer " in told[at_desk]
    one_by_one = (
        "1 of 33 claims, summary included, confirmed one by one, 32 only with the draft as a whole by reviewer "
    )
    assert one_by_one in told[by_claims]
    record = json.loads((settings.site / "current" / "agents" / f"{at_desk}.json").read_text())
    assert record["reviewed_seconds"] == 75


def test_the_demonstration_says_in_how_many_seconds_its_reviewer_approved(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock, read = Clock(monkeypatch), draft.read

    def in_seven_seconds(store: Store, slug: str) -> draft.Claims:
        clock.seconds += 7
        return read(store, slug)

    monkeypatch.setattr(draft, "read", in_seven_seconds)
    demonstrate(tmp_path / "demo")
    told = words(load().model_copy(update={"home": tmp_path / "demo"}).site)
    assert len(told) == 9
    for slug, said in told.items():
        assert "approved as a whole in 7 s by demo " in said, slug
