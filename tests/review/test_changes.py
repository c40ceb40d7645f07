"""The last published version beside the draft."""

from records.store import Store
from scoring.claims import Extraction
from tests.records.made import publish
from tests.review.world import found, keep_pages, page_of, put, visitor


def test_published_and_draft_stand_side_by_side_with_their_differences(otter: Store) -> None:
    client = visitor(otter, "vera")
    client.conclude("approve")
    publish(otter, "otter")
    changed = page_of("otter", change="It now mends sails too.")
    keep_pages(otter, changed)
    plain = found("otter", page=changed, value="0.9").model_dump(mode="json")
    words = "It now mends sails too."
    start = changed.text.index(words)
    item = {
        "text_digest": changed.digest,
        "url": changed.url,
        "start": start,
        "end": start + len(words),
        "quote": words,
    }
    plain["factors"][0] |= {"evidence": [item], "rationale": "The page says more of autonomy_of_action."}
    put(otter, Extraction.model_validate(plain))
    page = client.get("/agents/otter/changes").text
    assert "<del>The end</del>" in page and "<ins>It now mends sails too</ins>" in page
    assert "0.7" in page and "0.9" in page and "<ins> more</ins>" in page
    assert "otherwise than published" in client.get("/agents/otter").text
