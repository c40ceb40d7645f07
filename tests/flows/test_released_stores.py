"""A store, its records and its bundles as earlier versions wrote them: they load, verify and replay for good.

`tests/released/<commit>.tar.xz` holds what that commit wrote of the bundled sample directory.
"""

import tarfile
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from flows.settings import load
from flows.store_access import open_store
from publishing.bundles.replay import verify_bundle
from publishing.formats import json_schema
from records.maintenance.verify import verify
from review.services import draft
from scoring.record import PublishedRecord

RELEASED = sorted((Path(__file__).parents[1] / "released").glob("*.tar.xz"))


@pytest.fixture(params=RELEASED, ids=lambda path: path.name.split(".")[0])
def written(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The files of one commit, unpacked; the store is that of the settings."""
    with tarfile.open(request.param) as archive:
        archive.extractall(tmp_path, filter="data")
    monkeypatch.setenv("ASSAY_HOME", str(tmp_path / "home"))
    return tmp_path


def test_the_store_opens_and_holds(written: Path) -> None:
    with open_store(load(), create=False) as store:
        verified = verify(store)
        assert not verified.problems, verified.problems[:3]
        assert verified.checked["events"] > 9
        slugs = store.listings.slugs()
        assert len(slugs) == 9
        for slug in slugs:
            claims = draft.read(store, slug)
            assert claims.extraction.slug == slug
            assert store.publications.current(slug) is not None


def test_the_records_still_load_and_are_valid(written: Path) -> None:
    import json

    validator = Draft202012Validator(json.loads(json_schema.released()["record-1.0.json"]))
    found = sorted((written / "site" / "current").rglob("agents/*.json")) or sorted(written.rglob("agents/*.json"))
    assert len(found) == 9
    for file in found:
        body = file.read_bytes()
        validator.validate(json.loads(body))
        PublishedRecord.model_validate_json(body)


def test_the_bundles_replay(written: Path) -> None:
    bundles = sorted((written / "bundles").glob("*.zip"))
    assert len(bundles) == 9
    for bundle in bundles:
        result = verify_bundle(bundle)
        assert not result.problems, (bundle.name, result.problems)
        assert result.checked["files"] and result.checked["published bytes"]
