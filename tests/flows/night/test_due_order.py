"""Who is due: new and changed ones soon, everyone in the end, and never more than a host's page budget."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.night.due_agents import CrawlCandidate, DueAgents, due

NOW = datetime(2026, 3, 1, tzinfo=UTC)
DAY = timedelta(days=1)
AGE = timedelta(hours=20)
BUDGET = 10


def test_due_is_new_then_changed_then_oldest_within_the_budget_of_each_host() -> None:
    agents = [
        CrawlCandidate("old", {"a.example": 2}, NOW - 9 * DAY),
        CrawlCandidate("older", {"a.example": 2}, NOW - 10 * DAY),
        CrawlCandidate("recent", {"a.example": 1}, NOW - timedelta(hours=1)),
        CrawlCandidate("changed", {"a.example": 1}, NOW - timedelta(hours=1), changed=True),
        CrawlCandidate("deferred", {"b.example": 1}, NOW - timedelta(hours=1), again=True, passed_over=True),
        CrawlCandidate("failing", {"d.example": 1}, NOW - timedelta(hours=1), again=True),
        CrawlCandidate("new", {"a.example": 2, "b.example": 1}),
        CrawlCandidate("elsewhere", {"b.example": 3}, NOW - 2 * DAY),
        CrawlCandidate("small", {"a.example": 1, "c.example": 9}, NOW - DAY),
        CrawlCandidate("without pages", {}, NOW - DAY),
    ]
    chosen = due(agents, before=NOW - DAY / 2, overdue=NOW - 20 * DAY, pages_per_host=6)
    assert chosen.tonight == ("new", "changed", "deferred", "older", "elsewhere", "small", "without pages", "failing")
    assert chosen.waiting == ("recent",)
    assert chosen.left_over == {"old": "a.example"}


def test_the_overdue_go_first_in_half_of_the_budget_and_new_ones_have_the_rest() -> None:
    late = [CrawlCandidate(f"late {number}", {"a.example": 1}, NOW - (20 - number) * DAY) for number in range(9)]
    fresh = [CrawlCandidate(f"new {number}", {"a.example": 1}, first_seen=NOW) for number in range(9)]
    chosen = due([*late, *fresh], before=NOW - DAY, overdue=NOW - 3 * DAY, pages_per_host=6)
    assert chosen.tonight == ("late 0", "late 1", "late 2", "new 0", "new 1", "new 2")


def test_what_a_host_was_asked_tonight_already_is_no_longer_there_for_agents() -> None:
    agents = [CrawlCandidate(f"new {number}", {"a.example": 2, "b.example": 1}) for number in range(4)]
    asked = {"a.example": 3, "c.example": 9}
    chosen = due(agents, before=NOW, overdue=NOW - DAY, pages_per_host=7, used=asked)
    assert chosen.tonight == ("new 0", "new 1")
    assert chosen.left_over == {"new 2": "a.example", "new 3": "a.example"}
    full = due(agents, before=NOW, overdue=NOW - DAY, pages_per_host=7, used={"a.example": 7})
    assert full.tonight == ("new 0",), "the first is asked for whatever is left, so that each has its turn"


class Habit(NamedTuple):
    """What one agent of a made world is like, night after night."""

    pages: dict[str, int]
    changed: bool = False
    passed_over: bool = False
    """Each look is deferred."""
    new: bool = False
    """Each night another agent like it is listed, and goes when it was looked at."""


class Wait(NamedTuple):
    """From a look, or the first listing, to the next look, or the last night."""

    nights: int
    before_it: int
    """Agents that were known when it began."""


def waits_of(nights: int, habits: Sequence[Habit]) -> dict[str, list[Wait]]:
    """Each agent's waits, longest included though it may not have ended."""
    known: dict[str, CrawlCandidate] = {}
    began: dict[str, tuple[int, int]] = {}
    waits: dict[str, list[Wait]] = {}

    def ended(slug: str, night: int) -> None:
        since, others = began[slug]
        waits.setdefault(slug, []).append(Wait(night - since, others))

    for night in range(nights):
        now = NOW + night * DAY
        for number, habit in enumerate(habits):
            slug = f"{number} of night {night}" if habit.new else f"{number}"
            known.setdefault(slug, CrawlCandidate(slug, habit.pages, first_seen=now))
        for slug in known:
            began.setdefault(slug, (night, len(known)))
        chosen = due(known.values(), before=now - AGE, overdue=now - 3 * AGE, pages_per_host=BUDGET)
        within_budget(chosen, known)
        for slug in chosen.tonight:
            ended(slug, night)
            began[slug] = night, len(known)
            habit = habits[int(slug.split()[0])]
            looked_at = known.pop(slug)._replace(last_look=now, changed=habit.changed, passed_over=habit.passed_over)
            if not habit.new:
                known[slug] = looked_at
    for slug in known:
        ended(slug, nights)
    return waits


def within_budget(chosen: DueAgents, known: dict[str, CrawlCandidate]) -> None:
    hosts = {host for agent in known.values() for host in agent.pages}
    for host in hosts:
        asked = Counter({slug: known[slug].pages.get(host, 0) for slug in chosen.tonight})
        asked += Counter()  # drops those that ask nothing of it
        assert asked.total() <= BUDGET or len(asked) == 1


@pytest.mark.parametrize("others", [Habit({"raw": 2}, changed=True), Habit({"raw": 2}, passed_over=True)])
def test_five_that_are_due_each_night_do_not_keep_out_the_one_that_is_not(others: Habit) -> None:
    waits = waits_of(40, [*[others] * 5, Habit({"raw": 2})])
    assert max(wait.nights for wait in waits["5"]) <= 4


def test_one_that_is_larger_than_a_night_has_a_night_of_its_own_though_one_is_new_each_night() -> None:
    waits = waits_of(40, [Habit({"raw": 30}), Habit({"raw": 1}, new=True)])
    large = waits.pop("0")
    assert max(wait.nights for wait in large) <= 4
    assert max(wait.nights for found in waits.values() for wait in found) <= 1


def test_new_ones_are_looked_at_at_once_beside_more_than_the_nights_can_hold() -> None:
    waits = waits_of(40, [*[Habit({"raw": 2})] * 30, Habit({"raw": 2}, new=True)])
    later = [wait.nights for slug, found in waits.items() if slug.startswith("30 of night ") for wait in found]
    assert max(later[20:]) == 0
    assert max(wait.nights for number in range(30) for wait in waits[f"{number}"]) <= 10


_PAGES = st.dictionaries(st.sampled_from("abc"), st.integers(0, 14), max_size=2)
_HABITS = st.builds(Habit, _PAGES, st.booleans(), st.booleans(), st.booleans())


@given(st.lists(_HABITS, min_size=1, max_size=7))
def test_every_agent_has_its_turn_whatever_the_others_do(habits: list[Habit]) -> None:
    """Overdue after 60 hours, so on the third night; from then on each night the longest overdue is taken, and who
    was taken stands behind. So it waits at most for those that were known when its wait began."""
    for found in waits_of(30, habits).values():
        for wait in found:
            assert wait.nights <= 3 + wait.before_it
