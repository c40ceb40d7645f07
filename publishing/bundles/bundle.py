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

import json
from collections.abc import Sequence
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import ValidationError
from pydantic_core import from_json

from assay_check.bundles import FORMAT
from extractors.canonical_json import canonical_bytes
from extractors.model.completion import Completion
from extractors.pages.snapshot import sha256
from extractors.sources.listing_entry import entry_page
from publishing.formats.archive import zipped
from publishing.pages.escaping import plain
from records.store import Store
from scoring.claims import Digest, SecondOutcome, SecondReading
from scoring.errors import Corrupt, NotFound, required

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


def write_bundle(store: Store, slug: str, path: Path) -> None:
    """Writes the bundle of the last version of an agent's record."""
    path.write_bytes(zipped(bundle_files(store, slug)))


def bundle_files(store: Store, slug: str) -> dict[str, bytes]:
    """What is in it, by name. Documents are taken as they are kept: reading them into models would take most of the
    time."""
    with store.reading():
        return _files(store, slug)


def _files(store: Store, slug: str) -> dict[str, bytes]:
    history = store.publications.versions(slug)
    if not history:
        raise NotFound("its publication is gone", subject=slug, step="bundle")
    first = next(n for n, version in enumerate(history) if version.review == history[-1].review)
    number, later = history[first].review, history[first + 1 :]
    unreviewed = NotFound("no review stands behind it", subject=slug, step="bundle")
    review = store.reviews.get(required(number, unreviewed)).review
    drafted = _checked(store.assessments.assessment_body(review.assessment_digest), review.assessment_digest)
    extraction = _checked(store.assessments.extraction_body(drafted["extraction_digest"]), drafted["extraction_digest"])
    completion, prompt, key = _completion(store, extraction, drafted)
    parts = json.loads(key)
    pages = _pages(store, extraction, [from_json(version.body)["extraction"] for version in later], parts)

    files: dict[str, bytes] = {
        README: _ABOUT.format(name=plain(extraction["name"])[:100], slug=slug).encode("utf-8"),
        "record.json": history[-1].body,
        "base.json": history[first].body,
        "prompt.json": prompt,
        "completion.json": completion,
        "key.json": key,
        "review.json": canonical_bytes(review),
    }
    for number, page in enumerate(pages):
        files[f"pages/{number:02}.bin"] = page.body
        files[f"texts/{number:02}.json"] = page.text
    second = extraction.get("second_reading")
    if second is not None:
        files |= _second(store, SecondReading.model_validate(second))
    if first:
        files["previous.json"] = history[first - 1].body
    for number, version in enumerate(later):
        files[f"later/{number:02}.json"] = version.body
    about = {
        "format": FORMAT,
        "slug": slug,
        "provenance": drafted["provenance"],
        "profile": drafted["headline"]["profile"],
        "pages": [page.about for page in pages],
        "not_read": extraction["not_read"],
        "findings": [finding for finding in extraction["findings"] if finding["url"] not in parts["urls"]],
        **({"second_reading": second} if second else {}),
        "files": {name: sha256(body) for name, body in sorted(files.items())},
    }
    return {"bundle.json": canonical_bytes(about), **files}


def _checked(body: bytes, digest: Digest) -> dict[str, Any]:
    if sha256(body) != digest:
        raise _damaged(digest)
    document: dict[str, Any] = from_json(body)
    return document


def _damaged(what: str) -> Corrupt:
    return Corrupt("what it was made from is damaged", subject=what, step="bundle", next_step="assay store verify")


def _completion(store: Store, extraction: dict[str, Any], drafted: dict[str, Any]) -> tuple[bytes, bytes, bytes]:
    missing = partial(NotFound, subject=extraction["slug"], step="bundle")
    key = required(extraction["completion_key"], missing("no completion stands behind it"))
    prompt_digest = required(drafted["provenance"]["prompt_digest"], missing("its prompt is not named"))
    parts = required(store.completions.parts(key), missing("what its completion's key is made from was not kept"))
    return _reply(store, key), store.completions.prompt_body(prompt_digest), parts


def _reply(store: Store, key: Digest) -> bytes:
    """The assessor's reply as it is kept, which only its key names: read, and made again when the bundle is checked."""
    body = store.completions.body(key)
    try:
        if Completion.model_validate_json(body).key == key:
            return body
    except ValidationError:
        pass
    raise _damaged(key)


def _second(store: Store, second: SecondReading) -> dict[str, bytes]:
    """The second reader's prompt, and what it was asked and said where it answered."""
    files = {"second/prompt.json": store.completions.prompt_body(second.prompt_digest)}
    if second.outcome is SecondOutcome.READ and second.completion_key is not None:
        files["second/key.json"] = store.completions.parts(second.completion_key) or b"{}"
        files["second/completion.json"] = _reply(store, second.completion_key)
    return files


class Page(NamedTuple):
    """A page that was read."""

    text: bytes
    """Canonical JSON of its text."""
    body: bytes
    about: dict[str, Any]
    """Its line in bundle.json."""


def _pages(
    store: Store, extraction: dict[str, Any], later: Sequence[dict[str, Any]], parts: dict[str, Any]
) -> list[Page]:
    """Text, bytes and headers of every page that was read, of every file that its facts were looked for in, then of
    those that re-anchored quotes point into."""
    files = [(url, text, raw) for url, _, text, raw in parts.get("made_from", {}).get("files", ())]
    read = [[(s["url"], s["text_digest"], s["page_digest"]) for s in draft["read"]] for draft in (extraction, *later)]
    found: list[Page] = []
    for url, text_digest, page_digest in dict.fromkeys((*read[0], *files, *chain.from_iterable(read[1:]))):
        about = {"url": url, "text_digest": text_digest, "page_digest": page_digest}
        if url.startswith("listing:"):
            listing = store.listings.get(extraction["slug"])
            text = entry_page(listing)
            if text is None or text.digest != text_digest:
                raise NotFound("the listing's text has changed since", subject=listing.slug, step="bundle")
            about |= {"page_digest": text.page_digest, "media_type": "text/x-listing", "charset": "utf-8"}
            found.append(Page(canonical_bytes(text), listing.entry.encode("utf-8", "replace"), about))
            continue
        snapshot = store.pages.snapshot(url, page_digest)
        about |= {"media_type": snapshot.media_type, "charset": snapshot.charset}
        text_body = store.texts.body(text_digest, url)
        if sha256(from_json(text_body).get("text", "").encode()) != text_digest:
            raise _damaged(url)
        found.append(Page(text_body, store.pages.body(page_digest), about))
    return found
