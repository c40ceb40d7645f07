"""`assay doctor`: what the model's endpoint can do, what a night costs, what is wrong, and what only warns."""

import socket
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from flows.cli import app
from flows.operations.doctor import Check, examine
from tests.model_endpoint import ModelEndpoint, Say

READY = '{"ready": true}'


@pytest.fixture
def told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, model_endpoint: ModelEndpoint) -> Any:
    monkeypatch.chdir(tmp_path)
    names = {"ASSAY_HOME": str(tmp_path), "ASSAY_MODEL__NAME": "local/m", "ASSAY_MODEL__BASE_URL": model_endpoint.url}
    for name, value in names.items():
        monkeypatch.setenv(name, value)

    def check(**more: str) -> Check:
        for name, value in more.items():
            monkeypatch.setenv(f"ASSAY_MODEL__{name.upper()}", value)
        return next(check for check in examine() if check.name == "endpoint")

    return check


def test_it_says_what_a_good_endpoint_can_do(told: Any, model_endpoint: ModelEndpoint) -> None:
    model_endpoint.answers = [Say(READY, usage={"prompt_tokens": 40, "completion_tokens": 6})]
    entry = {"id": "local/m", "meta": {"n_ctx": 131_072, "max_model_len": 262_144}}
    model_endpoint.pages = {"/models": {"data": [{"id": "x", "n_ctx": 1}, entry]}, "/batches?limit=1": {"data": []}}
    check = told()
    assert check.ok and len(model_endpoint.requests) == 1
    for words in ("json_schema", "window of 131072", "counts tokens", "batches", "costs about 0.00"):
        assert words in check.found
    assert "no batches" not in check.found


def test_an_endpoint_that_knows_less(told: Any, model_endpoint: ModelEndpoint) -> None:
    def answer(body: dict[str, Any]) -> Say:
        form = body.get("response_format", {}).get("type", "")
        return Say(status=500, error={"message": f"{form} as response_format?"}) if form else Say(READY, usage=None)

    model_endpoint.answer = answer
    check = told()
    assert check.ok and "text, no window named, counts no tokens" in check.found and "no batches" in check.found
    model_endpoint.pages = {"/models": {"data": [{"id": "local/m", "context_length": 16_384}]}}
    check = told()
    assert not check.ok and "16384" in check.found and "model.context_tokens to 16384" in check.fix
    assert told(context_tokens="16384").ok


@pytest.mark.parametrize(
    ("say", "words"),
    [
        (Say(status=401, error={"message": "Incorrect API key provided: none"}), "Incorrect API key provided"),
        (Say(status=404, error={"message": "model 'm' not found, try pulling it first"}), "try pulling it first"),
        (Say(status=429, headers={"retry-after": "600"}, error={"message": "Daily limit"}), "Daily limit"),
        (Say(status=500, error={"message": "boom"}), "boom"),
        (Say("I am ready."), "I am ready."),
        (Say(raw=b""), "no message"),
    ],
)
def test_what_is_wrong_is_in_the_providers_words(
    told: Any,
    model_endpoint: ModelEndpoint,
    say: Say,
    words: str,
) -> None:
    model_endpoint.answers = [say]
    check = told()
    assert not check.ok and words in check.found and check.fix
    assert len(model_endpoint.requests) == 1


def test_nobody_listens(told: Any) -> None:
    assert "connection failed" in told(base_url="http://127.0.0.1:9/v1").found


def test_without_a_model_nothing_is_asked(told: Any, model_endpoint: ModelEndpoint) -> None:
    assert told(name="").ok and not model_endpoint.requests


def test_a_price_is_looked_up_in_the_file_of_the_setting(
    told: Any,
    model_endpoint: ModelEndpoint,
    tmp_path: Path,
) -> None:
    model_endpoint.answers = [Say(READY)]
    assert "not known without a price" in told(name="new").found
    file = tmp_path / "own.toml"
    file.write_text('[[model]]\nname = "new"\nprompt = "1"\ncompletion = "10"\n')
    assert "an agent costs about 0.0367 USD" in told(prices=str(file)).found


def examined(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, **told: str) -> dict[str, Check]:
    monkeypatch.chdir(tmp_path)
    free = {"ASSAY_HOME": str(tmp_path), "ASSAY_SCHEDULE__PORT": "0", "ASSAY_CRAWL__CONTACT": "https://operator.test/"}
    for name, value in (free | told).items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    return {check.name: check for check in examine()}


@pytest.mark.parametrize(
    ("check", "setting", "wrong", "well"),
    [
        (
            "corrections",
            "PUBLISH__CORRECTION_CONTACT",
            ("", "mail us", "javascript:x"),
            ("mailto:a@b.test", "https://b.test/"),
        ),
        (
            "base url",
            "PUBLISH__BASE_URL",
            (
                "http://localhost:8000",
                "http://a.localhost/",
                "http://127.0.0.2/",
                "http://[::1]:80",
                "http://10.1.2.3/",
            ),
            ("https://assay.test/", "https://localhost.test/", "https://1.1.1.1/"),
        ),
    ],
)
def test_what_only_a_public_site_needs_warns_and_fails_nothing(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    check: str,
    setting: str,
    wrong: tuple[str, ...],
    well: tuple[str, ...],
) -> None:
    for value in (*wrong, *well):
        found = examined(monkeypatch, tmp_path, **{f"ASSAY_{setting}": value})[check]
        assert found.warns and found.ok == (value in well) and found.fix.startswith("set publish."), value
    examined(monkeypatch, tmp_path, **{f"ASSAY_{setting}": wrong[0]})
    assert not app(["doctor"], standalone_mode=False)
    assert f"WARN {check}: " in capsys.readouterr().out


def test_a_webhook_that_nobody_answers_and_a_busy_port_are_to_be_mended(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    model_endpoint: ModelEndpoint,
    capsys: pytest.CaptureFixture[str],
) -> None:
    taken = urlsplit(model_endpoint.url).port
    hook = {"ASSAY_CRAWL__ALLOW_PRIVATE": '["127.0.0.1"]', "ASSAY_ALARM__WEBHOOK": f"http://127.0.0.1:{taken}/se-cret"}
    found = examined(monkeypatch, tmp_path, **hook)
    assert found["webhook"].ok and found["prefect"].ok
    with socket.socket() as bound:  # nobody listens there, and nobody else can
        bound.bind(("127.0.0.1", 0))
        port = bound.getsockname()[1]
        found = examined(monkeypatch, tmp_path, ASSAY_ALARM__WEBHOOK=f"http://127.0.0.1:{port}/se-cret")
    assert not found["webhook"].ok and str(port) in found["webhook"].found and "se-cret" not in str(found)
    found = examined(monkeypatch, tmp_path, **hook, ASSAY_SCHEDULE__PORT=str(taken))
    assert not found["prefect"].ok and str(taken) in found["prefect"].found
    assert "ASSAY_SCHEDULE__PORT" in found["prefect"].fix and not found["prefect"].warns
    assert app(["doctor"], standalone_mode=False) == 1
    assert capsys.readouterr().out.startswith("FIX  prefect")
    model_endpoint.pages = {"/api/health": True}  # as a server of our own answers
    assert examined(monkeypatch, tmp_path, ASSAY_SCHEDULE__PORT=str(taken))["prefect"].ok
