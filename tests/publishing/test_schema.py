"""The promise of the schema: every record validates, and what was released stays true."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import made_records as made
import pytest
from jsonschema import Draft202012Validator

from publishing.catalogue import Catalogue
from publishing.formats import json_schema
from publishing.record_versions import lifecycle
from scoring.record import PublishedRecord
from scoring.vocabulary import AgentKind


@cache
def validator(name: str = f"record-{json_schema.CURRENT}.json") -> Draft202012Validator:
    document = json.loads(json_schema.released()[name])
    Draft202012Validator.check_schema(document)
    return Draft202012Validator(document)


def test_the_released_file_says_what_the_types_say() -> None:
    """When it fails, the types changed: raise the minor version and run `python -m publishing.formats.json_schema`."""
    assert json_schema.released()[f"record-{json_schema.CURRENT}.json"].decode() == json_schema.text()


@pytest.mark.slow
def test_every_published_record_validates(catalogue: Catalogue) -> None:
    check = validator()
    for slug in catalogue.digests:
        errors = [error.message for error in check.iter_errors(json.loads(catalogue.body(slug)))]
        assert not errors, (slug, errors[:3])


@pytest.mark.parametrize("kind", list(AgentKind))
def test_every_kind_validates(kind: AgentKind) -> None:
    validator().validate(json.loads(made.record(kind=kind).model_dump_json()))


@pytest.mark.parametrize(
    "damage",
    [
        lambda d: d.pop("id"),
        lambda d: d["extraction"]["factors"][0].update(value=0.7),
        lambda d: d["assessment"].update(extraction_digest="md5:0"),
        lambda d: d.update(published="yesterday?", modified=5),
        lambda d: d["extraction"]["layers"][0].update(status="maybe"),
    ],
)
def test_a_damaged_record_does_not(damage: Any) -> None:
    document = json.loads(made.record().model_dump_json())
    damage(document)
    assert list(validator().iter_errors(document))


def test_every_older_record_is_valid_under_every_later_minor(tmp_path: Path) -> None:
    """One record of each released version is kept beside the schemas' tests; none is ever removed."""
    kept = sorted((Path(__file__).parent / "released").glob("record-*.json"))
    assert {path.stem for path in kept} >= {Path(name).stem for name in json_schema.released()}
    for path in kept:
        body = path.read_bytes()
        made_with = path.stem.removeprefix("record-")
        for name in json_schema.released():
            version = Path(name).stem.removeprefix("record-")
            if version.split(".")[0] == made_with.split(".")[0] and version >= made_with:
                validator(name).validate(json.loads(body))
        PublishedRecord.model_validate_json(body)


def test_a_record_of_today_is_valid_under_every_earlier_minor() -> None:
    """Readers of an earlier schema are not broken: what was added is optional, and no closed set has grown."""
    for name in json_schema.released():
        if Path(name).stem.removeprefix("record-").split(".")[0] == json_schema.CURRENT.split(".")[0]:
            validator(name).validate(json.loads(made.record().model_dump_json()))


def test_a_later_version_may_add(tmp_path: Path) -> None:
    """Readers of 1.0 are not broken by an added key: the schema leaves room everywhere."""
    document = json.loads(lifecycle.withdraw(made.record(), "test", now=made.START).model_dump_json())
    document["added_later"] = {"x": 1}
    document["extraction"]["factors"][0]["added_later"] = True
    validator().validate(document)
