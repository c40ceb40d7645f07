"""The index by subject that a site holds, the lookup of the API, and what a record says of its subjects."""

import json
import os
import re
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import made_records as made
import pytest

from assay_check.configurations.package_lists import of_purl
from assay_check.lookup.hash_prefixes import key_hash, subject_keys
from assay_check.lookup.site_lookup import Site
from assay_check.subjects import of_url
from extractors.canonical_json import canonical_bytes
from extractors.pages.snapshot import sha256
from publishing.generation import Generation
from publishing.record_versions import lifecycle
from publishing.site import build
from scoring.record import PublishedRecord, StatedSubject
from scoring.vocabulary import SubjectKind
from tests.publishing.made_records import of_records

EXPIRES = made.START + timedelta(days=180)


def stated(kind: SubjectKind, value: str, version: str | None = None, **more: Any) -> StatedSubject:
    where = {"stated_by": "package.json", "url": "https://code.example/x/package.json", "quote": '"name": "x",'}
    return StatedSubject(kind=kind, value=value, version=version, **{**where, **more})


def package(name: str, version: str | None = "1.0.0") -> StatedSubject:
    return stated(SubjectKind.PACKAGE, f"pkg:npm/{name}" + (f"@{version}" if version else ""), version)


def record(slug: str, *subjects: StatedSubject, **knobs: Any) -> PublishedRecord:
    return made.publish(made.world(slug, **knobs), subjects=subjects, expires=EXPIRES)


WEATHER = record("weather", package("weather-mcp"), stated(SubjectKind.ENDPOINT, "https://mcp.weather.example/mcp"))
DOCS = record("docs", stated(SubjectKind.IMAGE, "pkg:oci/docs?repository_url=ghcr.io%2Fexample%2Fdocs&tag=2", "2"))
PLAIN = made.record("post-sorter")


def published(out: Path, *records: PublishedRecord) -> Generation:
    return build(of_records(records), out)


def found(site: Path, purl: str) -> list[str]:
    keys = subject_keys(of_purl(purl))
    return [one.slug for several in Site(str(site)).lookup(keys).values() for one in several]


def test_a_site_holds_the_index_that_assay_check_reads(tmp_path: Path) -> None:
    site = published(tmp_path, WEATHER, DOCS, PLAIN).path
    assert found(site, "pkg:npm/weather-mcp@3.0.0") == ["weather"] and found(site, "pkg:npm/post-sorter") == []
    assert found(site, "pkg:oci/docs?repository_url=ghcr.io/example/docs") == ["docs"]
    one = Site(str(site)).lookup(keys := subject_keys(of_url("https://mcp.weather.example/mcp/")))[keys[0]][0]
    assert (one.record, one.digest) == ("agents/weather.json", sha256((site / one.record).read_bytes()))
    assert (one.expires, one.possible and one.possible.low) == (EXPIRES.date(), float(WEATHER.assessment.headline.low))
    assert one.touches == {"reads": True, "writes": True, "writes_outside": True} and "executes" in one.unknowns


def test_a_publication_writes_only_the_buckets_that_changed(tmp_path: Path) -> None:
    first = published(tmp_path, WEATHER, DOCS)
    assert published(tmp_path, WEATHER, DOCS).written == 0
    changed = lifecycle.withdraw(WEATHER, "moved away", now=made.START + timedelta(days=1))
    second = published(tmp_path, changed, DOCS)
    new = [p.name for p in (second.path / "lookup").iterdir() if p.stat().st_nlink == 1]
    keys = ("pkg:npm/weather-mcp", "https://mcp.weather.example/mcp")
    assert sorted(new) == sorted({f"{key_hash(key)[:2]}.json" for key in keys}) and first.path != second.path
    summary = Site(str(second.path)).lookup([keys[0]])[keys[0]][0]
    assert (summary.withdrawn, summary.previous) == ("moved away", sha256(canonical_bytes(WEATHER)))


def test_the_same_records_give_the_same_index_however_they_came(tmp_path: Path) -> None:
    published(tmp_path / "a", DOCS)
    grown = published(tmp_path / "a", WEATHER, DOCS).path
    fresh = published(tmp_path / "b", DOCS, WEATHER).path
    for path in (fresh / "lookup").iterdir():
        assert path.read_bytes() == (grown / "lookup" / path.name).read_bytes()


def test_a_site_that_an_earlier_version_made_gets_its_index(tmp_path: Path) -> None:
    number = published(tmp_path, WEATHER, PLAIN).number
    notes = tmp_path / "generations" / f"{number:06d}.notes.json"
    kept = json.loads(notes.read_text())
    kept["rows"] = {slug: row[:-3] for slug, row in kept["rows"].items()}
    notes.write_text(json.dumps(kept))
    again = record("docs", package("docs"))
    assert found(published(tmp_path, PLAIN, again).path, "pkg:npm/docs") == ["docs"]


def test_two_records_that_state_one_package_say_so_and_are_never_joined(tmp_path: Path) -> None:
    other = record("weather-again", package("weather-mcp", "9.0.0"))
    site = published(tmp_path, WEATHER, DOCS, other).path
    assert sorted(found(site, "pkg:npm/weather-mcp@1.0.0")) == ["weather", "weather-again"]
    for slug, rival in (("weather", "weather-again"), ("weather-again", "weather")):
        page = (site / "agents" / f"{slug}.html").read_text()
        assert (
            "More than one record states the same package" in " ".join(page.split()) and f'href="{rival}.html"' in page
        )
    assert "More than one record" not in (site / "agents" / "docs.html").read_text()
    gone = lifecycle.withdraw(other, "a look-alike", now=made.START + timedelta(days=1))
    site = published(tmp_path, WEATHER, DOCS, gone).path
    assert "More than one record" not in (site / "agents" / "weather.html").read_text()


def test_a_page_shows_each_subject_with_its_place(tmp_path: Path) -> None:
    hostile = stated(SubjectKind.REGISTRY_NAME, "<script>alert(1)</script>", "9<b>", is_latest=False)
    site = published(tmp_path, record("weather", package("weather-mcp"), hostile)).path
    page = (site / "agents" / "weather.html").read_text()
    assert "pkg:npm/weather-mcp@1.0.0" in page and "https://code.example/x/package.json" in page
    assert "<script>alert" not in page
    assert "not the latest" in page and "Evidence good until" in page


def test_records_of_earlier_versions_keep_their_bytes() -> None:
    body = json.loads(canonical_bytes(PLAIN))
    assert not {"subjects", "expires", "previous"} & body.keys()
    assert canonical_bytes(PublishedRecord.model_validate(body)) == canonical_bytes(PLAIN)


def test_each_version_names_the_one_before() -> None:
    second = lifecycle.dispute(WEATHER, "it says", now=made.START + timedelta(days=1))
    third = lifecycle.settle(second, "declined", now=made.START + timedelta(days=2))
    assert (WEATHER.previous, second.previous) == (None, sha256(canonical_bytes(WEATHER)))
    assert third.previous == sha256(canonical_bytes(second))


def test_another_version_of_the_product_is_a_change_note() -> None:
    before = record("weather", package("weather-mcp", "1.0.0"))
    review = made.review(made.world("weather"), made.START + timedelta(days=1))
    after = made.publish(
        made.world("weather"), before, review.at, review=review, subjects=(package("weather-mcp", "2.0.0"),)
    )
    notes = [(note.path, note.before, note.after) for note in after.changes if note.at == after.modified]
    assert notes == [("subjects", "pkg:npm/weather-mcp@1.0.0", "pkg:npm/weather-mcp@2.0.0")]


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """`assay serve api` over a small site, as it is shipped."""
    home = tmp_path_factory.mktemp("home")
    published(home / "site", WEATHER, DOCS, record("weather-again", package("weather-mcp", "9.0.0")))
    command = [sys.executable, "-m", "flows.cli", "serve", "api", "--port", "0"]
    environment = {**os.environ, "ASSAY_HOME": str(home)}
    server = subprocess.Popen(command, stdout=subprocess.PIPE, env=environment, text=True)
    assert server.stdout is not None
    address = re.search(r"http://\S+", server.stdout.readline())
    assert address is not None
    yield address.group()
    server.terminate()
    server.wait()


def ask(address: str, path: str, body: object = None) -> tuple[int, Any]:
    data = None if body is None else json.dumps(body).encode()
    asked = urllib.request.Request(address + path, data, {"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(asked, timeout=90) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def test_a_lookup_says_how_surely_each_record_matches(api: str) -> None:
    status, answer = ask(api, "/lookup?purl=pkg:npm/weather-mcp@1.0.0")
    assert (status, answer["subject"], answer["settled"]) == (200, "pkg:npm/weather-mcp@1.0.0", False)
    matched = [(one["slug"], one["match"]) for one in answer["records"]]
    assert matched == [("weather", "exact version"), ("weather-again", "other version")]
    status, answer = ask(api, "/lookup?url=https://mcp.weather.example/mcp?key=hunter2")
    assert [one["slug"] for one in answer["records"]] == ["weather"] and "hunter2" not in json.dumps(answer)
    assert answer["records"][0]["expires"] == EXPIRES.date().isoformat()


@pytest.mark.parametrize("query", ["", "?name=weather", "?purl=pkg:npm/a&url=https://b.example/"])
def test_a_name_alone_is_no_question(api: str, query: str) -> None:
    assert ask(api, f"/lookup{query}")[0] == 422


@pytest.mark.parametrize("purl", ["weather-mcp", "pkg:generic/weather-mcp", "pkg:", "pkg:npm/"])
def test_what_names_no_subject_matches_nothing_and_says_why(api: str, purl: str) -> None:
    status, answer = ask(api, f"/lookup?purl={purl}")
    assert (status, answer["records"]) == (200, []) and answer["why"]


@pytest.mark.slow
def test_a_thousand_at_once_in_their_order_and_no_more(api: str) -> None:
    asked = [{"purl": f"pkg:npm/a{number}"} for number in range(999)] + [{"purl": "pkg:npm/weather-mcp"}]
    status, answer = ask(api, "/lookup", asked)
    assert status == 200 and [bool(one["records"]) for one in answer["answers"]] == [False] * 999 + [True]
    assert ask(api, "/lookup", [*asked, {"url": "https://b.example/"}])[0] == 422
    assert ask(api, "/lookup", [{"name": "weather"}])[0] == 422
