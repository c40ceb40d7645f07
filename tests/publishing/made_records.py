"""Records made up for these tests: agents in our own words, every quote standing in its page text.

`world(slug, …)` gives one agent's pages, extraction and assessment; `record(…)` publishes it.
"""

import hashlib
import multiprocessing
import os
import random
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cache
from typing import Any

from extractors import reference_classes
from extractors.canonical_json import canonical_bytes, digest
from extractors.pages.page_text import Block, BlockKind, PageText
from extractors.pages.snapshot import sha256
from publishing import file_writer
from publishing.catalogue import Catalogue, Coverage, Names, Run
from publishing.file_writer import AgentFileJob
from publishing.record_versions import lifecycle
from scoring.assessment import assess
from scoring.claims import (
    Evidence,
    ExposureClaim,
    Extraction,
    FactorEstimate,
    Finding,
    LayerAssessment,
    RejectedQuote,
    SourceNotRead,
    SourceRead,
    Summary,
)
from scoring.record import PublishedRecord, SourceDate
from scoring.reviews import Correction, Decision, Review
from scoring.scores import Assessment, Provenance
from scoring.vocabulary import (
    LAYER_TITLES,
    NOT_CERTAIN_OPENING,
    AgentKind,
    Certainty,
    ExposureFact,
    FindingKind,
    LayerStatus,
    MaestroLayer,
    NotCertainReason,
    RiskFactor,
)

START = datetime(2026, 11, 3, 2, 30, tzinfo=UTC)

SENTENCES: dict[str, str] = {
    "what": "{name} sorts the incoming mail of a support team and drafts an answer for each message.",
    "kind": "{name} is an agent that runs in the background and needs no window.",
    "plan": "For every ticket it breaks the request into steps, carries them out and checks the result.",
    "tools": "It can create tickets, send mail and update customer records through the CRM connector.",
    "memory": "Conversations are kept for ninety days so that later answers can refer to them.",
    "context": "It reads the whole thread, the attachments and the customer's open orders.",
    "hosted": "The service is hosted in our own data centre in Rotterdam.",
    "fed": "Anyone who knows the support address can write to it.",
    "approval": "Replies below 200 euro of goodwill are sent without a person looking at them first.",
    "model": "Drafts are written by a hosted language model that the customer picks in the settings.",
    "logs": "Every reply is logged together with the documents it was based on.",
    "agents": "Two helpers, one for billing and one for shipping, take over parts of a case.",
    "secrets": "The connector stores one API key for each customer system.",
    "random": "The same question may be answered in different words on different days.",
}

FACTOR_PLAN: dict[RiskFactor, tuple[str, str, str] | None] = {
    RiskFactor.AUTONOMY_OF_ACTION: ("0.7", "approval", "Small goodwill replies leave without a person."),
    RiskFactor.GOAL_DRIVEN_PLANNING: ("0.5", "plan", "It splits a request and checks its own result."),
    RiskFactor.SELF_MODIFICATION: None,
    RiskFactor.DYNAMIC_TOOL_USE: ("0.7", "tools", "Write access to mail, tickets and customer records."),
    RiskFactor.PERSISTENT_MEMORY: ("0.5", "memory", "Ninety days of conversations."),
    RiskFactor.CONTEXTUAL_AWARENESS: ("0.6", "context", "Thread, attachments and orders."),
    RiskFactor.DYNAMIC_IDENTITY: None,
    RiskFactor.MULTI_AGENT_INTERACTIONS: ("0.4", "agents", "Two helpers share a case."),
    RiskFactor.NON_DETERMINISM: ("0.5", "random", "Wording differs from day to day."),
    RiskFactor.OPACITY_REFLEXIVITY: ("0.3", "logs", "Replies are logged with their sources."),
    RiskFactor.NATURAL_LANGUAGE_INTERFACE: ("1.0", "fed", "Free text from anyone."),
}

EXPOSURE_PLAN: dict[ExposureFact, tuple[str, str] | None] = {
    ExposureFact.RUNS_AT: ("hosted", "hosted"),
    ExposureFact.INPUT_BARRIER: None,
    ExposureFact.SET_UP_BY: None,
    ExposureFact.FED_BY: ("anyone", "fed"),
    ExposureFact.APPROVAL: ("unattended", "approval"),
    ExposureFact.READS: ("limited", "context"),
    ExposureFact.WRITES: ("limited", "tools"),
    ExposureFact.EXECUTES: None,
    ExposureFact.ISOLATION: None,
    ExposureFact.REACHES: ("scoped", "tools"),
    ExposureFact.CHANGES: ("scoped", "tools"),
    ExposureFact.SPENDS: None,
    ExposureFact.INCIDENT: None,
    ExposureFact.CONTROL: None,
}

LAYER_PLAN: dict[MaestroLayer, tuple[str, str, tuple[str, ...]] | None] = {
    MaestroLayer.L1: (
        "model",
        "{name} writes its drafts with a hosted language model that each customer chooses. Text in an incoming "
        "mail can steer that model, and a swapped model changes behaviour without a release.",
        ("L1.2",),
    ),
    MaestroLayer.L2: (
        "memory",
        "Conversations stay for ninety days and feed later answers. A message that was poisoned once can colour "
        "replies to other customers until it ages out.",
        ("L2.1",),
    ),
    MaestroLayer.L3: (
        "plan",
        "Each ticket is split into steps that {name} carries out and checks by itself. A planted instruction in "
        "one step can redirect the ones that follow.",
        ("L3.2", "L3.4"),
    ),
    MaestroLayer.L4: None,
    MaestroLayer.L5: (
        "logs",
        "Every reply is logged together with its documents, which gives an investigator a trail. Nothing says "
        "that anyone is alerted when replies drift.",
        ("L5.3",),
    ),
    MaestroLayer.L6: None,
    MaestroLayer.L7: (
        "agents",
        "Two helpers take over parts of a case. A reply that one of them trusts without checking can carry a "
        "mistake across billing and shipping.",
        ("L7.1",),
    ),
}


def page(url: str, sentences: list[str], title: str = "") -> PageText:
    """One page text of paragraphs, two sentences each."""
    paragraphs = [" ".join(sentences[i : i + 2]) for i in range(0, len(sentences), 2)]
    text, blocks = "", []
    if title:
        blocks.append(Block(0, len(title), BlockKind.HEADING, 1))
        text = title
    for paragraph in paragraphs:
        text += "\n\n" if text else ""
        blocks.append(Block(len(text), len(text) + len(paragraph), BlockKind.PARAGRAPH))
        text += paragraph
    return PageText(
        url=url,
        text=text,
        digest=sha256(text.encode()),
        page_digest=sha256(("<html>" + text).encode()),
        blocks=tuple(blocks),
        title=title,
    )


@dataclass(frozen=True)
class World:
    """One agent as it stands before publication."""

    slug: str
    pages: tuple[PageText, ...]
    extraction: Extraction
    assessment: Assessment

    @property
    def sources(self) -> tuple[SourceDate, ...]:
        return tuple(SourceDate(url=p.url, page_digest=p.page_digest, fetched_at=START) for p in self.pages)


def provenance(**changed: Any) -> Provenance:
    parts: dict[str, Any] = {
        "tool": "assay 0.1.0",
        "rubric": "1",
        "formula": "aivss-0.8-listing",
        "prompt": "assess@1",
        "model": "lexical",
        "prompt_digest": sha256(b"prompt"),
        "reference": reference_classes.current().name,
    }
    return Provenance(**{**parts, **changed})


def world(slug: str = "post-sorter", *parts: Any, **knobs: Any) -> World:
    """One agent. `foreign` is put into every free text field; `drop` leaves sentences (by key) off the page; the rest
    is as `_world` says. Worlds never change, so each is made once."""
    key = repr((slug, parts, sorted(knobs.items())))
    if key not in _WORLDS:
        _WORLDS[key] = _world(slug, *parts, **knobs)
    return _WORLDS[key]


_WORLDS: dict[str, World] = {}


def _world(
    slug: str = "post-sorter",
    name: str = "",
    *,
    seed: int = 0,
    kind: AgentKind = AgentKind.AGENT,
    hostile: str = "",
    foreign: str = "",
    drop: tuple[str, ...] = (),
    values: dict[RiskFactor, str] | None = None,
    facts: dict[ExposureFact, str] | None = None,
    versions: dict[str, Any] | None = None,
) -> World:
    name = name or slug.replace("-", " ").title()
    dice = random.Random(f"{slug}:{seed}")
    said = {key: text.format(name=name) for key, text in SENTENCES.items() if key not in drop}
    if foreign:
        said["foreign"] = foreign
    keys = list(said)
    home = f"https://{slug}.example/"
    readme = f"https://code.example/{slug}/README.md"
    pages = (
        page(home, [said[k] for k in keys[: len(keys) // 2]], title=name),
        page(readme, [said[k] for k in keys[len(keys) // 2 :]], title=f"{name} documentation"),
    )

    def evidence(key: str) -> tuple[Evidence, ...]:
        for one in pages:
            start = one.text.find(said.get(key, "\0"))
            if start >= 0:
                quote = said[key]
                return (
                    Evidence(text_digest=one.digest, url=one.url, start=start, end=start + len(quote), quote=quote),
                )
        return ()

    def known(key: str) -> dict[str, Any]:
        found = evidence(key)
        if not found:
            return {"certainty": Certainty.NOT_CERTAIN, "reason": NotCertainReason.NOT_STATED}
        return {"certainty": dice.choice((Certainty.STATED, Certainty.INFERRED)), "evidence": found}

    factors = []
    for factor in RiskFactor:
        plan = FACTOR_PLAN[factor]
        value = (values or {}).get(factor)
        if plan is None or not evidence(plan[1]):
            rejected = (RejectedQuote(quote=foreign or "It never changes itself.", why="not on the page"),)
            factors.append(
                FactorEstimate(
                    factor=factor,
                    value=value or "0.2",
                    rationale=foreign or "No page speaks of it; the value is the prior of its kind.",
                    certainty=Certainty.NOT_CERTAIN,
                    reason=NotCertainReason.NOT_STATED if dice.random() < 0.7 else NotCertainReason.QUOTE_REJECTED,
                    rejected=rejected,
                )
            )
        else:
            shift = dice.randint(-2, 2) if seed else 0
            tenths = min(10, max(0, int(Decimal(plan[0]) * 10) + shift))
            factors.append(
                FactorEstimate(
                    factor=factor,
                    value=value or str(Decimal(tenths) / 10),
                    rationale=foreign or plan[2],
                    **known(plan[1]),
                )
            )
    exposure = []
    for fact in ExposureFact:
        chosen = EXPOSURE_PLAN[fact]
        if chosen is None or not evidence(chosen[1]):
            exposure.append(
                ExposureClaim(
                    fact=fact, certainty=Certainty.NOT_CERTAIN, reason=NotCertainReason.NOT_STATED, rationale=foreign
                )
            )
        else:
            exposure.append(
                ExposureClaim(
                    fact=fact, value=(facts or {}).get(fact, chosen[0]), rationale=foreign, **known(chosen[1])
                )
            )
    layers = []
    for layer in MaestroLayer:
        mapped = LAYER_PLAN[layer]
        if mapped is None or not evidence(mapped[0]):
            layers.append(
                LayerAssessment(
                    layer=layer,
                    status=LayerStatus.NOT_CERTAIN,
                    reason=NotCertainReason.NOT_STATED,
                    text=f"{NOT_CERTAIN_OPENING}: no page tells about {LAYER_TITLES[layer].lower()}. "
                    + (foreign or "In general, weak isolation there lets one customer's data reach another."),
                )
            )
        else:
            layers.append(
                LayerAssessment(
                    layer=layer,
                    status=LayerStatus.MAPPED,
                    text=foreign or mapped[1].format(name=name),
                    threats=mapped[2],
                    evidence=evidence(mapped[0]),
                )
            )
    findings: tuple[Finding, ...] = ()
    if hostile:
        findings = (
            Finding(
                kind=FindingKind.ADDRESSES_THE_ASSESSOR,
                url=home,
                excerpt=hostile[:300],
                visible=False,
                how="display:none",
            ),
        )
    extraction = Extraction(
        slug=slug,
        name=name,
        kind=kind,
        kind_stated=True,
        summary=Summary(
            text=foreign
            or f"{name} answers support mail and acts in customer systems on its own for small cases. The risk is high "
            "because anyone can write to it and its replies leave without a person. A compromise would hurt most in "
            "the mailbox and in the customer records that it may change.",
            evidence=evidence("what"),
        ),
        factors=tuple(factors),
        layers=tuple(layers),
        exposure=tuple(exposure),
        read=tuple(SourceRead(url=p.url, text_digest=p.digest, page_digest=p.page_digest) for p in pages),
        not_read=(SourceNotRead(url=f"{home}security", outcome="not_found"),),
        findings=findings,
        assessor="lexical",
        prompt="assess@1",
        completion_key=sha256(slug.encode()),
    )
    prov = provenance(**(versions or {}))
    return World(slug, pages, extraction, assess(extraction, digest(extraction), prov))


def review(made: World, at: datetime = START, **changed: Any) -> Review:
    parts: dict[str, Any] = {
        "slug": made.slug,
        "assessment_digest": digest(made.assessment),
        "decision": Decision.APPROVE,
        "reviewer": "r.jansen",
        "role": "reviewer",
        "at": at,
    }
    return Review(**{**parts, **changed})


def publish(made: World, previous: PublishedRecord | None = None, at: datetime = START, **more: Any) -> PublishedRecord:
    return lifecycle.publish(
        previous,
        made.extraction,
        made.assessment,
        more.pop("review", None) or review(made, at),
        now=at,
        sources=made.sources,
        homepage=f"https://{made.slug}.example/",
        repository=f"https://code.example/{made.slug}",
        **more,
    )


def record(slug: str = "post-sorter", at: datetime = START, **knobs: Any) -> PublishedRecord:
    return publish(world(slug, **knobs), at=at) if knobs else _record(slug, at)


@cache
def _record(slug: str, at: datetime) -> PublishedRecord:
    return publish(world(slug), at=at)


def many(count: int, seed: int = 1) -> list[tuple[PublishedRecord, tuple[PageText, ...]]]:
    """`count` agents of all kinds and bands, cheap: a few worlds, varied by name, factors and time."""
    return list(_many(count, seed))


@cache
def _many(count: int, seed: int) -> tuple[tuple[PublishedRecord, tuple[PageText, ...]], ...]:
    dice = random.Random(seed)
    kinds = tuple(AgentKind)
    letters = "abcdefghijklmnopqrstuvwxyz"
    out = []
    for number in range(count):
        slug = f"{dice.choice(letters)}{hashlib.sha256(f'{seed} {number}'.encode()).hexdigest()[:8]}-{number}"
        dropped = tuple(dice.sample(sorted(SENTENCES), dice.randint(0, 6)))
        made = world(slug, seed=number + 1, kind=dice.choice(kinds), drop=dropped)
        out.append((publish(made, at=START + timedelta(minutes=number)), made.pages))
    return tuple(out)


__all__ = ["START", "World", "many", "page", "provenance", "publish", "record", "replace", "review", "world"]


MADE_HERE: list[object] = []
_MAKE_BATCH = file_writer._make_batch


def die(names: Names, jobs: list[AgentFileJob]) -> None:
    """What a process that the system kills does with its work, which is then done here."""
    if multiprocessing.parent_process() is not None:
        os._exit(1)
    MADE_HERE.extend(jobs)
    _MAKE_BATCH(names, jobs)


def of_records(
    records: Iterable[PublishedRecord],
    texts: Iterable[PageText] = (),
    *,
    corrections: tuple[Correction, ...] = (),
    coverage: Coverage | None = None,
    run: Run | None = None,
    names: Names | None = None,
) -> Catalogue:
    """A catalogue of values in memory."""
    bodies = {record.slug: canonical_bytes(record) for record in records}
    by_digest = {text.digest: canonical_bytes(text) for text in texts}
    return Catalogue(
        digests={slug: sha256(body) for slug, body in bodies.items()},
        body=bodies.__getitem__,
        text=by_digest.get,
        corrections=corrections,
        coverage=coverage or Coverage(listed=len(bodies), reviewed=len(bodies)),
        run=run,
        names=names or Names(),
    )


def record_of(catalogue: Catalogue, slug: str) -> PublishedRecord:
    return PublishedRecord.model_validate_json(catalogue.body(slug))
