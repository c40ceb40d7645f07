"""The blind second review and its figures: who is asked what, that nothing false is kept, and agreement by the book."""

import csv
import io
import re
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from records.store import Store
from review.desk_options import DeskOptions
from review.measurement.figures import Metric, alpha, figures
from review.measurement.second_review import begin_round, next_question, sample
from review.measurement.seeded_errors import SEEDS, shown
from review.services import draft
from scoring.errors import Refused
from scoring.labels import choices
from tests.records.store_dump import dump
from tests.review.world import Visitor, fill, found, put, visitor

ALL = DeskOptions(second_share=1.0)
MEMORY = "factors.persistent_memory"
_FOUR = ("1 2 3 3 2 1 4 1 2 . . .", "1 2 3 3 2 2 4 1 2 5 . 3", ". 3 3 3 2 3 4 2 2 5 1 .", "1 2 3 3 2 4 4 1 2 5 1 .")
_TWO = ("a a b b d c c c e d d a", "b a b b b c c c e d d d")
_BINARY = ("0 1 0 0 0 0 0 0 1 0", "1 1 1 0 0 1 0 0 0 0")


def units(rows: tuple[str, ...]) -> list[list[int]]:
    by_unit = zip(*(row.split() for row in rows), strict=True)
    return [[ord(value) for value in unit if value != "."] for unit in by_unit]


@pytest.mark.parametrize(
    ("rows", "metric", "expected"),
    [
        (_BINARY, "nominal", "0.095"),
        (_TWO, "nominal", "0.692"),
        (_FOUR, "nominal", "0.743"),
        (_FOUR, "ordinal", "0.815"),
        (_FOUR, "interval", "0.849"),
    ],
)
def test_alpha_is_that_of_the_book(rows: tuple[str, ...], metric: Metric, expected: str) -> None:
    """Golden values: K. Krippendorff, Computing Krippendorff's Alpha-Reliability (2011), examples A, B and C."""
    made = alpha(units(rows), metric)
    assert made is not None and f"{float(made):.3f}" == expected


def _sampled(share: float) -> DeskOptions:
    return DeskOptions(second_share=share, second_claims=("factors",))


@given(st.lists(st.lists(st.integers(0, 4), max_size=4)), st.sampled_from(["nominal", "ordinal", "interval"]))
def test_alpha_is_one_at_most_and_minds_no_order(read: list[list[int]], metric: Metric) -> None:
    made = alpha(read, metric)
    assert made == alpha([unit[::-1] for unit in reversed(read)], metric)
    together = [unit for unit in read if len(unit) > 1]
    if len({value for unit in together for value in unit}) < 2:
        assert made is None, "no variation says nothing"
    else:
        assert made is not None and made <= 1
        assert (made == 1) == all(len(set(unit)) == 1 for unit in together)


def approved(store: Store, *slugs: str, by: str = "vera") -> Visitor:
    """Drafts that somebody decided: one claim rejected, the rest approved as it stands."""
    client = visitor(store, by)
    for slug in slugs:
        fill(store, slug) if not store.listings.slugs() or slug not in store.listings.slugs() else None
        client.decide(MEMORY, "rejected", slug=slug, note="A note of the first reader.", seconds="7")
        client.conclude("approve", slug=slug)
    return client


def answer(client: Visitor, verdict: str = "accepted", **more: str) -> str:
    """Answers what is asked, if anything is, and gives the page that asked it."""
    page = client.get("/second").text
    if "Nothing waits" not in page:
        hidden = dict(re.findall(r'<input\s+type="hidden"\s+name="(\w+)"\s+value="([^"]*)"', page))
        assert client.post("/second", data=hidden | {"verdict": verdict, "seconds": "5"} | more).status_code == 303
    return page


def test_the_second_reader_sees_the_draft_and_nothing_of_the_first(otter: Store) -> None:
    approved(otter, "otter")
    paul = visitor(otter, "paul", DeskOptions(second_share=1.0, second_claims=("factors",)))
    *pages, last = [answer(paul) for _ in range(12)]
    assert "Nothing waits" in last and len({re.findall("<h2>(.*)</h2>", page)[0] for page in pages}) == 11
    memory = next(page for page in pages if "<h2>Persistent" in page)
    assert "It keeps a diary" in memory and "stated" in memory, "as drafted, not as the first left it"
    main = [page.split("<main")[1] for page in pages]
    assert not any(re.search(r"\bvera\b|A note of the first reader|[Rr]ejected", page) for page in main)
    measured = {(one.measure, one.of): (one.value, one.n) for one in figures(otter)}
    assert measured["same", "all claims"] == (0.909, 11), "the rejected claim is the one they differ on"
    assert measured["alpha", "Persistent Memory"] == (None, 0), "one knows it and one does not: no pair of values"
    assert measured["seconds", "Persistent Memory"] == (7.0, 1)
    known = measured["alpha_known", "all claims"]
    assert known[1] == 11 and known[0] is not None and 0 < known[0] < 1


def test_who_decided_anything_about_an_agent_is_not_its_second_reader(otter: Store) -> None:
    approved(otter, "otter")
    assert next_question(otter, "vera", _sampled(1.0)) is None
    visitor(otter, "vera").post("/agents/otter/undo")
    visitor(otter, "ada").decide("summary", "accepted")
    visitor(otter, "vera").conclude("approve")
    assert next_question(otter, "ada", _sampled(1.0)) is None
    assert next_question(otter, "paul", _sampled(1.0)) is not None
    assert next_question(otter, "paul", _sampled(0.0)) is None
    put(otter, found("otter", value="0.1"))
    assert next_question(otter, "paul", _sampled(1.0)) is None, "of a draft that nobody approved"


@given(st.floats(0, 1), st.floats(0, 1), st.binary(min_size=32, max_size=32))
def test_the_sample_is_chosen_by_hash_and_grows_with_its_share(one: float, other: float, seed: bytes) -> None:
    digest, (less, more) = f"sha256:{seed.hex()}", sorted((one, other))
    small, large = (sample(digest, share, ("factors", "exposure.reads")) for share in (less, more))
    assert small == sample.__wrapped__(digest, less, ("factors", "exposure.reads"))
    assert set(small) <= set(large) and all(path.startswith("factors.") or path == "exposure.reads" for path in large)
    assert len(sample(digest, 1.0, ("layers",))) == 7


def test_a_claim_is_read_a_second_time_once(otter: Store) -> None:
    approved(otter, "otter")
    paul, ada = (
        visitor(otter, name, DeskOptions(second_share=1.0, second_claims=(MEMORY,))) for name in ("paul", "ada")
    )
    form = ada.form("/second", "/second")
    answer(paul)
    late = ada.post("/second", data=form | {"verdict": "accepted"})
    assert late.status_code == 422 and len(otter.second_reviews.answers()) == 1
    assert paul.post("/second/undo").status_code == 303 and otter.second_reviews.answers() == ()
    assert ada.post("/second/undo").status_code == 422
    answer(ada, "amended", value="0.4")
    (kept,) = otter.second_reviews.answers()
    assert (kept.reviewer, kept.question.first_value, kept.value) == ("ada", "not_certain", "0.4")
    assert ada.post("/second/undo").status_code == 303
    bad = ada.post("/second", data=ada.form("/second", "/second") | {"verdict": "amended", "value": "7"})
    assert bad.status_code == 422 and otter.second_reviews.answers() == ()


@pytest.mark.parametrize("seed", SEEDS)
def test_a_false_claim_differs_in_what_its_kind_says_alone(seed: str) -> None:
    extraction = found()
    fields = {"value_moved": {"value"}, "quote_elsewhere": {"evidence"}, "set_unknown": {"certainty", "evidence"}}
    made = 0
    for path in draft.PATHS:
        true, false = draft.claim_at(extraction, path), shown(extraction, path, seed)  # type: ignore[arg-type]
        if false is None:
            continue
        made += 1
        assert {name for name in true if true[name] != false[name]} == fields[seed]
        assert draft.is_known(true) and false == shown(extraction, path, seed)  # type: ignore[arg-type]
    assert made >= 2


@pytest.mark.slow
def test_a_round_measures_who_reads_and_leaves_nothing_false(otter: Store) -> None:
    approved(otter, "otter", "heron", "gull")
    kept = set(dump(otter, without=["second_reviews"]).splitlines())

    def unchanged() -> bool:
        added = [line for line in dump(otter, without=["second_reviews"]).splitlines() if line not in kept]
        return all(b'"kind":"round.begun"' in line for line in added)

    assert begin_round(otter, "paul", 9) == 9
    assert unchanged() and b"A note" not in b"".join(line for line in dump(otter).splitlines() if line not in kept)
    with pytest.raises(Refused, match="a round of paul is open"):
        begin_round(otter, "paul", 1)
    asked = otter.second_reviews.waiting("paul")
    assert {seed: sum(one.seed == seed for one in asked) for seed in ("", *SEEDS)} == {"": 9} | dict.fromkeys(SEEDS, 3)
    paul = visitor(otter, "paul", DeskOptions(second_share=0.0))
    missed = next(one for one in asked if one.seed)
    for one in asked:
        values = [value for value, _ in choices(one.path)]
        verdict = (
            "accepted" if not one.seed or one == missed else "amended" if one.seed == "set_unknown" else "not_certain"
        )
        page = answer(paul, verdict, value=values[3 % len(values)])
        assert not one.seed or one.seed not in page
        assert ("True: not certain" in page) != (" selected" in page), "of an unknown claim no value is told"
    assert "Nothing waits" in paul.get("/second").text
    told = {(one.measure, one.of): (one.value, one.n) for one in figures(otter)}
    assert told["caught", "paul"] == (0.889, 9) and told["true_changed", "paul"] == (0.0, 9)
    assert sum(n for (measure, of), (_, n) in told.items() if measure == "caught" and ":" in of) == 9
    assert told["same", "all claims"][1] == 9, "a false claim is no pair"
    assert unchanged(), "what was asked is in no draft, no decision and no record"


def test_a_round_that_was_left_goes_on_or_is_ended(otter: Store) -> None:
    with pytest.raises(Refused, match="no claim of a draft that somebody else approved"):
        begin_round(otter, "paul", 3)
    approved(otter, "otter")
    begin_round(otter, "paul", 3)
    paul = visitor(otter, "paul", DeskOptions(second_share=0.0))
    answer(paul)
    assert len(otter.second_reviews.waiting("paul")) == 5
    assert otter.second_reviews.end("paul") == 5 and otter.second_reviews.waiting("paul") == ()
    first = {one.question.path for one in otter.second_reviews.answers()}
    begin_round(otter, "paul", 3)
    assert not first & {one.path for one in otter.second_reviews.waiting("paul")}, "a claim is shown to a reader once"


def test_a_damaged_draft_is_passed_over(otter: Store) -> None:
    approved(otter, "heron", "otter")
    with otter.database.writing() as connection:
        for table in ("extractions", "reviews"):
            connection.exec_driver_sql(f"UPDATE {table} SET body = x'00' WHERE slug = 'otter'")
    assert begin_round(otter, "ada", 2) == 2
    assert {one.slug for one in otter.second_reviews.waiting("ada")} == {"heron"}
    asked = next_question(otter, "paul", _sampled(1.0))
    assert asked is not None and asked.question.slug == "heron"


@pytest.mark.slow
def test_the_page_the_file_and_the_list_say_the_same(otter: Store) -> None:
    otter.people.put("=cmd", "reviewer")
    approved(otter, "otter", by="=cmd")
    answer(visitor(otter, "paul", ALL), "not_certain")
    rey = visitor(otter, "rey")
    rows = list(csv.DictReader(io.StringIO(rey.get("/measured.csv").text)))
    assert [(row["measure"], row["of"].removeprefix("'"), row["n"]) for row in rows] == [
        (one.measure, one.of, str(one.n)) for one in figures(otter)
    ]
    assert "'=cmd" in {row["of"] for row in rows} and not any(row["of"].startswith("=") for row in rows)
    page = rey.get("/measured").text
    assert "not known" in page and page.count("<svg") >= len(rows) and "=cmd" in page
    assert {row["of"] for row in rows if row["measure"] == "overridden_model"} == {"scripted-1"}
    share = next(one for one in figures(otter) if one.measure == "overridden_model")
    assert (share.value, share.n) == (float(Fraction(1)), 1)
