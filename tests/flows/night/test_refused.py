"""A page that the model or its filter refuses: told once, kept, counted complete, and nobody else's trouble."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from extractors.model.openai_client import OpenAIClient
from flows.night.agent_work import AWAY_AFTER
from flows.night.night import run_night
from flows.operations.publication import publish_site
from flows.settings import Settings
from records.database.runs import AgentOutcome
from records.maintenance.verify import verify
from records.store import Store
from tests.flows.conftest import served_copy, settings_for  # type: ignore[import-not-found]
from tests.model_endpoint import ModelEndpoint, Say
from tests.model_replies import Replies

pytestmark = pytest.mark.slow

World = tuple[str, Settings]
WORDS = "The response was filtered due to the content management policy."


def refusing(replies: Replies, *names: str) -> Callable[[dict[str, Any]], Say]:
    """An endpoint whose filter refuses the pages that hold one of these words."""

    def answer(body: dict[str, Any]) -> Say:
        asked = json.dumps(body["messages"][1:])
        if any(name in asked for name in names):
            return Say(status=400, error={"message": WORDS, "code": "content_filter", "param": "prompt"})
        return Say(content=replies.text())

    return answer


@pytest.fixture
def client(model_endpoint: ModelEndpoint) -> Callable[[], OpenAIClient]:
    return lambda: OpenAIClient("scripted", base_url=model_endpoint.url, api_key="none")


async def test_one_refused_page_is_asked_about_once_and_the_night_is_complete(
    harbour: World,
    opened: Callable[[], Store],
    model_endpoint: ModelEndpoint,
    replies: Replies,
    client: Callable[[], OpenAIClient],
) -> None:
    model_endpoint.answer = refusing(replies, "Ledgerline")
    summary = await run_night(opened(), harbour[1], client=client())
    assert summary.outcomes == {AgentOutcome.WITHHELD: 8, AgentOutcome.REFUSED: 1}
    assert summary.complete and summary.completeness == 1
    [failure] = summary.failures
    assert WORDS in failure.reason and failure.outcome is AgentOutcome.REFUSED
    assert len(model_endpoint.requests) == 9, "asked again, or in another form"
    again = await run_night(opened(), harbour[1], client=client(), again=True)
    assert again.complete and again.outcomes[AgentOutcome.REFUSED] == 1 and WORDS in again.failures[0].reason
    assert len(model_endpoint.requests) == 9, "a refusal that is kept was asked for again"
    settings = harbour[1]
    assert publish_site(opened(), settings, settings.site).records == 0  # nobody approved any, and nothing is held
    assert verify(opened()).holds


async def test_many_refused_pages_are_no_model_that_is_away(
    harbour: World,
    opened: Callable[[], Store],
    model_endpoint: ModelEndpoint,
    replies: Replies,
    client: Callable[[], OpenAIClient],
) -> None:
    model = harbour[1].model.model_copy(update={"in_flight": 1})
    settings = harbour[1].model_copy(update={"model": model})
    model_endpoint.answer = refusing(replies, "")  # everything
    summary = await run_night(opened(), settings, client=client())
    assert summary.outcomes == {AgentOutcome.REFUSED: 9} and AWAY_AFTER < 9
    assert len(model_endpoint.requests) == 9


async def test_it_is_asked_about_again_when_page_or_model_change(
    tmp_path: Path, opened: Callable[[], Store], model_endpoint: ModelEndpoint, replies: Replies
) -> None:
    def client(model: str) -> OpenAIClient:
        return OpenAIClient(model, base_url=model_endpoint.url, api_key="none")

    store = opened()
    model_endpoint.answer = refusing(replies, "Ledgerline")
    with served_copy(tmp_path / "site") as base:
        settings = settings_for(base)
        store.sources.add("harbour", "directory_site", f"{base}/", {"selectors": "harbour"})
        await run_night(store, settings, client=client("one"))
        asked = len(model_endpoint.requests)
        other = await run_night(store, settings, client=client("two"), again=True)
        assert other.outcomes[AgentOutcome.REFUSED] == 1
        assert len(model_endpoint.requests) == 2 * asked
        page = tmp_path / "site" / "agents" / "ledgerline-books.html"
        page.write_text(page.read_text().replace("</body>", "<p>Nothing is sent on.</p></body>"))
        model_endpoint.answer = refusing(replies)
        changed = await run_night(store, settings, client=client("two"), again=True)
    assert changed.complete and AgentOutcome.REFUSED not in changed.outcomes
    assert len(model_endpoint.requests) == 2 * asked + 1
