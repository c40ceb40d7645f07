"""The replay bundle: everything that one published record was made from, in one zip.

    bundle.json             what the files are, each with its digest; the request; the versions
    record.json             the published bytes
    pages/00.bin …          bytes of the pages as they came
    texts/00.json …         the texts that the assessor had before it
    prompt.json completion.json key.json review.json previous.json later/00.json …

Idea: whoever has this file needs neither us nor the network to make the record again (see `replay`).
Invariant: same record, same store, same bytes; nothing but what the record rests on is in it.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from extractors.canonical import canonical_bytes, digest
from extractors.completion import Completion, CompletionRequest, Prompt
from extractors.page_text import PageText
from extractors.parse import Unparsed
from extractors.select import within_budget
from extractors.snapshot import sha256
from extractors.sources.entry import entry_page
from publishing.replay import FORMAT, verify_bundle
from records.publications import Published
from records.store import Store
from scoring.claims import Extraction, Finding
from scoring.errors import NotFound
from scoring.outcomes import Assessment
from scoring.vocabulary import AgentKind

__all__ = ["verify_bundle", "write_bundle", "zipped"]

_DATE = (1980, 1, 1, 0, 0, 0)


def write_bundle(store: Store, published: Published, path: Path, *, budget: int | None = None) -> None:
    """Writes the bundle of a published record. `budget` is the setting that cut long documents for the model."""
    if published.review is None:
        raise NotFound("no review stands behind it", subject=published.record.slug, step="bundle")
    review = store.reviews.get(published.review).review
    drafted = store.assessments.assessment(review.assessment_digest)
    extraction = store.assessments.extraction(drafted.extraction_digest)
    previous, base, later = _versions(store, published)
    completion, prompt, parts = _completion(store, extraction, drafted)
    pages = _pages(store, extraction, [v.record.extraction for v in later])
    request = _request(store, extraction, completion, prompt, pages, budget)

    files: dict[str, bytes] = {
        "record.json": canonical_bytes(published.record),
        "base.json": canonical_bytes(base.record),
    }
    listed = []
    for number, (text, body, about) in enumerate(pages):
        files[f"pages/{number:02}.bin"] = body
        files[f"texts/{number:02}.json"] = canonical_bytes(text)
        listed.append({"url": text.url, "text_digest": text.digest, "page_digest": text.page_digest, **about})
    files["prompt.json"] = canonical_bytes(request.prompt)
    files["completion.json"] = canonical_bytes(completion)
    files["review.json"] = canonical_bytes(review)
    if parts is not None:
        files["key.json"] = parts
    if previous is not None:
        files["previous.json"] = canonical_bytes(previous.record)
    for number, version in enumerate(later):
        files[f"later/{number:02}.json"] = canonical_bytes(version.record)
    shown = {
        page.url: [list(block) for block in page.blocks] for page in request.documents if page.url in request.truncated
    }
    about = {
        "format": FORMAT,
        "slug": published.record.slug,
        "provenance": drafted.provenance.model_dump(mode="json"),
        "profile": drafted.headline.profile,
        "pages": listed,
        "request": {
            "slug": request.slug,
            "name": request.name,
            "kind": request.kind,
            "documents": [page.url for page in request.documents],
            "truncated": list(request.truncated),
            "shown": shown,
        },
        "not_read": [source.model_dump(mode="json") for source in extraction.not_read],
        "findings": [f.model_dump(mode="json") for f in further_findings(extraction, request)],
        "files": {name: sha256(body) for name, body in sorted(files.items())},
    }
    path.write_bytes(zipped({"bundle.json": canonical_bytes(about), **files}))


def zipped(files: dict[str, bytes]) -> bytes:
    """A zip that depends on names and bytes only."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for name in sorted(files):
            member = zipfile.ZipInfo(name, _DATE)
            member.compress_type = zipfile.ZIP_DEFLATED
            member.create_system = 3
            member.external_attr = 0o644 << 16
            archive.writestr(member, files[name])
    return out.getvalue()


def further_findings(extraction: Extraction, request: CompletionRequest) -> list[Finding]:
    """Findings of pages that gave no text: they came from the crawl, not from the documents."""
    from extractors.extraction import page_findings

    own = set(page_findings(request))
    return [finding for finding in extraction.findings if finding not in own]


def _versions(store: Store, published: Published) -> tuple[Published | None, Published, list[Published]]:
    """The version before the review's, the review's own, and what became of it since."""
    history = [v for v in store.publications.history(published.record.slug) if v.id <= published.id]
    first = next(n for n, v in enumerate(history) if v.review == published.review)
    return (history[first - 1] if first else None), history[first], history[first + 1 :]


def _completion(store: Store, extraction: Extraction, drafted: Assessment) -> tuple[Completion, Prompt, bytes | None]:
    key = extraction.completion_key
    if key is None:
        raise NotFound("no completion stands behind it", subject=extraction.slug, step="bundle")
    prompt_digest = drafted.provenance.prompt_digest
    if prompt_digest is None:
        raise NotFound("its prompt is not named", subject=extraction.slug, step="bundle")
    return store.completions.get(key), store.completions.prompt(prompt_digest), store.completions.parts(key)


Page = tuple[PageText, bytes, dict[str, Any]]


def _pages(store: Store, extraction: Extraction, later: Sequence[Extraction]) -> list[Page]:
    """Text, bytes and headers of every page that was read, then of those that re-anchored quotes point into."""
    wanted: dict[tuple[str, str, str], None] = {}
    for one in (extraction, *later):
        for source in one.read:
            wanted.setdefault((source.url, source.text_digest, source.page_digest))
    found: list[Page] = []
    for url, text_digest, page_digest in wanted:
        text = store.texts.get(text_digest, url) if not url.startswith("listing:") else None
        if text is None:
            listing = store.listings.get(extraction.slug)
            text = entry_page(listing)
            if text is None or text.digest != text_digest:
                raise NotFound("the listing's text has changed since", subject=extraction.slug, step="bundle")
            found.append(
                (text, listing.entry.encode("utf-8", "replace"), {"media_type": "text/x-listing", "charset": "utf-8"})
            )
            continue
        snapshot = store.pages.snapshot(url, page_digest)
        about = {"media_type": snapshot.media_type, "charset": snapshot.charset}
        found.append((text, store.pages.body(page_digest), about))
    return found


def _request(
    store: Store,
    extraction: Extraction,
    completion: Completion,
    prompt: Prompt,
    pages: Sequence[Page],
    budget: int | None,
) -> CompletionRequest:
    """The request as it was: of the few that are possible, the one that gives this extraction again."""
    candidates = list(_candidates(store, extraction, prompt, pages, budget))
    for request in candidates:
        if makes(request, completion, extraction):
            return request
    return candidates[0]


def makes(request: CompletionRequest, completion: Completion, wanted: Extraction) -> bool:
    """True when the completion of this request is read as `wanted`."""
    from extractors.extraction import extract

    try:
        made = extract(request, completion, wanted.not_read, further_findings(wanted, request))
    except Unparsed:
        return False
    return digest(made) == digest(wanted)


def _candidates(
    store: Store, extraction: Extraction, prompt: Prompt, pages: Sequence[Page], budget: int | None
) -> Iterator[CompletionRequest]:
    texts = {(text.url, text.digest): text for text, _, _ in pages}
    whole = tuple(texts[source.url, source.text_digest] for source in extraction.read)
    cut = tuple(source.url for source in extraction.read if source.truncated)
    choices: list[tuple[tuple[PageText, ...], tuple[str, ...]]] = [(whole, cut)]
    if budget is not None:
        every = (*store.texts.of_agent(extraction.slug), *whole)
        choices.append(within_budget(list({page.url: page for page in every}.values()), budget))
        choices.append(within_budget(whole, budget))
    kinds: list[AgentKind | None] = [store.listings.get(extraction.slug).kind, None, extraction.kind]
    for documents, truncated in choices:
        for kind in dict.fromkeys(kinds):
            yield CompletionRequest(
                prompt=prompt,
                slug=extraction.slug,
                name=extraction.name,
                kind=kind,
                documents=documents,
                truncated=truncated,
            )
