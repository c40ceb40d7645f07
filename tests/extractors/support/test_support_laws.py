"""Laws of the support stage that hold for any words: denial, markup, case, one readable line."""

import re
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from extractors.pages.page_text import BlockKind
from extractors.support import Passage, Verdict, support
from extractors.support.model import READER_WEIGHTS, fitted, kind_of_claim
from extractors.support.passage import DATA, folded
from extractors.support.topics import cue_matches, distance, topics
from scoring.vocabulary import EXPOSURE_VALUES, Certainty, ExposureFact, LayerStatus, MaestroLayer, RiskFactor

SUBJECTS = ["It", "The server", "Tidewright", "This plugin", "Our agent"]
STATEMENTS = {
    # claim, value: verb as it stands after a subject, after a denial, and what follows
    ("self_modification", "0.3"): ("executes", "execute", "generated code in a shell"),
    ("dynamic_tool_use", "0.9"): ("runs", "run", "shell commands on production servers"),
    ("persistent_memory", "0.7"): ("remembers", "remember", "each user's preferences across sessions"),
    ("contextual_awareness", "0.9"): ("browses", "browse", "the web and reads web pages"),
    ("multi_agent_interactions", "0.7"): ("orchestrates", "orchestrate", "a team of specialized agents"),
    ("executes", "arbitrary_code"): ("executes", "execute", "shell commands and Python code"),
    ("writes", "limited"): ("updates", "update", "existing files of the user"),
    ("fed_by", "anyone"): ("reads", "read", "emails from the inbox"),
    ("changes", "scoped"): ("creates", "create", "issues and comments on pull requests"),
    ("isolation", "sandbox"): ("runs", "run", "code inside a sandboxed container"),
}
DENIALS = ["does not {}", "never {}s", "no longer {}s", "cannot {}", "refuses to {}", "won't {}", "doesn't {}"]
claims = st.one_of(
    st.tuples(st.sampled_from([*RiskFactor]), st.integers(0, 10).map(lambda n: str(Decimal(n) / 10))),
    st.tuples(st.sampled_from([*MaestroLayer]), st.sampled_from([LayerStatus.MAPPED, LayerStatus.NOT_APPLICABLE])),
    st.sampled_from([(fact, value) for fact in ExposureFact for value in EXPOSURE_VALUES[fact]]),
)
sure = st.sampled_from([Certainty.STATED, Certainty.INFERRED])
told = st.sampled_from([*STATEMENTS]).flatmap(
    lambda claim: st.tuples(
        st.just(claim), st.sampled_from(SUBJECTS).map(lambda subject: _said(subject, *STATEMENTS[claim]))
    )
)


def _said(subject: str, verb: str, _: str, rest: str) -> str:
    return f"{subject} {verb} {rest}."


@given(st.sampled_from([*STATEMENTS]), st.sampled_from(SUBJECTS), st.sampled_from(DENIALS), sure)
def test_a_denial_before_the_verb_never_carries(
    claim: tuple[str, str], subject: str, denial: str, certainty: Certainty
) -> None:
    verb, bare, rest = STATEMENTS[claim]
    plain = support(*claim, certainty, Passage(f"{subject} {verb} {rest}."), "Tidewright")
    assert plain.verdict is Verdict.CARRIES, plain
    denied = f"{subject} {denial.format(bare)} {rest}."
    verdict = support(*claim, certainty, Passage(denied), "Tidewright")
    assert verdict.verdict is not Verdict.CARRIES, (denied, verdict)


@given(told, st.sampled_from(["{}", "**{}**", "_{}_", "<b>{}</b>", "> {}", "  {}\n"]), st.booleans(), sure)
def test_case_and_markup_change_nothing(
    claimed: tuple[tuple[str, str], str], markup: str, upper: bool, certainty: Certainty
) -> None:
    (claim, value), sentence = claimed
    written = markup.format(sentence.upper() if upper else sentence)
    expected = support(claim, value, certainty, Passage(sentence), "Tidewright")
    assert support(claim, value, certainty, Passage(written), "Tidewright") == expected


@given(claims, st.text(max_size=200), sure)
def test_a_heading_never_carries(claim: tuple[str, str], words: str, certainty: Certainty) -> None:
    verdict = support(*claim, certainty, Passage(words, kind=BlockKind.HEADING), "Tidewright")
    assert verdict.verdict is not Verdict.CARRIES


@given(claims, told.map(lambda each: each[1]) | st.text(max_size=200))
def test_only_what_is_said_outright_is_stated(claim: tuple[str, str], words: str) -> None:
    verdict = support(*claim, Certainty.STATED, Passage(words), "Tidewright")
    plain = any(
        s.plain and not s.denied and distance(s.cue, claim[1]) == 0 for s in cue_matches(claim[0], folded(words))
    )
    assert plain or verdict.certainty is not Certainty.STATED


@given(claims, st.text(max_size=300) | told.map(lambda each: each[1]), sure, st.sampled_from([*BlockKind]))
def test_any_words_get_a_verdict_in_one_line(
    claim: tuple[str, str], words: str, certainty: Certainty, kind: BlockKind
) -> None:
    passage = Passage(words, heading=words[:20], before=words[-20:], kind=kind)
    verdict = support(*claim, certainty, passage, "Tidewright")
    assert verdict == support(*claim, certainty, passage, "Tidewright")
    assert verdict.rule
    assert 0 < len(verdict.why) <= 200
    assert len(verdict.why.splitlines()) == 1


@given(claims, told.map(lambda each: each[1]))
def test_what_carries_a_statement_carries_the_inference(claim: tuple[str, str], words: str) -> None:
    if support(*claim, Certainty.STATED, Passage(words), "Tidewright").verdict is Verdict.CARRIES:
        verdict = support(*claim, Certainty.INFERRED, Passage(words), "Tidewright")
        assert (verdict.verdict, verdict.certainty) == (Verdict.CARRIES, Certainty.INFERRED)


def test_weights_name_only_our_own_words() -> None:
    """No sentence of a page can be rebuilt from them: each name is a claim, a cue, a form or a level."""
    cues = {cue.name for each in topics().values() for cue in each}
    for name in (*fitted().weights, *fitted(READER_WEIGHTS).weights):
        head, _, cue = name.partition(": ")
        assert not cue or cue in cues, name
        assert re.fullmatch(r"[a-zA-Z0-9_ ]{1,70}", head), name


def test_no_pattern_of_a_table_holds_a_broken_repetition() -> None:
    """`x{1,4` is read as these letters, so two alternatives run together and neither is found, without an error."""
    for file in DATA.glob("*.toml"):
        broken = re.findall(r".{0,40}\{\d+,?\d*[^\d,}].{0,40}", file.read_text(encoding="utf-8"))
        assert not broken, (file.name, broken)


def test_every_kind_of_claim_has_its_bars() -> None:
    for claim in (*RiskFactor, *MaestroLayer, *ExposureFact):
        for known in ("stated", "inferred"):
            assert -5 < fitted().carries[f"{kind_of_claim(claim)} {known}"] < 5
