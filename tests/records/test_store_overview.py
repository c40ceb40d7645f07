"""The overview at the head of the store names methods that are there."""

import re

import pytest

from records import store as module
from records.assessments import reviews
from records.store import Store

ROWS = re.findall(r"^    store\.(\w+) +(.*(?:\n {24}.*)*)", module.__doc__ or "", re.MULTILINE)


@pytest.mark.parametrize(("part", "names"), ROWS, ids=[part for part, _ in ROWS])
def test_each_name_in_the_overview_is_there(store: Store, part: str, names: str) -> None:
    own = getattr(store, part)
    for error in re.findall(r"\(raises (\w+)\)", names):
        assert hasattr(reviews, error), error
    words = re.sub(r"\(.*?\)|store\.\w+ .*", "", names).split()
    assert words and not [name for name in words if not hasattr(own, name)]


def test_every_part_of_a_store_is_in_the_overview(store: Store) -> None:
    assert {part for part, _ in ROWS} == set(vars(store)) - {"database"}
