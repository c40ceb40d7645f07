"""Second readings on both databases: who is asked, once a claim, and what a round leaves, also when it was killed."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from records.assessments.second_reviews import Question
from records.maintenance.export import export, import_
from records.maintenance.verify import verify
from records.store import Store
from scoring.errors import Refused
from tests.records.conftest import Open
from tests.records.made import amendment, fill, review
from tests.records.store_dump import dump

ROUND = """
import os, signal, sys
from records.assessments.second_reviews import Question
from records.store import Store
with Store.open(sys.argv[1], blobs=sys.argv[2]) as store:
    slug, digest, _ = store.second_reviews.approved("paul")[0]
    seeds = ("value_moved", "set_unknown", "")
    asked = [Question(slug, f"factors.{n}", digest, "ada", "0.7", seed=seed) for n, seed in enumerate(seeds)]
    store.second_reviews.begin("paul", asked)
    first = store.second_reviews.waiting("paul")[0]
    with store.writing():
        store.second_reviews.answer(first, "paul", "amended", "0.6", 3)
        os.kill(os.getpid(), signal.SIGKILL)
"""


def test_the_newest_approvals_of_others_are_asked_about(store: Store) -> None:
    reads = {slug: fill(store, slug) for slug in ("otter", "heron", "gull", "crane")}
    store.reviews.append(review(reads["otter"], reviewer="ada"))
    store.reviews.append(review(reads["heron"], reviewer="ada", automatic=True))
    store.reviews.append(review(reads["gull"], decision="reject", reviewer="ada", note="n"))
    store.reviews.append(review(reads["crane"], reviewer="paul", amendments=(amendment(),)))
    assert [row[0] for row in store.second_reviews.approved("vera")] == ["crane", "otter"]
    assert [row[0] for row in store.second_reviews.approved("paul")] == ["otter"]
    assert [row[0] for row in store.second_reviews.approved("ada")] == ["crane"]
    store.reviews.append(review(reads["crane"], decision="reverse", reviewer="paul"))
    assert [row[0] for row in store.second_reviews.approved("vera")] == ["otter"]


def test_a_claim_of_the_sample_is_answered_once_and_taken_back_by_its_reader(store: Store) -> None:
    store.reviews.append(review(fill(store)))
    ((slug, digest, _),) = store.second_reviews.approved("paul")
    one = Question(slug, "factors.memory", digest, "ada", "0.7")
    store.second_reviews.answer(one, "paul", "not_certain", "not_certain", None)
    with pytest.raises(Refused, match="a second time meanwhile"):
        store.second_reviews.answer(one, "vera", "accepted", "0.7", 1)
    assert store.second_reviews.answered([digest], "vera") == {(digest, one.path)}
    assert not store.second_reviews.take_back("vera") and store.second_reviews.take_back("paul")
    assert store.second_reviews.answers() == () and store.second_reviews.answered([digest], "vera") == frozenset()


@pytest.mark.slow
def test_a_killed_round_goes_on_and_its_end_leaves_nothing(open_store: Open, address: str, tmp_path: Path) -> None:
    with open_store() as store:
        store.reviews.append(review(fill(store)))
        before = dump(store, without=["second_reviews", "events"])
    done = subprocess.run([sys.executable, "-c", ROUND, address, str(tmp_path / "blobs")], timeout=200)
    assert done.returncode == -signal.SIGKILL
    with open_store() as store:
        assert dump(store, without=["second_reviews", "events"]) == before and verify(store).holds
        asked = store.second_reviews.waiting("paul")
        assert [one.seed for one in asked] == ["value_moved", "set_unknown", ""] and not store.second_reviews.answers()
        store.second_reviews.answer(asked[0], "paul", "amended", "0.6", 3)
        assert store.second_reviews.end("paul") == 2 and store.second_reviews.waiting("paul") == ()
        assert [one.value for one in store.second_reviews.answers()] == ["0.6"]
        assert dump(store, without=["second_reviews", "events"]) == before
        export(store, tmp_path / "export")
    with Store.open(tmp_path / "copy" / "assay.db") as copy:
        import_(copy, tmp_path / "export")
        assert len(copy.second_reviews.answers()) == 1 and verify(copy).holds
