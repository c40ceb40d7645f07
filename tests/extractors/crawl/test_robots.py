"""Other people's robots decisions. Origin: google/robotstxt's own tests, and its answers to real files."""

import gzip
import json
import tarfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.crawl.politeness.robots_rules import Robots, decoded

# These three expect an un-encoded URL not to match an encoded rule; RFC 9309 section 2.2.2 wants both
# brought to one form first, so they are departed from on purpose.
EXCEPTIONS = {
    ("ID_Encoding", "http://foo.bar/foo/bar/ツ"),
    ("ID_Encoding", "http://foo.bar/foo/bar/baz"),
}


def test_reference_vectors(shared: Path) -> None:
    vectors = json.loads((shared / "conformance/robots/google_robotstxt_vectors.json").read_text())
    wrong = [
        (vector["test"], vector["url"])
        for vector in vectors
        if Robots(decoded(bytes.fromhex(vector["robots_hex"])), vector["agent"]).allows(vector["url"])
        is not vector["allowed"]
    ]
    assert len(vectors) == 145
    assert len(wrong) == 3
    assert set(wrong) == EXCEPTIONS


@pytest.mark.slow
def test_real_files_are_never_read_more_permissively(shared: Path) -> None:
    folder = shared / "conformance/robots"
    with tarfile.open(folder / "protego_robots_corpus.tar.gz") as archive:
        bodies = {
            member.name.split("/", 1)[1]: taken.read()
            for member in archive
            if member.isfile() and (taken := archive.extractfile(member))
        }
    more_permissive, blocked_too_much, asked = 0, 0, 0
    current: tuple[str, str] = ("", "")
    with gzip.open(folder / "google_answers_90k.jsonl.gz", "rt") as answers:
        for line in answers:
            name, agent, url, allowed = json.loads(line)
            if (name, agent) != current:
                current, robots = (name, agent), Robots(decoded(bodies[name]), agent)
            ours = robots.allows(url)
            more_permissive += ours and not allowed
            blocked_too_much += bool(allowed) and not ours
            asked += 1
    assert asked == 90_198
    assert more_permissive <= 3
    assert blocked_too_much / asked <= 0.006


def test_crawl_delay_and_request_rate() -> None:
    text = "User-agent: *\nCrawl-delay: 7\n\nUser-agent: AssayBot\nCrawl-delay: 3\nRequest-rate: 1/10\n"
    assert Robots(text, "AssayBot").crawl_delay == 10
    assert Robots(text, "OtherBot").crawl_delay == 7
    assert Robots("User-agent: *\nCrawl-delay: -4\nCrawl-delay: soon\n", "AssayBot").crawl_delay == 0


def test_rules_for_our_product_token_hold_however_it_is_written() -> None:
    for name in ("AssayBot", "assaybot", "ASSAYBOT/2.0", "AssayBot (all versions)", "assaybot *"):
        robots = Robots(decoded(f"User-agent: {name}\nDisallow: /\n\nUser-agent: *\nAllow: /\n".encode()), "AssayBot")
        assert not robots.allows("https://example.org/"), name


def test_byte_order_marks() -> None:
    text = "User-agent: *\nDisallow: /private\n"
    for body in (text.encode("utf-8-sig"), text.encode("utf-16"), b"\xfe\xff" + text.encode("utf-16-be")):
        assert not Robots(decoded(body), "AssayBot").allows("https://example.org/private")


def test_only_the_first_500_kibibytes_count() -> None:
    early = b"User-agent: *\nDisallow: /early\n"
    late = b"\nUser-agent: *\nDisallow: /late\n"
    robots = Robots(decoded(early + b"# padding\n" * 60_000 + late), "AssayBot")
    assert not robots.allows("https://example.org/early")
    assert robots.allows("https://example.org/late")


@pytest.mark.slow
@given(st.binary(max_size=500), st.text(max_size=30))
def test_any_file_can_be_read(body: bytes, path: str) -> None:
    text = decoded(b"User-agent: *\nDisallow: " + body)
    assert Robots(text, "AssayBot").allows(f"https://example.org/{path}") in (True, False)
    assert Robots(text, "AssayBot").crawl_delay >= 0
