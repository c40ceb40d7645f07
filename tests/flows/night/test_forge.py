"""A repository on a forge, over HTTP: one tree call, raw files, and one link further for what is still unknown."""

import json
from pathlib import Path

import pytest

from flows.night.night import run_night
from flows.operations.sample_site import serve
from flows.store_access import open_store
from records.database.runs import AgentOutcome
from scoring.vocabulary import ExposureFact, RiskFactor
from tests.flows.conftest import settings_for  # type: ignore[import-not-found]
from tests.records.made import listed_slugs

FILES = {
    "README.md": "# Gannet\n\nGannet is an autonomous coding agent.\nSee [how it remembers](docs/memory.md).\n",
    "docs/memory.md": "# Memory\n\nGannet keeps a long-term memory across sessions in a vector database.\n",
    "docs/logo.png": "not text",
    "compose.yaml": "services:\n  gannet:\n    image: gannet\n    ports: ['8080:8080']\n",
    "tests/fixture.md": "# Fixture\n\nThis file proves nothing about the product.\n",
}


def forge(root: Path, name: str = "acme/gannet", files: dict[str, str] = FILES) -> None:
    """Files of one repository as the forge's API and raw host give them."""
    tree = [{"path": path, "type": "blob", "mode": "100644", "size": len(text)} for path, text in files.items()]
    api = root / "api" / "repos" / name / "git" / "trees"
    api.mkdir(parents=True)
    (api / "HEAD").write_text(json.dumps({"url": f"https://forge.example/repos/{name}/git/trees/1", "tree": tree}))
    for path, text in files.items():
        place = root / "raw" / name / "HEAD" / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)


async def test_documents_are_chosen_from_the_tree_and_an_open_question_is_followed(tmp_path: Path) -> None:
    forge(tmp_path)
    with serve(tmp_path) as base:
        settings = settings_for(base)
        places = {"github_web": base, "github_api": f"{base}/api", "github_raw": f"{base}/raw"}
        settings = settings.model_copy(update={"night": settings.night.model_copy(update=places)})
        with open_store(settings) as store:
            store.sources.add("mine", "repository", f"{base}/acme/gannet")
            summary = await run_night(store, settings)
            assert summary.outcomes == {AgentOutcome.WITHHELD: 1}, summary.failures
            slug = store.listings.slugs()[0]
            read = {url.split("/HEAD/")[-1] for url in store.pages.urls(slug)}
            assert {"README.md", "compose.yaml", "docs/memory.md"} <= read
            assert not read & {"docs/logo.png", "tests/fixture.md"}
            current = store.assessments.current(slug)
            assert current is not None
            memory = current.extraction.factor(RiskFactor.PERSISTENT_MEMORY)
            assert memory.evidence and memory.evidence[0].url.endswith("docs/memory.md")
            assert current.extraction.fact(ExposureFact.EXECUTES) is not None


@pytest.mark.slow
async def test_a_repository_that_is_gone_is_an_outcome_not_a_safe_agent(tmp_path: Path) -> None:
    (tmp_path / "api").mkdir()
    with serve(tmp_path) as base:
        settings = settings_for(base)
        places = {"github_web": f"{base}/web", "github_api": f"{base}/api", "github_raw": f"{base}/raw"}
        settings = settings.model_copy(update={"night": settings.night.model_copy(update=places)})
        with open_store(settings) as store:
            store.sources.add("mine", "repository", f"{base}/web/acme/gone")
            summary = await run_night(store, settings)
            assert summary.outcomes == {AgentOutcome.NOT_FOUND: 1}
            assert store.assessments.current(store.listings.slugs()[0]) is None


async def test_a_repository_with_a_new_owner_stays_one_agent_in_every_list(tmp_path: Path) -> None:
    forge(tmp_path)
    old = tmp_path / "api" / "repos" / "old" / "pelican" / "git" / "trees"
    old.mkdir(parents=True)
    tree = tmp_path / "api" / "repos" / "acme" / "gannet" / "git" / "trees" / "HEAD"
    (old / "HEAD").write_bytes(tree.read_bytes())  # as a forge answers for a repository that moved
    (tmp_path / "raw" / "old").mkdir()
    (tmp_path / "raw" / "old" / "pelican").symlink_to(tmp_path / "raw" / "acme" / "gannet")
    with serve(tmp_path) as base:
        settings = settings_for(base)
        places = {"github_web": base, "github_api": f"{base}/api", "github_raw": f"{base}/raw"}
        settings = settings.model_copy(update={"night": settings.night.model_copy(update=places)})
        with open_store(settings) as store:
            store.sources.add("mine", "repository", f"{base}/old/pelican")
            await run_night(store, settings)
            assert store.listings.get("pelican").aliases == (f"{base}/acme/gannet",)
            store.sources.add("theirs", "repository", f"{base}/acme/gannet")
            summary = await run_night(store, settings, again=True)
            assert store.listings.slugs() == ("pelican",) and summary.due == 1
            assert store.listings.find("gannet") == "pelican"
            record = store.assessments.current("pelican")
            await run_night(store, settings, again=True)
            assert store.assessments.current("pelican") == record


async def test_folders_of_a_repository_with_a_new_owner_stay_agents_of_their_own(tmp_path: Path) -> None:
    forge(tmp_path, files={f"src/{name}/README.md": f"# {name}\n\nIt sends {name}.\n" for name in ("chat", "mail")})
    for part in ("api/repos", "raw"):  # as a forge answers for a repository that moved
        (tmp_path / part / "old").mkdir()
        (tmp_path / part / "old" / "pelican").symlink_to(tmp_path / part / "acme" / "gannet")
    with serve(tmp_path) as base:
        settings = settings_for(base)
        places = {"github_web": base, "github_api": f"{base}/api", "github_raw": f"{base}/raw"}
        settings = settings.model_copy(update={"night": settings.night.model_copy(update=places)})
        with open_store(settings) as store:
            folders = [f"{base}/old/pelican/tree/HEAD/src/{name}" for name in ("chat", "mail")]
            store.sources.add("mine", "repository", folders[0], {"locations": folders[1:]})
            for _ in range(2):
                await run_night(store, settings, again=True)
                assert listed_slugs(store) == ("chat", "mail")
            assert store.listings.get("mail").aliases == (f"{base}/acme/gannet/tree/HEAD/src/mail",)
