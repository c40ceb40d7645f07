"""The bundled reference classes: whole, named by their bytes, found by the name that a record holds."""

import json

import pytest

from extractors import reference_classes
from extractors.reference_classes import CURRENT, FOLDER, current, named, read
from scoring.likely.reference_class import FEWEST, values_of
from scoring.vocabulary import AgentKind, ExposureFact, RiskFactor


def test_every_count_is_of_a_value_that_there_is() -> None:
    for unknown, by_kind in current().counts.items():
        for kind, counts in by_kind.items():
            assert kind in AgentKind and counts.keys() <= set(values_of(unknown))
            assert all(isinstance(count, int) and count > 0 for count in counts.values())
    assert 0 <= current().together <= 1


def test_every_factor_and_the_facts_that_pages_state_are_counted_often_enough() -> None:
    spoken = {unknown for unknown in (*RiskFactor, *ExposureFact) if current().speaks_of(unknown)}
    silent = {ExposureFact.INPUT_BARRIER, ExposureFact.ISOLATION, ExposureFact.INCIDENT, ExposureFact.CONTROL}
    assert spoken == {*RiskFactor, *ExposureFact} - silent
    assert FEWEST == 10


def test_a_file_tells_its_origins_and_holds_no_text_of_others() -> None:
    for path in FOLDER.glob("*.json"):
        table = json.loads(path.read_bytes())
        assert table["about"] and all(origin["products"] and origin["of"] for origin in table["origins"])
        assert table.keys() == {"about", "origins", "together", "counts"}


def test_a_name_holds_the_digest_of_its_file() -> None:
    content = (FOLDER / f"{CURRENT}.json").read_bytes()
    assert read(CURRENT, content).name == current().name
    assert read(CURRENT, content.replace(b'"about": "', b'"about": "x', 1)).name != current().name


@pytest.mark.parametrize("name", [None, "", CURRENT, f"{CURRENT} 000000000000"])
def test_a_record_of_no_class_or_of_another_one_finds_none(name: str | None) -> None:
    assert named(name) is None
    assert named(current().name) is reference_classes.current()
