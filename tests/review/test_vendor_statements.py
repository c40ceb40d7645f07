"""A vendor's public statement: sent by its form, put beside the record by a publisher, and removed again."""

from pathlib import Path

import pytest

from flows.operations.publication import publish_site, write_bundle_file
from flows.settings import Settings
from publishing.bundles.replay import verify_bundle
from records.assessments.vendor_statements import waiting_statement
from records.store import Store
from tests.publishing.made_store import SLUG
from tests.publishing.made_store import fill as fill_published
from tests.review.world import visitor

SAID = {
    "text": "Otter never mends a net <b>without</b> a person, as of version 3.",
    "url": "https://otter.example/our-answer",
    "date": "2026-10-01",
}


def vendor_link(store: Store, slug: str) -> str:
    page = visitor(store, "paul").post(f"/agents/{slug}/vendor-link", data={"vendor": "Otter Works"}).text
    return "/vendor/" + page.split("/vendor/")[1].split("<")[0]


@pytest.mark.slow
def test_a_vendor_sends_and_a_publisher_puts(otter: Store, tmp_path: Path) -> None:
    fill_published(otter)
    settings = Settings(home=tmp_path / "home")
    site = tmp_path / "site"

    def page() -> str:
        publish_site(otter, settings, site, released_by="paul")
        return (site / "current" / "agents" / f"{SLUG}.html").read_text()

    assert "assay agents assess --documents FOLDER" in page()
    before = otter.publications.current(SLUG)
    vendor, paul = visitor(otter), visitor(otter, "paul")
    link = vendor_link(otter, SLUG)
    assert 'type="date"' in vendor.get(link).text
    assert vendor.post(f"{link}/statement", data=SAID).status_code == 200
    assert "never mends" not in page() and otter.publications.current(SLUG) == before, "nothing by itself"
    assert "never mends" in paul.get(f"/agents/{SLUG}").text

    assert visitor(otter, "vera").post(f"/agents/{SLUG}/statement", data=SAID | {"vendor": "O"}).status_code == 403
    assert paul.post(f"/agents/{SLUG}/statement", data=SAID | {"vendor": "Otter Works"}).status_code == 303
    assert waiting_statement(otter, SLUG) is None
    html = page()
    assert "What the vendor says" in html and SAID["url"] in html and SAID["date"] in html
    assert "<b>without</b>" not in html
    kept = otter.publications.current(SLUG)
    assert kept is not None and before is not None and kept.record.statement is not None
    assert kept.record.statement.model_dump(mode="json") == SAID | {"vendor": "Otter Works"}
    assert kept.record.assessment == before.record.assessment and kept.record.changes[0].path == "statement"
    bundle = write_bundle_file(otter, SLUG, tmp_path / "bundle.zip")
    assert not verify_bundle(bundle).problems
    again = page()
    assert again == html and otter.publications.current(SLUG) == kept

    assert paul.post(f"/agents/{SLUG}/statement/remove").status_code == 303
    assert "What the vendor says" not in page()
    assert paul.post(f"/agents/{SLUG}/statement/remove").status_code == 422
    assert not verify_bundle(write_bundle_file(otter, SLUG, tmp_path / "removed.zip")).problems


@pytest.mark.parametrize(
    "wrong",
    [{"text": " "}, {"text": "x" * 1001}, {"url": "javascript:alert(1)"}, {"date": "soon"}, {"date": "2999-01-01"}],
    ids=lambda wrong: f"{next(iter(wrong))}={next(iter(wrong.values()))[:12]}",
)
def test_what_is_no_statement_is_refused_with_its_field(otter: Store, wrong: dict[str, str]) -> None:
    answer = visitor(otter).post(f"{vendor_link(otter, 'otter')}/statement", data=SAID | wrong)
    assert answer.status_code == 422 and next(iter(wrong)) in answer.text
    assert waiting_statement(otter, "otter") is None
