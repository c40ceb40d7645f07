"""By what a machine matches a product: what its pages and its registry state, canonical, and nothing guessed."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.listing import Listing
from extractors.sources.registries.mcp_registry import McpRegistry
from extractors.stated_subjects import Page, is_unique, read_subjects, statement, subject_key
from scoring.record import StatedSubject
from scoring.vocabulary import SubjectKind
from tests.extractors.sources.answering import walked

RAW = "https://raw.example/otters/den/HEAD"
DEN = Listing(slug="den", name="Den", source="list", repository="https://github.com/Otters/Den.git")


def page(path: str, value: object, media_type: str = "text/plain") -> Page:
    text = value if isinstance(value, str) else json.dumps(value)
    return Page(f"{RAW}/{path}", text.encode(), media_type, "utf-8")


def values(*pages: Page, listing: Listing = DEN) -> list[tuple[str, str | None]]:
    return [(one.value, one.version) for one in read_subjects(listing, pages)]


def registry(*servers: dict[str, Any]) -> list[Listing]:
    return walked(
        McpRegistry("registry", "https://registry.example/"), json.dumps({"servers": servers}).encode()
    ).listings


def test_own_manifests_name_the_product_and_what_it_starts_beside_does_not() -> None:
    manifest = page("package.json", {"name": "@otters/den", "version": "1.4.0", "dependencies": {"left": "1.0.0"}})
    client = {"mcpServers": {"den": {"command": "npx", "args": ["-y", "other-server@2.0.0"]}}}
    assert values(manifest, page(".mcp.json", client)) == [
        ("pkg:npm/%40otters/den@1.4.0", "1.4.0"),
        ("https://github.com/otters/den", None),
    ]


def test_each_subject_has_the_page_and_the_line_that_state_it() -> None:
    text = '{\n "name": "@otters/den",\n "version": "1.4.0"\n}\n'
    first = read_subjects(DEN, [page("package.json", text)])[0]
    assert (first.stated_by, first.url, first.quote) == (
        "package.json",
        f"{RAW}/package.json",
        '"name": "@otters/den",',
    )
    assert first.page_digest is not None and first.page_digest.startswith("sha256:")


SHA, OTHER = "a" * 40, "b" * 40


@pytest.mark.parametrize(
    ("addresses", "commit"),
    [
        ([f"https://github.com/otters/den/tree/{SHA}/tools"], SHA),
        ([f"https://raw.githubusercontent.com/Otters/Den/{SHA}/README.md"], SHA),
        ([f"https://github.com/otters/den/blob/{SHA}/README.md", f"https://github.com/otters/holt/tree/{OTHER}"], SHA),
        ([f"https://github.com/otters/den/tree/{SHA}", f"https://github.com/otters/den/tree/{OTHER}"], None),
        (["https://github.com/otters/den/tree/main", f"https://github.com/otters/den/issues?q={SHA}"], None),
        ([f"https://github.com/otters/den/tree/{SHA}0"], None),
    ],
)
def test_a_repository_is_named_at_the_one_commit_of_which_its_pages_are(
    addresses: list[str], commit: str | None
) -> None:
    assert values(listing=DEN.model_copy(update={"documents": tuple(addresses)})) == [
        ("https://github.com/otters/den", commit)
    ]
    [repository] = read_subjects(DEN, [page("package.json", {"repository": "otters/den", "gitHead": SHA})])
    said = statement(repository)
    assert said is not None and said.purl == f"pkg:github/otters/den@{SHA}"


def test_a_web_page_states_no_subject() -> None:
    assert values(page("package.json", {"name": "den", "version": "1.0.0"}, "text/html")) == values()


@pytest.mark.parametrize("version", ["^1.0.0", "latest", "${VERSION}", "*"])
def test_a_range_or_a_placeholder_is_no_version(version: str) -> None:
    assert values(page("package.json", {"name": "den", "version": version}))[0] == ("pkg:npm/den", None)


def test_a_registry_record_carries_name_version_packages_and_remotes_from_the_start() -> None:
    server = {
        "name": "org.otters/den",
        "description": "Nets.",
        "version": "1.4.0",
        "packages": [
            {"registryType": "pypi", "identifier": "Otters_Den", "version": "1.4.0"},
            {"registryType": "oci", "identifier": "ghcr.io/Otters/Den:1.4.0"},
            {"registryType": "npm", "identifier": "otters/den", "version": ""},
        ],
        "remotes": [{"type": "streamable-http", "url": "https://Den.otters.example/mcp?key=hunter2"}],
    }
    listing = registry({"server": server, "_meta": {"registry.example/official": {"isLatest": True}}})[0]
    assert listing.registry is not None and (listing.registry.version, listing.registry.is_latest) == ("1.4.0", True)
    assert values(listing=listing) == [
        ("pkg:pypi/otters-den@1.4.0", "1.4.0"),
        ("pkg:oci/den?repository_url=ghcr.io%2Fotters%2Fden&tag=1.4.0", "1.4.0"),
        ("org.otters/den", "1.4.0"),
        ("https://den.otters.example/mcp", None),
    ]
    assert "hunter2" not in repr([one.value for one in read_subjects(listing, [])])


def test_every_package_and_remote_of_the_registry_file_is_a_subject_and_none_is_guessed(shared: Path) -> None:
    body = (shared / "corpus/listings/mcp-registry/seed_2025_05_16.json").read_bytes()
    listings = walked(McpRegistry("registry", "https://registry.example/"), body).listings
    found = {listing.slug: read_subjects(listing, []) for listing in listings}
    kinds = [one.kind for several in found.values() for one in several]
    packages = kinds.count(SubjectKind.PACKAGE) + kinds.count(SubjectKind.IMAGE)
    assert (packages, kinds.count(SubjectKind.ENDPOINT)) == (143, 9), "six images are written as npm writes a package"
    assert kinds.count(SubjectKind.REGISTRY_NAME) == len(listings)
    for listing in listings:
        stated = json.loads(listing.entry)
        names = [package["name"].lower().replace("_", "-") for package in stated.get("packages") or []]
        versions = {package.get("version") for package in stated.get("packages") or []}
        for one in found[listing.slug]:
            if one.kind in (SubjectKind.PACKAGE, SubjectKind.IMAGE):
                last = one.value.partition("?")[0].rpartition("/")[2].partition("@")[0].replace("_", "-")
                assert any(name.rpartition("/")[2] == last for name in names), one
                assert one.version is None or one.version in versions
            assert one.url == f"listing:registry/{listing.slug}" and one.quote


def test_a_local_address_belongs_to_nobody() -> None:
    local = StatedSubject(kind=SubjectKind.ENDPOINT, value="http://localhost:8000/sse", stated_by="x", url="x")
    public = local.model_copy(update={"value": "https://den.otters.example/mcp"})
    assert not is_unique(local) and statement(local) is None and is_unique(public)


NAMES = st.from_regex(r"[a-z][a-z0-9]{0,8}", fullmatch=True)
VERSIONS = st.from_regex(r"[0-9]\.[0-9]{1,2}\.[0-9]", fullmatch=True)


@given(NAMES, NAMES, VERSIONS, VERSIONS)
def test_all_versions_and_spellings_of_a_package_have_one_key(scope: str, name: str, one: str, other: str) -> None:
    def key(kind: SubjectKind, value: str) -> str:
        return subject_key(StatedSubject(kind=kind, value=value, stated_by="x", url="x"))

    package, image = SubjectKind.PACKAGE, SubjectKind.IMAGE
    assert key(package, f"pkg:npm/%40{scope}/{name}@{one}") == key(package, f"pkg:npm/%40{scope}/{name}@{other}")
    assert key(package, f"pkg:pypi/{scope}_{name}@{one}") == key(package, f"pkg:pypi/{scope}.{name}")
    assert key(image, f"pkg:docker/{scope}/{name}@{one}") == key(
        image, f"pkg:oci/{name}?repository_url=docker.io/{scope}/{name}&tag={other}"
    )
    assert key(package, f"pkg:npm/{name}") != key(package, f"pkg:pypi/{name}")


@pytest.mark.parametrize("line", ["ghcr.io/Otters/Den:1", "docker run -i ghcr.io/Otters/Den"])
def test_a_registry_in_an_unusual_spelling_is_never_a_folder_of_another(line: str) -> None:
    client = {"mcpServers": {"den": {"command": "docker", "args": ["run", "-i", line.rpartition(" ")[2]]}}}
    assert not [value for value, _ in values(page(".mcp.json", client)) if "docker.io" in value]
