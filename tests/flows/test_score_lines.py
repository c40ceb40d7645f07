"""`assay score`: one answer a line, in order, errors in their place."""

from __future__ import annotations

import json

from flows.score_lines import score_stream

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
