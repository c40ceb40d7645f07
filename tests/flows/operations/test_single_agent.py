"""One agent by its address, and off the list: what failed leaves nobody behind, what was removed is nowhere shown."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from flows.exit_codes import ExitCode
from flows.night.night import run_night
from flows.operations.publication import publish_site
from flows.operations.record_lifecycle import opt_out, remove_agent, restore_agent, withdraw_record
from flows.operations.single_agent import assess_url
from flows.settings import Settings
from records.agents.review_queue import AgentStatus
from records.maintenance.verify import verify
from records.store import Store
from scoring.errors import AssayError, BadInput, Refused
from tests.flows.conftest import settings_for  # type: ignore[import-not-found]
from tests.flows.test_command import assay  # type: ignore[import-not-found]
from tests.model_endpoint import ModelEndpoint, Say
from tests.model_replies import Replies

pytestmark = pytest.mark.slow


World = tuple[str, Settings]
PEZZO = "agents/pexo.html"


@pytest.mark.parametrize("address", ["{base}/agents/mistyped.html", "http://127.0.0.1:9/agent", "https://no.invalid/x"])
async def test_a_mistyped_address_leaves_no_agent_and_no_trouble(
    address: str, harbour: World, opened: Callable[[], Store]
) -> None:
    base, settings = harbour
    with pytest.raises(AssayError, match="no agent was kept"):
        await assess_url(address.format(base=base), settings)
    store = opened()
    assert store.listings.slugs() == () and store.queue.page().rows == ()
    summary = await run_night(store, settings)
    assert summary.complete and summary.due == 9


@pytest.mark.parametrize(
    "say",
    [
        Say(status=500),
        Say(status=400, error={"code": "content_filter", "message": "flagged"}),
        Say(content="no JSON at all"),
        Say(content="{", finish_reason="length"),
    ],
)
async def test_what_the_model_did_not_assess_leaves_no_agent_either(
    say: Say,
    harbour: World,
    opened: Callable[[], Store],
    model_endpoint: ModelEndpoint,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    model_endpoint.answers = [say]
    model = harbour[1].model.model_copy(update={"name": "scripted", "base_url": model_endpoint.url})
    monkeypatch.setattr("extractors.model.chat_calls._LONGEST_WAIT", 0.0)
    with pytest.raises(AssayError):
        await assess_url(f"{harbour[0]}/{PEZZO}", harbour[1].model_copy(update={"model": model}))
    assert opened().listings.slugs() == ()


async def test_a_good_address_is_asked_once_and_kept(
    harbour: World, opened: Callable[[], Store], model_endpoint: ModelEndpoint, replies: Replies
) -> None:
    model_endpoint.answers = [Say(content=replies.text())]
    model = harbour[1].model.model_copy(update={"name": "scripted", "base_url": model_endpoint.url})
    await assess_url(f"{harbour[0]}/{PEZZO}", harbour[1].model_copy(update={"model": model}))
    [slug] = opened().listings.slugs()
    assert opened().queue.status(slug) is AgentStatus.DRAFT and len(model_endpoint.requests) == 1
    ledger = opened().pages.state(f"{harbour[0]}/{PEZZO}")
    assert ledger is not None and verify(opened()).holds


async def test_a_known_agent_that_cannot_be_read_now_stays(harbour: World, opened: Callable[[], Store]) -> None:
    await assess_url(f"{harbour[0]}/{PEZZO}", harbour[1])
    before = opened().listings.slugs()
    narrow = harbour[1].crawl.model_copy(update={"allow_private": ()})
    await assess_url(f"{harbour[0]}/{PEZZO}", harbour[1].model_copy(update={"crawl": narrow}))  # its stored pages stand
    assert opened().listings.slugs() == before


async def test_a_removed_agent_is_nowhere_until_it_comes_back(harbour: World, opened: Callable[[], Store]) -> None:
    store, settings = opened(), harbour[1]
    await run_night(store, settings)
    slug = store.listings.slugs()[0]
    name = store.listings.get(slug).name
    with pytest.raises(BadInput, match="needs a reason"):
        remove_agent(store, slug, " ")
    remove_agent(store, slug, "listed by mistake")
    assert slug not in {row.slug for row in store.queue.page(limit=100).rows if row.status is AgentStatus.DRAFT}
    for _ in range(2):  # its source lists it still
        summary = await run_night(store, settings, again=True)
        assert summary.complete and summary.due == 8
    publish_site(store, settings, settings.site)
    shown = [file for file in settings.site.rglob("*") if file.is_file() and name.encode() in file.read_bytes()]
    assert not shown, "a removed agent is shown in public"
    told = json.loads(assay("status", "--json", home=settings.home).stdout)
    assert told["statuses"] == {"draft": 8, "removed": 1}
    restore_agent(store, slug, "it was none")
    assert store.queue.status(slug) is AgentStatus.DRAFT and store.listings.removed() == frozenset()
    with pytest.raises(Refused, match="was not removed"):
        restore_agent(store, slug, "again")
    assert [event.kind for event in store.events.all(slug=slug)][-2:] == ["agent.removed", "agent.restored"]
    assert verify(store).holds


async def test_naming_its_address_brings_a_removed_agent_back(harbour: World, opened: Callable[[], Store]) -> None:
    await assess_url(f"{harbour[0]}/{PEZZO}", harbour[1])
    [slug] = opened().listings.slugs()
    remove_agent(opened(), slug, "by mistake")
    await assess_url(f"{harbour[0]}/{PEZZO}", harbour[1])
    assert opened().listings.removed() == frozenset() and opened().listings.slugs() == (slug,)


async def test_an_owners_wish_is_not_undone_by_a_removal(harbour: World, opened: Callable[[], Store]) -> None:
    await run_night(opened(), harbour[1])
    slug = opened().listings.slugs()[0]
    opt_out(opened(), slug, "its owner asked")
    with pytest.raises(Refused, match="its owner opted out"):
        remove_agent(opened(), slug, "mine")
    with pytest.raises(Refused, match="was not removed"):
        restore_agent(opened(), slug, "mine")
    assert opened().queue.status(slug) is AgentStatus.OPTED_OUT


def test_a_published_record_is_withdrawn_first(harbour: World, opened: Callable[[], Store], tmp_path: Path) -> None:
    base, settings = harbour
    private = f'["{base.removeprefix("http://")}"]'
    home = settings.home
    assert assay("night", "run", home=home, ASSAY_CRAWL__ALLOW_PRIVATE=private, ASSAY_CRAWL__PACE="0").returncode == 0
    store = opened()
    slug = store.listings.slugs()[0]
    from review.services import decisions, draft
    from scoring.reviews import Decision

    decisions.conclude(store, draft.read(store, slug), Decision.APPROVE, reviewer="ada", note="")
    assert assay("site", "publish", "--released-by", "ada", home=home).returncode == 0
    refused = assay("agents", "remove", slug, "--reason", "mistake", home=home)
    assert refused.returncode == ExitCode.FAILED and f"assay record withdraw {slug}" in refused.stderr
    withdraw_record(store, slug, "a mistake")
    assert assay("agents", "remove", slug, "--reason", "mistake", home=home).returncode == 0
    assert assay("agents", "restore", slug, home=home).returncode == 0
    assert settings_for(base).home == home
