"""Exposure facts that the documents state, with their sentence; the rest is unknown.

Idea: among the statements about a fact the worst value is taken, and for it the plainest sentence. Invariants: a
form that is hosted anywhere is never called local; a product that changes something has no "nothing"; what is
not said is unknown, so that the rule table's default and the range take over.
"""

from __future__ import annotations

from collections.abc import Sequence

from extractors.lexical.document_facts import Reading
from extractors.lexical.exposure_statements import Statement, statements
from extractors.lexical.factor_values import cited
from extractors.lexical.passages import Passage
from extractors.pages.page_text import PageText
from extractors.prompting.reply import ExposureReply, Known
from scoring.vocabulary import EXPOSURE_VALUES, AgentKind, ExposureFact

UNLIKELY = 0.2
_CHANGING = ("changes_records", "destroys", "moves_money", "manages_infrastructure", "writes_files", "runs_code")
"""A product that does one of these has no "nothing", whatever a mode of it allows."""
HOSTED_SIGN = 0.3
_RANK = {value: rank for rank, value in enumerate(("user_starts", "each_action", "unattended"))}
"""Who starts a run says nothing of who approves its actions, so a stated approval goes before it."""


def exposures(
    kind: AgentKind, reading: Reading, name: str, documents: Sequence[PageText], said: Sequence[Passage]
) -> list[ExposureReply]:
    stated = statements(kind, name, documents, said)
    return [_exposure(fact, stated, reading, name) for fact in ExposureFact]


def _exposure(fact: ExposureFact, stated: Sequence[Statement], reading: Reading, name: str) -> ExposureReply:
    fitting = [s for s in stated if fact in s.entry.gives and not _contradicted(fact, s, reading)]
    if not fitting:
        return ExposureReply(fact=fact, value="", known=Known.UNKNOWN, rationale="", document="", quote="")
    best = max(fitting, key=lambda s: (_severity(fact, s.entry.gives[fact]), *_plainness(fact, s)))
    directly = next(iter(best.entry.gives)) is fact
    return ExposureReply(
        fact=fact,
        value=best.entry.gives[fact],
        known=Known.STATED if directly else Known.INFERRED,
        rationale=f"{name} {best.entry.says}.",
        **cited(best.passage),
    )


def _severity(fact: ExposureFact, value: str) -> int:
    return _RANK[value] if fact is ExposureFact.APPROVAL else EXPOSURE_VALUES[fact].index(value)


def _plainness(fact: ExposureFact, statement: Statement) -> tuple[bool, bool, float, bool, int]:
    passage = statement.passage
    return (
        next(iter(statement.entry.gives)) is fact,
        statement.itself,
        passage.weight,
        30 <= len(passage.text) <= 260,
        -passage.document * 1_000_000 - passage.start,
    )


def _contradicted(fact: ExposureFact, statement: Statement, reading: Reading) -> bool:
    """Another sentence speaks against the safer value, though it is too weak to state the worse one."""
    value = statement.entry.gives[fact]
    if value == "nothing" and fact in (ExposureFact.CHANGES, ExposureFact.WRITES, ExposureFact.EXECUTES):
        return any(i in reading and reading[i].strength > UNLIKELY for i in _CHANGING)
    if value == "local":
        return "is_hosted" in reading and reading["is_hosted"].strength > HOSTED_SIGN
    return False
