"""How surely a record matches: by digest, version, package or address, and never by a name."""

import pytest

from assay_check.configurations.package_lists import of_line, of_purl
from assay_check.lookup.record_summary import Statement
from assay_check.record_match import Sureness, best_match, match_record
from assay_check.subjects import Subject, SubjectKind, of_url
from tests.assay_check.conftest import summary

IMAGE = "?repository_url=ghcr.io%2Fo%2Fn"
A, B = "sha256:" + "a" * 64, "sha256:" + "b" * 64
PAIRS = [
    ("pkg:npm/left@1.0.0", "pkg:npm/left@1.0.0", Sureness.EXACT_VERSION),
    ("pkg:npm/left@1.0.0", "pkg:npm/left@1.0.1", Sureness.OTHER_VERSION),
    ("pkg:npm/left", "pkg:npm/left@1.0.1", Sureness.PACKAGE),
    ("pkg:npm/left@1.0.0", "pkg:npm/left", Sureness.PACKAGE),
    ("pkg:pypi/Left_Pad", "pkg:pypi/left-pad", Sureness.PACKAGE),
    ("pkg:npm/left", "pkg:npm/%40x/left", None),
    ("pkg:npm/left", "pkg:pypi/left", None),
    ("pkg:npm/left", "pkg:npm/leftpad", None),
    (f"pkg:oci/n@{A}{IMAGE}", f"pkg:oci/n@{A}{IMAGE}", Sureness.DIGEST),
    (f"pkg:oci/n@{A}{IMAGE}", f"pkg:oci/n@{B}{IMAGE}", Sureness.OTHER_VERSION),
    (f"pkg:oci/n{IMAGE}&tag=1", f"pkg:oci/n{IMAGE}&tag=1", Sureness.PACKAGE),
    (f"pkg:oci/n{IMAGE}&tag=1", f"pkg:oci/n{IMAGE}&tag=2", Sureness.OTHER_VERSION),
    (f"pkg:oci/n{IMAGE}", "pkg:oci/n?repository_url=docker.io%2Fo%2Fn", None),
    (f"pkg:github/o/r@{'a' * 40}", f"pkg:github/o/r@{'a' * 40}", Sureness.DIGEST),
]


@pytest.mark.parametrize(("asked", "stated", "sureness"), PAIRS)
def test_two_package_urls(asked: str, stated: str, sureness: Sureness | None) -> None:
    match = match_record(of_purl(asked), summary("left", Statement(purl=stated)))
    assert (None if match is None else match.sureness) is sureness


@pytest.mark.parametrize(
    ("asked", "stated", "matches"),
    [
        ("https://A.example.com:443/mcp?x=1", "https://a.example.com/mcp", True),
        ("https://a.example.com/mcp/", "https://a.example.com/mcp", True),
        ("https://a.example.com", "https://a.example.com/", True),
        ("https://a.example.com/mcp", "https://a.example.com/", False),
        ("https://a.example.com/mcp/x", "https://a.example.com/mcp", False),
        ("http://a.example.com/mcp", "https://a.example.com/mcp", False),
        ("https://a.example.com.evil.test/mcp", "https://a.example.com/mcp", False),
        ("http://localhost/mcp", "http://localhost/mcp", False),
    ],
)
def test_two_addresses(asked: str, stated: str, matches: bool) -> None:
    match = match_record(of_url(asked), summary("a", Statement(url=stated)))
    assert (match is not None) is matches


def test_a_name_alone_never_matches() -> None:
    record = summary("playwright", Statement(purl="pkg:npm/%40playwright/mcp"), name="playwright")
    for subject in (
        of_line("playwright"),
        Subject(SubjectKind.LOCAL, False, "x", value="playwright"),
        Subject(SubjectKind.PYTHON_MODULE, False, "x", value="playwright"),
        Subject(SubjectKind.PLUGIN, False, "x", value="playwright@x"),
        of_purl("pkg:npm/playwright"),
    ):
        assert match_record(subject, record) is None


def test_a_plugin_matches_only_with_its_marketplace() -> None:
    plugin = Subject(SubjectKind.PLUGIN, True, value="left@claude-plugins-official")
    assert match_record(plugin, summary("a", Statement(plugin="left@claude-plugins-official"))) is not None
    assert match_record(plugin, summary("a", Statement(plugin="left@other"))) is None


def test_a_skill_matches_by_its_digest() -> None:
    skill = Subject(SubjectKind.LOCAL, False, "x", digest=A)
    match = match_record(skill, summary("a", Statement(sha256="A" * 64)))
    assert match is not None and match.sureness is Sureness.DIGEST
    assert match_record(skill, summary("a", Statement(sha256="b" * 64))) is None


def test_the_surest_record_counts_and_of_equals_the_one_that_is_not_withdrawn() -> None:
    other = summary("other", Statement(purl="pkg:npm/left@1.0.1"))
    exact = summary("exact", Statement(purl="pkg:npm/left@1.0.0"), assessed="2020-01-01")
    gone = summary("gone", Statement(purl="pkg:npm/left@1.0.0"), withdrawn="a mistake")
    for records in ([other, exact, gone], [gone, exact, other]):
        match = best_match(of_purl("pkg:npm/left@1.0.0"), records)
        assert match is not None and match.record.slug == "exact"
