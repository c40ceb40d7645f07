"""The index of a published site: written and read back, over files and over http, and a missing file is a failure."""

import functools
import http.server
import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from assay_check.configurations.package_lists import of_purl
from assay_check.errors import BadInput
from assay_check.lookup.hash_prefixes import bucket_answers, key_hash, subject_keys
from assay_check.lookup.record_summary import RecordSummary, Statement
from assay_check.lookup.site_lookup import Site
from assay_check.subjects import Subject, SubjectKind, of_url
from tests.assay_check.conftest import RECORDS, index_files, summary, write_index


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None: ...


@pytest.fixture
def address(site: Path) -> Iterator[str]:
    """The site over http on loopback."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(_Quiet, directory=str(site)))
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


def _lookup(place: str, *subjects: Subject) -> list[str]:
    keys = [key for subject in subjects for key in subject_keys(subject)]
    return [record.slug for records in Site(place).lookup(keys).values() for record in records]


SUBJECTS = (
    of_purl("pkg:npm/%40example/weather-mcp@9.9.9"),
    of_purl("pkg:pypi/Example_Scraper-MCP"),
    of_url("https://mcp.example.com/mcp/?x=1"),
    of_purl("pkg:npm/unknown"),
)


def test_a_folder_and_an_address_answer_alike(site: Path, address: str) -> None:
    assert _lookup(str(site), *SUBJECTS) == _lookup(address, *SUBJECTS) == ["weather", "scraper", "docs"]


def test_a_summary_comes_back_as_it_was_written(site: Path) -> None:
    key = subject_keys(of_purl("pkg:npm/%40example/weather-mcp"))[0]
    assert Site(str(site)).lookup([key])[key] == [RECORDS[0]]
    assert Site(str(site)).records() == sorted(RECORDS, key=lambda record: record.record)


def test_the_same_summaries_give_the_same_bytes_in_any_order() -> None:
    assert index_files(RECORDS) == index_files(reversed(RECORDS))


@pytest.mark.slow
def test_the_index_grows_with_the_site_and_every_bucket_is_written(tmp_path: Path) -> None:
    many = [summary(f"a{number}", Statement(purl=f"pkg:npm/a{number}")) for number in range(9000)]
    files = index_files(many)
    assert json.loads(files["lookup/index.json"]) == {
        "format": "assay-lookup-1",
        "prefix": 3,
        "subjects": 9000,
        "records": 9000,
    }
    assert len(files) == 16**3 + 1
    write_index(tmp_path, many)
    assert _lookup(str(tmp_path), of_purl("pkg:npm/a17@1.0.0")) == ["a17"]


def test_a_record_of_several_subjects_is_found_by_each(tmp_path: Path) -> None:
    record = summary(
        "a", Statement(purl="pkg:npm/a"), Statement(url="https://a.example.com/"), Statement(sha256="0" * 64)
    )
    write_index(tmp_path, [record])
    skill = Subject(SubjectKind.LOCAL, False, "x", digest="sha256:" + "0" * 64)
    for subject in (of_purl("pkg:npm/a"), of_url("https://a.example.com"), skill):
        assert _lookup(str(tmp_path), subject) == ["a"]


@pytest.mark.parametrize(
    "body", [None, b"", b"[]", b"<html>not found</html>", b'{"format": "assay-lookup-1"}', b"[" * 10_000]
)
def test_a_missing_or_foreign_file_is_a_failure_and_not_an_absence(
    site: Path, address: str, body: bytes | None
) -> None:
    key = subject_keys(SUBJECTS[0])[0]
    bucket = site / "lookup" / f"{key_hash(key)[:2]}.json"
    if body is None:
        bucket.unlink()
    else:
        bucket.write_bytes(body)
    for place in (str(site), address):
        with pytest.raises(BadInput):
            Site(place).lookup([key])


@pytest.mark.parametrize("damaged", [[], "", {"": {}}, {"": ""}, {"": "x"}, {"": 1}, {"": None}])
@pytest.mark.parametrize("asked", [[""], None])
def test_a_damaged_bucket_is_never_an_absence(damaged: object, asked: list[str] | None) -> None:
    body = json.dumps({"format": "assay-lookup-1", "bucket": "00", "subjects": damaged}).encode()
    with pytest.raises(BadInput, match="no part of a lookup index"):
        bucket_answers(body, "00", asked, "lookup/00.json")


def test_a_bucket_in_the_wrong_place_is_a_failure(site: Path) -> None:
    key = subject_keys(SUBJECTS[0])[0]
    (site / "lookup/00.json").replace(site / "lookup" / f"{key_hash(key)[:2]}.json")
    with pytest.raises(BadInput):
        Site(str(site)).lookup([key])


@pytest.mark.parametrize("place", ["/nowhere", "http://127.0.0.1:9/"])
def test_a_place_that_is_no_site_is_a_failure(place: str) -> None:
    with pytest.raises(BadInput):
        Site(place)


def test_an_unreadable_record_is_named(site: Path) -> None:
    key = subject_keys(SUBJECTS[0])[0]
    bucket = site / "lookup" / f"{key_hash(key)[:2]}.json"
    bucket.write_bytes(bucket.read_bytes().replace(b'"score":5.0', b'"score":50'))
    with pytest.raises(BadInput, match="score"):
        Site(str(site)).lookup([key])


def test_a_later_field_does_not_break_an_earlier_reader() -> None:
    assert RecordSummary.model_validate({"record": "a", "slug": "a", "name": "A", "later": 1}).slug == "a"
