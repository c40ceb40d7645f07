"""Settings fail at start with their place, say where they came from, and never show a secret."""

from __future__ import annotations

from pathlib import Path

import pytest

from flows.settings import load, origins
from scoring.errors import BadInput


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    for name in ("ASSAY_CONFIG", "ASSAY_HOME", "GITHUB_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_file_overrides_defaults_and_the_environment_overrides_the_file(
    clean: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (clean / "assay.toml").write_text('[crawl]\ncontact = "mail@one.example"\npace = 3.5\n')
    monkeypatch.setenv("ASSAY_CRAWL__CONTACT", "mail@two.example")
    settings = load()
    assert settings.crawl.contact == "mail@two.example"
    assert settings.crawl.pace == 3.5
    rows = {name: (value, origin) for name, value, origin in origins(settings)}
    assert rows["crawl.contact"] == ("mail@two.example", "ASSAY_CRAWL__CONTACT")
    assert rows["crawl.pace"] == ("3.5", "assay.toml:3")
    assert rows["crawl.in_flight"] == ("16", "default")


def test_a_wrong_setting_names_its_line(clean: Path) -> None:
    (clean / "assay.toml").write_text("[model]\n\nin_flight = 0\n")
    with pytest.raises(BadInput, match=r"assay\.toml:3: settings: model\.in_flight: .*greater than or equal to 1"):
        load()


def test_an_unknown_setting_is_an_error(clean: Path) -> None:
    (clean / "assay.toml").write_text("[crawl]\nspeed = 3\n")
    with pytest.raises(BadInput, match=r"assay\.toml:2.*crawl\.speed"):
        load()


def test_broken_toml_is_one_line(clean: Path) -> None:
    (clean / "assay.toml").write_text("[crawl\n")
    with pytest.raises(BadInput, match=r"assay\.toml: settings: not valid TOML") as caught:
        load()
    assert "\n" not in str(caught.value)


def test_a_wrong_variable_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASSAY_SCHEDULE__NIGHTLI", "0 2 * * *")
    with pytest.raises(BadInput, match="ASSAY_SCHEDULE__NIGHTLI"):
        load()


def test_a_missing_named_file_is_an_error(monkeypatch: pytest.MonkeyPatch, clean: Path) -> None:
    monkeypatch.setenv("ASSAY_CONFIG", str(clean / "absent.toml"))
    with pytest.raises(BadInput, match=r"absent\.toml: no such settings file"):
        load()


def test_secrets_are_never_shown(clean: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASSAY_MODEL__API_KEY", "sk-very-secret")
    settings = load()
    assert settings.api_key == "sk-very-secret"
    shown = repr(settings) + str(origins(settings)) + settings.model_dump_json()
    assert "very-secret" not in shown
    assert {n: v for n, v, _ in origins(settings)}["model.api_key"] == "set (hidden)"
