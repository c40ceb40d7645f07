"""docs/settings.md is what the settings model says, and says something of every setting."""

from __future__ import annotations

import pytest

from flows.report.settings_page import PAGE, settings_page, undocumented
from flows.settings import Settings, origins
from tests.flows.test_command import assay  # type: ignore[import-not-found]

pytestmark = pytest.mark.slow


def test_the_page_is_the_model() -> None:
    assert PAGE.read_text(encoding="utf-8") == settings_page(), "Next: assay config page > docs/settings.md"
    assert assay("config", "page").stdout == settings_page()


def test_every_setting_is_on_the_page_with_a_meaning() -> None:
    assert list(undocumented()) == []
    assert all(f"| `{name}` |" in settings_page() for name, _, _ in origins(Settings()))
