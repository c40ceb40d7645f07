"""A publication: incremental equals fresh, nothing rewritten for nothing, one generation at a time, and the gate."""

import csv
import json
import os
import random
import shutil
import subprocess
import sys
import threading
from decimal import Decimal
from pathlib import Path

import made_records as made
import pytest

from extractors.pages.snapshot import sha256
from publishing.catalogue import Catalogue, Run
from publishing.pages.index_rows import Row
from publishing.publication_hold import PublicationLimits
from publishing.record_versions import lifecycle
from publishing.site import build, made_by
from scoring import labels
from scoring.errors import BadInput, Corrupt, NotFound, Refused
from scoring.record import PublishedRecord
from scoring.vocabulary import ExposureFact, RiskFactor
from tests.publishing.made_records import of_records

DAY = made.timedelta(days=1)


def files(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def changed(record: PublishedRecord, number: int) -> PublishedRecord:
    """Another version of a made record."""
    value = str(Decimal(number % 10) / 10)
    world = made.world(record.slug, values={RiskFactor.AUTONOMY_OF_ACTION: value})
    return made.publish(world, record, at=record.modified + DAY)


def test_an_unchanged_catalogue_writes_nothing(tmp_path: Path) -> None:
    catalogue = of_records(record for record, _ in made.many(4))
    first = build(catalogue, tmp_path)
    before = {p: p.stat().st_mtime_ns for p in first.path.rglob("*")}
    second = build(catalogue, tmp_path)
    assert (second.number, second.written, second.removed) == (first.number, 0, 0)
    assert {p: p.stat().st_mtime_ns for p in first.path.rglob("*")} == before


@pytest.mark.slow
def test_incremental_builds_equal_a_build_from_nothing(tmp_path: Path) -> None:
    """Over a random history with new, changed and withdrawn records, through recycled folders."""
    dice = random.Random(7)
    records = {record.slug: record for record, _ in made.many(6, seed=3)}
    for step in range(5):
        for slug in dice.sample(sorted(records), 2):
            record = records[slug]
            if record.withdrawn:
                records[slug] = lifecycle.reinstate(record, "back", now=record.modified + DAY)
            elif dice.random() < 0.3:
                records[slug] = lifecycle.withdraw(record, "test", now=record.modified + DAY)
            else:
                records[slug] = changed(record, step)
        fresh = made.record(f"new-{step}")
        records[fresh.slug] = fresh
        catalogue = of_records(records.values())
        grown = build(catalogue, tmp_path / "grown", override="Tester")
        alone = build(catalogue, tmp_path / f"alone-{step}")
        assert files(grown.path) == files(alone.path)
        assert grown.number == step + 1
        assert len(list((tmp_path / "grown" / "generations").glob("0*[0-9]"))) <= 3


def test_rows_that_an_earlier_version_counted_over_fewer_claims_are_counted_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    catalogue = of_records(record for record, _ in made.many(4))
    wanted = build(catalogue, tmp_path / "fresh").path
    built = build(catalogue, tmp_path / "kept")
    notes = tmp_path / "kept" / "generations" / f"{built.number:06d}.notes.json"
    kept = json.loads(notes.read_text(encoding="utf-8"))
    for row in kept["rows"].values():
        row[Row._fields.index("unknowns")] = 1
        row[Row._fields.index("counted")] = [24, 13, 0, 2, 0]
    notes.write_text(json.dumps(kept), encoding="utf-8")
    monkeypatch.setattr("publishing.site.made_by", lambda: "a later version")
    assert files(build(catalogue, tmp_path / "kept").path) == files(wanted)


def test_only_changed_agents_are_rendered(tmp_path: Path) -> None:
    records = [record for record, _ in made.many(15)]
    build(of_records(records), tmp_path)
    records[5] = changed(records[5], 3)
    done = build(of_records(records), tmp_path)
    slug = records[5].slug
    new = {str(p.relative_to(done.path)) for p in done.path.rglob("*") if p.is_file() and p.stat().st_nlink == 1}
    assert {p for p in new if p.startswith("agents/")} == {f"agents/{slug}.html", f"agents/{slug}.json"}
    assert done.written == len(new) < 25


def test_other_words_make_every_page_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = made_by()
    words = tmp_path / "labels.toml"
    words.write_bytes(labels.TABLES.read_bytes().replace(b"hidden text", b"unseen text"))
    monkeypatch.setattr(labels, "TABLES", words)
    made_by.cache_clear()
    assert made_by() != before
    monkeypatch.undo()
    made_by.cache_clear()


@pytest.mark.slow
def test_a_killed_publication_leaves_the_old_site_and_the_next_one_works(
    catalogue: Catalogue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    records = [record for record, _ in made.many(5)]
    first = build(of_records(records), tmp_path)
    before = files(first.path)
    records[0] = changed(records[0], 1)

    class Killed(BaseException):
        pass

    def killed(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr("publishing.generation.Folders._switch", killed)
        build(of_records(records), tmp_path)
    assert files((tmp_path / "current").resolve()) == before
    again = build(of_records(records), tmp_path)
    assert files(again.path) == files(build(of_records(records), tmp_path / "alone").path)
    assert not (tmp_path / "generations" / ".next").exists()


@pytest.mark.slow
def test_a_reader_during_many_publications_sees_only_complete_generations(tmp_path: Path) -> None:
    """The reader resolves `current` once, then checks every record against modified.csv of that generation."""
    records = {record.slug: record for record, _ in made.many(8)}
    build(of_records(records.values()), tmp_path)
    done = threading.Event()
    seen: set[str] = set()
    wrong: list[str] = []
    retired = 0

    def read() -> None:
        nonlocal retired
        while not done.is_set():
            folder = (tmp_path / "current").resolve()
            try:
                lines = (folder / "modified.csv").read_text(encoding="utf-8").splitlines()[1:]
                for identifier, _, digest in csv.reader(lines):
                    slug = identifier.removeprefix("assay:")
                    body = (folder / "agents" / f"{slug}.json").read_bytes()
                    if sha256(body) != f"sha256:{digest}":
                        wrong.append(f"{folder.name} {slug}")
                    page = (folder / "agents" / f"{slug}.html").read_text(encoding="utf-8")
                    if json.loads(body)["assessment_digest"] not in page or not page.endswith("</html>\n"):
                        wrong.append(f"{folder.name} {slug} page")
            except FileNotFoundError:
                retired += 1  # three publications went by while this one read: it starts again
                continue
            seen.add(folder.name)

    reader = threading.Thread(target=read)
    reader.start()
    try:
        for number in range(80):
            slug = sorted(records)[number % len(records)]
            records[slug] = changed(records[slug], number)
            build(of_records(records.values()), tmp_path, override="Tester")
    finally:
        done.set()
        reader.join()
    assert not wrong
    assert len(seen) >= 8, f"the reader saw {len(seen)} generations, {retired} were retired under it"


def test_going_back_serves_the_generation_before_and_keeps_it_through_the_next_publications(tmp_path: Path) -> None:
    from publishing.generation import locked

    records = [record for record, _ in made.many(3)]
    with locked(tmp_path) as folders, pytest.raises(NotFound, match="no generation before"):
        folders.back()
    stood = {}
    for number in range(1, 6):
        records[0] = changed(records[0], number)
        stood[number] = files(build(of_records(records), tmp_path).path)
    for number in (4, 3):
        with locked(tmp_path) as folders:
            assert folders.back().number == number
        assert files((tmp_path / "current").resolve()) == stood[number]
    records[0] = changed(records[0], 6)
    again = build(of_records(records), tmp_path)
    assert again.number == 6
    assert files(again.path) == files(build(of_records(records), tmp_path / "alone").path)


def test_two_publications_at_once(tmp_path: Path, catalogue: Catalogue) -> None:
    from publishing.generation import locked

    with locked(tmp_path), pytest.raises(Refused, match="another publication"):
        build(catalogue, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("seed", "zone", "language"),
    [
        ("0", "UTC", "C"),
        ("1", "Asia/Kolkata", "C"),
        ("2", "America/St_Johns", "C.UTF-8"),
        ("3", "UTC", "C.UTF-8"),
        ("4", "Asia/Kolkata", "C.UTF-8"),
    ],
)
def test_same_bytes_under_hash_seeds_zones_and_locales(
    seed: str, zone: str, language: str, site: Path, tmp_path: Path
) -> None:
    code = (
        "import sys; sys.path.insert(0, sys.argv[1]);"
        "import conftest; from publishing.site import build; from pathlib import Path;"
        "build(conftest.catalogue.__wrapped__(), Path(sys.argv[2]))"
    )
    here = Path(__file__).parent
    environment = {**os.environ, "PYTHONHASHSEED": seed, "TZ": zone, "LC_ALL": language, "LANG": language}
    command = [sys.executable, "-c", code, str(here), str(tmp_path)]
    subprocess.run(command, check=True, env=environment, cwd=here.parents[1])
    assert files((tmp_path / "current").resolve()) == files(site)


@pytest.mark.parametrize(
    "workers", [pytest.param("run", marks=pytest.mark.slow), pytest.param("die", marks=pytest.mark.slow)]
)
def test_all_cores_make_the_same_bytes_as_one(
    catalogue: Catalogue, site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, workers: str
) -> None:
    made.MADE_HERE.clear()
    monkeypatch.setattr("publishing.processes.MANY", 5)
    monkeypatch.setattr("os.sched_getaffinity", lambda _: {0, 1, 2}, raising=False)
    if workers == "die":
        monkeypatch.setattr("publishing.file_writer._make_batch", made.die)
    assert files(build(catalogue, tmp_path).path) == files(site)
    assert bool(made.MADE_HERE) == (workers == "die")


def test_a_record_that_vanishes_stays_as_withdrawn(tmp_path: Path) -> None:
    records = [record for record, _ in made.many(6)]
    build(of_records(records), tmp_path)
    gone = records.pop()
    done = build(of_records(records), tmp_path)
    kept = PublishedRecord.model_validate_json((done.path / "agents" / f"{gone.slug}.json").read_bytes())
    assert kept.withdrawn and kept.withdrawn_reason == "no longer in the catalogue"
    assert "Withdrawn on" in (done.path / "agents" / f"{gone.slug}.html").read_text(encoding="utf-8")
    assert build(of_records(records), tmp_path).written == 0


def test_an_old_address_stays_when_the_alias_is_dropped(tmp_path: Path) -> None:
    world = made.world("renamed-tool")
    first = made.publish(world, aliases=("Former Name",))
    build(of_records([first]), tmp_path)
    second = made.publish(
        made.world("renamed-tool", values={RiskFactor.AUTONOMY_OF_ACTION: "0.1"}), first, first.modified + DAY
    )
    done = build(of_records([second]), tmp_path)
    page = (done.path / "agents" / "former-name.html").read_text(encoding="utf-8")
    assert 'href="renamed-tool.html"' in page
    assert (done.path / "agents" / "former-name.json").read_bytes() == (
        done.path / "agents" / "renamed-tool.json"
    ).read_bytes()


def test_a_body_that_does_not_match_its_digest_is_refused(tmp_path: Path) -> None:
    good = of_records([made.record()])
    bad = Catalogue(digests={"post-sorter": sha256(b"other")}, body=good.body, text=good.text)
    with pytest.raises(Corrupt, match="post-sorter"):
        build(bad, tmp_path)


def moved(count: int) -> tuple[list[PublishedRecord], list[PublishedRecord]]:
    """Twenty records, and the same with `count` of them in another band."""
    worlds = [made.world(f"agent-{n}") for n in range(20)]
    before = [made.publish(world) for world in worlds]
    facts = {ExposureFact.READS: "secrets_or_all", ExposureFact.CHANGES: "broad"}
    after = [
        made.publish(made.world(r.slug, facts=facts), r, r.modified + DAY) if n < count else r
        for n, r in enumerate(before)
    ]
    assert after[0].assessment.headline.severity != before[0].assessment.headline.severity or count == 0
    return before, after


@pytest.fixture(scope="module")
def stood(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twenty records as they stand; what is held changes nothing here."""
    folder = tmp_path_factory.mktemp("stood")
    build(of_records(moved(0)[0]), folder)
    return folder


class TestGate:
    @pytest.fixture
    def copied(self, stood: Path, tmp_path: Path) -> Path:
        return Path(shutil.copytree(stood, tmp_path / "site", symlinks=True))

    def test_many_bands_at_once_are_held_and_nothing_changes(self, stood: Path) -> None:
        before = files((stood / "current").resolve())
        with pytest.raises(Refused, match=r"6 of 20 records change their band.*--released-by"):
            build(of_records(moved(6)[1]), stood)
        assert files((stood / "current").resolve()) == before

    def test_a_named_person_releases_it(self, copied: Path) -> None:
        after = of_records(moved(6)[1])
        with pytest.raises(BadInput):
            build(after, copied, override=" ")
        done = build(after, copied, override="R. Jansen")
        log = json.loads((copied / "generations" / f"{done.number:06d}.notes.json").read_text(encoding="utf-8"))
        assert log["released_by"] == "R. Jansen"
        assert "6 of 20" in log["doubts"][0]

    def test_a_few_changes_pass(self, copied: Path) -> None:
        assert build(of_records(moved(3)[1]), copied).number == 2

    def test_many_withdrawals_are_held(self, stood: Path) -> None:
        before, _ = moved(0)
        after = [lifecycle.withdraw(r, "gone", now=r.modified + DAY) if n < 4 else r for n, r in enumerate(before)]
        with pytest.raises(Refused, match="4 of 20 records are withdrawn"):
            build(of_records(after), stood)

    def test_an_incomplete_night_is_held(self, tmp_path: Path) -> None:
        run = Run(finished=made.START, due=100, completeness=Decimal("0.98"))
        with pytest.raises(Refused, match=r"98\.0%"):
            build(of_records([made.record()], run=run), tmp_path)
        assert (
            build(
                of_records([made.record()], run=run), tmp_path, limits=PublicationLimits(completeness=Decimal("0.9"))
            ).number
            == 1
        )
