"""Site, desk and terminal say the same of a claim: its title, how it is known, and what its quote does for it."""

import json
import re
from collections.abc import Callable, Iterator
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from extractors import reference_classes
from extractors.canonical_json import digest
from flows.cli import app
from flows.operations.web_servers import desk_options
from flows.report import assessment_text
from flows.settings import load
from flows.store_access import open_store
from publishing.pages.agent_page import agent_page
from records.store import Store
from scoring import labels
from scoring.assessment import assess
from scoring.claims import Claim, Extraction, LayerAssessment, SupportVerdict
from scoring.likely.decision import LikelyRange
from scoring.scores import Provenance
from scoring.vocabulary import Certainty, Detail, LayerStatus, NotCertainReason, Support
from tests.publishing.made_records import of_records
from tests.records.made import record
from tests.review.world import fill, found, people, put, visitor

WHY = "“mends <nets>” speaks of: its work"
MARKS: tuple[dict[str, Any], ...] = (
    {"support": SupportVerdict(verdict=Support.CARRIES, rule="says it", why=WHY)},
    {"support": SupportVerdict(verdict=Support.OFF, rule="off", why=WHY), "detail": Detail.QUOTE_DOES_NOT_CARRY},
    {"detail": Detail.NOT_RECOGNISED},
    {"detail": "a_word_of_a_later_version"},
)


def marked(extraction: Extraction) -> Extraction:
    """Each claim with one of the marks: a verdict that carries where a quote is, another where none is."""

    def mark(n: int, claim: Claim | LayerAssessment) -> Any:
        return claim.model_copy(update=MARKS[0] if claim.evidence else MARKS[1 + n % 3])

    return Extraction.model_validate(
        extraction.model_copy(
            update={
                "factors": tuple(mark(n, claim) for n, claim in enumerate(extraction.factors)),
                "layers": tuple(mark(n, claim) for n, claim in enumerate(extraction.layers)),
                "exposure": tuple(mark(n, claim) for n, claim in enumerate(extraction.exposure)),
            }
        ).model_dump()
    )


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "assay.db") as opened:
        fill(opened, "otter")
        people(opened)
        put(opened, marked(found("otter")))
        yield opened


@pytest.mark.slow
def test_the_three_say_the_same_of_every_claim(store: Store, capsys: pytest.CaptureFixture[str]) -> None:
    current = store.assessments.current("otter")
    assert current is not None
    published = record(store, "otter").model_copy(
        update={"extraction": current.extraction, "assessment": current.assessment}
    )
    site = unescape(agent_page(published, of_records([published])))
    assessment_text.show(current.extraction, current.assessment, None)
    terminal = capsys.readouterr().out
    desk = visitor(store, "vera")
    claims = [
        *((f"factors.{claim.factor}", claim) for claim in current.extraction.factors),
        *((f"layers.{claim.layer}", claim) for claim in current.extraction.layers),
        *((f"exposure.{claim.fact}", claim) for claim in current.extraction.exposure),
    ]
    lines = {labels.grounds(claim) for _, claim in claims}
    assert len(lines) == len(MARKS) and all(line in site and line in terminal for line in lines)
    for path, claim in claims:
        title, card = labels.path_title(path), unescape(desk.get(f"/agents/otter?claim={path}").text)
        assert f"<h2>{title}</h2>" in card and labels.grounds(claim) in card, path
        assert title in terminal and title.removeprefix(path[-2:]).strip() in site, path
        assert labels.known(claim) in terminal and labels.known(claim) in site, path


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    capsys.readouterr()
    app(list(arguments), standalone_mode=False)
    return capsys.readouterr().out


def nothing_known(slug: str) -> Extraction:
    """Every claim is unknown, but for a layer that does not apply: it is known, and has no quote."""
    extraction = found(slug)
    unknown: dict[str, Any] = {"reason": NotCertainReason.NOT_STATED, "evidence": (), "support": None, "basis": None}
    unsure = unknown | {"certainty": Certainty.NOT_CERTAIN}
    first, *layers = (
        layer.model_copy(update=unknown | {"status": LayerStatus.NOT_CERTAIN, "threats": ()})
        for layer in extraction.layers
    )
    update = {
        "factors": tuple(claim.model_copy(update=unsure) for claim in extraction.factors),
        "exposure": tuple(claim.model_copy(update=unsure | {"value": None}) for claim in extraction.exposure),
        "layers": (first.model_copy(update={"status": LayerStatus.NOT_APPLICABLE, "reason": None}), *layers),
    }
    return Extraction.model_validate(extraction.model_copy(update=update).model_dump())


LENIENT = "[limits]\npossible = 10.0\nlikely = 10.0\n"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("drafted", "classed", "policy"),
    [
        (found, True, ""),
        (found, True, LENIENT),
        (found, False, ""),
        (nothing_known, True, ""),
    ],
    ids=["known", "own policy", "without a class", "withheld"],
)
def test_all_give_one_count_and_one_decision(
    drafted: Callable[[str], Extraction],
    classed: bool,
    policy: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Command line, desk, page and every machine form, of one agent that is really published."""
    if policy:
        (tmp_path / "policy.toml").write_text(policy)
        monkeypatch.setenv("ASSAY_PUBLISH__POLICY", str(tmp_path / "policy.toml"))
    settings, extraction = load(), drafted("otter")
    versions = Provenance(
        tool="assay 0",
        rubric="1",
        formula="aivss-0.8-listing",
        prompt=extraction.prompt,
        model=extraction.assessor,
        reference=reference_classes.current().name if classed else None,
    )
    scored = assess(extraction, digest(extraction), versions)
    with open_store(settings) as kept:
        fill(kept, "otter")
        people(kept)
        kept.assessments.put(extraction, scored)
        desk = visitor(kept, "vera", desk_options(settings))
        queue, head = (" ".join(unescape(desk.get(path).text).split()) for path in ("/", "/agents/otter"))
    draft = " ".join(run(capsys, "review", "show", "otter").split())
    listed = json.loads(run(capsys, "review", "list", "--json"))
    run(capsys, "review", "approve", "otter", "--digest", digest(scored))
    run(capsys, "site", "publish")
    said = " ".join(run(capsys, "agents", "show", "otter").split())
    told = json.loads(run(capsys, "agents", "show", "otter", "--json"))
    site = settings.site / "current"
    page, coverage = (
        " ".join(unescape(re.sub(r"<[^>]+>", " ", (site / path).read_text())).split())
        for path in ("agents/otter.html", "coverage.html")
    )
    record, summary, bom = (
        json.loads((site / path).read_text())
        for path in ("agents/otter.json", "summaries/otter.json", "cyclonedx/otter.cdx.json")
    )
    index = json.loads((site / "index.json").read_text())

    known = sum(claim.reason is None for claim in extraction.claims.values())
    line = f"{known} of 32 claims known"
    assert all(line in text for text in (said, draft, queue, head, page)) and line in str(listed), known
    assert told["claims"] == record["claims"] == summary["claims"] == {"known": known, "of": 32}
    assert told["agent"]["not_certain"] == dict(zip(index["columns"], *index["agents"], strict=True))["unknowns"]
    assert f"Claims known {known} 32" in coverage and f'<td class="n">{32 - known}<small>of 32</small>' in queue
    (confidence,) = (part["confidence"] for part in bom["declarations"]["attestations"][0]["map"])
    assert confidence == {"score": round(known / 32, 4), "rationale": line}

    shown = {"terminal": said, "draft": draft, "desk": " ".join(re.sub(r"<[^>]+>", " ", head).split()), "page": page}
    if not classed:
        assert record.get("advice") is None and told["decision"] is None
        assert all(labels.NO_DECISION[1:] in text for text in shown.values())
        return
    word, reason = record["advice"]["word"], record["advice"]["reason"]
    assert told["decision"]["advice"] == record["advice"]
    assert all(reason in text and word in text.lower() for text in shown.values())
    assert word == ("allow" if policy else "ask" if scored.headline.withheld else "deny")
    likely, ends = record["likely"], f"{record['likely']['low']} to {record['likely']['high']}"
    bands = labels.likely_bands(LikelyRange.model_validate(likely), record["firm"])
    assert all(bands in text and ends in text for text in shown.values()) and bands.startswith("firm") == record["firm"]
    assert all((scored.headline.withheld or "withheld") in text for text in shown.values() if scored.headline.withheld)
