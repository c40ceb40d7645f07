"""The life of a record, and the notes that name the cause of every change."""

from datetime import timedelta
from itertools import pairwise

import made_records as made
import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from selectolax.lexbor import LexborHTMLParser

from extractors.canonical_json import canonical_bytes, digest
from extractors.pages.snapshot import sha256
from publishing.pages.agent_page import agent_page
from publishing.record_versions import change_notes, lifecycle
from scoring.errors import Refused
from scoring.record import ChangeCause, PublishedRecord
from scoring.reviews import Amendment, AmendmentReason, Decision
from scoring.vocabulary import ExposureFact, RiskFactor
from tests.examples import examples
from tests.publishing.made_records import of_records

DAY = timedelta(days=1)
AUTONOMY = "factors.autonomy_of_action"
TENTHS = st.integers(0, 10).map(lambda n: f"0.{n}" if n < 10 else "1.0")


class Life(RuleBasedStateMachine):
    """Any order of the allowed transitions; forbidden ones are refused and change nothing."""

    @initialize()
    def born(self) -> None:
        self.now = made.START
        self.record = made.record("walker")
        self.seen = [self.record]
        self.checked: PublishedRecord | None = None
        self.others = 0

    def step(self, record: PublishedRecord) -> None:
        if record != self.record:
            self.seen.append(record)
        self.record = record

    @rule(back=st.booleans(), hours=st.integers(0, 100))
    def time_passes(self, back: bool, hours: int) -> None:
        self.now += timedelta(hours=-hours if back else hours)

    @precondition(lambda self: not self.record.withdrawn)
    @rule(value=TENTHS)
    def another_version(self, value: str) -> None:
        world = made.world("walker", values={RiskFactor.AUTONOMY_OF_ACTION: value})
        self.step(made.publish(world, self.record, at=self.now))
        assert (
            self.record.extraction.factors[0].value
            == made.world("walker", values={RiskFactor.AUTONOMY_OF_ACTION: value}).extraction.factors[0].value
        )

    @precondition(lambda self: not self.record.withdrawn)
    @rule()
    def same_version(self) -> None:
        stale = self.record.stale_since
        again = lifecycle.publish(
            self.record,
            self.record.extraction,
            self.record.assessment,
            made.review(
                made.World("walker", (), self.record.extraction, self.record.assessment), self.record.reviewed_at
            ),
            now=self.now,
            sources=self.record.sources,
            homepage=self.record.homepage,
            repository=self.record.repository,
        )
        assert (again is self.record) == (stale is None)
        self.step(again)

    @rule()
    def withdraw(self) -> None:
        if self.record.withdrawn:
            with pytest.raises(Refused):
                lifecycle.withdraw(self.record, "again", now=self.now)
        else:
            self.step(lifecycle.withdraw(self.record, "asked to", now=self.now))

    @rule()
    def reinstate(self) -> None:
        if self.record.withdrawn:
            self.step(lifecycle.reinstate(self.record, "agreed", now=self.now))
        else:
            with pytest.raises(Refused):
                lifecycle.reinstate(self.record, "again", now=self.now)

    @precondition(lambda self: self.record.withdrawn)
    @rule()
    def a_withdrawn_record_is_not_published_by_the_way(self) -> None:
        with pytest.raises(Refused, match="withdrawn"):
            made.publish(made.world("walker"), self.record, at=self.now)

    @rule()
    def dispute(self) -> None:
        self.step(lifecycle.dispute(self.record, "not true", now=self.now))
        assert self.record.disputed

    @rule()
    def settle(self) -> None:
        self.step(lifecycle.settle(self.record, "stands", now=self.now))
        assert not self.record.disputed

    @rule()
    def stale(self) -> None:
        self.step(lifecycle.mark_stale(self.record, "a quote was lost", now=self.now))

    @rule()
    def fresh_again(self) -> None:
        before = self.record
        self.step(lifecycle.clear_stale_mark(before, now=self.now))
        assert self.record.stale_since is None or before.withdrawn

    @precondition(lambda self: not self.record.withdrawn)
    @rule()
    def supersede(self) -> None:
        self.others += 1
        newer, older = lifecycle.supersede(self.record, made.record(f"old-{self.others}"), now=self.now)
        assert older.withdrawn and self.record.id in (older.withdrawn_reason or "")
        self.step(newer)

    @invariant()
    def identity_and_time(self) -> None:
        record = self.record
        assert (record.id, record.slug, record.published) == ("assay:walker", "walker", made.START)
        times = [r.modified for r in self.seen]
        assert times == sorted(set(times))
        stamps = [change.at for change in record.changes]
        assert stamps == sorted(stamps, reverse=True)
        assert (record.withdrawn is None) == (record.withdrawn_reason is None)

    @invariant()
    def it_is_a_record_that_notes_every_version(self) -> None:
        if self.record is self.checked:
            return
        self.checked = self.record
        body = canonical_bytes(self.record)
        assert canonical_bytes(PublishedRecord.model_validate_json(body)) == body
        assert {change.at for change in self.record.changes} == {r.modified for r in self.seen}
        assert (
            digest(self.record.extraction) == self.record.extraction_digest == self.record.assessment.extraction_digest
        )
        assert digest(self.record.assessment) == self.record.assessment_digest


TestLife = Life.TestCase
TestLife.settings = examples(12, stateful_step_count=25)


class TestRefused:
    def test_a_review_of_another_version(self) -> None:
        world, other = made.world(), made.world(values={RiskFactor.AUTONOMY_OF_ACTION: "0.1"})
        with pytest.raises(Refused, match="another version"):
            lifecycle.publish(None, world.extraction, world.assessment, made.review(other), now=made.START)

    def test_an_assessment_of_another_extraction(self) -> None:
        world, other = made.world(), made.world(values={RiskFactor.AUTONOMY_OF_ACTION: "0.1"})
        with pytest.raises(Refused, match="another extraction"):
            lifecycle.publish(None, other.extraction, world.assessment, made.review(world), now=made.START)

    @pytest.mark.parametrize("decision", [Decision.REJECT, Decision.REVERSE])
    def test_what_nobody_approved(self, decision: Decision) -> None:
        world = made.world()
        with pytest.raises(Refused, match=decision):
            made.publish(world, review=made.review(world, decision=decision))

    def test_another_agents_record(self) -> None:
        with pytest.raises(Refused, match="different agents"):
            made.publish(made.world("one"), made.record("two"))


def test_amendments_are_applied_and_the_review_is_named_by_role() -> None:
    world = made.world()
    change = Amendment(path=AUTONOMY, field="value", old="0.7", new="1.0", reason=AmendmentReason.MISREAD)
    record = made.publish(world, review=made.review(world, amendments=(change,)))
    assert str(record.extraction.factors[0].value) == "1.0"
    assert record.assessment.headline.factor_sum == world.assessment.headline.factor_sum + made.Decimal("0.3")
    assert record.reviewed_by == "reviewer" and "jansen" not in canonical_bytes(record).decode()


@pytest.mark.parametrize(
    ("decided", "seconds", "said"),
    [
        ({}, None, "reviewed by reviewer 2026"),
        ({"as_a_whole": 31}, 4, "approved as a whole in 4 s by reviewer 2026"),
        ({"as_a_whole": 31}, 0, "approved as a whole in 0 s by reviewer 2026"),
        ({"as_a_whole": 31}, 3600, "approved as a whole in an hour or more by reviewer 2026"),
        ({"as_a_whole": 31}, None, "approved as a whole by reviewer 2026"),
        ({"one_by_one": 31}, 900, "31 of 31 claims, summary included, confirmed one by one by reviewer 2026"),
        (
            {"one_by_one": 9, "unknowns_together": 22},
            60,
            "9 of 31 claims, summary included, confirmed one by one, 22 unknowns together by",
        ),
        ({"unknowns_together": 31}, 60, "31 unknowns together by reviewer 2026"),
    ],
)
def test_a_page_says_how_its_claims_were_confirmed(decided: dict[str, int], seconds: int | None, said: str) -> None:
    world = made.world()
    review = made.review(world, decided=decided, seconds=seconds)
    record = made.publish(world, review=review)
    record = type(record).model_validate_json(canonical_bytes(record))
    html = agent_page(record, of_records([record], world.pages))
    assert said in " ".join(LexborHTMLParser(html).text().split())


def test_a_reviewer_is_named_only_where_they_wish_it() -> None:
    world = made.world()
    assert made.publish(world).reviewed_by == "reviewer"
    assert made.publish(world, by_name=True).reviewed_by == "r.jansen"


def test_a_page_fetched_again_unchanged_is_no_new_version() -> None:
    world = made.world()
    first = made.publish(world)
    later = tuple(s.model_copy(update={"fetched_at": made.START + 5 * DAY}) for s in world.sources)
    again = lifecycle.publish(
        first,
        world.extraction,
        world.assessment,
        made.review(world),
        now=made.START + 5 * DAY,
        sources=later,
        homepage=first.homepage,
        repository=first.repository,
    )
    assert again is first


class TestCauses:
    """Each kind of change is attributed to what differs between the two versions, with both quotes."""

    def notes(self, before: made.World, after: made.World, **review: object) -> list[tuple[str, str]]:
        first = made.publish(before)
        second = made.publish(after, first, made.START + DAY, review=made.review(after, made.START + DAY, **review))
        self.second = second
        return [(c.path, c.cause.value) for c in second.changes if c.at == second.modified]

    def test_source(self) -> None:
        found = self.notes(made.world(), made.world(drop=("approval",)))
        assert (AUTONOMY, "source") in found and ("score", "source") in found
        assert {cause for _, cause in found} == {"source"}
        note = next(c for c in self.second.changes if c.path == AUTONOMY)
        assert note.quote_before is not None and note.quote_before.quote.startswith("Replies below")
        assert note.quote_after is None

    def test_model(self) -> None:
        after = made.world(values={RiskFactor.AUTONOMY_OF_ACTION: "0.2"}, versions={"model": "bigger"})
        found = self.notes(made.world(), after)
        assert set(found) == {("score", "model"), (AUTONOMY, "model")}
        note = next(c for c in self.second.changes if c.path == AUTONOMY)
        assert note.quote_before == note.quote_after is not None
        assert (note.before[:3], note.after[:3]) == ("0.7", "0.2")

    def test_prompt(self) -> None:
        versions = {"prompt": "assess@2", "prompt_digest": sha256(b"2")}
        after = made.world(values={RiskFactor.AUTONOMY_OF_ACTION: "0.2"}, versions=versions)
        assert set(self.notes(made.world(), after)) == {("score", "prompt"), (AUTONOMY, "prompt")}

    def test_rubric_alone_is_noted(self) -> None:
        found = self.notes(made.world(), made.world(versions={"rubric": "2"}))
        assert found == [("versions", "rubric")]

    @pytest.mark.parametrize(
        ("reason", "cause"),
        [(AmendmentReason.MISREAD, "person"), (AmendmentReason.VENDOR_CORRECTION, "vendor")],
    )
    def test_person_and_vendor(self, reason: AmendmentReason, cause: str) -> None:
        change = Amendment(path=AUTONOMY, field="value", old="0.7", new="0.1", reason=reason)
        assert set(self.notes(made.world(), made.world(), amendments=(change,))) == {
            ("score", cause),
            (AUTONOMY, cause),
        }

    def test_formula(self) -> None:
        world = made.world()
        first = made.publish(world)
        from scoring.assessment import assess

        other = assess(
            world.extraction, digest(world.extraction), made.provenance(formula="owasp-aivss-0.5"), "owasp-aivss-0.5"
        )
        after = made.World(world.slug, world.pages, world.extraction, other)
        second = made.publish(after, first, made.START + DAY)
        new = [c for c in second.changes if c.at == second.modified]
        assert [(c.path, c.cause) for c in new] == [("score", ChangeCause.FORMULA)]

    def test_the_steps_of_the_score_add_up(self) -> None:
        """Model and source change at once: two steps, the second starts where the first ends."""
        before = made.world()
        after = made.world(
            drop=("memory",),
            values={RiskFactor.DYNAMIC_TOOL_USE: "0.1"},
            facts={ExposureFact.FED_BY: "administrators"},
            versions={"model": "bigger"},
        )
        self.notes(before, after)
        steps = [c for c in reversed(self.second.changes) if c.path == "score" and c.cause is not ChangeCause.FIRST]
        assert {c.cause for c in steps} >= {ChangeCause.MODEL}
        assert steps[0].before == change_notes.score_text(before.assessment.headline)
        assert steps[-1].after == change_notes.score_text(after.assessment.headline)
        assert all(a.after == b.before for a, b in pairwise(steps))
