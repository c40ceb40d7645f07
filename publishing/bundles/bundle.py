"""The replay bundle: everything that one published record was made from, in one zip.

    bundle.json             what the files are, each with its digest; the versions; what was not read
    record.json             the published bytes
    pages/00.bin …          bytes of the pages as they came
    texts/00.json …         the texts that the assessor had before it
    key.json                what the completion's key is the digest of: the request, the model, its settings
    README.txt              what this is, and how to check it
    prompt.json completion.json review.json base.json previous.json later/00.json …

Idea: whoever has this file needs neither us nor the network to make the record again (see `replay`).
Invariant: same record, same store, same bytes; nothing but what the record rests on is in it.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from extractors.canonical_json import canonical_bytes
from extractors.model.completion import Completion, CompletionRequest, Prompt
from extractors.pages.markup.charset import decode
from extractors.pages.page_text import PageText
from extractors.pages.snapshot import sha256
from extractors.sources.listing_entry import entry_page
from publishing.bundles.replay import FORMAT, as_shown, declared_by, verify_bundle
from publishing.pages.escaping import plain
from records.publications import Published
from records.store import Store
from scoring.claims import Extraction, Finding, SecondOutcome, SecondReading
from scoring.errors import NotFound
from scoring.scores import Assessment

__all__ = ["verify_bundle", "write_bundle", "zipped"]

README = "README.txt"
_ABOUT = """Replay bundle of {name} ({slug})

Everything that one published record was made from: record.json is the published bytes, pages/ the pages as they were
read, texts/ their text, completion.json what the assessor replied, review.json what a person decided. bundle.json lists
each file with its SHA-256 digest. Texts of pages are words of third parties: data, not instructions.

Check it, without a network, an account or a store of your own:

    assay record verify FILE

The command makes the texts, the claims, the scores and the record again from these files and says at which step they
differ from what was published. By hand: the SHA-256 of record.json stands beside the record's id in modified.csv.
"""
INCOMPLETE = """There is no replay bundle of {slug}: {why}.

Its record stands beside its page as JSON; every quote in it names the page, the digest of its text and the place.
"""
_DATE = (1980, 1, 1, 0, 0, 0)


def write_bundle(store: Store, published: Published, path: Path) -> None:
    """Writes the bundle of a published record."""
    if published.review is None:
        raise NotFound("no review stands behind it", subject=published.record.slug, step="bundle")
    review = store.reviews.get(published.review).review
    drafted = store.assessments.assessment(review.assessment_digest)
    extraction = store.assessments.extraction(drafted.extraction_digest)
    previous, base, later = _versions(store, published)
    completion, prompt, parts = _completion(store, extraction, drafted)
    pages = _pages(store, extraction, [v.record.extraction for v in later], json.loads(parts))
    request = _request(extraction.slug, prompt, pages, json.loads(parts))

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
    files["key.json"] = parts
    second = extraction.second_reading
    if second is not None:
        files |= _second(store, second)
    files["review.json"] = canonical_bytes(review)
    files[README] = _ABOUT.format(name=plain(extraction.name)[:100], slug=extraction.slug).encode("utf-8")
    if previous is not None:
        files["previous.json"] = canonical_bytes(previous.record)
    for number, version in enumerate(later):
        files[f"later/{number:02}.json"] = canonical_bytes(version.record)
    about = {
        "format": FORMAT,
        "slug": published.record.slug,
        "provenance": drafted.provenance.model_dump(mode="json"),
        "profile": drafted.headline.profile,
        "pages": listed,
        "not_read": [source.model_dump(mode="json") for source in extraction.not_read],
        "findings": [f.model_dump(mode="json") for f in further_findings(extraction, request)],
        **({"second_reading": second.model_dump(mode="json")} if second else {}),
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
    from extractors.claims.extraction import page_findings

    own = set(page_findings(request))
    return [finding for finding in extraction.findings if finding not in own]


def _versions(store: Store, published: Published) -> tuple[Published | None, Published, list[Published]]:
    """The version before the review's, the review's own, and what became of it since."""
    history = [v for v in store.publications.history(published.record.slug) if v.id <= published.id]
    first = next(n for n, v in enumerate(history) if v.review == published.review)
    return (history[first - 1] if first else None), history[first], history[first + 1 :]


def _completion(store: Store, extraction: Extraction, drafted: Assessment) -> tuple[Completion, Prompt, bytes]:
    key = extraction.completion_key
    if key is None:
        raise NotFound("no completion stands behind it", subject=extraction.slug, step="bundle")
    prompt_digest = drafted.provenance.prompt_digest
    if prompt_digest is None:
        raise NotFound("its prompt is not named", subject=extraction.slug, step="bundle")
    parts = store.completions.parts(key)
    if parts is None:
        raise NotFound("what its completion's key is made from was not kept", subject=extraction.slug, step="bundle")
    return store.completions.get(key), store.completions.prompt(prompt_digest), parts


def _second(store: Store, second: SecondReading) -> dict[str, bytes]:
    """The second reader's prompt, and what it was asked and said where it answered."""
    files = {"second/prompt.json": canonical_bytes(store.completions.prompt(second.prompt_digest))}
    if second.outcome is SecondOutcome.READ and second.completion_key is not None:
        files["second/key.json"] = store.completions.parts(second.completion_key) or b"{}"
        files["second/completion.json"] = canonical_bytes(store.completions.get(second.completion_key))
    return files


Page = tuple[PageText, bytes, dict[str, Any]]


def _pages(store: Store, extraction: Extraction, later: Sequence[Extraction], parts: dict[str, Any]) -> list[Page]:
    """Text, bytes and headers of every page that was read, of every file that its facts were looked for in, then of
    those that re-anchored quotes point into."""
    wanted: dict[tuple[str, str, str], None] = {}
    files = [(url, text, raw) for url, _, text, raw in parts.get("made_from", {}).get("files", ())]
    read = [[(s.url, s.text_digest, s.page_digest) for s in one.read] for one in (extraction, *later)]
    wanted |= dict.fromkeys((*read[0], *files, *(place for places in read[1:] for place in places)))
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


def _request(slug: str, prompt: Prompt, pages: Sequence[Page], parts: dict[str, Any]) -> CompletionRequest:
    """The request as it was: what the reply's key is made from names its documents and the blocks that were shown."""
    texts = {(text.url, text.digest): text for text, _, _ in pages}
    bodies = {text.page_digest: decode(body, about["charset"]) for text, body, about in pages}
    documents = tuple(texts[place] for place in zip(parts["urls"], parts["documents"], strict=True))
    return CompletionRequest(
        prompt=prompt,
        slug=slug,
        name=parts["name"],
        kind=parts["kind"],
        documents=as_shown(documents, parts),
        truncated=tuple(parts.get("truncated", ())),
        declared=declared_by(parts, texts, bodies),
    )
