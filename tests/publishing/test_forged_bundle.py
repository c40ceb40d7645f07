"""A bundle that was made to look right: how strictly it is checked is nothing that it can choose, and what is no
bundle is bad input, never an error of the program."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from assay_check import bundles as light
from assay_check.errors import BadInput as Refused
from extractors.canonical_json import canonical_bytes
from extractors.pages.snapshot import sha256
from publishing.bundles.replay import verify_bundle
from publishing.formats.archive import zipped
from scoring.errors import BadInput
from scoring.rubric import RUBRIC_VERSION
from scoring.scores import Provenance
from tests.publishing.test_bundle import bundle, damaged, members, swap, written  # noqa: F401

Change = Callable[[dict[str, Any]], object]


def forged(bundle: Path, change: Change, *, also_about: bool = True) -> Path:  # noqa: F811
    """The record changed, its digests and those of all files made to agree, and bundle.json to name its versions."""

    def forge(parts: dict[str, bytes]) -> None:
        for name in ("base.json", "record.json"):
            record = json.loads(parts[name])
            change(record)
            record["extraction_digest"] = sha256(canonical_bytes(record["extraction"]))
            record["assessment"]["extraction_digest"] = record["extraction_digest"]
            record["assessment_digest"] = sha256(canonical_bytes(record["assessment"]))
            parts[name] = canonical_bytes(record)
        about = json.loads(parts["bundle.json"])
        if also_about:
            about["provenance"] = record["assessment"]["provenance"]
            about["profile"] = record["assessment"]["headline"]["profile"]
        parts["bundle.json"] = canonical_bytes(about)

    return damaged(bundle, forge)


def lower(record: dict[str, Any]) -> None:
    record["assessment"]["headline"] |= {"score": "0.5", "severity": "Low"}


def earlier(record: dict[str, Any]) -> None:
    record["assessment"]["provenance"]["rubric"] = "1"


def both(record: dict[str, Any]) -> None:
    lower(record)
    earlier(record)


def narrower(record: dict[str, Any]) -> None:
    earlier(record)
    record["assessment"]["headline"] |= {"high": "1.0", "high_severity": "Low"}


def surer(record: dict[str, Any]) -> None:
    earlier(record)
    record["certainty_counts"]["stated"] += 1


@pytest.mark.parametrize("change", [lower, both, narrower, surer])
def test_a_forged_score_never_holds_whatever_rubric_the_record_names(bundle: Path, change: Change) -> None:  # noqa: F811
    result = verify_bundle(forged(bundle, change))
    assert not result.holds and result.problems[0].startswith(("record: ", "scores: ")), result


@pytest.mark.parametrize("field", [*Provenance.model_fields, "profile"])
def test_a_bundle_names_the_versions_of_its_record_and_no_others(bundle: Path, field: str) -> None:  # noqa: F811
    def other(parts: dict[str, bytes]) -> None:
        about = json.loads(parts["bundle.json"])
        place = about if field == "profile" else about["provenance"]
        place[field] = sha256(b"another") if field == "prompt_digest" else "1.0"
        parts["bundle.json"] = canonical_bytes(about)

    result = verify_bundle(damaged(bundle, other))
    assert result.problems[0].startswith("versions: bundle.json names other versions"), result


@pytest.mark.parametrize("rubric", [RUBRIC_VERSION, "1"])
@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("prompt", "assess@99"),
        ("formula", "another"),
        ("model", "lexical 0123456789ab"),
        ("model", "another"),
        ("reference", "reference-9 0123456789ab"),
        ("schema_version", "9.9"),
    ],
)
def test_a_record_names_versions_that_the_bundle_or_the_program_holds(
    bundle: Path,  # noqa: F811
    field: str,
    value: str,
    rubric: str,
) -> None:
    def other(record: dict[str, Any]) -> None:
        record["assessment"]["provenance"]["rubric"] = rubric
        place = record if field == "schema_version" else record["assessment"]["provenance"]
        place[field] = value

    result = verify_bundle(forged(bundle, other))
    assert not result.holds and result.problems[0].startswith(("versions: ", "completion key: ")), result


def test_of_a_record_by_an_earlier_rubric_it_is_said_what_was_not_made_again(
    bundle: Path,  # noqa: F811
    capsys: pytest.CaptureFixture[str],
) -> None:
    from flows.cli import app

    path = forged(bundle, earlier)
    result = verify_bundle(path)
    assert result.holds and result.checked["scores"] > 10, result
    app(["record", "verify", str(path)], standalone_mode=False)
    told = capsys.readouterr().out
    assert "not made again: claims, core risks and advice are of rubric 1" in told
    assert "what was checked holds" in told and "all of it holds" not in told
    app(["record", "verify", str(path), "--json"], standalone_mode=False)
    assert "rubric 1" in json.loads(capsys.readouterr().out)["not_made_again"][0]
    app(["check", "--verify", str(path)], standalone_mode=False)
    assert "not made again: claims" in capsys.readouterr().out


def test_another_text_under_the_digest_of_a_prompt(bundle: Path) -> None:  # noqa: F811
    result = verify_bundle(damaged(bundle, swap("prompt.json", b"Every claim needs", b"No claim needs")))
    assert result.problems == ("completion key: the prompt's text is not that of its digest",)


@pytest.mark.slow
@pytest.mark.parametrize("value", [None, [], [1], {}, {"x": [{}]}, 7, "7", "-"])
def test_a_bundle_with_anything_of_another_type_is_answered(bundle: Path, value: object) -> None:  # noqa: F811
    """Each document in it, and each field of each, gone or of another type."""
    whole = members(bundle)
    for name in sorted(whole.keys() - {"README.txt"}):
        document: Any = json.loads(whole[name]) if name.endswith(".json") else None
        bodies = [value]
        for key in document if isinstance(document, dict) else ():
            bodies.append({k: v for k, v in document.items() if k != key} | ({} if value is None else {key: value}))
        for body in bodies:

            def bend(parts: dict[str, bytes], name: str = name, body: object = body) -> None:
                parts[name] = json.dumps(body).encode()

            _answers(damaged(bundle, bend, relist=name != "bundle.json"))


@pytest.mark.slow
def test_flipped_bytes_and_nesting_without_end(bundle: Path) -> None:  # noqa: F811
    body = bundle.read_bytes()
    for place in range(0, len(body), len(body) // 97):
        bundle.write_bytes(body[:place] + bytes([body[place] ^ 0x41]) + body[place + 1 :])
        _answers(bundle)
    for name in ("bundle.json", "record.json", "base.json", "key.json"):
        bundle.write_bytes(zipped({"bundle.json": b"{}", name: b"[" * 100_000}))
        _answers(bundle)


def _answers(path: Path) -> None:
    """Both programs say in one line what is wrong, or that it holds; no other error comes out of them."""
    found: list[str] = []
    for check, bad in ((verify_bundle, BadInput), (lambda path: light.verify(path, None), Refused)):
        try:
            found += check(path).problems
        except bad as error:
            found.append(str(error))
    assert not any("\n" in problem for problem in found), found
