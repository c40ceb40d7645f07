"""docs/settings.md is what the settings model says, and says something of every setting."""

from __future__ import annotations

import pytest

from flows.report.settings_page import PAGE, settings_page
from flows.settings import Settings, origins
from tests.flows.test_command import assay  # type: ignore[import-not-found]

pytestmark = pytest.mark.slow


def test_the_page_is_the_model() -> None:
    assert PAGE.read_text(encoding="utf-8") == settings_page(), "Next: assay config page > docs/settings.md"
    assert assay("config", "page").stdout == settings_page()


def test_every_setting_is_on_the_page_with_a_meaning() -> None:
    rows = [line.split(" | ") for line in settings_page().splitlines() if line.startswith("| `")]
    assert [row[0] for row in rows if not row[-1].removesuffix(" |").strip()] == []
    assert {name for name, _, _ in origins(Settings())} <= {
        row[0].removeprefix("| `").removesuffix("`") for row in rows
    }
