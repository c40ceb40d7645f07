"""A pause that the model's endpoint asks for is the night's, not an agent's, and outlives the process."""

from collections.abc import Callable

import pytest

from extractors.model.openai_client import OpenAIClient
from flows.night.night import run_night
from flows.report.morning_report import morning_lines
from flows.settings import Settings
from records.database.runs import AgentOutcome
from records.maintenance.verify import verify
from records.store import Store
from tests.model_endpoint import ModelEndpoint, Say
from tests.model_replies import Replies

World = tuple[str, Settings]


@pytest.mark.slow
async def test_a_pause_beyond_the_night_is_kept_for_the_next_one(
    harbour: World, opened: Callable[[], Store], model_endpoint: ModelEndpoint, replies: Replies
) -> None:
    night = harbour[1].night.model_copy(update={"hours": 0.5})
    model = harbour[1].model.model_copy(update={"in_flight": 1, "base_url": model_endpoint.url, "name": "new"})
    settings = harbour[1].model_copy(update={"night": night, "model": model})

    def client() -> OpenAIClient:
        return OpenAIClient("new", base_url=model_endpoint.url, api_key="none")

    model_endpoint.answers = [Say(status=429, headers={"retry-after": "3000"}, error={"message": "Daily limit"})]
    first = await run_night(opened(), settings, client=client())
    assert first.outcomes == {AgentOutcome.QUEUED: 9} and len(model_endpoint.requests) == 1
    assert "Daily limit" in first.failures[0].reason
    again = await run_night(opened(), settings, client=client())
    assert again.outcomes == {AgentOutcome.QUEUED: 9} and len(model_endpoint.requests) == 1, "asked before the time"
    kept = opened().pages.host_states()
    [name] = [name for name in kept if name.startswith("model at")]
    opened().pages.keep_host_states({name: kept[name] | {"not_before": None}})
    model_endpoint.answers = [Say(content=replies.text())]
    healed = await run_night(opened(), settings, client=client())
    assert healed.complete and healed.calls == 9
    assert "no price for new: name a table with one in model.prices" in "\n".join(morning_lines(healed))
    assert verify(opened()).holds
