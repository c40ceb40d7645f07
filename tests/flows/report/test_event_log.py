"""The log: one line an event, as text or JSON, without secrets and without words of a page."""

import json
import logging
from collections.abc import Callable

import pytest
from pydantic import SecretStr

from flows.night.night import run_night
from flows.report import event_log
from flows.settings import Settings, origins
from records.store import Store

World = tuple[str, Settings]


@pytest.fixture(autouse=True)
def quiet_again() -> object:
    yield
    event_log.LOG.handlers.clear()
    event_log.LOG.setLevel(logging.NOTSET)
    event_log.LOG.propagate = True


@pytest.mark.slow
async def test_a_night_as_json_lines(
    harbour: World, opened: Callable[[], Store], capsys: pytest.CaptureFixture[str]
) -> None:
    event_log.listen(harbour[1].model_copy(update={"log": "json"}))
    summary = await run_night(opened(), harbour[1])
    told = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    events = [event["event"] for event in told]
    assert events.count("agent.ended") == 9 and events[0] == "night.begun" and "source.listed" in events
    finished = next(event for event in told if event["event"] == "night.finished")
    assert finished["run"] == summary.run and finished["complete"] is True
    assert finished["assessed"] + finished["withheld"] == 9
    assert all(set(event) >= {"at", "level", "event"} for event in told)


async def test_no_words_of_a_page_are_logged(
    harbour: World, opened: Callable[[], Store], capsys: pytest.CaptureFixture[str]
) -> None:
    event_log.listen(harbour[1])
    await run_night(opened(), harbour[1])
    lines = capsys.readouterr().err
    assert "agent.ended" in lines and "slug=crewyard outcome=assessed" in lines
    store = opened()
    for slug in store.listings.slugs():
        for evidence in (e for f in store.assessments.current(slug).extraction.factors for e in f.evidence):  # type: ignore[union-attr]
            assert evidence.quote not in lines


def test_secrets_are_masked_and_a_line_stays_one_line(
    harbour: World, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_TOKEN", "ghp_fromenvironment")
    settings = harbour[1]
    settings = settings.model_copy(
        update={
            "model": settings.model.model_copy(update={"api_key": SecretStr("sk-model")}),
            "store": settings.store.model_copy(update={"url": "postgresql://assay:s3cret%21@db/assay"}),
            "alarm": settings.alarm.model_copy(update={"webhook": SecretStr("https://chat.example/hook/T0K3N")}),
        }
    )
    event_log.listen(settings)
    event_log.log_event(
        "source.failed",
        why="ghp_fromenvironment sk-model s3cret! https://chat.example/hook/T0K3N\nforged=line \x1b[31m",
        text="a b",
    )
    [line] = capsys.readouterr().err.splitlines()
    assert not any(secret in line for secret in ("ghp_", "sk-model", "s3cret", "T0K3N", "\x1b"))
    assert line.endswith('text="a b"') and "***" in line
    shown = str(origins(settings))
    assert "s3cret" not in shown and "T0K3N" not in shown and ":(hidden)@db/assay" in shown
