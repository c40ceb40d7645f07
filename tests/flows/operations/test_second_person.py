"""The two-person rule at the terminal and at the publication, and what measures reviewing there."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from flows.cli import app
from flows.operations.publication import publish_site
from flows.settings import load
from flows.store_access import open_store
from records.store import Store
from review.services import draft
from scoring.errors import BadInput, Refused
from tests.review.world import fill, people


@pytest.fixture
def store(own_home: Path, monkeypatch: pytest.MonkeyPatch) -> Store:
    monkeypatch.setenv("ASSAY_APPROVAL__TWO_PEOPLE", '["first", "critical"]')
    with open_store(load()) as opened:
        people(opened)
        fill(opened, "otter")
        yield opened


def run(*words: str) -> str:
    done = CliRunner().invoke(app, list(words))
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.output


def test_the_terminal_refuses_what_the_desk_refuses_and_nothing_goes_out_before(store: Store, tmp_path: Path) -> None:
    named = ("otter", "--digest", draft.read(store, "otter").digest)
    assert "It waits for a second person" in run("review", "approve", *named, "--by", "vera")
    with pytest.raises(Refused, match="a second person has to confirm it"):
        run("review", "approve", *named, "--by", "vera")
    assert "otter, approved by vera, waits for a second person" in run("review", "list")
    assert "It waits for a second person" in run("review", "show", "otter")
    told = publish_site(store, load(), tmp_path / "site", released_by="paul")
    assert (told.records, told.unconfirmed) == (0, 1) and "1 wait for a second person" in told.line
    assert store.publications.current("otter") is None
    assert "Next: assay site publish" in run("review", "approve", *named, "--by", "paul")
    told = publish_site(store, load(), tmp_path / "site", released_by="paul")
    assert (told.records, told.unconfirmed) == (1, 0) and store.publications.current("otter") is not None


def test_a_round_is_begun_and_ended_and_the_figures_are_told(store: Store) -> None:
    with pytest.raises(Refused, match="no claim of a draft"):
        run("review", "errors", "paul")
    run("review", "approve", "otter", "--digest", draft.read(store, "otter").digest, "--by", "vera")
    assert "paul is asked about 2 false claims" in run("review", "errors", "paul", "--count", "2")
    assert "4 claims were not answered" in run("review", "errors", "paul", "--end")
    assert json.loads(run("review", "measure", "--json")) == [] and "nothing to measure" in run("review", "measure")


def test_a_claim_that_there_is_not_is_no_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASSAY_DESK__SECOND_CLAIMS", '["factors.autonomy"]')
    with pytest.raises(BadInput, match="is no claim"):
        load()
