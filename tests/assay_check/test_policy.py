"""The policy: allow, ask and deny as defined, every rule with its reason, and less evidence never looks safer."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay_check.configurations.package_lists import of_purl
from assay_check.errors import BadInput
from assay_check.lookup.record_summary import POWERS, RecordSummary, Statement
from assay_check.policy import Advice, Policy, Verdict, default_text, judge, read_policy
from assay_check.policy.policy_file import prose
from assay_check.record_match import match_record
from assay_check.subjects import Entry, Subject, local, variable
from tests.assay_check.conftest import TODAY, summary

ORDER = list(Advice)
PURL = "pkg:npm/left@1.0.0"


def _judged(policy: Policy, record: RecordSummary | None, subject: Subject | None = None, **entry: Any) -> Verdict:
    subject = subject or of_purl(PURL)
    match = None if record is None else match_record(subject, record)
    return judge(policy, Entry("a", 1, "stdio", subject, **entry), match, TODAY)


def _record(**changes: Any) -> RecordSummary:
    return summary("left", Statement(purl=changes.pop("purl", PURL)), **changes)


def test_allow_needs_the_possible_end_ask_the_likely_one_and_all_else_is_denied() -> None:
    policy = Policy()
    assert _judged(policy, _record()).advice is Advice.ALLOW
    assert _judged(policy, _record(possible={"low": 1, "high": 7.5})).advice is Advice.ASK
    assert (
        _judged(policy, _record(possible={"low": 1, "high": 10}, likely={"low": 1, "high": 8.9})).advice is Advice.ASK
    )
    assert _judged(policy, _record(possible={"low": 1, "high": 10}, likely={"low": 1, "high": 9})).advice is Advice.DENY
    assert _judged(policy, _record(possible={"low": 1, "high": 9}, likely=None)).advice is Advice.DENY
    assert _judged(policy, _record(possible=None, likely=None, score=None)).advice is Advice.ASK


RULES: list[tuple[dict[str, Any], dict[str, Any], Advice, str]] = [
    ({"evidence": {"max_age_days": 10}}, {}, Advice.ASK, "days old"),
    ({}, {"assessed": None}, Advice.ASK, "unknown age"),
    ({}, {"expires": "2026-11-01"}, Advice.ASK, "expired"),
    ({}, {"expires": None}, Advice.ASK, "until when"),
    ({"kinds": {"allowed": ["skill"]}}, {}, Advice.DENY, "kind is mcp_server"),
    ({"kinds": {"allowed": ["skill"]}}, {"kind": None}, Advice.DENY, "not stated"),
    ({"powers": {"runs_code": "deny"}}, {"touches": {"runs_code": True}}, Advice.DENY, "runs code"),
    ({"powers": {"sends": "deny"}}, {"touches": {}}, Advice.DENY, "not known"),
    ({"unknowns": {"required": ["hosting"]}}, {"unknowns": ["hosting"]}, Advice.ASK, "hosting"),
    ({"unknowns": {"required": ["*"]}}, {"unknowns": ["hosting"]}, Advice.ASK, "hosting"),
    (
        {"unknowns": {"required": ["*"], "tolerated": ["hosting"]}},
        {"unknowns": ["hosting"]},
        Advice.ALLOW,
        "possible range",
    ),
    ({"versions": {"other": "deny"}}, {"purl": "pkg:npm/left@2.0.0"}, Advice.DENY, "another version, 2.0.0"),
    ({"versions": {"other": "ask"}}, {"purl": "pkg:npm/left"}, Advice.ASK, "names no exact version"),
    ({}, {"withdrawn": "a mistake"}, Advice.ASK, "withdrawn: a mistake"),
]


@pytest.mark.parametrize(("policy", "record", "advice", "words"), RULES)
def test_a_rule_answers_with_its_reason(
    policy: dict[str, Any], record: dict[str, Any], advice: Advice, words: str
) -> None:
    verdict = _judged(Policy.model_validate(policy), _record(**record))
    assert verdict.advice is advice
    assert words in verdict.because


def test_what_no_record_speaks_about() -> None:
    policy = Policy.model_validate({"unlisted": {"public": "deny", "local": "allow", "unnamed": "ask"}})
    assert _judged(policy, None).advice is Advice.DENY
    assert _judged(policy, None, local("x.py")).advice is Advice.ALLOW
    assert _judged(policy, None, variable()).advice is Advice.ASK
    assert _judged(policy, None, variable(), disabled=True).advice is Advice.ALLOW
    checked = Policy.model_validate({"disabled": {"check": True}})
    assert _judged(checked, None, variable(), disabled=True).advice is Advice.ASK


def _exception(**changes: Any) -> Policy:
    fields = {"subject": PURL, "advice": "allow", "reason": "read by us", "until": "2026-12-31"}
    return Policy.model_validate({"exceptions": [fields | changes]})


def test_an_exception_counts_for_its_subject_until_its_day() -> None:
    bad = _record(possible={"low": 9, "high": 10}, likely={"low": 9, "high": 10})
    assert _judged(_exception(), bad).advice is Advice.ALLOW
    assert _judged(_exception(until="2026-11-27"), bad).advice is Advice.ALLOW
    assert _judged(_exception(until="2026-11-26"), bad).advice is Advice.DENY
    assert _judged(_exception(subject="pkg:npm/left"), bad).advice is Advice.ALLOW
    assert _judged(_exception(subject="pkg:npm/left@1.0.1"), bad).advice is Advice.DENY
    assert _judged(_exception(subject="pkg:npm/right"), bad).advice is Advice.DENY
    assert "read by us" in _judged(_exception(), bad).because


@pytest.mark.parametrize(
    "text",
    [
        '[[exceptions]]\nsubject = "playwright"\nadvice = "allow"\nreason = "x"\nuntil = 2027-01-01',
        '[[exceptions]]\nsubject = "pkg:npm/left"\nadvice = "allow"\nuntil = 2027-01-01',
        '[[exceptions]]\nsubject = "pkg:npm/left"\nadvice = "allow"\nreason = "x"',
        "[limits]\npossible = 11",
        "[limit]\npossible = 1",
        '[powers]\nflies = "deny"',
        '[unlisted]\npublic = "maybe"',
        "[limits",
    ],
)
def test_a_policy_that_says_something_else_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "policy.toml"
    path.write_text(text)
    with pytest.raises(BadInput):
        read_policy(path)


def test_the_default_file_says_what_the_defaults_are() -> None:
    assert read_policy(None) == Policy()
    assert default_text().startswith("# ")


def test_the_prose_names_every_rule_that_is_not_allow() -> None:
    policy = Policy.model_validate(
        {
            "limits": {"possible": 5.5},
            "kinds": {"allowed": ["skill"]},
            "powers": {"sends": "deny"},
            "unknowns": {"required": ["hosting"], "tolerated": ["retention"]},
            "exceptions": [{"subject": PURL, "advice": "allow", "reason": "read by us", "until": "2026-12-31"}],
        }
    )
    text = prose(policy)
    for words in (
        "5.5",
        "skill",
        "Deny what sends messages",
        "hosting",
        "retention",
        "read by us",
        "2026-12-31",
        "spends money",
    ):
        assert words in text


_advice = st.sampled_from(list(Advice))
_SCORES = st.integers(0, 100).map(lambda tenths: tenths / 10)
_FACTS = ["hosting", "retention", "approval"]
_POLICIES = st.builds(
    lambda limits, evidence, kinds, powers, unknowns, versions, unlisted: Policy.model_validate(
        {
            "limits": limits,
            "evidence": evidence,
            "kinds": kinds,
            "powers": powers,
            "unknowns": unknowns,
            "versions": versions,
            "unlisted": unlisted,
        }
    ),
    st.fixed_dictionaries({"possible": _SCORES, "likely": _SCORES}),
    st.fixed_dictionaries({"max_age_days": st.none() | st.integers(1, 400), "stale": _advice}),
    st.fixed_dictionaries(
        {"allowed": st.none() | st.lists(st.sampled_from(["skill", "mcp_server"])), "other": _advice}
    ),
    st.fixed_dictionaries(dict.fromkeys(POWERS, _advice)),
    st.fixed_dictionaries(
        {
            "required": st.lists(st.sampled_from([*_FACTS, *POWERS, "*"])),
            "tolerated": st.lists(st.sampled_from(_FACTS)),
            "answer": st.sampled_from([Advice.ASK, Advice.DENY]),
        }
    ),
    st.fixed_dictionaries({"unpinned": _advice, "other": _advice}),
    st.fixed_dictionaries({"public": _advice}),
)


@st.composite
def _records(draw: st.DrawFn) -> dict[str, Any]:
    low, high = sorted((draw(_SCORES), draw(_SCORES)))
    inside = sorted((draw(_SCORES), draw(_SCORES)))
    return {
        "purl": draw(st.sampled_from([PURL, "pkg:npm/left@2.0.0", "pkg:npm/left"])),
        "kind": draw(st.sampled_from([None, "skill", "mcp_server"])),
        "possible": {"low": low, "high": high},
        "likely": draw(st.sampled_from([None, {"low": inside[0], "high": inside[1]}])),
        "touches": draw(st.dictionaries(st.sampled_from(POWERS), st.booleans())),
        "unknowns": draw(st.lists(st.sampled_from(_FACTS), unique=True)),
        "assessed": TODAY - timedelta(days=draw(st.integers(0, 500))),
        "expires": TODAY + timedelta(days=draw(st.integers(-100, 400))),
    }


@st.composite
def _hidden(draw: st.DrawFn) -> tuple[dict[str, Any], dict[str, Any]]:
    """A record, and the same with evidence taken away: a wider range, unknown facts, no date, no kind, no version."""
    record = draw(_records())
    less = dict(record)
    wider = record["possible"]["high"] + draw(st.integers(0, 50)) / 10
    less["possible"] = draw(st.sampled_from([None, {"low": 0.0, "high": min(10.0, wider)}]))
    inside = sorted((draw(_SCORES), draw(_SCORES)))
    less["likely"] = draw(st.sampled_from([None, record["likely"], {"low": inside[0], "high": inside[1]}]))
    kept = draw(st.lists(st.sampled_from(POWERS)))
    less["touches"] = {power: says for power, says in record["touches"].items() if power in kept}
    less["unknowns"] = sorted({*record["unknowns"], *draw(st.lists(st.sampled_from(_FACTS)))})
    for name in ("kind", "assessed", "expires"):
        less[name] = draw(st.sampled_from([record[name], None]))
    less["purl"] = draw(st.sampled_from([record["purl"], "pkg:npm/left"]))
    return record, less


_SUBJECTS = st.sampled_from([PURL, "pkg:npm/left"])


@given(_POLICIES, _hidden(), _SUBJECTS)
def test_hiding_evidence_never_turns_deny_or_ask_into_allow(
    policy: Policy, pair: tuple[dict[str, Any], dict[str, Any]], purl: str
) -> None:
    whole, less = (_judged(policy, _record(**fields), of_purl(purl)) for fields in pair)
    assert whole.advice is Advice.ALLOW or less.advice is not Advice.ALLOW


@given(_POLICIES, _records(), _SUBJECTS, st.integers(1, 1000))
def test_time_alone_never_makes_anything_safer(policy: Policy, fields: dict[str, Any], purl: str, days: int) -> None:
    subject, record = of_purl(purl), _record(**fields)
    match = match_record(subject, record)
    now, later = (
        judge(policy, Entry("a", 1, None, subject), match, day) for day in (TODAY, TODAY + timedelta(days=days))
    )
    assert ORDER.index(later.advice) >= ORDER.index(now.advice)


@given(_POLICIES, _records())
def test_the_advice_is_the_strictest_reason(policy: Policy, fields: dict[str, Any]) -> None:
    verdict = _judged(policy, _record(**fields))
    assert verdict.advice is max((reason.advice for reason in verdict.reasons), key=ORDER.index)
    assert verdict.because


def test_the_end_of_an_exception_is_a_day() -> None:
    assert _exception().exceptions[0].until == date(2026, 12, 31)
