"""docs/settings.md is what the settings model says, and says something of every setting."""

import json
from pathlib import Path

import pytest

from flows.report.settings_page import PAGE, settings_of, settings_page
from flows.settings import Settings, origins
from tests.flows.test_command import assay  # type: ignore[import-not-found]

pytestmark = pytest.mark.slow


def test_the_page_is_the_model() -> None:
    assert PAGE.read_text(encoding="utf-8") == settings_page(), "Next: assay config page > docs/settings.md"
    assert assay("config", "page").stdout == settings_page()


def test_every_setting_is_on_the_page_with_a_meaning() -> None:
    rows = [line.split(" | ") for line in settings_page().splitlines() if line.startswith("| `")]
    assert [row[0] for row in rows if not row[-1].removesuffix(" |").strip()] == []
    names = {row[0].removeprefix("| `").removesuffix("`") for row in rows}
    assert names == {name for name, _, _ in origins(Settings())} and len(names) == len(rows)


def test_what_is_in_force_is_shown_with_its_default_and_meaning(tmp_path: Path) -> None:
    """Every setting, also an empty table; what was set says where; no secret."""
    file = tmp_path / "own.toml"
    file.write_text(
        '[crawl]\npace = 3.5\nauthorization = {"code.example" = "Bearer se-cret"}\n[alarm]\nsilence_hours = 36\n'
    )
    told = {"ASSAY_CONFIG": str(file), "ASSAY_ALARM__WEBHOOK": "https://hook.example/se-cret"}
    lines = assay("config", "show", **told).stdout.splitlines()
    found = json.loads(assay("config", "show", "--json", **told).stdout)
    wanted = {setting.name: setting for setting in settings_of()}
    assert found.keys() - {"crawl.authorization.code.example"} == wanted.keys() - {"crawl.authorization"}
    assert len(lines) == 2 * len(found) and "se-cret" not in "".join(lines) + str(found)
    assert lines[lines.index("crawl.pace = 3.5  (own.toml:2; default 1.0)") + 1].strip() == wanted["crawl.pace"].meaning
    assert "alarm.silence_hours = 36.0  (own.toml:5; default 36.0)" in lines and "store.url = empty  (default)" in lines
    for name, told_of in found.items():
        known = wanted[name.removesuffix(".code.example")]
        assert (told_of["default"], told_of["meaning"]) == (known.default, known.meaning) and known.meaning
        assert any(line.startswith(f"{name} = {told_of['value'] or 'empty'}  (") for line in lines)
