"""A version is raised when its part gives something else, and only then."""

from pathlib import Path

import pytest

from tests.pin_versions import PARTS, WITHIN, Part, Pin, kept, pin, problem


@pytest.mark.slow
@pytest.mark.parametrize("name", list(PARTS))
def test_what_a_part_gives_is_what_its_version_names(name: str, shared: Path) -> None:
    before, now = kept()[name], pin(PARTS[name])
    assert not problem(name, before, now)
    if now.inputs != before.inputs and name not in WITHIN:
        pytest.skip("the foreign data, or what an earlier part gives, is not what was pinned")
    assert now == before, "the version was raised or the inputs are others: run python -m tests.pin_versions"


@pytest.mark.parametrize(
    ("version", "inputs", "outputs", "refused"),
    [
        ("1", "same", "same", False),
        ("1", "same", "other", True),
        ("2", "same", "other", False),
        ("1", "other", "other", False),
    ],
)
def test_other_outputs_of_the_same_inputs_need_another_version(
    version: str, inputs: str, outputs: str, refused: bool
) -> None:
    found = problem("parser", Pin("1", "same", "same"), Pin(version, inputs, outputs))
    assert bool(found) is refused
    assert not refused or "raise the version in extractors/pages/text_extraction.py" in found


def test_a_pin_changes_with_each_input_and_each_output() -> None:
    pins = {
        pin(Part("1", "", lambda run=run: iter([(b"a", b"b"), run]))) for run in [(b"", b""), (b"x", b""), (b"", b"x")]
    }
    assert len({item.inputs for item in pins}) == len({item.outputs for item in pins}) == 2 and len(pins) == 3


@pytest.mark.parametrize("name", list(PARTS))
def test_the_message_names_the_place_of_the_version(name: str) -> None:
    file, _, constant = PARTS[name].place.partition(": ")
    text = (Path(__file__).parents[1] / file).read_text(encoding="utf-8")
    assert any(line.startswith(f"{constant} = ") and PARTS[name].version in line for line in text.splitlines())
