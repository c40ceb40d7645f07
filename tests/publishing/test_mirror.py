"""A mirror that knows only modified.csv ends byte-identical, and fetches nothing on a quiet night."""

import csv
import random
from pathlib import Path

import made_records as made
import pytest

from extractors.pages.snapshot import sha256
from publishing.record_versions import lifecycle
from publishing.site import build
from scoring.record import PublishedRecord
from scoring.vocabulary import RiskFactor
from tests.publishing.made_records import of_records


class Mirror:
    def __init__(self) -> None:
        self.bodies: dict[str, bytes] = {}
        self.fetched = 0

    def follow(self, site: Path) -> None:
        for identifier, _, digest in list(csv.reader((site / "modified.csv").open(newline="", encoding="utf-8")))[1:]:
            slug = identifier.removeprefix("assay:")
            have = self.bodies.get(slug)
            if have is None or sha256(have) != f"sha256:{digest}":
                self.bodies[slug] = (site / "agents" / f"{slug}.json").read_bytes()
                self.fetched += 1


@pytest.mark.slow
def test_random_histories(tmp_path: Path) -> None:
    for seed in range(50):
        dice = random.Random(seed)
        records: dict[str, PublishedRecord] = {}
        mirror = Mirror()
        out = tmp_path / str(seed)
        for night in range(dice.randint(2, 5)):
            for _ in range(dice.randint(0, 3)):
                evolve(records, dice, night)
            done = build(of_records(records.values()), out, override="Tester")
            if dice.random() < 0.7:  # a mirror that sleeps some nights
                mirror.follow(done.path)
        mirror.follow(done.path)
        here = {path.stem: path.read_bytes() for path in (done.path / "agents").glob("*.json")}
        assert mirror.bodies == here
        before = mirror.fetched
        mirror.follow(build(of_records(records.values()), out, override="Tester").path)
        assert mirror.fetched == before


def evolve(records: dict[str, PublishedRecord], dice: random.Random, night: int) -> None:
    """One random event in the life of one agent."""
    now = made.START + made.timedelta(days=night, minutes=dice.randint(-2000, 600))
    slug = f"agent-{dice.randint(0, 5)}"
    record = records.get(slug)
    if record is None:
        records[slug] = made.record(slug, at=now)
    elif record.withdrawn:
        records[slug] = lifecycle.reinstate(record, "back", now=now)
    elif dice.random() < 0.3:
        records[slug] = lifecycle.withdraw(record, "asked to", now=now)
    elif dice.random() < 0.3:
        records[slug] = (
            lifecycle.settle(record, "settled", now=now)
            if record.disputed
            else lifecycle.dispute(record, "no", now=now)
        )
    else:
        value = f"0.{dice.randint(0, 9)}"
        records[slug] = made.publish(made.world(slug, values={RiskFactor.AUTONOMY_OF_ACTION: value}), record, now)


def test_modified_is_newest_first_also_by_microseconds(tmp_path: Path) -> None:
    base = [made.record(f"a-{n}", at=made.START + made.timedelta(microseconds=n)) for n in (0, 1, 1_000_000, 999_999)]
    done = build(of_records(base), tmp_path)
    order = [line.split(",")[0] for line in (done.path / "modified.csv").read_text().splitlines()[1:]]
    assert order == ["assay:a-1000000", "assay:a-999999", "assay:a-1", "assay:a-0"]
