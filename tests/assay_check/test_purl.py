"""Canonical purls: every published vector of the types that subjects use, in all three kinds of test."""

import json
from pathlib import Path
from typing import Any

import pytest
from packageurl import PackageURL

from assay_check.errors import BadInput
from assay_check.purl import Image, canonical, oci, pypi, without_version, written

TYPES = ("npm", "pypi", "oci", "docker", "cargo", "golang", "nuget", "github")


def _vectors(shared: Path) -> list[dict[str, Any]]:
    folder = shared / "conformance/use/schemas/purl/tests"
    files = [folder / f"types/{name}-test.json" for name in TYPES] + [folder / "spec/specification-test.json"]
    return [test for file in files for test in json.loads(file.read_text("utf-8"))["tests"]]


def _answer(test: dict[str, Any]) -> Any:
    if test["test_type"] == "parse":
        return {key: value or None for key, value in PackageURL.from_string(test["input"]).to_dict().items()}
    return written(PackageURL(**test["input"])) if test["test_type"] == "build" else canonical(test["input"])


def test_every_vector_of_the_types_used(shared: Path) -> None:
    vectors = _vectors(shared)
    wrong = []
    for test in vectors:
        try:
            answer: Any = _answer(test)
        except (BadInput, ValueError):
            answer = BadInput
        if answer != (BadInput if test["expected_failure"] else test["expected_output"]):
            wrong.append((test["description"], test["input"], answer))
    assert len(vectors) > 100
    assert wrong == []


def test_the_digest_of_an_image_is_its_version_and_its_tag_a_qualifier() -> None:
    made = oci(Image("ghcr.io/O/N".lower(), "1.0", "sha256:" + "0" * 64))
    assert made == f"pkg:oci/n@sha256:{'0' * 64}?repository_url=ghcr.io%2Fo%2Fn&tag=1.0"
    assert without_version(made) == "pkg:oci/n?repository_url=ghcr.io%2Fo%2Fn"
    assert canonical(made) == made


def test_one_distribution_has_one_purl() -> None:
    assert pypi("Left_Pad") == pypi("left-pad") == "pkg:pypi/left-pad"
    assert pypi("awslabs.left") == "pkg:pypi/awslabs.left"


@pytest.mark.parametrize("text", ["", "left", "pkg:", "pkg:npm", "http://x"])
def test_what_is_no_purl_is_an_error(text: str) -> None:
    with pytest.raises(BadInput):
        canonical(text)
