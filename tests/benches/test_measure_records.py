"""What is counted from a folder of records: on records of the bundled samples, with what a test plants in them."""

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from benches.evidence.blind_reading import NOT_JUDGED
from benches.evidence.measure_records import main, measure
from extractors.canonical_json import canonical_bytes, digest
from flows.operations.local_record import assess_folder
from flows.settings import load
from publishing.record_versions import lifecycle
from scoring.reviews import Decision, Review
from tests.conftest import REPOSITORY

AT = datetime(2026, 11, 29, tzinfo=UTC)
PAGES = REPOSITORY / "data" / "samples" / "site" / "agents"
RELEASED = REPOSITORY / "tests" / "publishing" / "released"


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The records of four sample pages by the built-in reader, one without a headline."""
    folder = tmp_path_factory.mktemp("records")
    for name in ("plexeai", "tidewater-mcp", "quietbox", "harbor-helper"):
        page = tmp_path_factory.mktemp("pages") / name
        page.mkdir()
        shutil.copy(PAGES / f"{name}.html", page)
        extraction, assessment = (found := assess_folder(page, load())).extraction, found.assessment
        review = Review(
            slug=name, assessment_digest=digest(assessment), decision=Decision.APPROVE, reviewer="ada", at=AT
        )
        record = lifecycle.publish(None, extraction, assessment, review, now=AT)
        (folder / f"{name}.json").write_bytes(canonical_bytes(record))
    return folder


@pytest.fixture
def records(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "records"))


def change(folder: Path, slug: str, **claims: dict[str, Any]) -> None:
    """Changes claims of one record, by factor, layer or fact."""
    file = folder / f"{slug}.json"
    record = json.loads(file.read_text())
    for group, name in (("factors", "factor"), ("layers", "layer"), ("exposure", "fact")):
        for claim in record["extraction"][group]:
            claim |= claims.get(claim[name], {})
    file.write_text(json.dumps(record))


def lines(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text().splitlines()]


def test_a_folder_that_nobody_judged_has_no_share(records: Path, capsys: pytest.CaptureFixture[str]) -> None:
    figures = measure(records)
    assert (figures["records"], figures["headlines withheld"], figures["share carried"]) == (4, 1, NOT_JUDGED)
    assert sum(row["claims"] for row in figures["claims"]) == 4 * 32
    assert {row["basis"] for row in figures["claims"] if row["certainty"] == "inferred"} >= {"sentence"}
    assert figures["contradictions"] == [] and {row["record"] for row in figures["alarms"]} == {"harbor-helper"}
    call(records)
    said = capsys.readouterr().out
    assert "share carried: not judged" in said and "%" not in said
    call(records, "--json")
    assert json.loads(capsys.readouterr().out) == json.loads(json.dumps(figures))


@pytest.mark.parametrize("body", [None, b"", b"{", b'{"slug": "x"}'])
def test_a_folder_without_a_record_is_not_called_well(
    tmp_path: Path, body: bytes | None, capsys: pytest.CaptureFixture[str]
) -> None:
    if body is not None:
        (tmp_path / "a.json").write_bytes(body)
    with pytest.raises(SystemExit) as ended:
        call(tmp_path)
    told = capsys.readouterr()
    assert ended.value.code == 2 and "holds no record that can be read" in told.err and "none" not in told.out


def call(*words: str | Path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.argv", ["measure_records", *map(str, words)])
        main()


def test_claims_judged_blind_come_back_with_their_makers(records: Path, tmp_path: Path) -> None:
    call(records, "--questions", tmp_path / "asked.jsonl")
    asked, key = lines(tmp_path / "asked.jsonl"), lines(tmp_path / "asked.key.jsonl")
    assert {frozenset(row) for row in asked} == {frozenset(("id", "claim", "value", "known", "quotes"))}
    assert [row["id"] for row in key] == [row["id"] for row in asked]
    assert {row["slug"] for row in key} == {"plexeai", "tidewater-mcp", "harbor-helper"}
    assert [row["slug"] for row in key] != sorted(row["slug"] for row in key), "the order tells no product"
    labels = ["supports" if row["known"] == "inferred" else "off" for row in asked]
    said = tmp_path / "said.jsonl"
    said.write_text("".join(json.dumps(row | {"label": x}) + "\n" for row, x in zip(asked, labels, strict=True)))
    figures = measure(records, labels=said, key=tmp_path / "asked.key.jsonl")["share carried"]
    assert sum(row["judged"] for row in figures) == sum(row["claims"] for row in figures) == len(asked)
    for row in figures:
        assert row["share carried"] == ("100 %" if row["certainty"] == "inferred" else "0 %")


def test_a_judgement_counts_only_for_what_was_judged(records: Path, tmp_path: Path) -> None:
    call(records, "--questions", tmp_path / "asked.jsonl")
    key = {row["id"]: row["slug"] for row in lines(tmp_path / "asked.key.jsonl")}
    one = lines(tmp_path / "asked.jsonl")[0]
    told = {"slug": key[one["id"]], "claim": one["claim"], "value": one["value"], "label": "supports"}

    def judged(**changed: Any) -> int:
        (tmp_path / "label.jsonl").write_text(json.dumps(told | changed))
        return sum(row["judged"] for row in measure(records, labels=tmp_path / "label.jsonl")["share carried"])

    assert judged() == judged(quotes=one["quotes"], known=one["known"]) == 1
    assert judged(quotes=["Other words."]) == judged(known="something else") == judged(value="other") == 0
    with pytest.raises(SystemExit, match="label"):
        judged(label="good")


def test_recall_counts_a_withheld_record_as_not_found(records: Path, tmp_path: Path) -> None:
    second = Path(shutil.copytree(records, tmp_path / "second"))
    shutil.copy(second / "plexeai.json", second / "elsewhere.json")
    file = second / "elsewhere.json"
    file.write_text(file.read_text().replace('"slug":"plexeai"', '"slug":"elsewhere"'))
    whole = measure(records, second)["recall"]
    assert (whole["records in both"], whole["only there"]) == (4, 1)
    known = sum(row["known there"] for row in whole["claims of the second"])
    assert known == sum(row["found here"] for row in whole["claims of the second"]) > 8
    silent = {"certainty": "not_certain", "reason": "not_stated", "evidence": [], "support": None, "detail": None}
    record = json.loads((records / "plexeai.json").read_text())["extraction"]
    (left, *others) = [claim for claim in record["exposure"] + record["factors"] if not claim["reason"]]
    facts = {claim["fact"]: silent | {"value": None} for claim in others if "fact" in claim}
    change(records, "plexeai", **facts, **{claim["factor"]: silent for claim in others if "factor" in claim})
    less = measure(records, second)["recall"]["claims of the second"]
    assert sum(row["known there"] for row in less) == known
    assert sum(row["found here"] for row in less) == known - len(others) - 1, (
        f"{left} is known, and no headline is given"
    )


def test_a_planted_contradiction_is_named_with_both_claims(records: Path) -> None:
    quote = json.loads((records / "plexeai.json").read_text())["extraction"]["read"][0]
    place = {"text_digest": quote["text_digest"], "url": quote["url"], "start": 0, "end": 5, "quote": "Plexe"}
    known = {"certainty": "stated", "reason": None, "detail": None, "support": None, "evidence": [place]}
    told = {"approval": known | {"value": "each_action"}, "autonomy_of_action": known | {"value": "0.9"}}
    change(records, "plexeai", **told)
    (found,) = measure(records)["contradictions"]
    assert found["record"] == "plexeai" and found["rule"]
    assert (found["claim"], found["against"]) == (
        "exposure.approval is each_action",
        "factors.autonomy_of_action is 0.9",
    )


def test_what_barred_words_took_is_apart_from_what_the_checks_refused(records: Path) -> None:
    none = measure(records)["drift"]
    barred = {"certainty": "not_certain", "reason": "quote_rejected", "detail": "barred_words", "evidence": []}
    off = {"verdict": "off", "rule": "another topic", "why": "it speaks of something else"}
    refused = barred | {"detail": "quote_does_not_carry", "support": off}
    change(records, "quietbox", persistent_memory=barred, dynamic_identity=refused)
    change(records, "harbor-helper", persistent_memory=barred | {"support": None, "value": "0.5"})
    drift = measure(records)["drift"]
    assert drift["records without a finding on their pages"] == 3
    assert drift["their claims lost to barred words"] == none["their claims lost to barred words"] + 1
    assert drift["claims of the others lost to barred words"] == none["claims of the others lost to barred words"] + 1
    assert {"reason": "off: another topic", "claims": 1} in drift["refused by the checks"]


def test_a_file_that_is_no_record_is_told_in_a_line(records: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for file in RELEASED.iterdir():
        shutil.copy(file, records / f"released-{file.name}")
    (records / "notes.json").write_text('{"agents": []}')
    (records / "broken.json").write_text("{")
    (records / "later.json").write_text('{"schema_version": "9.0"}')
    (records / "cut.json").write_text('{"schema_version": "1.1", "id": "assay:x"}')
    figures = measure(records)
    left = {row["file"]: row["why"] for row in figures["files that are no record"]}
    assert left["notes.json"] == "neither a record nor an extraction" and "9.0" in left["later.json"]
    assert {"broken.json", "cut.json"} <= left.keys() and all("\n" not in why for why in left.values())
    assert not any("neither" in why or "not read" in why for name, why in left.items() if "released" in name)
    call(records)
    said = capsys.readouterr().out
    assert all(name in said for name in left)


def test_a_site_and_a_bundle_are_read_by_their_records_alone(records: Path, tmp_path: Path) -> None:
    site, bundle = tmp_path / "site", tmp_path / "bundle"
    shutil.copytree(records, site / "current" / "agents")
    (site / "current" / "index.json").write_text("{}")
    bundle.mkdir()
    shutil.copy(records / "plexeai.json", bundle / "record.json")
    (bundle / "key.json").write_text("{}")
    assert [(found["records"], found["files that are no record"]) for found in (measure(site), measure(bundle))] == [
        (4, []),
        (1, []),
    ]
    extraction = json.loads((records / "plexeai.json").read_text())["extraction"]
    (tmp_path / "second").mkdir()
    (tmp_path / "second" / "plexeai.json").write_text(json.dumps(extraction))
    assert measure(bundle, tmp_path / "second")["recall"]["records in both"] == 1
