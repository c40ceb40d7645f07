"""Two products that state one package: told on the desk, and nothing is approved by rule before a person saw it."""

from collections.abc import Callable

from records.store import Store
from scoring.record import StatedSubject
from scoring.vocabulary import SubjectKind
from tests.review.world import Visitor, fill

STATED = StatedSubject(
    kind=SubjectKind.PACKAGE,
    value="pkg:npm/<b>otter",
    version="1.0.0",
    stated_by="package.json",
    url="https://otter.example/package.json",
)


def test_another_product_that_states_the_same_package_is_told_on_the_desk(
    otter: Store, sit: Callable[..., Visitor]
) -> None:
    otter.subjects.keep("otter", [STATED])
    assert "which product is it?" not in sit("ada").get("/agents/otter").text
    fill(otter, "heron")
    otter.subjects.keep("heron", [STATED])
    page = sit("ada").get("/agents/otter").text
    assert 'href="/agents/heron"' in page and "which product is it?" in page
    assert "pkg:npm/&lt;b&gt;otter" in page and "<b>otter" not in page
