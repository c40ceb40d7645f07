"""The model seam: a request with its documents goes in, one reply with its usage comes out.

Idea: the lexical assessor and any OpenAI-compatible endpoint implement the same protocol, so that
everything after the model is the same code.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Coroutine
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Protocol

from extractors.model.declared import Declared
from extractors.pages.page_text import PageText
from extractors.pages.snapshot import sha256
from scoring.claims import Digest, Frozen
from scoring.errors import AssayError
from scoring.scores import Exact
from scoring.vocabulary import AgentKind, Certainty

if TYPE_CHECKING:
    from extractors.model.endpoint.batch_files import BatchAnswer, BatchFiles, Question


class Prompt(Frozen):
    """A prompt file: front matter and text. `digest` is of the whole file."""

    name: str
    version: int
    digest: Digest
    reply: str
    """Name of the reply type."""
    settings: dict[str, str | int]
    """Sampling settings as written in the front matter, such as `temperature: "0"`."""
    text: str

    @property
    def label(self) -> str:
        return f"{self.name}@{self.version}"

    @property
    def file(self) -> bytes:
        """The whole file: a prompt is written in one way, so that its digest can be made again from what is kept."""
        ordered = sorted(self.settings.items(), reverse=True)
        settings = "".join(f"\n  {name}: {json.dumps(value)}" for name, value in ordered) or " {}"
        front = f"name: {self.name}\nversion: {self.version}\nreply: {self.reply}\nsettings:{settings}"
        return f"---\n{front}\n---\n\n{self.text}".encode()

    @property
    def is_whole(self) -> bool:
        return sha256(self.file) == self.digest


class QuotedSentence(Frozen):
    """Words of a page with the text beside them."""

    quote: str
    heading: str = ""
    before: str = ""
    after: str = ""
    own_instructions: bool = False
    """The page holds instructions of the product to its own model."""


class QuotedClaim(Frozen):
    """One claim that rests on sentences of pages, as a second reader sees it. Only its sentences hold words of a page;
    its other fields are vocabulary and rubric."""

    claim: str
    """A `RiskFactor`, `MaestroLayer` or `ExposureFact`."""
    asks: str
    """Its definition, in one line."""
    value: str
    means: str
    """What the value says, in one line."""
    certainty: Certainty
    sentences: tuple[QuotedSentence, ...]


class CompletionRequest(Frozen):
    """Everything that a completion depends on."""

    prompt: Prompt
    slug: str
    name: str
    kind: AgentKind | None = None
    documents: tuple[PageText, ...]
    """In the order `d1`, `d2`, …"""
    truncated: tuple[str, ...] = ()
    """URLs of documents of which a budget kept part away."""
    declared: Declared | None = None
    """What its machine-readable files say; None where they say nothing."""
    claims: tuple[QuotedClaim, ...] = ()
    """For a second reader: the claims to judge, and no documents."""


class CompletionOutcome(StrEnum):
    ANSWERED = "answered"
    REFUSED = "refused"
    """By the model or by the endpoint's content filter: it belongs to this key, and is not asked again."""
    TRUNCATED = "truncated"
    UNPARSED = "unparsed"
    FAILED = "failed"
    """The endpoint could not be reached or gave an error after all tries."""
    OVER_BUDGET = "over_budget"
    """Not asked: the call would have exceeded the budget."""


class Usage(Frozen):
    prompt_tokens: int = 0
    cached_tokens: int = 0
    completion_tokens: int = 0
    calls: int = 0
    cost: Exact = Decimal(0)
    """In the price table's currency (USD)."""


class Completion(Frozen):
    """One reply. Only `answered` is ever cached as an answer, and `refused` as a refusal."""

    key: Digest
    model: str
    outcome: CompletionOutcome
    reply: str
    """Its text, found among thoughts and fences; as it came when no reply could be found in it."""
    reason: str = ""
    usage: Usage = Usage()


class AwaitingBatch(AssayError):
    """Questions are in a batch, or will be in the next one; once their answers are kept, `complete` gives a reply."""

    def __init__(self, questions: frozenset[str]) -> None:
        super().__init__("its question waits for a batch of the model")
        self.questions = questions


class BatchQueue(Protocol):
    """Where questions wait for a batch, and its answers for those who asked."""

    def answer(self, question: str) -> BatchAnswer | None:
        """What came back; None when the question was never sent or waits."""

    def waits(self, question: str) -> bool: ...

    def post(self, question: Question) -> bool:
        """False where no batches are made, so that it is to be asked at once."""


class CompletionClient(Protocol):
    """What an assessor is; a class that inherits from this has defaults for all but the first three.

    `complete` never raises for what the model did: refusal, truncation and nonsense are outcomes. It raises
    `AwaitingBatch` where it was given a `BatchQueue` that holds no answer yet. The completion's key is
    `extractors.model.reply_cache_key.completion_key` of the request, `model` and `settings`."""

    waits: bool = True
    """True: `complete` waits for an answer from elsewhere, so many calls are under way at once. False: it computes and
    never awaits; it is given one agent at a time, in a process of its own, and has to be picklable."""
    second: CompletionClient | None = None
    """Who reads the claims of its replies a second time."""
    reads_all: bool = False
    """True: every document whole. False: what fits `model.document_characters`, the most telling passages first."""

    @property
    def model(self) -> str:
        """Name that goes into the completion key and the record."""

    @property
    def settings(self) -> dict[str, Any]:
        """What else the reply depends on (sampling settings, cue table digest)."""

    def complete(self, request: CompletionRequest) -> Coroutine[Any, Any, Completion]: ...

    def sampling(self, prompt: Prompt) -> dict[str, Any]:
        """The sampling settings of a call with this prompt."""
        return dict(prompt.settings)

    def warm(self) -> None:
        """Prepares what the first call needs; called inside the event loop, before anybody waits."""
        return

    def share_pause(self, seconds: float, until: float, remember: Callable[[float, str], None]) -> None:
        """For a night that has so many seconds left: a pause that the endpoint asked for until then (seconds since
        1970) goes on, and a new one is handed to `remember` with its reason."""
        return

    def use_batch_queue(self, batch_queue: BatchQueue) -> BatchFiles | None:
        """From now on first questions are posted; who has no batches gives None, and asks directly."""
        return None

    async def aclose(self) -> None:
        """Lets go of connections."""
        return


def computed(client: CompletionClient, request: CompletionRequest) -> Completion:
    """The completion of a client that does not wait, without an event loop."""
    try:
        client.complete(request).send(None)
    except StopIteration as ended:
        completion: Completion = ended.value
        return completion
    raise RuntimeError(f"{client.model} waits, and says that it does not")
