"""Whether anything that the last look at an agent rested on has changed; when not, nothing is worked out again.

Idea: the same URLs are asked for again, with their validators; while each answers as it did, and listing, settings
and versions are the same, the look would end as it ended. Invariant: what was asked for in vain is not asked for
again by the look that follows, since answers of one night are remembered.
"""

from extractors.canonical_json import digest
from extractors.injection import INJECTION
from extractors.model.completion import CompletionClient
from extractors.model.declared import DECLARED
from extractors.pages.snapshot import sha256
from extractors.pages.text_extraction import PARSER
from extractors.prompting.prompt_files import load
from extractors.stated_subjects import SUBJECTS
from extractors.support import SUPPORT
from flows.assessment.agent_outcomes import AgentResult
from flows.assessment.assessment import PROMPT, SECOND, provenance
from flows.fetching.agent_pages import VISIT
from flows.fetching.page_fetcher import Fetcher
from flows.settings import Settings
from records.agents.last_crawl import CrawlBasis
from records.database.runs import AgentOutcome
from records.store import Store
from scoring.claims import Digest, SecondOutcome

_ASKED_BY = (
    *("pages_per_agent", "pages_further", "bytes_per_agent", "pages_declaring", "bytes_declaring"),
    *("github_web", "github_api", "github_raw"),
)
_STANDS = {
    AgentOutcome.ASSESSED: AgentOutcome.UNCHANGED,
    AgentOutcome.UNCHANGED: AgentOutcome.UNCHANGED,
    AgentOutcome.WITHHELD: AgentOutcome.WITHHELD,
}
"""How the next look ends when nothing has changed; other endings are looked into each night."""


class UnchangedPageCheck:
    """The looks of one night."""

    def __init__(self, store: Store, settings: Settings, client: CompletionClient) -> None:
        self._store = store
        self._unchanged: set[str] = set()
        second = client.second
        self._versions = digest(
            {
                "way": VISIT,
                "parser": PARSER,
                "support": SUPPORT,
                "injection": INJECTION,
                "subjects": SUBJECTS,
                "declared": DECLARED,
                "provenance": provenance(load(PROMPT), client.model, settings.profile).model_dump(mode="json"),
                "client": client.settings,
                **({"second": [second.model, second.settings, load(SECOND).digest]} if second else {}),
                "characters": settings.model.document_characters,
                "night": {name: getattr(settings.night, name) for name in _ASKED_BY},
                "sources": {row.name: [row.kind, row.options] for row in store.sources.all()},
            }
        )

    def _basis(self, basis: CrawlBasis) -> Digest:
        return sha256(f"{self._versions} {basis.source} {basis.listing_digest}".encode())

    async def unchanged(self, slug: str, fetcher: Fetcher) -> AgentResult | None:
        """How the look ends when all is as it was; None when it has to be made."""
        basis = self._store.looks.stand(slug)
        if basis is None or basis.look is None or basis.look.basis != self._basis(basis):
            return None
        if not basis.look.asked:  # its documents are files, whose changes show only when they are read
            return None
        for url, answer in basis.look.asked:
            if await fetcher.answer(url, slug) != answer:
                return None
        self._unchanged.add(slug)
        return AgentResult(basis.look.outcome, basis.look.reason)

    def ended(self, slug: str, ended: AgentResult) -> None:
        """Keeps how a look ended, where the next one may rest on it."""
        if slug in self._unchanged:
            self._unchanged.remove(slug)
            return
        again = ended.assessed.extraction.second_reading if ended.assessed else None
        if ended.owed or (again is not None and again.outcome is SecondOutcome.NOT_READ):
            return  # what waits for its turn is looked at again, and so is a second reading that did not come
        outcome = _STANDS.get(ended.outcome)
        basis = self._store.looks.stand(slug) if outcome is not None else None
        if outcome is not None and basis is not None:
            self._store.looks.ended(slug, self._basis(basis), outcome, ended.reason)
