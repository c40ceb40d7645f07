"""Templates to HTML: one environment, and the page of one agent.

Idea: every value passes `escaping.shown` on its way into a page; what a page may load
is said in its own policy. Invariant: a record page has no script, no style attribute and no remote load, and
stays under `PAGE_LIMIT` bytes by showing less of long texts, never less of the claims.
"""

import hashlib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote, urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined, nodes
from jinja2.compiler import CodeGenerator, Frame

from publishing.catalogue import Catalogue, Names
from publishing.formats.json_schema import CURRENT
from publishing.pages import escaping
from publishing.pages.capabilities import answer, capabilities
from publishing.pages.core_risks import core_risks
from publishing.pages.evidence import AROUND, evidence_list, path_anchor, refs, unknown_anchor
from publishing.pages.index_rows import nothing_quoted
from publishing.pages.score_history import plot, scale_bands
from publishing.pages.verdict import verdict
from publishing.record_versions.change_notes import PLAIN_NOTES
from scoring import labels
from scoring.claims import Claim, Extraction, LayerAssessment, claim_count
from scoring.formulas.table import HEADLINE
from scoring.headline.severity import half_up
from scoring.record import DISCLAIMER, PublishedRecord
from scoring.reviews import Correction
from scoring.risks import crosswalk
from scoring.tools.inventory import touches
from scoring.vocabulary import (
    CORE_RISK_TITLES,
    FACTOR_TITLES,
    LAYER_TITLES,
    REASON_TITLES,
    ExposureFact,
    FindingKind,
)

HERE = Path(__file__).parents[1]
SUMS = (HEADLINE, "owasp-aivss-0.8")
"""Formulas that are (base + uplift) × mitigation."""

ASKED = 5
"""Questions on a page, and in the mail that answers them."""
PAGE_LIMIT = 100_000
"""Bytes of an agent page."""

CSP = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'"
CSP_WITH_SCRIPT = (
    "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'"
)
MENU = (
    ("index.html", "Directory"),
    ("methodology.html", "Methodology"),
    ("coverage.html", "Coverage"),
    ("corrections.html", "Corrections"),
    ("status.html", "Status"),
)


def asset(name: str) -> str:
    """`assay.css` with the digest of its bytes in its name, so that it can be cached for ever."""
    body = (HERE / "static" / name).read_bytes()
    stem, _, ending = name.rpartition(".")
    return f"{stem}-{hashlib.sha256(body).hexdigest()[:12]}.{ending}"


@cache
def assets() -> SimpleNamespace:
    return SimpleNamespace(
        css=asset("assay.css"), js=asset("index.js"), icon=asset("icon.svg"), schema=f"record-{CURRENT}.json"
    )


class _Escaping(CodeGenerator):
    """Leaves escaping to `finalize`: Jinja's own makes an object of every value, which takes longer than the page."""

    def _output_child_pre(self, node: nodes.Expr, frame: Frame, finalize: CodeGenerator._FinalizeInfo) -> None:
        self.write("environment.finalize(")

    def _output_child_post(self, node: nodes.Expr, frame: Frame, finalize: CodeGenerator._FinalizeInfo) -> None:
        self.write(")")


_FILTERS: tuple[Callable[..., object], ...] = (
    *(escaping.clip, escaping.plain, escaping.day, escaping.stamp, escaping.when, escaping.out, refs),
    *(path_anchor, unknown_anchor, answer, crosswalk.ids, labels.known, labels.grounds, labels.path_title),
    *(labels.unknown_title, labels.outcome, labels.threat_name),
)


@cache
def environment() -> Environment:
    """What a page calls often is a filter: Jinja looks at a function at each call before it calls it."""
    made = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=escaping.shown,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,
    )
    made.code_generator_class = _Escaping
    made.filters |= {one.__name__: one for one in (*_FILTERS, reason)}
    made.globals.update(
        short=half_up,
        words=labels,
        PLAIN_NOTES=PLAIN_NOTES,
        titles=SimpleNamespace(factor=FACTOR_TITLES, layer=LAYER_TITLES, risk=CORE_RISK_TITLES),
        scale_bands=scale_bands,
        wide=lambda low, high: max((high - low) * 10, 1),
        bands=labels.bands,
        mapping=crosswalk.MAPPING,
        menu=MENU,
        csp=CSP,
        disclaimer=DISCLAIMER,
        assets=assets(),
    )
    return made


def page(template: str, path: str, names: Names, as_of: str, **values: Any) -> str:
    """A page of the site. `path` is where it will be, without a slash at the start."""
    up = "../" * path.count("/")
    return environment().get_template(template).render(path=path, up=up, names=names, as_of=as_of, **values)


def agent_page(
    record: PublishedRecord,
    catalogue: Catalogue,
    *,
    corrections: tuple[Correction, ...] = (),
    successors: tuple[tuple[str, str], ...] = (),
    rivals: tuple[tuple[str, str], ...] = (),
    in_renewal: bool = False,
) -> str:
    """The page of one agent. Long texts are shortened step by step until it fits; the JSON has them whole."""
    extraction = record.extraction
    html = ""
    summary, touched = verdict(record), capabilities(extraction)
    for level, around, notes in ((0, AROUND, 40), (1, 120, 20), (2, 0, 8), (3, 0, 3)):
        quotes = evidence_list(record, catalogue.text_of, around)
        html = page(
            "agent.html",
            f"agents/{record.slug}.html",
            catalogue.names,
            escaping.day(record.modified),
            record=record,
            level=level,
            evidence=quotes,
            risks=core_risks(record),
            verdict=summary,
            capabilities=touched,
            silent_facts=silent_facts(extraction),
            sums=record.assessment.headline.profile in SUMS,
            listed=record.assessment.headline.profile == HEADLINE,
            plot=plot(record),
            changes=record.changes[:notes],
            more_changes=max(0, len(record.changes) - notes),
            corrections=corrections[: notes + 2],
            corrections_href=channel(catalogue.names.corrections_url),
            answer_href=answer_link(record, channel(catalogue.names.corrections_url)),
            asked=ASKED,
            successors=successors,
            rivals=rivals,
            in_renewal=in_renewal,
            claims=labels.claims_known(claim_count(extraction)),
            nothing_quoted=nothing_quoted(extraction),
            tools=touches(extraction.inventory),
            loud=any(f.kind is FindingKind.ADDRESSES_THE_ASSESSOR for f in extraction.findings),
        )
        if len(html.encode()) <= PAGE_LIMIT:
            break
    return html


def reason(claim: Claim | LayerAssessment) -> str:
    """Why a claim is not certain: what its reader found, else what the pages lack."""
    return labels.grounds(claim).partition(": ")[0] or (REASON_TITLES[claim.reason] if claim.reason else "")


def silent_facts(extraction: Extraction) -> list[tuple[str, list[ExposureFact]]]:
    """Facts of which nothing but the reason is known, by that reason: one line for all of them."""
    found: dict[str, list[ExposureFact]] = {}
    for claim in extraction.exposure:
        if claim.value is None and not claim.evidence and not claim.rejected:
            found.setdefault(reason(claim), []).append(claim.fact)
    return list(found.items())


def channel(url: str) -> str | None:
    """Where corrections go, when it is an address that a page may link to."""
    if url.startswith("mailto:") and not any(c.isspace() or c in "<>\"'" for c in url):
        return url
    return escaping.link(url)


def answer_link(record: PublishedRecord, href: str | None) -> str | None:
    """Where a vendor answers the questions of a page: by mail, a mail that names each claim and is filled in."""
    if href is None or not href.startswith("mailto:"):
        return href
    blanks = "Answer:\nYour sentence:\nIts public page:\n"
    questions = [f"{question.text}\nClaim: {question.settles}\n{blanks}" for question in record.questions[:ASKED]]
    mail = {"subject": f"Answers about {record.slug}", "body": "\n".join([record.id, "", *questions])}
    return f"{href}{'&' if '?' in href else '?'}{urlencode(mail, quote_via=quote)}"
