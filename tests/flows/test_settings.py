"""Settings fail at start with their place, say where they came from, and never show a secret."""

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


@pytest.mark.parametrize("password", ["plain", "a@b", "a/b?c#d", "://:x" * 40_000])
def test_a_database_password_is_never_shown(clean: Path, monkeypatch: pytest.MonkeyPatch, password: str) -> None:
    """Also one that was not escaped as addresses require."""
    monkeypatch.setenv("ASSAY_STORE__URL", f"postgresql+psycopg://assay:{password}@db.example/assay")
    shown = {n: v for n, v, _ in origins(load())}["store.url"]
    assert shown == "postgresql+psycopg://assay:(hidden)@db.example/assay"


def test_a_password_given_as_an_option_is_never_shown(clean: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASSAY_STORE__URL", "postgresql+psycopg://db.example/assay?password=plain&connect_timeout=3")
    shown = {n: v for n, v, _ in origins(load())}["store.url"]
    assert shown == "postgresql+psycopg://db.example/assay?password=(hidden)&connect_timeout=3"


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("10.0.0.7", ("10.0.0.7/32",)),
        ("10.1.2.3/8, 2001:db8::/32", ("10.0.0.0/8", "2001:db8::/32")),
        ('["127.0.0.1", "::1"]', ("127.0.0.1/32", "::1/128")),
        ("", ()),
    ],
)
def test_trusted_proxies_are_networks_however_they_are_listed(
    clean: Path, monkeypatch: pytest.MonkeyPatch, given: str, meant: tuple[str, ...]
) -> None:
    monkeypatch.setenv("ASSAY_DESK__TRUSTED_PROXIES", given)
    assert load().desk.trusted_proxies == meant
    monkeypatch.delenv("ASSAY_DESK__TRUSTED_PROXIES")
    (clean / "assay.toml").write_text(f"[desk]\ntrusted_proxies = {list(meant)}\n")
    assert load().desk.trusted_proxies == meant


@pytest.mark.parametrize(
    "line",
    [
        'trusted_proxies = "proxy.example"',
        "trusted_proxies = 7",
        'trusted_proxies = "[1"',
        'trusted_proxies = ["10.0.0.0/99"]',
        "session_hours = 0",
        "sign_in_tries = 0",
        "link_days = 0",
        'user_header = "X User"',
        'user_header_form = "base64"',
    ],
)
def test_a_wrong_setting_of_the_desk_is_named(clean: Path, line: str) -> None:
    (clean / "assay.toml").write_text(f"[desk]\n{line}\n")
    with pytest.raises(BadInput, match=rf"assay\.toml:2: settings: desk\.{line.split(' ')[0]}"):
        load()


def test_no_setting_of_the_desk_is_dropped(clean: Path) -> None:
    from flows.operations.web_servers import desk_options

    settings = load()
    given = {"session_hours": 1, "sign_in_tries": 2, "sign_in_minutes": 3, "link_days": 4, "vendor_link_days": 5}
    given |= {"correction_days": 6, "user_header": "X-User", "user_header_form": "mime", "trusted_proxies": ("::/0",)}
    given |= {"second_share": 0.5, "second_claims": ("layers",)}
    given |= {"deciding_programs": ("triage",)}
    assert set(given) == set(type(settings.desk).model_fields) - {"host", "port"}
    options = desk_options(settings.model_copy(update={"desk": settings.desk.model_copy(update=given)}))
    assert {name: getattr(options, name) for name in given} == given
