"""A replay bundle of a record that went the whole way; and each way in which it can be wrong, by step."""

import asyncio
import gc
import json
import shutil
import sqlite3
import subprocess
import sys
import weakref
import zipfile
from collections.abc import Callable
from datetime import timedelta
from importlib.metadata import PackageNotFoundError
from pathlib import Path
from typing import Any, ClassVar

import pytest
from made_store import NOW, PAGE, URL, keep, page, put

from extractors.canonical_json import canonical_bytes
from extractors.lexical import LexicalAssessor
from extractors.listing import Listing
from extractors.model.completion import Completion, CompletionClient, CompletionRequest
from extractors.model.reply_cache_key import completion_key
from extractors.pages.snapshot import sha256
from extractors.prompting.prompt_files import load
from flows.assessment.agent_assessment import assess_agent
from flows.settings import Settings
from flows.settings_sections import ModelPart
from publishing.bundles.bundle import write_bundle
from publishing.bundles.replay import verify_bundle
from publishing.catalogue import Names
from publishing.file_writer import write_all
from publishing.formats.archive import zipped
from publishing.record_versions import lifecycle
from publishing.site import build
from publishing.store_catalogue import catalogue_of
from records.database.runs import AgentOutcome
from records.database.tables import prompts
from records.maintenance.verify import verify
from records.store import Store
from scoring.errors import BadInput, Corrupt
from scoring.reviews import Decision


@pytest.fixture(scope="module")
def written(template_store: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bundle, written once."""
    target = tmp_path_factory.mktemp("bundle") / "b.zip"
    with Store.open(template_store / "assay.db") as store:
        published = store.publications.current("quay-bot")
        assert published is not None
        write_bundle(store, published.record.slug, target)
    return target


@pytest.fixture
def bundle(written: Path, tmp_path: Path) -> Path:
    """A copy of the bundle that a test may damage."""
    return Path(shutil.copy(written, tmp_path / "b.zip"))


def members(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_it_gives_the_published_bytes_again(store: Store, bundle: Path, tmp_path: Path) -> None:
    result = verify_bundle(bundle)
    assert result.holds, result.problems
    published = store.publications.current("quay-bot")
    assert published is not None
    assert members(bundle)["record.json"] == canonical_bytes(published.record)
    assert result.checked["published bytes"] == len(canonical_bytes(published.record))
    assert len(result.checked) == 8 and all(result.checked.values()), result.checked
    write_bundle(store, published.record.slug, tmp_path / "again.zip")
    assert (tmp_path / "again.zip").read_bytes() == bundle.read_bytes()


def test_its_readme_says_how_to_check_it_and_the_command_does_so_without_a_store(
    bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from typer.testing import CliRunner

    from flows.cli import app

    told = members(bundle)["README.txt"].decode()
    assert "Quay Bot (quay-bot)" in told and "assay record verify FILE" in told
    home = tmp_path / "nothing here"
    monkeypatch.setenv("ASSAY_HOME", str(home))
    done = CliRunner().invoke(app, ["record", "verify", str(bundle)])
    assert done.exit_code == 0 and "all of it holds" in done.output
    assert not home.exists()


@pytest.mark.slow
def test_each_page_of_a_site_leads_to_its_bundle(store: Store, tmp_path: Path) -> None:
    names = Names(bundles=True)
    site = build(catalogue_of(store, names), tmp_path / "site", override="test").path
    assert 'href="../bundles/quay-bot.zip"' in (site / "agents" / "quay-bot.html").read_text()
    assert verify_bundle(site / "bundles" / "quay-bot.zip").holds
    assert build(catalogue_of(store, names), tmp_path / "site", override="test").written == 0
    without = build(catalogue_of(store), tmp_path / "other", override="test").path
    assert not (without / "bundles").exists()
    assert "bundles/" not in (without / "agents" / "quay-bot.html").read_text()


def test_a_record_that_cannot_be_replayed_has_a_note_instead(store: Store, tmp_path: Path) -> None:
    """Its link leads to the reason, and one such record holds up no publication."""
    assert store.database.path is not None
    with sqlite3.connect(store.database.path) as connection:
        connection.execute("UPDATE completions SET parts = NULL")
    site = build(catalogue_of(store, Names(bundles=True)), tmp_path / "site", override="test").path
    kept = members(site / "bundles" / "quay-bot.zip")
    assert list(kept) == ["README.txt"] and b"key is made from was not kept" in kept["README.txt"]
    with pytest.raises(BadInput, match="not a bundle"):
        verify_bundle(site / "bundles" / "quay-bot.zip")


@pytest.mark.slow
@pytest.mark.parametrize("table", ["extractions", "assessments", "snapshots", "texts", "completions", "prompts"])
def test_a_record_whose_documents_are_gone_or_damaged_has_a_note_too(store: Store, tmp_path: Path, table: str) -> None:
    """Bytes of a page, a text, claims, scores, reply or prompt: whatever is lost, the other records are published."""
    assert store.database.path is not None
    if table == "snapshots":
        for blob in store.blobs.all():
            Path(store.blobs.path(blob)).write_bytes(b"not what it was")
    else:
        with sqlite3.connect(store.database.path) as connection:
            connection.execute(f"UPDATE {table} SET body = (SELECT body FROM publications LIMIT 1)")
    site = build(catalogue_of(store, Names(bundles=True)), tmp_path / "site", override="test").path
    kept = members(site / "bundles" / "quay-bot.zip")
    assert list(kept) == ["README.txt"] and b"There is no replay bundle" in kept["README.txt"]
    assert (site / "agents" / "quay-bot.html").exists()


@pytest.mark.slow
def test_it_does_so_on_another_machine_without_network_or_store(bundle: Path, tmp_path: Path) -> None:
    """Another process, another folder, no socket, no database module."""
    code = (
        "import socket, sys\n"
        "def no(*a, **k): raise SystemExit('network')\n"
        "socket.socket = no\n"
        "from pathlib import Path\n"
        "from publishing.bundles.replay import verify_bundle\n"
        "result = verify_bundle(Path(sys.argv[1]))\n"
        "print(result.problems or 'holds', 'sqlalchemy' in sys.modules)\n"
    )
    moved = tmp_path / "elsewhere" / "b.zip"
    moved.parent.mkdir()
    moved.write_bytes(bundle.read_bytes())
    bundle.unlink()
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", code, str(moved)], capture_output=True, text=True, cwd=root, check=True
    )
    assert done.stdout.split() == ["holds", "False"]


class Model(CompletionClient):
    """Answers as the built-in assessor does, but is a model: long documents are cut for it."""

    model = "reader-1"
    settings: ClassVar = {"temperature": "0"}

    async def complete(self, request: CompletionRequest) -> Completion:
        answer = await LexicalAssessor().complete(request)
        return answer.model_copy(
            update={"key": completion_key(request, self.model, self.settings), "model": self.model}
        )


def test_documents_that_were_cut_or_left_out_for_a_model_are_replayed_as_it_saw_them(
    store: Store, tmp_path: Path
) -> None:
    listed = "".join(f"<p>It can also book berth {n} at the north pier of the marina.</p>" for n in range(200))
    page(store, URL, PAGE.replace(b"</body>", listed.encode() + b"</body>"))
    page(store, f"{URL}code", b"<pre>" + b"berths = [row for row in berths if row]; " * 200 + b"</pre>")
    store.pages.assign("quay-bot", [URL, f"{URL}code"])
    settings = Settings(model=ModelPart(document_characters=5000))
    asyncio.run(assess_agent(store, "quay-bot", Model(), settings))
    put(store, Decision.APPROVE, at=NOW + timedelta(days=1))
    published = store.publications.current("quay-bot")
    assert published is not None
    read = published.record.extraction.read
    assert [s.truncated for s in read] == [True, False] and f"{URL}code" not in {s.url for s in read}
    page(store, URL, PAGE.replace(b"two years", b"three years"))  # what the page says later does not matter
    write_bundle(store, published.record.slug, tmp_path / "cut.zip")
    result = verify_bundle(tmp_path / "cut.zip")
    assert result.holds, result.problems
    assert result.checked["completion key"] == 1
    whole = damaged(tmp_path / "cut.zip", swap("key.json", b'"shown":[[[', b'"shown":[[[0,8],['))
    assert verify_bundle(whole).problems[0].startswith("completion key: ")


def test_later_withdrawal_and_dispute_are_replayed(store: Store, tmp_path: Path) -> None:
    published = store.publications.current("quay-bot")
    assert published is not None
    record = published.record
    for step in (
        lambda r: lifecycle.dispute(r, "not so", now=NOW + timedelta(days=1)),
        lambda r: lifecycle.settle(r, "it stands", now=NOW + timedelta(days=2)),
        lambda r: lifecycle.mark_stale(r, "quote lost", now=NOW + timedelta(days=3)),
        lambda r: lifecycle.withdraw(r, "asked to", now=NOW + timedelta(days=4)),
    ):
        record = step(record)
        keep(store, record, published.review)
    latest = store.publications.current("quay-bot")
    assert latest is not None
    write_bundle(store, latest.record.slug, tmp_path / "later.zip")
    result = verify_bundle(tmp_path / "later.zip")
    assert result.holds, result.problems
    assert result.checked["later changes"] == 4


def damaged(bundle: Path, change: Callable[[dict[str, bytes]], None], relist: bool = True) -> Path:
    """The bundle with one thing changed; with `relist` its file list is made to agree again."""
    parts = members(bundle)
    change(parts)
    if relist:
        about = json.loads(parts["bundle.json"])
        about["files"] = {n: sha256(b) for n, b in sorted(parts.items()) if n != "bundle.json"}
        parts["bundle.json"] = canonical_bytes(about)
    other = bundle.with_name("damaged.zip")
    other.write_bytes(zipped(parts))
    return other


def swap(name: str, old: bytes, new: bytes) -> Callable[[dict[str, bytes]], None]:
    def change(parts: dict[str, bytes]) -> None:
        assert old in parts[name], (name, parts[name][:500])
        parts[name] = parts[name].replace(old, new)

    return change


@pytest.mark.parametrize(
    ("change", "step"),
    [
        (swap("pages/00.bin", b"two years", b"two weeks"), "page texts"),
        (swap("texts/00.json", b"two years", b"two weeks"), "page texts"),
        (swap("completion.json", b'"model":"lexical"', b'"model":"other"'), "completion key"),
        (swap("key.json", b'"urls":', b'"urns":'), "completion key"),
        (swap("key.json", b'"name":"Quay Bot"', b'"name":"Quay Cat"'), "completion key"),
        (swap("key.json", b'"Reply"', b'"Other"'), "completion key"),
        (swap("completion.json", b'\\"value\\":', b'\\"valeu\\":'), "extraction"),
        (swap("review.json", b'"new":"0.', b'"new":"1.'), "record"),
        (swap("base.json", b'"reviewed_by":"reviewer"', b'"reviewed_by":"somebody"'), "record"),
        (swap("record.json", b'"reviewed_by":"reviewer"', b'"reviewed_by":"somebody"'), "published bytes"),
        (swap("record.json", b',"aliases"', b', "aliases"'), "published bytes"),
        (swap("base.json", b'"word":"ask"', b'"word":"allow"'), "record"),
        (swap("base.json", b'"firm":false', b'"firm":true'), "record"),
        (swap("base.json", b'"of":32', b'"of":33'), "record"),
        (lambda parts: parts.pop("review.json") and None, "assessment"),
    ],
)
def test_a_changed_bundle_names_the_step_that_differs(
    bundle: Path, change: Callable[[dict[str, bytes]], None], step: str
) -> None:
    result = verify_bundle(damaged(bundle, change))
    assert not result.holds and result.problems[0].startswith(f"{step}: "), result.problems


def test_a_record_from_before_its_claims_were_counted_replays_to_its_own_bytes(bundle: Path) -> None:
    def earlier(parts: dict[str, bytes]) -> None:
        for name in ("base.json", "record.json"):
            record = json.loads(parts[name])
            assert sum(record["certainty_counts"].values()) == 25 and record.pop("claims")["of"] == 32
            parts[name] = canonical_bytes(record)

    assert verify_bundle(damaged(bundle, earlier)).problems == ()


def test_another_assessment_is_noticed_where_it_arises(bundle: Path) -> None:
    def rescored(parts: dict[str, bytes]) -> None:
        about = json.loads(parts["bundle.json"])
        about["profile"] = about["provenance"]["formula"] = "owasp-aivss-0.5"
        parts["bundle.json"] = canonical_bytes(about)
        for name in ("base.json", "record.json"):
            record = json.loads(parts[name])
            record["assessment"]["provenance"]["formula"] = "owasp-aivss-0.5"
            record["assessment"]["headline"]["profile"] = "owasp-aivss-0.5"
            parts[name] = canonical_bytes(record)

    result = verify_bundle(damaged(bundle, rescored))
    assert result.problems[0].startswith("assessment: ") and "the review read" in result.problems[0]


def test_a_difference_is_named_also_where_the_program_is_not_installed(
    bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def absent(name: str) -> str:
        raise PackageNotFoundError(name)

    monkeypatch.setattr("publishing.bundles.replay.version", absent)
    result = verify_bundle(damaged(bundle, swap("record.json", b'"Quay Bot"', b'"Quay Bat"')))
    assert not result.holds


def test_a_prompt_whose_words_were_altered_in_the_store_goes_into_no_bundle(store: Store, tmp_path: Path) -> None:
    assert verify(store).holds and verify(store).checked["prompts"] == 1
    kept = store.completions.prompt_body(load("assess").digest)
    store.database.put(
        prompts, {"digest": load("assess").digest, "body": kept.replace(b"Every claim", b"No claim")}, key=("digest",)
    )
    assert store.database.path is not None
    with Store.open(store.database.path) as opened:
        with pytest.raises(Corrupt):
            write_bundle(opened, "quay-bot", tmp_path / "b.zip")
        assert [problem for problem in verify(opened).problems if problem.startswith("prompt assess@")]


def test_a_store_that_was_closed_is_let_go(template_store: Path, tmp_path: Path) -> None:
    held = []
    for _ in range(2):
        with Store.open(template_store / "assay.db") as opened:
            write_bundle(opened, "quay-bot", tmp_path / "b.zip")
            held += [weakref.ref(part) for part in (opened, opened.completions, opened.database)]
        del opened
    gc.collect()
    assert not any(part() for part in held)


def test_a_file_changed_without_its_digest(bundle: Path) -> None:
    result = verify_bundle(damaged(bundle, swap("prompt.json", b'"version":', b'"version": '), relist=False))
    assert result.problems == ("files: prompt.json does not match its digest",)


@pytest.mark.parametrize(
    "body", [b"", b"not a zip", zipped({"x": b"y"}), zipped({"bundle.json": b'{"format":"other-9"}'})]
)
def test_what_is_no_bundle(body: bytes, tmp_path: Path) -> None:
    (tmp_path / "x.zip").write_bytes(body)
    with pytest.raises(BadInput):
        verify_bundle(tmp_path / "x.zip")


def test_a_record_withdrawn_while_a_site_is_written_is_in_the_next_one(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All files of one publication speak of the same versions, also those that are written aside."""
    catalogue = catalogue_of(store, Names(bundles=True))

    def meanwhile(*given: Any) -> None:
        assert store.database.path is not None
        with Store.open(store.database.path) as other:
            published = other.publications.current("quay-bot")
            assert published is not None
            keep(other, lifecycle.withdraw(published.record, "asked to", now=NOW), published.review)
        write_all(*given)

    monkeypatch.setattr("publishing.site.write_all", meanwhile)
    site = build(catalogue, tmp_path / "site", override="test").path
    told = [(site / "all.jsonl").read_bytes().rstrip(), (site / "agents" / "quay-bot.json").read_bytes()]
    told += [members(site / "all.zip")["quay-bot.json"], members(site / "bundles" / "quay-bot.zip")["record.json"]]
    assert {sha256(body) for body in told} == set(catalogue.digests.values())


def test_the_store_becomes_a_catalogue(store: Store, tmp_path: Path) -> None:
    store.listings.put(Listing(slug="unread", name="Unread", source="sample"))
    store.listings.put(Listing(slug="shy", name="Shy Product", source="sample"))
    store.listings.opt_out("shy", "asked by its operator")
    run = store.runs.begin("nightly")
    store.runs.end_agent(run.id, "unread", AgentOutcome.NOT_REACHED)
    store.runs.finish(run, "finished", {"due": 2, "completeness": "0.995"})
    catalogue = catalogue_of(store)
    published = store.publications.current("quay-bot")
    assert published is not None
    assert dict(catalogue.digests) == {"quay-bot": published.digest}
    assert sha256(catalogue.body("quay-bot")) == published.digest
    source = published.record.extraction.read[0]
    text = catalogue.text_of(source.text_digest)
    assert text is not None and "marina" in text.text
    assert catalogue.text_of(sha256(b"unknown")) is None
    assert catalogue.coverage.listed == 3 and catalogue.coverage.reviewed == 1
    assert catalogue.coverage.opted_out == ("Shy Product",)
    assert catalogue.coverage.not_reached == (("not_reached", 1),)
    assert catalogue.run is not None and str(catalogue.run.completeness) == "0.995" and catalogue.run.due == 2
    done = build(catalogue, tmp_path / "site")
    page = (done.path / "agents" / "quay-bot.html").read_text(encoding="utf-8")
    assert "<mark>" in page and 'class="near"' in page
    assert build(catalogue_of(store), tmp_path / "site").written == 0
