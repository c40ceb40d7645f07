"""The command: its exit codes, its three outputs, and that an alert stays one alert when a line moves."""

import hashlib
import json
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from assay_check.cli import Program, main
from assay_check.errors import BadInput
from assay_check.lookup.record_summary import RecordSummary
from assay_check.subjects import Entry
from tests.assay_check.conftest import BUYER, summary

TODAY = ["--today", "2026-11-27"]


def _run(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    code = main([*map(str, arguments), *TODAY])
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def _one(tmp_path: Path, command: str, name: str = "one.json") -> Path:
    words = command.split()
    path = tmp_path / name
    path.write_text(json.dumps({"mcpServers": {"a": {"command": words[0], "args": words[1:]}}}))
    return path


def test_the_exit_code_says_what_the_policy_says(capsys: Any, tmp_path: Path, site: Path, buyer: Path) -> None:
    allowed = _one(tmp_path, "npx -y @example/weather-mcp@1.4.2")
    asked = _one(tmp_path, "npx unknown", "two.json")
    broken = tmp_path / "broken.json"
    broken.write_text('{"mcpServers": {"a": {"command": "npx"')
    assert _run(capsys, allowed, "--records", site)[0] == 0
    assert _run(capsys, asked, "--records", site)[0] == 5
    assert _run(capsys, buyer, "--records", site)[0] == 4
    assert _run(capsys, broken, allowed, "--records", site)[0] == 2
    assert _run(capsys, broken, buyer, "--records", site)[0] == 4
    assert _run(capsys, tmp_path / "none.json")[0] == 2
    assert _run(capsys, allowed, "--records", tmp_path)[0] == 2
    assert _run(capsys, allowed, "--policy", tmp_path / "none.toml")[0] == 2
    assert _run(capsys)[0] == 2


def test_the_table_names_line_subject_record_and_reason(capsys: Any, site: Path, buyer: Path) -> None:
    _, table, _ = _run(capsys, buyer, "--records", site)
    for words in (
        "4  allow  weather: pkg:npm/%40example/weather-mcp@1.4.2",
        f"by exact version of 1.4.2; 26 days old, good until 2027-03-01; {site}/records/weather.json",
        "9  ASK    docs: https://mcp.example.com/mcp",
        "10  DENY   scraper: pkg:pypi/example-scraper-mcp",
        "allow only if its token may only read where it need not change",
        "3 entries: 1 allow, 1 ask, 1 deny",
    ):
        assert words in table


def test_json_holds_what_the_table_shows(capsys: Any, site: Path, buyer: Path) -> None:
    code, text, _ = _run(capsys, buyer, "--records", site, "--json")
    report = json.loads(text)
    weather, docs, scraper = report["files"][0]["entries"]
    assert (report["exit"], report["today"]) == (code, "2026-11-27")
    assert weather["match"]["sureness"] == "exact version" and weather["advice"] == "allow"
    assert docs["subject"]["endpoint"] == "https://mcp.example.com/mcp" and docs["advice"] == "ask"
    assert scraper["match"]["record"]["possible"] == {"low": 7.1, "high": 9.3} and scraper["advice"] == "deny"
    assert weather["credentials"] == ["WEATHER_API_KEY"]


def _sarif(capsys: Any, *arguments: object) -> dict[str, Any]:
    log: dict[str, Any] = json.loads(_run(capsys, *arguments, "--sarif")[1])
    return log


def test_sarif_is_valid_and_stands_on_the_line_of_the_entry(
    capsys: Any, site: Path, buyer: Path, shared: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(buyer.parent)
    broken = buyer.parent / "broken.json"
    broken.write_text("{")
    log = _sarif(capsys, buyer.name, broken.name, "--records", site)
    schema = json.loads((shared / "conformance/use/schemas/sarif/sarif-schema-2.1.0.json").read_text("utf-8"))
    jsonschema.Draft7Validator(schema).validate(log)
    found = {
        (
            r["ruleId"],
            r["locations"][0]["physicalLocation"]["artifactLocation"]["uri"],
            r["locations"][0]["physicalLocation"]["region"]["startLine"],
        )
        for r in log["runs"][0]["results"]
    }
    assert found == {
        ("assay/ask", ".mcp.json", 9),
        ("assay/denied", ".mcp.json", 10),
        ("assay/unpinned", ".mcp.json", 10),
        ("assay/unread", "broken.json", 1),
    }


def _prints(log: dict[str, Any]) -> list[str]:
    return [result["partialFingerprints"]["assayEntry/v1"] for result in log["runs"][0]["results"]]


def test_a_fingerprint_outlives_lines_and_differs_between_findings(
    capsys: Any, site: Path, buyer: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(buyer.parent)
    before = _sarif(capsys, buyer.name, "--records", site)
    buyer.write_text(
        "// moved\n\n" + BUYER.replace('"docs"', '"new": {"command": "npx", "args": ["unknown"]},\n"docs"')
    )
    after = _sarif(capsys, buyer.name, "--records", site)
    assert set(_prints(before)) < set(_prints(after))
    assert len(set(_prints(after))) == len(_prints(after))


def test_the_same_check_gives_the_same_bytes(capsys: Any, site: Path, buyer: Path) -> None:
    for form in ("--json", "--sarif"):
        assert _run(capsys, buyer, "--records", site, form) == _run(capsys, buyer, "--records", site, form)


def test_since_shows_only_what_changed(capsys: Any, site: Path, buyer: Path) -> None:
    code, table, _ = _run(capsys, buyer, "--records", site, "--since", "2026-11-02")
    assert (code, "scraper" in table, "0 entries changed" in table) == (0, False, True)
    code, table, _ = _run(capsys, buyer, "--records", site, "--since", "2026-10-31")
    assert (code, "scraper" in table) == (4, True)


def test_the_small_program_names_the_one_that_makes_records(capsys: Any, site: Path, buyer: Path) -> None:
    code, _, errors = _run(capsys, buyer, "--records", site, "--assess-missing")
    assert code == 2 and errors.count("\n") == 1 and "assay check --assess-missing" in errors


def _record(entry: Entry, file: Path, leave_out: Sequence[Path]) -> RecordSummary:
    if entry.name != "new":
        raise BadInput("not this one")
    return summary("new", record="local:new", possible={"low": 0.0, "high": 1.0}, likely=None)


@pytest.mark.parametrize(("unlisted", "code"), [("ask", 5), ("deny", 4), ("allow", 0)])
def test_a_record_that_nobody_reviewed_never_makes_the_policy_milder(
    capsys: Any, tmp_path: Path, site: Path, unlisted: str, code: int
) -> None:
    policy = tmp_path / "policy.toml"
    policy.write_text(f'[unlisted]\npublic = "{unlisted}"\n')
    one = _one(tmp_path, "npx new@1.0.0")
    one.write_text(one.read_text().replace('"a"', '"new"'))
    words = [str(one), "--records", str(site), "--policy", str(policy), "--assess-missing", *TODAY]
    assert main(words, Program("assay check", assess=_record)) == code
    told = capsys.readouterr()
    assert "local:new was made here" in told.err and "by local record (made here, reviewed by nobody)" in told.out


def test_a_bundle_is_checked_as_far_as_the_small_program_can(capsys: Any, tmp_path: Path) -> None:
    text = {"url": "https://a.example.com/", "text": "It reads files.", "digest": _digest(b"It reads files.")}
    quote = {"url": text["url"], "text_digest": text["digest"], "start": 3, "end": 8, "quote": "reads"}
    members = {
        "record.json": json.dumps({"slug": "a", "extraction": {"factors": [{"evidence": [quote]}]}}).encode(),
        "texts/00.json": json.dumps(text).encode(),
    }
    site = tmp_path / "site"
    (site / "agents").mkdir(parents=True)
    (site / "agents/a.json").write_bytes(members["record.json"])
    damages: dict[str, tuple[str, bytes, bytes]] = {
        "holds": ("record.json", b"", b""),
        "does not stand at 4": ("record.json", b'"start": 3', b'"start": 4'),
        "publishes another version": ("record.json", b'"slug"', b'"x": 1, "slug"'),
        "does not match its digest": ("texts/00.json", b"files.", b"folders."),
    }
    for wanted, (name, before, after) in damages.items():
        changed = members | {name: members[name].replace(before, after)}
        files = {one: _digest(body) for one, body in changed.items()}
        about = json.dumps({"format": "assay-bundle-1", "files": files}).encode()
        with zipfile.ZipFile(tmp_path / "b.zip", "w") as archive:
            for one, body in {**changed, "bundle.json": about}.items():
                archive.writestr(one, body)
        code, output, _ = _run(capsys, "--verify", tmp_path / "b.zip", "--records", site)
        assert wanted in output and code == (0 if wanted == "holds" else 4)
    assert _run(capsys, "--verify", site / "agents/a.json")[0] == 2


def _digest(body: bytes) -> str:
    return f"sha256:{hashlib.sha256(body).hexdigest()}"


def test_without_a_site_nothing_public_is_known(capsys: Any, buyer: Path) -> None:
    code, table, _ = _run(capsys, buyer)
    assert code == 5 and "no records were asked" in table


def test_a_package_beside_the_subject_counts_against_it(capsys: Any, tmp_path: Path, site: Path) -> None:
    path = _one(tmp_path, "npx -y @example/weather-mcp@1.4.2 uvx example-scraper-mcp")
    code, table, _ = _run(capsys, path, "--records", site)
    assert code == 4 and "also runs pkg:pypi/example-scraper-mcp" in table


def test_what_a_site_says_cannot_reach_the_terminal(capsys: Any, tmp_path: Path, site: Path) -> None:
    for file in (site / "lookup").iterdir():
        body = file.read_bytes().replace(b"records/weather.json", b"records/\\u001b[31m\\u202e.json")
        file.write_bytes(
            body.replace(b'"band":"Medium"', b'"band":"\\u001b[32m\\u202e"').replace(b"mcp_server", b"\\u001b\\u202e")
        )
    policy = tmp_path / "policy.toml"
    policy.write_text('[kinds]\nallowed = ["skill"]\n')
    one = _one(tmp_path, "npx -y @example/weather-mcp@1.4.2")
    for arguments in ([], ["--policy", policy], ["--for", "vscode"], ["--policy", policy, "--sarif"]):
        _, output, errors = _run(capsys, one, "--records", site, *arguments)
        assert not {"\x1b", "\u202e"} & set(output + errors)


def test_the_policy_is_shown_as_a_file_and_as_sentences(capsys: Any, tmp_path: Path) -> None:
    code, text, _ = _run(capsys, "--default-policy")
    (tmp_path / "policy.toml").write_text(text)
    assert code == 0
    assert (
        _run(capsys, "--explain-policy")[1] == _run(capsys, "--explain-policy", "--policy", tmp_path / "policy.toml")[1]
    )
