"""The terminal keeps the rules of the desk, and whatever a name says, a terminal is told text only."""

import json
import re
import shutil
import unicodedata
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from flows.cli import app
from flows.report.console import escaped
from records.agents.review_queue import AgentStatus
from records.store import Store
from review.services import draft
from review.services.kept_decisions import carried_amendments
from scoring.amendments import amended
from scoring.errors import BadInput, NotFound, Refused
from scoring.vocabulary import RiskFactor
from tests.flows.test_command import assay  # type: ignore[import-not-found]
from tests.records.made import publish
from tests.records.store_dump import dump
from tests.review.world import fill, found, people, put, visitor

AUTONOMY = "factors.autonomy_of_action"
RED = "\x1b[31m\x9b31m\x07\x7f\u202eevil\u2066\u200f\u061c\u2028\ud83dx"
CELLS = ("Cc", "Cf", "Cs", "Zl", "Zp")


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a store with one draft, to copy."""
    folder = tmp_path_factory.mktemp("filled")
    with Store.open(folder / "assay.db") as opened:
        fill(opened, "otter")
    return folder


@pytest.fixture
def store(filled: Path, own_home: Path) -> Iterator[Store]:
    shutil.copytree(filled, own_home)
    with Store.open(own_home / "assay.db") as opened:
        yield opened


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    """Runs a command in this process; gives what it printed, raises what it raised."""

    def command(*arguments: str) -> str:
        capsys.readouterr()
        app(list(arguments), standalone_mode=False)
        return capsys.readouterr().out

    return command


def shown(run: Callable[..., str]) -> str:
    (digest,) = re.findall(r"digest sha256:([0-9a-f]{64})", run("review", "show", "otter"))
    return str(digest)


@pytest.mark.slow
@pytest.mark.parametrize("decision", ["approve", "reject"])
def test_a_decision_names_the_draft_that_was_read(store: Store, run: Callable[..., str], decision: str) -> None:
    note = ("--note", "another product")
    digest = shown(run)
    assert json.loads(run("review", "show", "otter", "--json"))["digest"] == f"sha256:{digest}"
    with pytest.raises(typer.TyperException, match="digest"):
        run("review", decision, "otter", *note)
    for wrong in (
        ["--digest", ""],
        ["--digest", digest[:7]],
        ["--digest", "sha256:"],
        ["--digest", "x" * 12],
        ["--digest", digest + "0"],
    ):
        with pytest.raises(BadInput, match=r"digest|which draft"):
            run("review", decision, "otter", *note, *wrong)
    put(store, found("otter", value="0.3"))
    for wrong in (digest, digest[:8], f"sha256:{digest}", "0" * 8):
        with pytest.raises(Refused, match="changed since you read it"):
            run("review", decision, "otter", *note, "--digest", wrong)
    assert store.reviews.all("otter") == ()
    run("review", decision, "otter", *note, "--digest", shown(run)[:8])
    kept = store.reviews.standing("otter")
    assert kept is not None and kept.review.decision == decision


def test_what_the_terminal_says_next_is_what_it_takes(store: Store, run: Callable[..., str]) -> None:
    (line,) = re.findall(r"Next: assay (review approve)\|reject (otter .*), or", run("review", "show", "otter"))
    run(*line[0].split(), *line[1].split())
    assert store.queue.status("otter") is AgentStatus.APPROVED
    kept = store.reviews.standing("otter")
    assert kept is not None and kept.seconds == kept.review.seconds is not None, "the record says how long it took"


@pytest.mark.slow
def test_claims_that_another_decided_meanwhile_are_refused(store: Store, run: Callable[..., str]) -> None:
    people(store)
    told = json.loads(run("review", "show", "otter", "--json"))
    visitor(store, "vera").decide(AUTONOMY, "rejected")
    named = ("--digest", told["digest"], "--decisions", told["decisions"][7:19])
    with pytest.raises(Refused, match="decided meanwhile"):
        run("review", "approve", "otter", *named)


def test_amendments_of_one_claim_add_up_and_show(store: Store, run: Callable[..., str]) -> None:
    run("review", "amend", "otter", AUTONOMY, "value=0.2", "--reason", "misread")
    run("review", "amend", "otter", AUTONOMY, "text=It asks first.", "--reason", "misread")
    run("review", "amend", "otter", AUTONOMY, "value=0.3", "--reason", "misread")
    claims = draft.read(store, "otter")
    factor = amended(claims.extraction, carried_amendments(store, claims)).factor(RiskFactor.AUTONOMY_OF_ACTION)
    assert (str(factor.value), factor.rationale) == ("0.3", "It asks first.")
    told = run("review", "show", "otter")
    assert "amended: value: 0.7 → 0.3" in told and "  0.3  " in told, "what would be approved is what is shown"
    run("review", "amend", "otter", AUTONOMY, "value=0.7", "--reason", "misread")
    run("review", "amend", "otter", AUTONOMY, f"text={claims.extraction.factors[0].rationale}", "--reason", "misread")
    assert carried_amendments(store, claims) == () and store.drafts.last("otter")[AUTONOMY].verdict == "accepted"


def test_an_amendment_passes_on_when_the_draft_was_opened(store: Store, run: Callable[..., str]) -> None:
    opened = json.loads(run("review", "show", "otter", "--json"))["opened"]
    told = run("review", "amend", "otter", AUTONOMY, "value=0.2", "--reason", "misread", "--opened", str(opened))
    (line,) = re.findall(r"Next: assay (.*)", told)
    run(*line.split())
    kept = store.reviews.standing("otter")
    assert kept is not None and kept.review.seconds is not None and len(kept.review.amendments) == 1


RULES: dict[str, tuple[list[str], str]] = {
    "a rejection needs its reason": (
        ["review", "reject", "otter", "--digest", "DIGEST", "--reason", ""],
        "a rejection needs its reason",
    ),
    "blanks are no reason": (["review", "reject", "otter", "--digest", "DIGEST", "--note", " \t"], "needs its reason"),
    "another reason is told": (["review", "amend", "otter", AUTONOMY, "value=0.2"], "say the reason in the note"),
    "a decided draft takes no amendment": (
        ["review", "amend", "heron", AUTONOMY, "value=0.2", "--reason", "misread"],
        "decided already",
    ),
    "an amendment may name its draft": (
        ["review", "amend", "otter", AUTONOMY, "value=0.2", "--reason", "misread", "--digest", "0" * 8],
        "changed since you read it",
    ),
    "what is published is taken back with a reason": (
        ["review", "reverse", "heron", "--by", "paul"],
        "needs its reason",
    ),
    "and by a publisher": (["review", "reverse", "heron", "--by", "vera", "--note", "no"], "needs the role publisher"),
    "a withdrawal needs its reason": (
        ["record", "withdraw", "heron", "--by", "paul", "--reason", " "],
        "needs a reason",
    ),
    "a withdrawal needs a publisher": (
        ["record", "withdraw", "heron", "--by", "vera", "--reason", "no"],
        "needs the role publisher",
    ),
    "a reinstatement needs its reason": (
        ["record", "reinstate", "heron", "--by", "paul", "--reason", ""],
        "needs a reason",
    ),
    "an opting out needs its reason": (["record", "opt-out", "otter", "--reason", " "], "needs a reason"),
    "a release needs a publisher": (["site", "publish", "--released-by", "vera"], "needs the role publisher"),
    "a stranger has no role": (["review", "reverse", "otter", "--by", "eve"], "has no role here"),
}


@pytest.mark.slow
@pytest.mark.parametrize("rule", RULES)
def test_rules_of_the_desk(store: Store, run: Callable[..., str], rule: str) -> None:
    people(store)
    fill(store, "heron", finding=False)
    visitor(store, "paul").conclude("approve", "heron")
    publish(store, "heron")
    digest = shown(run)
    state = dump(store)
    command, why = RULES[rule]
    with pytest.raises((BadInput, Refused), match=why):
        run(*(digest if word == "DIGEST" else word for word in command))
    assert dump(store) == state


def test_who_decided_at_the_terminal_stands_on_record(store: Store, run: Callable[..., str]) -> None:
    people(store)
    run("review", "approve", "otter", "--digest", shown(run), "--by", "paul")
    kept = store.reviews.standing("otter")
    assert kept is not None and (kept.review.reviewer, kept.review.role) == ("paul", "publisher")
    publish(store, "otter")
    run("record", "withdraw", "otter", "--reason", "asked", "--by", "paul")
    assert {event.actor for event in store.events.all(slug="otter") if "withdraw" in event.kind} <= {"paul"}


def odd(text: str) -> list[str]:
    return [f"{c!r}" for c in text if unicodedata.category(c) in CELLS and c not in "\n\t\u200c\u200d"]


@pytest.mark.parametrize(
    "command",
    [
        ["show", "otter"],
        ["show", "otter", "--json"],
        ["review", "list"],
        ["review", "list", "--json"],
        ["review", "show", "otter"],
        ["review", "show", "otter", "--json"],
        ["review", "amend", "otter", "summary", f"text={RED}", "--reason", "other", "--note", RED],
        ["sources", "list"],
        ["sources", "list", "--json"],
        ["sources", "add", f"odd{RED[:-2]}", "--kind", "gopher", "--location", RED[:-2]],
        ["show", RED[:-2]],
        ["assess", RED[:-2]],
        ["assess", "--documents", RED[:-2]],
        ["bundle", RED[:-2]],
        ["verify", RED[:-2]],
        ["withdraw", "otter", "--reason", RED[:-2]],
        ["rescore", "otter", "--set", f"{RED[:-2]}=1"],
        ["review", "amend", "otter", RED[:-2], "value=1", "--reason", "misread"],
        ["review", "amend", "otter", AUTONOMY, f"{RED[:-2]}=1", "--reason", "misread"],
        ["review", "approve", "otter", "--digest", RED[:-2]],
        ["review", "reverse", "otter", "--by", RED[:-2]],
        [RED[:-2]],
        ["show", f"--{RED[:-2]}"],
        ["review", "list", "--limit", RED[:-2]],
        ["show", "otter", RED[:-2]],
        ["status"],
        ["status", "--json"],
        ["prompt", "otter"],
    ],
    ids=lambda command: escaped(" ".join(command))[:50],
)
@pytest.mark.slow
def test_no_command_prints_what_a_terminal_obeys(store: Store, own_home: Path, command: list[str]) -> None:
    plain: dict[str, Any] = found("otter").model_dump(mode="json")
    text = RED.encode("utf-8", "ignore").decode()
    plain |= {"name": text, "summary": {"text": f"It is {text}.", "evidence": []}}
    plain["not_read"] = [{"url": f"https://x.example/{text}", "outcome": "not_found"}]
    for claim in (*plain["factors"], *plain["exposure"]):
        claim["rationale"] = text
    put(store, type(found("otter")).model_validate(plain))
    store.listings.put(store.listings.get("otter").model_copy(update={"name": text}))
    store.sources.add(f"odd {text}", "markdown_list", f"https://x.example/{text}", {})
    store.drafts.add_note("otter", text, author=text)
    arguments = [word.encode("utf-8", "ignore").decode() for word in command]
    process = assay(*arguments, home=own_home)
    told = process.stdout + process.stderr
    assert told.strip() and odd(told) == []
    assert process.returncode != 70, told
    if "--json" in command or command[0] == "prompt":
        json.loads(process.stdout)


def test_half_a_pair_and_every_mark_is_escaped() -> None:
    every = "|".join(c for c in map(chr, range(0x110000)) if unicodedata.category(c) in CELLS)
    told = escaped(json.dumps({"name": f"a{every}b"}, ensure_ascii=False))
    assert odd(told) == [] and json.loads(told)["name"] == f"a{every}b", "nothing is lost for a program"
    assert escaped("Jürgen 👩\u200d🚀 می\u200cخواهم") == "Jürgen 👩\u200d🚀 می\u200cخواهم"


def test_nobody_there_is_told_in_one_line(run: Callable[..., str]) -> None:
    with pytest.raises(NotFound):
        run("review", "approve", "otter", "--digest", "0" * 8)
