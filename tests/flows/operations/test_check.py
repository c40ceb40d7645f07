"""`assay check`: from a source over a night and a publication to a buyer's file, over the store and over the site."""

import json
from datetime import timedelta
from pathlib import Path

import pytest

from extractors.claims.approved_claims import evidence_of
from flows.night.night import run_night
from flows.operations.publication import publish_site
from flows.settings import Settings, load
from flows.store_access import open_store
from records.maintenance.verify import verify
from records.store import Store
from scoring.record import PublishedRecord
from scoring.reviews import Decision, Review
from tests.flows.test_command import assay  # type: ignore[import-not-found]

pytestmark = pytest.mark.slow

README = """# Den

Den is an MCP server that mends nets. It runs on your own machine, reads the files of one folder and sends nothing.
It asks a person before each change. Den keeps no memory between calls.

```json
{"mcpServers": {"den": {"command": "npx", "args": ["-y", "@otters/den"]}, "x": {"command": "npx", "args": ["other"]}}}
```
"""
BUYER = """{
  "mcpServers": {
    // pinned
    "den": {"command": "npx", "args": ["-y", "@otters/den@1.4.0"], "env": {"DEN_TOKEN": "hunter2"}},
    "mine": {"command": "node", "args": ["./mine.js"]},
    "nobody": {"command": "uvx", "args": ["nobody-knows==1.0"]},
  }
}
"""
ALL = '[limits]\npossible = 10.0\n[powers]\nspends = "allow"\n[unlisted]\npublic = "{public}"\n'


async def published(store: Store, settings: Settings, folder: Path, version: str = "1.4.0") -> None:
    """One night over the folder, approved and published."""
    (folder / "package.json").write_text(json.dumps({"name": "@otters/den", "version": version}))
    await run_night(store, settings, again=True)
    digest = store.assessments.current_digest("den")
    assert digest is not None
    approved = Review(slug="den", assessment_digest=digest, decision=Decision.APPROVE, reviewer="ada", at=store.now())
    store.reviews.append(approved)
    publish_site(store, settings, settings.site)


@pytest.fixture
def den(tmp_path: Path) -> Path:
    folder = tmp_path / "agents" / "den"
    folder.mkdir(parents=True)
    (folder / "README.md").write_text(README)
    (tmp_path / ".mcp.json").write_text(BUYER)
    return folder


@pytest.fixture
def settings(den: Path) -> Settings:
    found = load()
    with open_store(found) as store:
        store.sources.add("mine", "folder", str(den.parent), {"each": True})
    return found


async def test_a_policy_answers_with_its_exit_code_over_store_and_site(
    den: Path, settings: Settings, tmp_path: Path
) -> None:
    with open_store(settings) as store:
        await published(store, settings, den)
    for where in ([], ["--records", str(settings.site / "current")]):
        for public, code in (("allow", 0), ("deny", 4), ("ask", 5)):
            policy = tmp_path / "policy.toml"
            policy.write_text(ALL.format(public=public))
            told = assay("check", ".mcp.json", "--policy", str(policy), "--json", *where)
            assert told.returncode == code, told.stderr
            answer = json.loads(told.stdout)
            matched = {one["entry"]: one["match"] for one in answer["files"][0]["entries"]}
            assert matched["den"]["sureness"] == "exact version" and matched["den"]["record"]["slug"] == "den"
            assert matched["den"]["record"]["expires"] and not matched["nobody"] and not matched["mine"]
    listed = assay("policy", str(policy), "--for", "claude-code", "--config", ".mcp.json")
    commands = [one["serverCommand"] for one in json.loads(listed.stdout)["allowedMcpServers"]]
    assert commands == [["npx", "-y", "@otters/den@1.4.0"], ["node", "./mine.js"]]
    assert (
        "its record expires on 20" in listed.stderr and "nobody (pkg:pypi/nobody-knows@1.0): blocked" in listed.stderr
    )
    sarif = assay("check", ".mcp.json", "--sarif")
    results = json.loads(sarif.stdout)["runs"][0]["results"]
    assert {one["locations"][0]["physicalLocation"]["region"]["startLine"] for one in results} == {4, 6}
    assert "hunter2" not in sarif.stdout + told.stdout


@pytest.mark.slow
def test_what_no_record_speaks_about_is_assessed_here_and_never_allowed_for_it(
    sample_directory: str, den: Path, tmp_path: Path
) -> None:
    allowed = json.dumps([sample_directory.removeprefix("http://").rstrip("/")])
    (den / "package.json").write_text("{}")
    (den / "mine.js").write_text("")
    (den / ".vscode").mkdir()
    servers = {
        "mine": {"command": "node", "args": ["${workspaceFolder}/mine.js"]},
        "page": {"url": f"{sample_directory.rstrip('/')}/agents/pexo.html?key=hunter2"},
        "lost": {"url": f"{sample_directory.rstrip('/')}/agents/lost.html"},
        "key": {"url": "https://mcp.example.com/sk-abc12345678901234567/mcp"},
        "left": {"command": "npx", "args": ["left@1.0.0"]},
    }
    file = den / ".vscode" / "mcp.json"
    file.write_text(json.dumps({"servers": servers}))
    policy = tmp_path / "policy.toml"
    policy.write_text('[limits]\npossible = 1.0\nlikely = 1.0\n[unlisted]\nunnamed = "allow"\n')
    options = ("--assess-missing", "--policy", str(policy), "--json")
    told = assay("check", str(file), *options, ASSAY_CRAWL__ALLOW_PRIVATE=allowed)
    assert told.returncode == 5, told.stderr
    entries = {one["entry"]: one for one in json.loads(told.stdout)["files"][0]["entries"]}
    made = {name: one["match"]["record"]["record"].split(":")[0] for name, one in entries.items() if one["match"]}
    assert made == {"mine": "local", "page": "draft"} and "it waits for review" in told.stderr
    assert entries["mine"]["advice"] != "allow" and entries["mine"]["match"]["sureness"] == "local record"
    assert entries["left"]["advice"] == "ask" and "hunter2" not in told.stdout + told.stderr
    for name in ("lost", "key", "left"):
        assert f"{name}: no local record" in told.stderr
    with open_store(load(), create=False) as store:
        [slug] = store.listings.slugs()
        assert "hunter2" not in store.listings.get(slug).model_dump_json()


async def test_a_new_version_is_another_one_until_its_record_is_reviewed_again(
    den: Path, settings: Settings, tmp_path: Path
) -> None:
    with open_store(settings) as store:
        await published(store, settings, den)
        await published(store, settings, den, "1.5.0")
        read = [(one.subject.value, one.until is None) for one in store.subjects.history("den")]
        assert read == [("pkg:npm/%40otters/den@1.4.0", False), ("pkg:npm/%40otters/den@1.5.0", True)]
        versions = store.publications.versions("den")
        record, first = (PublishedRecord.model_validate_json(versions[at].body) for at in (-1, 0))
        assert record.previous == versions[0].digest
        quoted = {evidence.url for evidence in evidence_of(first.extraction)}
        oldest = min(one.fetched_at for one in first.sources if one.url in quoted)
        assert oldest < first.reviewed_at and first.expires == oldest + timedelta(days=settings.publish.shelf_life_days)
        assert [one.value for one in record.subjects] == ["pkg:npm/%40otters/den@1.5.0"]
        assert verify(store).holds
    told = json.loads(assay("check", ".mcp.json", "--json").stdout)
    assert told["files"][0]["entries"][0]["match"]["sureness"] == "other version"


async def test_rivals_are_told_at_the_terminal_and_asked_about(
    den: Path, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    holt = den.parent / "holt"
    holt.mkdir()
    (holt / "README.md").write_text(README.replace("Den", "Holt"))
    (holt / "package.json").write_text(json.dumps({"name": "@otters/den", "version": "9.0.0"}))
    with open_store(settings) as store:
        await published(store, settings, den)
        assert [one.slug for one in store.subjects.rivals("den")] == ["holt"]
    shown = json.loads(assay("agents", "show", "holt", "--json").stdout)
    assert [one["slug"] for one in shown["rivals"]] == ["den"] and shown["subjects"][0]["until"] is None
    assert "RIVAL: holt states pkg:npm/%40otters/den@1.4.0 too" in assay("review", "show", "den").stdout


def test_local_documents_name_their_subjects(den: Path) -> None:
    (den / "package.json").write_text(json.dumps({"name": "@otters/den", "version": "1.4.0"}))
    told = json.loads(assay("agents", "assess", "--documents", str(den), "--json").stdout)
    assert [one["value"] for one in told["subjects"]] == ["pkg:npm/%40otters/den@1.4.0"]


def test_without_a_store_and_without_a_file_it_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / ".mcp.json").write_text(BUYER)
    none = assay("check", ".mcp.json")
    assert none.returncode == 2 and "assay demo" in none.stderr and len(none.stderr.splitlines()) == 1
    lost = assay("check", "lost.json")
    assert lost.returncode == 2 and "lost.json" in lost.stderr
