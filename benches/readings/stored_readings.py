"""Readings of models kept without a foreign word: what was claimed, and by digest and place on which words.

`python -m benches.readings.stored_readings MODEL REPLIES [SECOND]` keeps the replies of a folder, `AGENT.json` each.

Idea: the pages lie in `../shared`, which is not ours to copy; a quote is kept as address, offsets and digest, and found
again when a reading is replayed. Invariants: a kept reading holds no words of a page; words without their digest stop
the replay; a reading of another prompt than today's is stale and says so by its name.
"""

import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from benches.shared_data import ROOT, SHARED
from extractors.claims.extraction import SecondCompletion, second_request
from extractors.claims.text_checks import folded, without_quotations
from extractors.evaluation import agreement
from extractors.grounding.document_search import DocumentSearch
from extractors.model.completion import Completion, CompletionOutcome, CompletionRequest, QuotedClaim
from extractors.model.reply_cache_key import completion_key
from extractors.pages.local_folder import read_folder
from extractors.pages.page_text import PageText
from extractors.pages.snapshot import sha256
from extractors.pages.text_extraction import page_text
from extractors.prompting.prompt_files import load
from extractors.prompting.reply_parser import parse, verdicts_of
from scoring.claims import Digest, Frozen
from scoring.errors import BadInput

KEPT = Path(__file__).parent / "agreement"
FOREIGN_RUN = 5
"""Words in a row that a kept text may not share with a page."""
LISTED = "pexo"
LISTING = ROOT / "data" / "samples" / "site" / "agents" / "pexo.html"
ENTRIES = ("factors", "layers", "exposure")


class Place(Frozen):
    """Where quoted words stand."""

    url: str
    start: int
    end: int
    sha256: Digest


class Verdict(Frozen):
    """What a second reader said of a claim with its words."""

    claim: str
    value: str
    words: Digest
    verdict: str


class Reading(Frozen):
    """One agent, read by one model; `reply` is the reply without the words of pages."""

    agent: str
    model: str
    prompt: Digest
    reply: dict[str, Any]
    places: dict[str, Place]
    """By entry, as `factors.3`, and `summary`."""
    refused: int = 0
    """Quotes that do not stand on the page that they name."""
    second_prompt: Digest | None = None
    second: tuple[Verdict, ...] = ()


def request_of(agent: str) -> CompletionRequest:
    """What a model is asked about an agreement agent, or about the sample of which only a listing is known."""
    if agent == LISTED:
        page = page_text(LISTING.read_bytes(), url="file:listing.html", media_type="text/html", charset="utf-8")
        return CompletionRequest(prompt=load("assess"), slug=agent, name="Pexo", kind=None, documents=(page,))
    return agreement.request_of(agent, read_folder(SHARED / "agreement" / agent))


def reading_of(request: CompletionRequest, model: str, reply_text: str, second: str | None = None) -> Reading:
    """A reply as it may be kept. `second`: the second reader's reply about it."""
    reply, quote_search = parse(reply_text).model_dump(mode="json"), DocumentSearch(request.documents)
    foreign = _runs(page.text for page in request.documents)
    places: dict[str, Place] = {}
    refused = 0
    for name, entry, key in _quoting(reply):
        evidence = quote_search.find_quote(entry[f"{key}document"], entry[f"{key}quote"]).evidence
        refused += bool(entry[f"{key}quote"]) and evidence is None
        if evidence is not None:
            places[name] = Place(
                url=evidence.url, start=evidence.start, end=evidence.end, sha256=sha256(evidence.quote.encode())
            )
        entry[f"{key}quote"] = ""
        for field in ("says", "rationale", "text", "summary"):
            text = entry.get(field, "")
            if _runs([text]) & foreign or without_quotations(text) != text:
                entry[field] = ""
    reading = Reading(
        agent=request.slug, model=model, prompt=request.prompt.digest, reply=reply, places=places, refused=refused
    )
    if second is None:
        return reading
    claims = _second_request(request, completion(reading, request)).claims
    verdict_of = verdicts_of(second, claims)
    verdicts = tuple(
        Verdict(claim=each.claim, value=each.value, words=_words(each), verdict=verdict_of[each.claim].verdict)
        for each in claims
    )
    return reading.model_copy(update={"second_prompt": load("second_reader").digest, "second": verdicts})


def completion(reading: Reading, request: CompletionRequest) -> Completion:
    """The reading as a reply to this request. Raises `BadInput` where the words are not those that were read."""
    reply = json.loads(json.dumps(reading.reply))
    numbers = {page.url: (f"d{number}", page) for number, page in enumerate(request.documents, start=1)}
    for name, entry, key in _quoting(reply):
        if name in reading.places:
            document, page = numbers[reading.places[name].url]
            entry |= {f"{key}document": document, f"{key}quote": _found(reading, name, page)}
    text = json.dumps(reply, ensure_ascii=False)
    return Completion(
        key=completion_key(request, reading.model, {}),
        model=reading.model,
        outcome=CompletionOutcome.ANSWERED,
        reply=text,
    )


def second_completion(reading: Reading, request: CompletionRequest) -> SecondCompletion | None:
    """The second reading of the claims that stand today with the words they had; a claim that is new, or rests on other
    words, is not in it and stays as it was first read. None where nothing was read by the prompt of today."""
    question = _second_request(request, completion(reading, request))
    verdict_of = {(each.claim, each.value, each.words): each.verdict for each in reading.second}
    read = [
        (each, verdict_of[known])
        for each in question.claims
        if (known := (each.claim, each.value, _words(each))) in verdict_of
    ]
    if reading.second_prompt != question.prompt.digest or not read:
        return None
    question = question.model_copy(update={"claims": tuple(each for each, _ in read)})
    verdicts = [{"number": n, "why": "", "verdict": verdict} for n, (_, verdict) in enumerate(read, start=1)]
    reply = json.dumps({"verdicts": verdicts})
    key = completion_key(question, reading.model, {})
    came = Completion(key=key, model=reading.model, outcome=CompletionOutcome.ANSWERED, reply=reply)
    return SecondCompletion(question, reading.model, came)


def stale(readings: Iterable[Reading]) -> tuple[str, ...]:
    """The readings that answer another prompt than today's, by name, and why."""
    today = load("assess")
    return tuple(
        f"{reading.agent}: read with another prompt than {today.label}"
        for reading in readings
        if reading.prompt != today.digest
    )


def readings(folder: Path) -> tuple[Reading, ...]:
    return tuple(Reading.model_validate_json(file.read_bytes()) for file in sorted(folder.glob("*.json")))


def _second_request(request: CompletionRequest, first: Completion) -> CompletionRequest:
    return second_request(request, first, load("second_reader"))


def _quoting(reply: dict[str, Any]) -> Iterable[tuple[str, dict[str, Any], str]]:
    """(name, entry, prefix of its keys) of everything in a reply that may quote."""
    yield "summary", reply, "summary_"
    for group in ENTRIES:
        for number, entry in enumerate(reply[group]):
            yield f"{group}.{number}", entry, ""


def _found(reading: Reading, name: str, page: PageText) -> str:
    place = reading.places[name]
    words = page.text[place.start : place.end]
    if sha256(words.encode()) != place.sha256:
        raise BadInput(f"{place.url} has other words than were read", subject=reading.agent, step=f"reading, {name}")
    return words


def _words(claim: QuotedClaim) -> Digest:
    return sha256("\n".join(sentence.quote for sentence in claim.sentences).encode())


def _runs(texts: Iterable[str]) -> set[str]:
    found: set[str] = set()
    for text in texts:
        words = folded(text).split()
        found.update(" ".join(words[n : n + FOREIGN_RUN]) for n in range(len(words) - FOREIGN_RUN + 1))
    return found


def main(model: str, replies: Path, second: Path | None = None) -> None:
    """Writes one reading for each reply; the replies stay where they are."""
    KEPT.mkdir(exist_ok=True)
    for file in sorted(replies.glob("*.json")):
        again = second / file.name if second else None
        verdicts = again.read_text(encoding="utf-8") if again and again.exists() else None
        reading = reading_of(request_of(file.stem), model, file.read_text(encoding="utf-8"), verdicts)
        (KEPT / file.name).write_text(reading.model_dump_json(indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1], *map(Path, sys.argv[2:4]))
