"""`assay lab score`: one answer a line, in order, errors in their place."""

import json

import pytest

from flows.operations.score_lines import score_stream

# OWASP AIVSS 0.8 section 3.6.1 as printed: 9.4, factor sum 9.0, AARS 0.5238, raw 9.9238, 9.9 Critical.
EXAMPLE = {
    "profile": "owasp-aivss-0.8",
    "cvss_vector": "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:A/VC:H/VI:H/VA:H/SC:H/SI:H/SA:H",
    "factors": {
        "autonomy": 1,
        "tools": 1,
        "language": 1,
        "context": 1,
        "non_determinism": 1,
        "opacity": 1,
        "persistence": "0.5",
        "identity": 1,
        "multi_agent": 1,
        "self_mod": 0.5,
    },
    "thm": "0.97",
    "mitigation_factor": 1.0,
}


def run(text: str) -> tuple[list[dict[str, object]], int]:
    written: list[str] = []
    bad = score_stream(text.encode().splitlines(keepends=True), written.append)
    return [json.loads(line) for line in written], bad


def test_the_printed_example_with_every_intermediate() -> None:
    rows, bad = run(json.dumps(EXAMPLE) + "\n")
    assert bad == 0
    assert {key: rows[0][key] for key in ("cvss_base", "factor_sum", "aars", "raw", "aivss", "severity")} == {
        "cvss_base": "9.4",
        "factor_sum": "9.0",
        "aars": "0.5238",
        "raw": "9.9238",
        "aivss": "9.9",
        "severity": "Critical",
    }


def test_bad_lines_keep_their_place_and_the_rest_continues() -> None:
    good = json.dumps(EXAMPLE)
    lines = [
        good,
        "{",
        "not json",
        "[1]",
        json.dumps({**EXAMPLE, "thm": 0.95}),
        good.replace("0.97", "NaN").replace('"NaN"', "NaN"),
        json.dumps({**EXAMPLE, "cvss_vector": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}),
        "",
        good,
    ]
    rows, bad = run("\n".join(lines) + "\n")
    assert len(rows) == 8 and bad == 6
    assert ["error" in row for row in rows] == [False, True, True, True, True, True, True, False]
    assert all("\n" not in str(row.get("error", "")) for row in rows)


def test_one_object_over_many_lines() -> None:
    rows, bad = run(json.dumps(EXAMPLE, indent=2))
    assert bad == 0 and len(rows) == 1 and rows[0]["aivss"] == "9.9"


def test_a_lone_brace_first_does_not_swallow_the_rest() -> None:
    rows, bad = run("{\n" + json.dumps(EXAMPLE) + "\n")
    assert bad == 1 and rows[1]["aivss"] == "9.9"


GOOD = json.dumps(EXAMPLE)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (GOOD.replace('"0.97"', "1e999999"), "more digits"),
        (GOOD.replace('"0.97"', "1e999999999999999999999"), "more digits"),
        (GOOD.replace('"0.97"', "1e-999999999999999999999"), "more digits"),
        (GOOD.replace('"0.97"', "7" * 5000), "more digits"),
        (GOOD.replace("0.97", "9" * 1_000_000), "more digits"),
        (GOOD.replace('"0.97"', "Infinity"), "not a finite number"),
        (GOOD.replace('"0.97"', '"-Infinity"'), "thm is a finite number"),
        (GOOD.replace('"0.97"', "true"), "thm is a number, not true"),
        (GOOD.replace('"0.97"', json.dumps([0] * 100_000)), "thm is a number, not a list"),
        (GOOD[:-1] + ', "thm": 0.5}', "key 'thm' stands twice"),
        (GOOD.replace('"tools": 1', '"tools": 1, "tools": 0'), "key 'tools' stands twice"),
        ("[" * 200_000 + "]" * 200_000, "nested too deeply"),
        (GOOD.replace('"0.97"', '{"a":' * 100_000 + "1" + "}" * 100_000), "nested too deeply"),
        (GOOD.replace("owasp-aivss-0.8", "p" * 1_000_000), "no formula profile 'ppp"),
        (GOOD.replace("CVSS:4.0", "C" * 1_000_000), "not 'CCC"),
        (GOOD.replace("UI:A", "UI:" + "A" * 1_000_000), "UI is one of"),
        (GOOD.replace("UI:A", "\\ud800\\u2028"), "is not a CVSS v4.0 base metric"),
        (GOOD.replace("tools", "t" * 1_000_000), "unknown factor 'ttt"),
    ],
    ids=range(18),
)
def test_no_line_is_too_odd_for_a_short_answer_in_its_place(line: str, words: str) -> None:
    written: list[str] = []
    bad = score_stream([line.encode(), GOOD.encode()], written.append)
    assert bad == 1 and len(written) == 2 and written[0].isascii()
    assert words in json.loads(written[0])["error"] and len(written[0]) < 300
    assert json.loads(written[1])["aivss"] == "9.9"


def test_one_object_that_begins_on_the_line_of_its_brace() -> None:
    rows, bad = run(GOOD.replace(', "', ',\n "'))
    assert bad == 0 and len(rows) == 1 and rows[0]["aivss"] == "9.9"


@pytest.mark.slow
def test_a_long_stream_is_never_held_even_if_its_first_line_is_bad() -> None:
    """Answers must come while lines still come; only so many are looked at together as one object may have."""
    written: list[str] = []
    seen_at_first_answer = 0

    def lines():  # type: ignore[no-untyped-def]
        nonlocal seen_at_first_answer
        yield b"{ broken\n"
        for _ in range(10_000):
            seen_at_first_answer += not written
            yield GOOD.encode() + b"\n"

    assert score_stream(lines(), written.append) == 1
    assert len(written) == 10_001 and seen_at_first_answer < 5_000


def test_a_vector_in_another_order_is_put_in_order_and_said() -> None:
    rows, _ = run(GOOD.replace("AV:N/AC:L", "AC:L/AV:N"))
    assert rows[0]["cvss_vector"] == EXAMPLE["cvss_vector"] and "another order" in str(rows[0]["conformance"])
