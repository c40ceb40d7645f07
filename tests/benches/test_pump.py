"""A planted pattern that grows with the square is found wherever a module keeps it; a linear one is none."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from benches.pump.__main__ import run
from benches.pump.patterns import patterns_of
from benches.pump.shapes import SHAPES, Shape
from benches.pump.times import growth_of

pytestmark = pytest.mark.slow


ROOT = Path(__file__).resolve().parents[2]
SQUARE = r"<[^>]*>"
PLACES = {
    "module": "KEPT = re.compile({!r})",
    "container": "KEPT = {{'a': [(1, re.compile({!r}))]}}",
    "record": "class R(NamedTuple):\n    pattern: re.Pattern[str]\nKEPT = (R(re.compile({!r})),)",
    "dataclass": "@dataclass\nclass D:\n    pattern: re.Pattern[str]\nKEPT = D(re.compile({!r}))",
    "class": "class Reader:\n    KEPT = re.compile({!r})",
    "loader": "@cache\ndef loaded():\n    return {{'a': re.compile({!r})}}",
    "call": "def read(text):\n    return re.sub({!r}, '', text)",
}
HEAD = "import re\nfrom dataclasses import dataclass\nfrom functools import cache\nfrom typing import NamedTuple\n"


def planted(folder: Path, name: str, code: str) -> None:
    (folder / name).mkdir()
    (folder / name / "__init__.py").touch()
    (folder / name / "reader.py").write_text(f"{HEAD}{code}\n")


@pytest.mark.parametrize("place", PLACES)
def test_a_pattern_is_found_wherever_it_is_kept(tmp_path: Path, place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(tmp_path))
    planted(tmp_path, f"planted_in_a_{place}", PLACES[place].format(SQUARE))
    (found,) = patterns_of([f"planted_in_a_{place}"])
    assert found.name.startswith(f"planted_in_a_{place}.reader") and found.pattern.pattern == SQUARE
    assert growth_of(found.pattern) is not None


def test_the_tool_names_what_is_slow_and_fails(tmp_path: Path) -> None:
    planted(tmp_path, "planted", f"SLOW = re.compile({SQUARE!r})\nGOOD = re.compile('<[^<>]*+>')")
    start = "from benches.pump.__main__ import main; sys.exit(main())"
    code = f"import sys; sys.path.insert(0, {str(tmp_path)!r}); {start}"
    done = subprocess.run([sys.executable, "-c", code, "planted"], capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "pattern planted.reader.SLOW: grows" in done.stdout and "2 tried, 1 grow" in done.stdout


@pytest.mark.parametrize(
    "pattern",
    [
        r"\s+$",
        r"(?:a|b)*c",
        r"import\s.+?from\s*['\"]\s*x",
        r"\[a\]\(b[^\n]*?[\"']\s*\)",
        r"(?:html|body)\S*:not\(",
        r"(?:one|two|забудь)\w*[^.]{0,3}rule",
        r"x\d*\.?\d+%",
    ],
)
def test_patterns_of_every_such_kind_are_found(pattern: str) -> None:
    assert growth_of(re.compile(pattern)) is not None


@pytest.mark.parametrize(
    "pattern", [r"\A\s*+x", r"<[^<>]{0,200}>", r"[a-z]+", r"(?<!a)(?>a+)b", r"\"(?:[^\"\\]|\\.)*+\"?"]
)
def test_linear_patterns_are_not(pattern: str) -> None:
    assert growth_of(re.compile(pattern)) is None


def test_the_patterns_of_data_files_and_loaders_are_among_those_tried() -> None:
    names = [place.name for place in patterns_of()]
    assert len(names) > 350
    for name in (
        "extractors.injection.patterns.cues()",
        "extractors.lexical.product_kind.kind_cues()",
        "extractors.prompting.prompt_truncation._TOPICS",
    ):
        assert any(found.startswith(name) for found in names), name


def test_a_task_that_does_not_end_or_breaks_is_a_failure() -> None:
    def endless() -> str:
        while True:
            pass

    def broken() -> str:
        raise TypeError("NoneType")

    failures = run({"endless": endless, "broken": broken, "well": str}, patience=1)
    assert [(failure.name, failure.why) for failure in failures] == [
        ("broken", "TypeError: NoneType"),
        ("endless", "does not end within 1 s"),
    ]


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_a_shape_has_the_size_that_is_asked_for(shape: Shape) -> None:
    assert 4_800 <= len(shape.of(5_000)) <= 5_000
