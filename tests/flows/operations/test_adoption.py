"""`assay adopt`: shown first, in slices, stopped, taken back; on approved agents that a4eccde wrote."""

import asyncio
import csv
import io
import json
import re
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest
from fastapi.testclient import TestClient

from extractors.pages.snapshot import sha256
from flows.cli import app
from flows.night.night import run_night
from flows.operations import adoption
from flows.operations.adoption import ASKS, back, preview, stop
from flows.operations.doctor import cost_of_answer
from flows.settings import REPOSITORY, load
from flows.store_access import open_store
from publishing.formats.api import create_app
from records.adoptions import in_renewal
from records.agents.review_queue import IN_QUEUE, AgentStatus
from records.maintenance.verify import verify
from records.store import Store
from review.services import decisions, draft
from scoring.errors import AssayError, NotFound, Refused
from scoring.reviews import Decision
from tests.flows.conftest import World, served_copy, settings_for  # type: ignore[import-not-found]
from tests.flows.operations.released_agents import ADA, WHY, live, multiply, publish, renew, slice_of, unpack
from tests.model_endpoint import ModelEndpoint, Say
from tests.model_replies import Replies
from tests.records.store_dump import dump

pytestmark = pytest.mark.slow

ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture
def released(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """Approved and published agents, as many as the parameter says; a publication may change few bands at once."""
    monkeypatch.setenv("ASSAY_HOME", str(unpack(tmp_path)))
    monkeypatch.setenv("ASSAY_PUBLISH__BUNDLES", "false")
    monkeypatch.setenv("ASSAY_PUBLISH__MAX_BAND_CHANGES", "0.005")
    with open_store(load(), create=False) as store:
        multiply(store, request.param)
        yield store


def records(store: Store) -> dict[str, str]:
    """Digest of each live record; each is what a standing approval names."""
    found = live(store)
    assert not found.unapproved
    return found.digests


def page(slug: str) -> str:
    return (load().site / "current" / "agents" / f"{slug}.html").read_text()


def in_renewal_by(slug: str) -> set[str]:
    """The machine forms that say of the record that it is under renewal; its own bytes are those of its digest."""
    site = load().site / "current"
    (row,) = (r for r in csv.DictReader(io.StringIO((site / "agents.csv").read_text())) if r["id"] == f"assay:{slug}")
    listed = {
        agent["slug"]: agent for agent in TestClient(create_app(load().site)).get("/agents?limit=500").json()["agents"]
    }
    index = json.loads((site / "index.json").read_text())
    indexed = {row[0]: dict(zip(index["columns"], row, strict=True)) for row in index["agents"]}
    feed = ElementTree.parse(site / "feed.xml").getroot()
    entry = next(e for e in feed.iter(f"{ATOM}entry") if f"assay:{slug}:" in e.findtext(f"{ATOM}id", ""))
    lists = (page.read_text() for page in (site / "browse").glob("*.html"))
    states = {
        "agents.csv": row["state"].split(" / "),
        "summary": json.loads((site / f"summaries/{slug}.json").read_text())["state"],
        "index.json": indexed[slug]["marks"],
        "feed.xml": [category.get("term") for category in entry.iter(f"{ATOM}category")],
        "api": listed[slug]["marks"],
        "cyclonedx": [(site / f"cyclonedx/{slug}.cdx.json").read_text().partition('"under renewal"')[1].strip('"')],
        "page": [page(slug).partition("Under renewal")[1].lower()],
        "lists": re.findall(rf'agents/{slug}\.html"[^\n]*?>(under renewal)<', "".join(lists)),
    }
    assert sha256((site / f"agents/{slug}.json").read_bytes()) == row_digests(site)[slug]
    return {form for form, state in states.items() if "under renewal" in state}


FORMS = {"agents.csv", "summary", "index.json", "feed.xml", "api", "cyclonedx", "page", "lists"}


def row_digests(site: Path) -> dict[str, str]:
    rows = csv.DictReader(io.StringIO((site / "modified.csv").read_text()))
    return {row["id"].removeprefix("assay:"): f"sha256:{row['sha256']}" for row in rows}


@pytest.mark.parametrize("released", [36], indirect=True)
def test_a_released_store_is_adopted_in_slices_and_taken_back(released: Store) -> None:
    store, settings = released, load()
    count = store.listings.count()
    publish(store, load())
    before, scores = records(store), {o.record.slug: o.record.assessment.headline for o in store.publications.all()}
    assert len(before) == count and store.queue.statuses()[AgentStatus.PUBLISHED] == count

    unchanged = sha256(dump(store, without={"texts"}))
    plan = asyncio.run(preview(store, settings))
    assert sha256(dump(store, without={"texts"})) == unchanged, "a preview keeps nothing"
    assert (len(plan.rows), plan.standing, plan.left, plan.calls) == (count, 0, 0, 0)
    assert plan.differ["prompt assess@1 -> assess@5"] == count
    shown = {row.slug: row for row in plan.rows}
    assert {row.approval for row in plan.rows} == {"falls", "stands"} and any(row.lost for row in plan.rows)
    assert all((row.approval == "stands") == (not row.again) for row in plan.rows)
    assert [row.approval for row in plan.rows] == sorted(row.approval for row in plan.rows), "what falls comes first"
    assert not in_renewal(store)

    first = slice_of(store, count // 3, load())
    assert (len(first.rows), first.left) == (count // 3, count - count // 3)
    assert all(row == shown[row.slug] for row in first.rows), "what was shown is what happens"
    kept = {row.slug for row in first.rows if row.approval == "stands"}
    waiting = {row.slug for row in first.rows} - kept
    assert {slug for slug in before if store.queue.status(slug) in IN_QUEUE} == waiting
    assert set(store.queue.to_publish()) == kept
    assert records(store) == before, "adopting publishes nothing"

    stop(store, ADA, "the weekend")
    rest = slice_of(store, count, load())
    assert (rest.left, rest.standing) == (0, count // 3)
    assert asyncio.run(preview(store, settings)).rows == ()

    with pytest.raises(Refused, match="change their band"):
        publish(store, load())
    publish(store, load(), released_by="ada")
    publish(store, load())  # released once
    now = records(store)
    stands = {slug for slug, row in shown.items() if row.approval == "stands"}
    assert now.keys() == before.keys() and {slug for slug in now if now[slug] != before[slug]} == stands
    assert in_renewal(store) == before.keys() - stands
    old, new = sorted(before.keys() - stands)[0], sorted(stands)[0]
    assert in_renewal_by(old) == FORMS and in_renewal_by(new) == set()

    restored, left = back(store, ADA, "a fault in the reader")
    assert (len(restored), left) == (count, ())
    assert not in_renewal(store)
    with pytest.raises(Refused, match="change their band"):
        publish(store, load())
    publish(store, load(), released_by="ada")
    assert records(store).keys() == before.keys() and store.queue.statuses()[AgentStatus.PUBLISHED] == count
    assert {o.record.slug: o.record.assessment.headline for o in store.publications.all()} == scores
    assert in_renewal_by(old) == set()
    with pytest.raises(NotFound):
        back(store, ADA, "again")
    assert verify(store).holds


@pytest.mark.timeout(900)
@pytest.mark.parametrize("released", [300], indirect=True)
def test_a_slice_of_many_leaves_every_record_and_is_released_once(released: Store) -> None:
    """As many as the suite has time for; `python -m benches adoption` does it with 1,000."""
    store, count = released, released.listings.count()
    found = renew(store, load(), 90)
    assert (found.agents, found.rows, found.left, found.restored) == (count, 90, count - 90, 90)
    assert not found.lost and not found.unapproved and not found.unserved and not found.changed_by_adopting
    assert "change their band" in found.held and not found.held_again
    assert len(found.stand) > 5 and found.changed == found.stand
    assert found.under_renewal == live(store).digests.keys() - found.stand
    assert store.queue.statuses()[AgentStatus.PUBLISHED] == count


STRICT = "owasp-aivss-0.8"


def made_by(store: Store, formula: str) -> set[str]:
    """Agents whose draft was made by this formula."""
    return {
        pair.slug
        for pair in store.assessments.stored()
        if json.loads(pair.assessment)["provenance"]["formula"] == formula
    }


def test_a_night_takes_its_slice_and_what_changed_and_none_once_stopped_or_taken_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with served_copy(tmp_path / "site") as base:
        old = settings_for(base)
        new = old.model_copy(update={"profile": STRICT})
        with open_store(old) as store:
            store.sources.add("harbour", "directory_site", f"{base}/", {"selectors": "harbour"})

            def night() -> set[str]:
                assert asyncio.run(run_night(store, new, again=True)).complete
                return made_by(store, STRICT)

            asyncio.run(run_night(store, old, again=True))
            assert not made_by(store, STRICT) and len(store.listings.slugs()) == 9
            assert len(slice_of(store, 2, new).rows) == 2 == len(made_by(store, STRICT))
            assert len(night()) == 4
            stop(store, ADA, "a look at them first")
            page = tmp_path / "site" / "agents" / "quietbox.html"
            page.write_text(page.read_text().replace("</main>", "<p>Questions are answered on weekdays.</p></main>"))
            before = made_by(store, STRICT)
            assert night() == before | {"quietbox"}
            assert night() == before | {"quietbox"}, "it is asked again each night, and waits"

            decided = sorted(before)[0]
            decisions.conclude(store, draft.read(store, decided), Decision.APPROVE, reviewer="ada")
            restored, left = back(store, ADA, "another formula")
            assert (set(restored), left) == ((before | {"quietbox"}) - {decided}, (decided,))
            assert night() == {decided, "quietbox"}, "a page that changed is read by what is in force"
            from flows.prefect import rescore_flow  # Prefect, which no other test of this file loads

            monkeypatch.setattr(rescore_flow, "load", lambda: new)
            rescore_flow.rescore(None, STRICT, "scheduled re-scoring")
            assert made_by(store, STRICT) == {decided, "quietbox"}, "what was taken back is not scored anew by a clock"
            assert slice_of(store, 9, new).left == 0 and len(made_by(store, STRICT)) == 9
            assert verify(store).holds


def test_a_preview_asks_no_model_and_a_slice_that_was_cut_off_pays_for_nothing_twice(
    looked_at: World, model_endpoint: ModelEndpoint, replies: Replies, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = {"NAME": "example-small", "BASE_URL": model_endpoint.url, "API_KEY": "x", "IN_FLIGHT": "1"}
    for name, value in {**names, "PRICES": str(REPOSITORY / "data" / "prices.toml")}.items():
        monkeypatch.setenv(f"ASSAY_MODEL__{name}", value)
    settings = load()
    with open_store(settings) as store:
        plan = asyncio.run(preview(store, settings))
        each = cost_of_answer(store, settings)
        assert plan.calls == 9 and {row.problem for row in plan.rows} == {ASKS} and not model_endpoint.requests
        assert each is not None and each > 0

        def cut_off(*_: object) -> None:
            raise CutOff

        model_endpoint.answer = lambda _: Say(content=replies.text())
        with monkeypatch.context() as patched, pytest.raises(CutOff):
            patched.setattr(adoption, "_renewal", cut_off)
            slice_of(store, 9, settings)
        assert 0 < len(model_endpoint.requests) < 9 and not store.queue.to_publish()
        slice_of(store, 9, settings)
        assert len(model_endpoint.requests) == store.completions.usage().calls == 9
        assert asyncio.run(preview(store, settings)).standing == 9


def test_the_command_shows_takes_slices_stops_and_takes_back(
    looked_at: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ASSAY_PROFILE", STRICT)

    def assay(*words: str) -> str:
        assert not app(["adopt", *words], standalone_mode=False)
        return capsys.readouterr().out

    with open_store(load()) as store:
        store.pages.assign("changelog-scribe", [])
        store.listings.put(store.listings.get("changelog-scribe").model_copy(update={"entry": ""}))
        store.people.put("rey", "reader")
    shown = assay()
    assert f"formula aivss-0.8-listing -> {STRICT}: 9 agents" in shown and "nothing was stored" in shown
    told = json.loads(assay("--json"))
    assert len(told["rows"]) == 9 and told["model_calls"] == 0 and told["rows"][-1]["slug"] == "changelog-scribe"
    assert told["rows"][-1]["problem"], "what cannot be read comes last, with its reason"
    with pytest.raises(AssayError):
        assay("run", "--agents", "4", "--reason", WHY, "--by", "rey")
    assay("run", "--agents", "4", "--reason", WHY)
    with open_store(load()) as store:
        assert 0 < len(made_by(store, STRICT)) <= 4
    assert "0 left" in assay("run", "--agents", "8", "--reason", WHY), "what cannot be read takes no other's place"
    assert "stopped" in assay("stop", "--reason", "enough")
    assert "8 drafts are as they were, 0 left" in assay("back", "--reason", "another formula")
    with open_store(load()) as store:
        assert not made_by(store, STRICT)


class CutOff(Exception):
    """What ends a slice in its midst."""
