"""Killed while it sends or collects a batch and begun again, a night asks nothing twice and loses no answer.

The endpoint kills the night at a call of its choice, before or after it has done what the call asks for; the last of
the points is a night that is killed at each of them in turn.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from flows.operations.sample_site import serve
from flows.store_access import open_store
from records.maintenance.verify import verify
from tests.batch_endpoint import BatchEndpoint
from tests.flows.conftest import settings_for  # type: ignore[import-not-found]
from tests.flows.made_site import make_site
from tests.flows.night.test_kill import Nights
from tests.model_endpoint import Say
from tests.model_replies import Replies
from tests.records.store_dump import dump

AGENTS = 3
POINTS = [(when, what) for what in ("upload", "create", "look", "content") for when in ("before", "after")]


@pytest.fixture(scope="module")
def endpoint() -> Iterator[BatchEndpoint]:
    endpoint = BatchEndpoint()
    endpoint.say = Say(content=Replies().text())
    yield endpoint
    endpoint.close()


@pytest.fixture(scope="module")
def nights(endpoint: BatchEndpoint, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nights]:
    scratch = tmp_path_factory.mktemp("killed")
    make_site(scratch / "site", AGENTS)
    with pytest.MonkeyPatch.context() as patch, serve(scratch / "site") as base:
        for name in ("ASSAY_CONFIG", "OPENAI_BASE_URL"):
            patch.delenv(name, raising=False)
        nights = Nights(base, endpoint.url, scratch)
        yield nights
        nights.close()


def kept(nights: Nights, home: Path) -> bytes:
    """All that the night left; its calls and their price are checked here."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ASSAY_HOME", str(home))
        with open_store(settings_for(nights.base), actor="night") as store:
            assert verify(store).holds
            assert store.completions.usage().calls == AGENTS
            assert not store.batches.under_way() and not store.batches.waiting()
            return dump(store, without={"hosts"})


@pytest.fixture(scope="module")
def expected(nights: Nights, endpoint: BatchEndpoint) -> bytes:
    home = nights.scratch / "clean"
    assert nights.run(home, "batch") == 0
    return kept(nights, home)


@pytest.mark.slow
@pytest.mark.parametrize("points", [*([point] for point in POINTS), POINTS], ids=lambda points: "-".join(points[-1]))
def test_a_night_killed_at_a_call_for_its_batch(
    nights: Nights, endpoint: BatchEndpoint, expected: bytes, points: list[tuple[str, str]]
) -> None:
    home = nights.scratch / f"killed-{len(points)}-{'-'.join(points[0])}"
    endpoint.batched.clear()
    endpoint.direct.clear()
    endpoint.batches.clear()
    for point in points:
        endpoint.kill = point
        assert nights.run(home, "batch") == -9, f"not killed {point}"
    assert endpoint.kill is None
    assert nights.run(home, "batch") == 0
    assert len(endpoint.batched) == AGENTS, "a question was sent twice"
    assert not endpoint.direct, "a question was paid for twice"
    assert kept(nights, home) == expected
