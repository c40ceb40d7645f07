"""What a person approved survives a page that changed elsewhere; everything else waits for a person."""

import asyncio
from pathlib import Path
from typing import ClassVar

import pytest

from extractors.lexical import LexicalAssessor
from extractors.model.completion import Completion, CompletionClient, CompletionRequest
from flows.night.night import run_night
from flows.settings import Settings
from flows.store_access import open_store
from records.agents.review_queue import AgentStatus
from records.maintenance.verify import verify
from records.store import Store
from review.services import decisions, draft
from scoring.reviews import Decision
from tests.flows.conftest import served_copy, settings_for  # type: ignore[import-not-found]

TRAILER = "<p>Questions are answered on weekdays.</p>\n</main>"


class Careful(CompletionClient):
    """A scripted model: answers as the built-in assessor would, under a name of its own."""

    model = "careful-model"
    settings: ClassVar[dict[str, object]] = {}

    async def complete(self, request: CompletionRequest) -> Completion:
        answer = await LexicalAssessor().complete(request)
        from extractors.model.reply_cache_key import completion_key

        key = completion_key(request, self.model, self.settings)
        return answer.model_copy(update={"model": self.model, "key": key})


def night(store: Store, settings: Settings) -> None:
    asyncio.run(run_night(store, settings, again=True, client=Careful()))


def approve(store: Store, slug: str) -> None:
    decisions.conclude(store, draft.read(store, slug), Decision.APPROVE, reviewer="ada")


def changed(site: Path, slug: str) -> None:
    page = site / "agents" / f"{slug}.html"
    page.write_text(page.read_text().replace("</main>", TRAILER))


@pytest.mark.slow
@pytest.mark.parametrize("automatic", [False, True])
def test_an_approval_survives_a_page_that_changed_elsewhere_and_nothing_more(tmp_path: Path, automatic: bool) -> None:
    with served_copy(tmp_path / "site") as base:
        settings = settings_for(base)
        approval = settings.approval.model_copy(update={"automatic": automatic})
        settings = settings.model_copy(update={"approval": approval})
        with open_store(settings) as store:
            store.sources.add("harbour", "directory_site", f"{base}/", {"selectors": "harbour"})
            night(store, settings)
            approve(store, "pexo")
            approve(store, "crewyard")
            for slug in ("pexo", "pezzo"):
                changed(tmp_path / "site", slug)
            readme = tmp_path / "site" / "repos" / "crewyard" / "README.md"
            readme.write_text(
                readme.read_text().replace("it runs locally on your machine", "it runs on your own machine")
            )
            night(store, settings)
            # the same claims on the same sentences: what the person approved still stands, and the log says how
            assert store.queue.status("pexo") is AgentStatus.APPROVED
            assert store.reviews.all("pexo")[-1].review.automatic
            # another sentence behind a claim, and an agent that no person ever approved, always wait for one
            assert store.queue.status("crewyard") is AgentStatus.DRAFT
            assert store.queue.status("pezzo") is AgentStatus.DRAFT
            assert verify(store).holds
