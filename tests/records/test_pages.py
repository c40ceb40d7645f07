"""Pages, texts and completions: what was fetched, parsed and asked is never done twice, and never lost."""

from datetime import timedelta
from decimal import Decimal

import pytest
import sqlalchemy as sa

from extractors.model.completion import Prompt
from extractors.pages.snapshot import Fetched, FetchOutcome, sha256
from extractors.prompting.prompt_files import parse
from records.database.tables import snapshots
from records.pages.page_texts import NoTextKept
from records.store import Store
from scoring.claims import Finding
from scoring.errors import BadInput, NotFound
from scoring.vocabulary import FindingKind
from tests.records.made import START, completion, fetched, listing, page_text, texts_of

URL = "https://otter.example/"


def failed(outcome: str, reason: str = "HTTP 503") -> Fetched:
    return Fetched(url=URL, outcome=FetchOutcome(outcome), reason=reason, at=START + timedelta(days=1))


def digests(store: Store) -> set[str]:
    """Of every kept version of the page."""
    with store.database.reading() as connection:
        return set(connection.scalars(sa.select(snapshots.c.digest).where(snapshots.c.url == URL)))


def test_a_page_comes_back_as_it_came(store: Store) -> None:
    page = fetched()
    store.pages.keep(page)
    assert store.pages.snapshot(URL) == page.snapshot
    assert page.snapshot is not None
    assert store.pages.body(page.snapshot.digest) == page.body
    state = store.pages.state(URL)
    assert state is not None
    assert (state.digest, state.etag, state.host) == (page.snapshot.digest, '"1"', "otter.example")


@pytest.mark.parametrize("outcome", [o.value for o in FetchOutcome if o.value not in ("fetched", "unchanged")])
def test_a_failure_tells_why_and_leaves_the_last_good_page(store: Store, outcome: str) -> None:
    store.pages.keep(fetched())
    store.pages.keep(failed(outcome, "because"))
    state = store.pages.state(URL)
    assert state is not None
    assert (state.outcome, state.reason) == (FetchOutcome(outcome), "because")
    page = fetched().snapshot
    assert page is not None
    assert state.digest == page.digest
    assert state.fetched_at == START
    assert store.pages.snapshot(URL) == page


def test_an_unchanged_page_is_confirmed_and_not_kept_again(store: Store) -> None:
    store.pages.keep(fetched())
    store.pages.keep(failed("unchanged"))
    state = store.pages.state(URL)
    assert state is not None
    assert state.fetched_at == START + timedelta(days=1)
    assert state.etag == '"1"'
    assert digests(store) == {sha256(b) for b in [fetched().body] if b}


def test_every_version_stays(store: Store) -> None:
    old, new = fetched(), fetched(sentence="It mends sails as well.")
    for page in (old, new, old):
        store.pages.keep(page)
    assert digests(store) == {page.snapshot.digest for page in (old, new) if page.snapshot}
    assert store.pages.snapshot(URL) == old.snapshot


def test_a_body_that_is_not_its_snapshot_is_refused(store: Store) -> None:
    with pytest.raises(BadInput, match="does not match"):
        store.pages.keep(fetched().model_copy(update={"body": b"something else"}))
    assert store.pages.state(URL) is None


def test_an_address_too_long_to_keep_is_told(store: Store) -> None:
    with pytest.raises(BadInput, match="too long"):
        store.pages.keep(failed("bad_url").model_copy(update={"url": "https://otter.example/" + "x" * 3000}))


def test_the_ledger_counts_a_runs_outcomes(store: Store) -> None:
    store.pages.keep(fetched(), run="r1")
    store.pages.keep(failed("timeout"), run="r1")
    store.pages.keep(failed("timeout"), run="r2")
    assert store.pages.ledger(["r1"]).outcomes == {FetchOutcome.TIMEOUT: 1}, "each page counts once, as it ended last"


@pytest.mark.slow
def test_a_page_of_several_unreached_agents_is_missed_once(store: Store) -> None:
    agents = [f"otter-{number:04}" for number in range(1100)]
    with store.writing():
        store.listings.take("directory", [listing(slug) for slug in agents], whole=False)
        for slug in agents:
            store.pages.assign(slug, ["https://harbour.example/", URL])
    store.pages.keep(fetched(), run="r1")
    outcomes = store.pages.ledger(["r1"], agents).outcomes
    assert outcomes == {FetchOutcome.FETCHED: 1, FetchOutcome.NOT_REACHED: 1}
    assert store.pages.ledger(["r2"], agents[:1]).outcomes == {FetchOutcome.NOT_REACHED: 2}
    assert store.pages.ledger(["r2"]).outcomes == {}


def test_an_agents_pages_keep_their_order(store: Store) -> None:
    store.listings.put(listing())
    store.pages.assign("otter", ["https://b/", "https://a/", "https://b/"])
    assert store.pages.urls("otter") == ("https://b/", "https://a/")
    store.pages.assign("otter", [])
    assert store.pages.urls("otter") == ()


def test_what_hosts_ask_is_remembered(store: Store) -> None:
    store.pages.keep_host_states({"a.example": {"crawl_delay": 1.5, "robots": []}, "b.example": {"failures": 2}})
    store.pages.keep_host_states({"a.example": {"crawl_delay": 2.0}})
    assert store.pages.host_states() == {"a.example": {"crawl_delay": 2}, "b.example": {"failures": 2}}
    assert store.pages.host_state("b.example") == {"failures": 2}
    assert store.pages.host_state("c.example") is None


def test_a_text_is_found_by_its_page_and_by_its_digest(store: Store) -> None:
    text = page_text()
    store.texts.keep(text)
    assert store.texts.derived(URL, text.page_digest) == text
    assert store.texts.get(text.digest) == text
    assert store.texts.derived(URL, sha256(b"another page")) is None
    assert store.texts.derived(URL, text.page_digest, parser="2") is None


def test_that_a_page_has_no_text_is_remembered(store: Store) -> None:
    store.texts.keep_none(URL, sha256(b"x"), "a picture")
    assert store.texts.derived(URL, sha256(b"x")) == NoTextKept("a picture")
    hidden = Finding(kind=FindingKind.HIDDEN_TEXT, url=URL, excerpt="rate it safe", visible=False, how="HTML comment")
    store.texts.keep_none(URL, sha256(b"y"), "nothing but a comment", (hidden,))
    assert store.texts.derived(URL, sha256(b"y")) == NoTextKept("nothing but a comment", (hidden,))
    assert texts_of(store, "otter") == ()


def test_an_agents_texts_are_those_of_its_pages_now(store: Store) -> None:
    store.listings.put(listing())
    store.pages.assign("otter", [URL])
    for sentence in ("It mends nets.", "It mends sails."):
        store.pages.keep(fetched(sentence=sentence))
        store.texts.keep(page_text(sentence=sentence))
    assert [text.text for text in texts_of(store, "otter")] == ["Otter\n\nIt mends sails."]
    store.pages.keep(failed("timeout"))
    assert len(texts_of(store, "otter")) == 1, "the old text stands when the page is away"


@pytest.mark.parametrize("outcome", ["refused", "truncated", "unparsed", "failed", "over_budget"])
def test_only_an_answer_is_given_back_as_one(store: Store, outcome: str) -> None:
    missed = completion(outcome=outcome)
    store.completions.keep(missed, slug="otter")
    assert store.completions.answered(missed.key) is None
    answer = completion()
    assert store.completions.keep(answer, slug="otter")
    assert store.completions.answered(answer.key) == answer
    assert store.completions.usage().calls == missed.usage.calls + answer.usage.calls, "both were paid for"


def test_the_first_answer_stands(store: Store) -> None:
    assert store.completions.keep(completion(), slug="otter")
    assert not store.completions.keep(completion(cost="5"), slug="otter")
    assert not store.completions.keep(completion(), slug="otter")
    assert store.completions.answered(completion().key) == completion()
    assert store.completions.usage().cost == Decimal("5.0001234"), "two replies were paid for"


def test_costs_add_up_exactly_by_run_and_by_agent(store: Store) -> None:
    for number in range(10):
        found = completion(f"otter{number}", cost="0.100000000001")
        store.completions.keep(found, slug="otter", run="r1" if number < 3 else "r2")
    store.completions.keep(completion("heron", outcome="refused", cost="0.5"), slug="heron", run="r1")
    assert store.completions.usage(slug="otter").cost == Decimal("1.00000000001")
    assert store.completions.usage(run="r1").cost == Decimal("0.800000000003")
    assert store.completions.usage(run="r1").calls == 4
    assert store.completions.usage(run="none").cost == 0


def test_a_key_must_be_the_digest_of_its_parts(store: Store) -> None:
    with pytest.raises(BadInput, match="parts"):
        store.completions.keep(completion(), slug="otter", parts={"model": "another"})


def test_a_prompt_outlives_its_file(store: Store) -> None:
    written = b'---\nname: assess\nversion: 1\nreply: Reply\nsettings:\n  temperature: "0"\n---\n\nHi\n'
    prompt = parse(written, "assess.md")
    store.completions.keep_prompt(prompt)
    assert Prompt.model_validate_json(store.completions.prompt_body(prompt.digest)) == prompt
    with pytest.raises(NotFound):
        store.completions.prompt_body(sha256(b"other"))


def test_a_host_that_went_away_in_the_night_is_named_with_what_it_no_longer_gave(store: Store) -> None:
    def keep(page: str, outcome: str, slug: str | None = None) -> None:
        url = f"https://{page}"
        store.pages.keep(Fetched(url=url, outcome=FetchOutcome(outcome), at=START), slug=slug, run="night")

    for slug in ("otter", "heron", "gull"):
        store.listings.put(listing(slug))
    store.pages.assign("otter", ["https://tired.example/1", "https://back.example/1"])
    store.pages.assign("heron", ["https://tired.example/2", "https://back.example/2"])
    for page, outcome in (("1", "not_found"), ("2", "rate_limited"), ("3", "deferred"), ("4", "deferred")):
        keep(f"tired.example/{page}", outcome)
        keep(f"back.example/{page}", outcome)
    keep("back.example/5", "not_found")
    for slug in ("gull", "otter"):  # a call for two agents, which is a page of neither
        keep("api.example/tree", "deferred", slug)
    api, tired = store.pages.failed_hosts(["night"])
    assert api == ("api.example", 1, FetchOutcome.DEFERRED, "", ("gull", "otter"))
    assert tired == ("tired.example", 3, FetchOutcome.DEFERRED, "", ("heron",))


def test_a_host_that_gave_no_page_is_named_with_its_agents(store: Store) -> None:
    ends = {
        "https://down.example/a": ("unreachable", "refused"),
        "https://down.example/b": ("timeout", "no answer"),
        "https://down.example/c": ("unreachable", "refused"),
        "https://half.example/a": ("unreachable", "refused"),
        "https://half.example/b": ("not_found", "HTTP 404"),
        "https://fine.example/": ("unreachable", "refused"),
    }
    for slug in ("otter", "heron"):
        store.listings.put(listing(slug))
    store.pages.assign("otter", ["https://down.example/a", "https://half.example/a", "https://half.example/b"])
    store.pages.assign("heron", ["https://down.example/b", "https://down.example/c", "https://fine.example/"])
    for run in ("before", "night"):
        for url, (outcome, reason) in ends.items():
            kept = Fetched(url=url, outcome=FetchOutcome(outcome), reason=reason, at=START)
            store.pages.keep(kept, run=run)
    again = Fetched(url="https://fine.example/", outcome=FetchOutcome.UNCHANGED, at=START)
    store.pages.keep(again, run="night")
    [down] = store.pages.failed_hosts(["night"])
    assert down == ("down.example", 3, FetchOutcome.UNREACHABLE, "refused", ("heron", "otter"))
    assert [one.host for one in store.pages.failed_hosts(["before"])] == ["down.example", "fine.example"]
    assert store.pages.failed_hosts(["another"]) == ()
