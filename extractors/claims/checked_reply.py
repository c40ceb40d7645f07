"""First pass: is each quote of the reply on a page, and do its words carry the claim?

Idea: what an assessor offers is checked entry by entry, the same way for every assessor, before anything is decided.
Invariant: an entry is surer than `not_certain` only if its quote is on a page outside text that addresses the
assessor and the support check says that the words carry the claim; the assessor's own flag can only lower.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

from extractors.claims.certainty import SURENESS, QuoteResult, certainty, exposure_counts
from extractors.grounding.document_search import DocumentSearch
from extractors.grounding.quote_check import index_of
from extractors.pages.page_text import BlockKind, PageText
from extractors.prompting.reply import ExposureReply, FactorReply, Known, LayerReply, Reply
from extractors.support import Passage, support
from scoring.claims import MOST_CLAIMS_A_SENTENCE, Evidence, SupportVerdict
from scoring.vocabulary import Certainty, ExposureFact, LayerStatus, MaestroLayer, RiskFactor, Support

USED_UP = SupportVerdict(
    verdict=Support.HINTS, rule="used up", why=f"more than {MOST_CLAIMS_A_SENTENCE} claims rest on this one sentence"
)
BARRED = SupportVerdict(
    verdict=Support.OFF,
    rule="barred words",
    why="the words may be meant for whoever assesses, or a reader of the page does not see them",
)
Claimed = RiskFactor | MaestroLayer | ExposureFact
CLAIMS: tuple[Claimed, ...] = (*RiskFactor, *MaestroLayer, *ExposureFact)
"""In the order of the record."""
LISTED = frozenset({BlockKind.TABLE_ROW, BlockKind.FACT, BlockKind.FRONT_MATTER})


class CheckedEntry(NamedTuple):
    """One entry of a reply with what its quote is worth."""

    claim: str
    """A `RiskFactor`, `MaestroLayer` or `ExposureFact`."""
    value: Decimal | str
    """0.0 to 1.0 for a factor, a status for a layer, a legal value or nothing for a fact."""
    offered: str
    """The quote as offered."""
    own_words: str
    """The assessor's rationale or text."""
    threats: tuple[str, ...]
    quote: QuoteResult
    support: SupportVerdict | None = None
    """None where no quote is grounded, or nothing is claimed."""
    certainty: Certainty = Certainty.NOT_CERTAIN

    @property
    def carried(self) -> bool:
        return self.certainty is not Certainty.NOT_CERTAIN

    @property
    def outright(self) -> bool:
        """The words say it, and it does not only follow from them."""
        return self.certainty is Certainty.STATED and self.support is not None


class CheckedReply(NamedTuple):
    """Every entry of a reply, by claim in the order of the record."""

    entries: Mapping[Claimed, tuple[CheckedEntry, ...]]
    summary: QuoteResult


class QuoteCheck:
    """Checks the quotes of one reply against the documents of its request."""

    def __init__(
        self,
        documents: Sequence[PageText],
        product: str,
        *,
        at_most: Certainty = Certainty.STATED,
        copied: frozenset[RiskFactor] = frozenset(),
        raises: Callable[[str, Decimal | str], bool] = lambda claim, value: False,
    ) -> None:
        """`at_most` bounds how sure a factor may be; a copied rationale is inferred at most."""
        self._pages = {page.digest: page for page in documents}
        self._product = product
        self._at_most = at_most
        self._copied = copied
        self._raises = raises
        """Whether a claim raises the risk above what silence would give."""
        self.quote_search = DocumentSearch(documents)

    def check(self, reply: Reply) -> CheckedReply:
        checked = [
            *map(self._factor, reply.factors),
            *map(self._layer, reply.layers),
            *map(self._fact, reply.exposure),
        ]
        entries = without_repetition(checked, self._is_prose, self._raises)
        return CheckedReply(
            {claim: tuple(entry for entry in entries if entry.claim == claim) for claim in CLAIMS},
            self.quote_search.find_quote(reply.summary_document, reply.summary_quote),
        )

    def _factor(self, entry: FactorReply) -> CheckedEntry:
        value = Decimal(entry.value) / 10
        copied = Certainty.INFERRED if entry.factor in self._copied else Certainty.STATED
        at_most = max(self._at_most, copied, key=SURENESS.index)
        return self._checked(entry.factor, value, entry, entry.rationale, entry.known, at_most)

    def _layer(self, entry: LayerReply) -> CheckedEntry:
        known = Known.UNKNOWN if entry.status is LayerStatus.NOT_CERTAIN else Known.STATED
        checked = self._checked(entry.layer, entry.status, entry, entry.text, known)
        return checked._replace(threats=tuple(entry.threats))

    def _fact(self, entry: ExposureReply) -> CheckedEntry:
        known = entry.known if entry.value else Known.UNKNOWN
        checked = self._checked(entry.fact, entry.value, entry, entry.rationale, known)
        sure = Known.STATED if checked.outright else Known.INFERRED
        if checked.carried and not exposure_counts(entry.fact, entry.value, sure, checked.quote):
            why = "a protection counts only where the words state it, and not in what a product tells its own model"
            wish = SupportVerdict(verdict=Support.HINTS, rule="no control", why=why)
            return checked._replace(support=wish, certainty=Certainty.NOT_CERTAIN)
        return checked

    def _checked(
        self,
        claim: str,
        value: Decimal | str,
        entry: FactorReply | LayerReply | ExposureReply,
        own_words: str,
        known: Known,
        at_most: Certainty = Certainty.STATED,
    ) -> CheckedEntry:
        result = self.quote_search.find_quote(entry.document, entry.quote)
        if result.beside and self._raises(claim, value):
            result = result._replace(hostile=False)
        checked = CheckedEntry(claim, value, entry.quote, own_words, (), result)
        if result.hostile and known is not Known.UNKNOWN:
            return checked._replace(support=BARRED)
        sure = certainty(known, result, at_most=at_most)
        if sure is Certainty.NOT_CERTAIN or result.evidence is None:
            return checked
        page = self._pages[result.evidence.text_digest]
        passage = passage_of(result.evidence, page, result.own_instructions)
        found = support(claim, value, sure, passage, self._product)
        verdict = SupportVerdict(verdict=Support(found.verdict.value), rule=found.rule, why=found.why)
        if verdict.verdict is not Support.CARRIES:
            return checked._replace(support=verdict)
        return checked._replace(support=verdict, certainty=max(sure, found.certainty, key=SURENESS.index))

    def _is_prose(self, evidence: Evidence) -> bool:
        return not {kind for kind, _ in _blocks_of(evidence, self._pages[evidence.text_digest])} <= LISTED


def without_repetition(
    entries: list[CheckedEntry],
    is_prose: Callable[[Evidence], bool],
    raises: Callable[[str, Decimal | str], bool],
) -> list[CheckedEntry]:
    """The entries, with those that rest on a sentence of prose which is to carry too much lowered to a hint: whoever
    hangs so many claims on one sentence has not looked for the sentences that carry them. Of them stay, up to the most
    that a sentence may carry, first those that raise the risk, for more claims on a sentence must not unsay it, then
    those that the words state outright."""
    resting: dict[tuple[str, int], list[CheckedEntry]] = defaultdict(list)
    for entry in entries:
        evidence = entry.quote.evidence
        if entry.carried and evidence is not None and is_prose(evidence):
            resting[evidence.text_digest, evidence.start].append(entry)
    used_up: set[int] = set()
    for carried in resting.values():
        if len(carried) > MOST_CLAIMS_A_SENTENCE:
            raising = [entry for entry in carried if raises(entry.claim, entry.value)]
            outright = [entry for entry in carried if entry not in raising and entry.outright]
            staying = [*raising, *outright][:MOST_CLAIMS_A_SENTENCE]
            used_up |= {id(entry) for entry in carried} - {id(entry) for entry in staying}
    return [
        entry._replace(support=USED_UP, certainty=Certainty.NOT_CERTAIN) if id(entry) in used_up else entry
        for entry in entries
    ]


def _blocks_of(evidence: Evidence, page: PageText) -> list[tuple[BlockKind, int]]:
    """Kind and number of the blocks that the words touch."""
    return [
        (block.kind, number)
        for number, block in enumerate(page.blocks)
        if block.start < evidence.end and evidence.start < block.end
    ]


def passage_of(evidence: Evidence, page: PageText, own_instructions: bool) -> Passage:
    """The quoted words with the heading above and the sentences beside them."""
    spans = index_of(page).spans
    kind, number = next(iter(_blocks_of(evidence, page)), (BlockKind.PARAGRAPH, 0))
    heading = next((block for block in reversed(page.blocks[:number]) if block.kind is BlockKind.HEADING), None)
    before = max((span for span in spans if span[1] <= evidence.start), default=(0, 0))
    after = min((span for span in spans if span[0] >= evidence.end), default=(0, 0))
    return Passage(
        sentence=evidence.quote,
        heading=page.text[heading.start : heading.end] if heading else "",
        before=page.text[before[0] : before[1]],
        after=page.text[after[0] : after[1]],
        kind=kind,
        own_instructions=own_instructions,
    )
