"""Subjects in the store: which version was read when, and who else states the same; on both databases."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from extractors.listing import Listing
from extractors.sources.lists.markdown_list import MarkdownList
from extractors.sources.registries.mcp_registry import McpRegistry
from records.database.tables import subjects
from records.maintenance.export import export, import_
from records.store import Store
from scoring.record import StatedSubject
from scoring.vocabulary import SubjectKind
from tests.extractors.sources.answering import walked
from tests.records.made import Clock, fill, listing

REPOSITORY = StatedSubject(
    kind=SubjectKind.REPOSITORY, value="https://github.com/otters/den", stated_by="list", url="https://list.example/"
)


def package(version: str, name: str = "den", quote: str = "x") -> StatedSubject:
    value = f"pkg:npm/{name}@{version}"
    url = "https://den.example/package.json"
    return StatedSubject(
        kind=SubjectKind.PACKAGE, value=value, version=version, stated_by="package.json", url=url, quote=quote
    )


@pytest.fixture
def store_of_two(store: Store) -> Store:
    for slug in ("den", "holt"):
        store.listings.put(listing(slug))
    return store


def test_a_look_writes_the_key_by_which_a_later_program_knows_a_subject(store_of_two: Store) -> None:
    store = store_of_two
    forge = REPOSITORY.model_copy(update={"value": "https://gitlab.com/otters/den", "version": "a" * 40})
    assert store.subjects.keep("den", [forge])
    with store.database.writing() as connection:
        connection.execute(sa.update(subjects).values(key="repository::https://gitlab.com/otters/den"))
    assert store.subjects.stating(["pkg:gitlab/otters/den"]) == ()
    assert store.subjects.keep("den", [forge]) and not store.subjects.keep("den", [forge])
    assert store.subjects.stating(["pkg:gitlab/otters/den"]) == ("den",)


def test_which_version_was_read_when(store_of_two: Store, clock: Clock) -> None:
    store = store_of_two
    first = clock()
    assert store.subjects.keep("den", [package("1.0.0"), REPOSITORY])
    assert not store.subjects.keep("den", [package("1.0.0"), REPOSITORY])
    second = clock.now = clock.now + timedelta(days=1)
    assert store.subjects.keep("den", [package("1.1.0"), REPOSITORY])
    third = clock.now = clock.now + timedelta(days=1)
    assert store.subjects.keep("den", [package("1.0.0"), REPOSITORY])
    read = [(one.subject.version, one.since, one.until) for one in store.subjects.history("den")]
    assert [row[0] for row in read] == ["1.0.0", None, "1.1.0", "1.0.0"]
    assert (read[0][1] >= first, read[0][2], read[2][1], read[2][2]) == (True, second, second, third)
    assert (read[1][2], read[3][2]) == (None, None)
    assert store.subjects.of("den") == (package("1.0.0"), REPOSITORY)


def test_another_line_is_the_same_statement(store_of_two: Store) -> None:
    store_of_two.subjects.keep("den", [package("1.0.0", quote="a")])
    assert store_of_two.subjects.keep("den", [package("1.0.0", quote="b")])
    assert [one.subject.quote for one in store_of_two.subjects.history("den")] == ["b"]


def test_two_products_that_state_one_package_are_kept_and_told(store_of_two: Store, clock: Clock) -> None:
    store = store_of_two
    store.subjects.keep("den", [package("1.0.0"), REPOSITORY])
    clock.go(days=1)
    store.subjects.keep("holt", [package("9.9.9"), REPOSITORY])
    assert [(one.value, one.slug) for one in store.subjects.rivals("den")] == [("pkg:npm/den@1.0.0", "holt")]
    assert [(one.value, one.slug) for one in store.subjects.rivals("holt")] == [("pkg:npm/den@9.9.9", "den")]
    assert store.subjects.rivals("den")[0].since > store.subjects.rivals("holt")[0].since
    assert store.subjects.stating(["pkg:npm/den"]) == ("den", "holt") and store.listings.slugs() == ("den", "holt")
    store.subjects.keep("holt", [package("9.9.9", "holt"), REPOSITORY])
    assert store.subjects.rivals("den") == () and store.subjects.stating(["pkg:npm/den"]) == ("den", "holt")


def test_one_who_is_listed_no_more_is_no_rival(store_of_two: Store) -> None:
    for slug in ("den", "holt"):
        store_of_two.subjects.keep(slug, [package("1.0.0")])
    store_of_two.listings.opt_out("holt", "its owner asked")
    assert store_of_two.subjects.rivals("den") == ()


def test_the_database_refuses_one_statement_twice(store_of_two: Store) -> None:
    store_of_two.subjects.keep("den", [package("1.0.0")])
    with store_of_two.database.writing() as connection:
        row = dict(connection.execute(sa.select(subjects)).one()._mapping)
        del row["id"]
        with pytest.raises(sa.exc.IntegrityError), connection.begin_nested():
            connection.execute(sa.insert(subjects).values(**row))


def test_a_record_names_what_was_stated_beside_its_extraction(store: Store, clock: Clock) -> None:
    store.listings.put(listing("otter"))
    store.subjects.keep("otter", [package("1.0.0")])
    clock.go(hours=1)
    old = fill(store, "otter").extraction_digest
    clock.go(days=1)
    store.subjects.keep("otter", [package("2.0.0")])
    assert store.subjects.beside("otter", old) == (package("2.0.0"),), "the look of today found the same extraction"
    clock.go(hours=1)
    new = fill(store, "otter", sentence="It mends nets only by day.").extraction_digest
    assert new != old
    assert store.subjects.beside("otter", old) == (package("1.0.0"),)
    assert store.subjects.beside("otter", new) == (package("2.0.0"),)


def test_an_export_keeps_them(store_of_two: Store, tmp_path: Path) -> None:
    store_of_two.subjects.keep("den", [package("1.0.0"), REPOSITORY])
    assert export(store_of_two, tmp_path / "out")["subjects"] == 2
    with Store.open(tmp_path / "copy" / "assay.db") as copy:
        import_(copy, tmp_path / "out")
        assert copy.subjects.history("den") == store_of_two.subjects.history("den")


def registered(version: str, name: str = "org.otters/den") -> Listing:
    server = {
        "name": name,
        "version": version,
        "repository": {"url": "https://github.com/otters/den"},
        "packages": [{"registryType": "npm", "identifier": "@otters/den", "version": version}],
    }
    return walked(McpRegistry("registry", "https://registry.example/"), json.dumps([server]).encode()).listings[0]


def test_what_a_registry_says_stays_with_an_agent_that_another_list_told_first(store: Store) -> None:
    told = Listing(
        slug="den", name="Den", source="list", repository="https://github.com/otters/den", entry="Mends nets."
    )
    other = registered("7.0.0", "org.otters/other-server-in-it")
    for night, version in enumerate(("1.0.0", "1.1.0", "1.1.0")):
        again = store.listings.take("list", [told])
        found = store.listings.take("registry", [registered(version), other])
        assert {one.slug for one in found.listings} == {"den"} and not again.changed
        kept = store.listings.get("den")
        assert kept.registry is not None and (kept.registry.version, kept.entry) == (version, "Mends nets."), night
        assert [one.value for one in kept.registry.subjects][:2] == [
            "org.otters/den",
            f"pkg:npm/%40otters/den@{version}",
        ]


@pytest.mark.slow
def test_every_record_of_the_registry_file_is_told_whichever_list_came_first(store: Store, shared: Path) -> None:
    body = (shared / "corpus/listings/mcp-servers-readme/README.2026-02-24.md").read_bytes()
    store.listings.take("list", MarkdownList("list", "").read(body, "https://list.example/README.md").listings)
    seed = (shared / "corpus/listings/mcp-registry/seed_2025_05_16.json").read_bytes()
    records = walked(McpRegistry("registry", "https://r.example/"), seed).listings
    taken = store.listings.take("registry", records)
    names = {one.registry.name for one in map(store.listings.get, {t.slug for t in taken.listings}) if one.registry}
    assert len(taken.new) < len(records) and len(names) >= len(records) - 5, "two of one repository are one agent"
