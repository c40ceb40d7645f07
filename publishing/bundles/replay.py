"""Makes a published record again from its bundle, offline, and says at which step it differs if it does.

    files → page texts → completion key → extraction → assessment → record → later changes → published bytes

A record that an earlier rubric made cannot be made again by the rules of today: of it the texts, the key, every quote
at its place and the published bytes are checked.

Invariant: nothing is read but the bundle; what holds is what this program, of the version that is installed,
makes of the bundle's pages, reply and decisions.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from assay_check.bundles import FORMAT, MOST_BYTES, Verified
from extractors.canonical_json import canonical_bytes, digest
from extractors.claims.approved_claims import evidence_of
from extractors.claims.extraction import SecondCompletion, extract, second_request
from extractors.model.completion import Completion, CompletionOutcome, CompletionRequest, Prompt, completion_key
from extractors.pages.charset import decode
from extractors.pages.page_text import PageText
from extractors.pages.snapshot import sha256
from extractors.pages.text_extraction import page_text
from publishing.bundles.assessor_request import declared_by, shown_documents
from publishing.bundles.later_changes import chained_as, next_version
from publishing.bundles.replay_mismatch import ReplayMismatch, check_same
from publishing.record_versions import lifecycle
from scoring.assessment import assess
from scoring.claims import Extraction, Finding, SecondOutcome, SecondReading, SourceNotRead
from scoring.errors import AssayError, BadInput
from scoring.likely.advice import Limits
from scoring.record import PublishedRecord
from scoring.reviews import Review
from scoring.rubric import RUBRIC_VERSION
from scoring.scores import Assessment, Provenance


def verify_bundle(path: Path) -> Verified:
    """Replays a bundle. The first step that differs is the problem; the steps after it are not tried."""
    replay = _Replay(_read(path))
    checked: dict[str, int] = {}
    made = (replay.page_texts, replay.completion_key, replay.extraction, replay.assessment, replay.record)
    checked_only = (replay.kept_texts, replay.completion_key, replay.quotes)
    steps: tuple[Callable[[], int], ...] = (
        replay.files,
        *(made if replay.versions.rubric == RUBRIC_VERSION else checked_only),
        *((replay.later_changes,) if replay.later else ()),
        replay.published_bytes,
    )
    for step in steps:
        name = step.__name__.replace("_", " ")
        try:
            checked[name] = step()
        except (AssayError, ValueError, KeyError, LookupError, TypeError) as error:
            problem = (
                f"{name}: {error.problem if isinstance(error, AssayError) else f'{type(error).__name__}: {error}'}"
            )
            return Verified(checked, (" ".join(problem.split())[:500] + replay.version_note(),))
    return Verified(checked, ())


def _read(path: Path) -> dict[str, bytes]:
    try:
        with zipfile.ZipFile(path) as archive:
            if sum(member.file_size for member in archive.infolist()) > MOST_BYTES:
                raise BadInput("unpacks to too many bytes", subject=str(path), step="verify")
            return {member.filename: archive.read(member) for member in archive.infolist()}
    except (OSError, zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError) as error:
        raise BadInput(
            f"is not a bundle ({error})", subject=str(path), step="verify", next_step="assay record bundle SLUG"
        ) from error


class _Replay:
    def __init__(self, members: dict[str, bytes]) -> None:
        self.members = members
        try:
            self.about: dict[str, Any] = json.loads(members["bundle.json"])
            given_format = self.about["format"]
        except (KeyError, ValueError, TypeError) as error:
            raise BadInput("is a zip, but not a bundle", subject="bundle.json", step="verify") from error
        if given_format != FORMAT:
            raise BadInput(
                f"has format {given_format}; this program reads {FORMAT}", subject="bundle.json", step="verify"
            )
        self.versions = Provenance.model_validate(self.about["provenance"])
        self.later = sorted(name for name in members if name.startswith("later/"))  # than the review, oldest first
        self.texts: dict[tuple[str, str], PageText] = {}
        self.drafted: Extraction | None = None
        self.draft: Assessment | None = None
        self.made: PublishedRecord | None = None

    def version_note(self) -> str:
        """Said beside a difference when another program version made the record."""
        from importlib.metadata import PackageNotFoundError, version

        try:
            here = f"listing-assay {version('listing-assay')}"
        except PackageNotFoundError:
            return ""
        made_by = str(self.about.get("provenance", {}).get("tool", ""))
        return f" (made by {made_by}, this is {here})" if made_by != here else ""

    def files(self) -> int:
        listed: dict[str, str] = self.about["files"]
        if set(listed) | {"bundle.json"} != set(self.members):
            odd = sorted(set(listed) ^ (set(self.members) - {"bundle.json"}))
            raise ReplayMismatch(f"{', '.join(odd)[:200]} is missing or not listed")
        for name, expected in listed.items():
            if sha256(self.members[name]) != expected:
                raise ReplayMismatch(f"{name} does not match its digest")
        return len(listed)

    def page_texts(self) -> int:
        """Every text is what the page's bytes give."""
        for number, page in enumerate(self.about["pages"]):
            body = self.members[f"pages/{number:02}.bin"]
            stored = PageText.model_validate_json(self.members[f"texts/{number:02}.json"])
            if sha256(body) != page["page_digest"]:
                raise ReplayMismatch(f"{page['url']}: the bytes are not those of {page['page_digest']}")
            made = page_text(body, url=page["url"], media_type=page["media_type"], charset=page["charset"])
            if made.digest != page["text_digest"] or canonical_bytes(made) != canonical_bytes(stored):
                raise ReplayMismatch(f"{page['url']}: the bytes give another text ({made.digest}, not {stored.digest})")
            self.texts[made.url, made.digest] = made
        return len(self.texts)

    def kept_texts(self) -> int:
        """Every text and page is that of its digest."""
        for number, page in enumerate(self.about["pages"]):
            page_text = PageText.model_validate_json(self.members[f"texts/{number:02}.json"])
            digests = (
                sha256(self.members[f"pages/{number:02}.bin"]),
                sha256(page_text.text.encode()),
                page_text.digest,
            )
            if digests != (page["page_digest"], page["text_digest"], page["text_digest"]):
                raise ReplayMismatch(f"{page['url']}: bytes or text are not those of their digests")
            self.texts[page_text.url, page_text.digest] = page_text
        return len(self.texts)

    def quotes(self) -> int:
        """The record as it was first published: digests of its claims and scores, and every quote at its place."""
        record = PublishedRecord.model_validate_json(self.members["base.json"])
        digests = (digest(record.extraction), digest(record.assessment))
        if digests != (record.extraction_digest, record.assessment_digest):
            raise ReplayMismatch("claims or scores are not those of their digests")
        checked = list(evidence_of(record.extraction))
        for evidence in checked:
            page = self.texts[evidence.url, evidence.text_digest]
            if page.text[evidence.start : evidence.end] != evidence.quote:
                raise ReplayMismatch(f"{evidence.url}: “{evidence.quote[:80]}” does not stand at {evidence.start}")
        self.made = record
        return len(checked)

    def request(self) -> CompletionRequest:
        parts = self.key_parts()
        bodies = {
            page["page_digest"]: decode(self.members[f"pages/{number:02}.bin"], page["charset"])
            for number, page in enumerate(self.about["pages"])
        }
        return CompletionRequest(
            prompt=Prompt.model_validate_json(self.members["prompt.json"]),
            slug=self.about["slug"],
            name=parts["name"],
            kind=parts["kind"],
            documents=shown_documents(
                [self.texts[p] for p in zip(parts["urls"], parts["documents"], strict=True)], parts
            ),
            truncated=tuple(parts.get("truncated", ())),
            declared=declared_by(parts, self.texts, bodies),
        )

    def key_parts(self) -> dict[str, Any]:
        """What the completion's key is the digest of."""
        parts: dict[str, Any] = json.loads(self.members["key.json"])
        return parts

    def completion_key(self) -> int:
        """The reply is the one to this request: the key is made again from the texts, the prompt and the model."""
        request, completion, parts, versions = self.request(), self.completion(), self.key_parts(), self.versions
        model = versions.model.partition(" ")[0]  # the lexical assessor's tables are named behind it
        if request.prompt.digest != versions.prompt_digest or completion.model.partition(" ")[0] != model:
            raise ReplayMismatch("prompt or model are not those of the record")
        if sha256(self.members["key.json"]) != completion.key:
            raise ReplayMismatch("the completion's key is not the digest of its parts")
        made = completion_key(request, completion.model, parts["settings"], parts["schema"])
        if made != completion.key:
            raise ReplayMismatch(
                f"these documents, prompt, model and settings have the key {made}, not {completion.key}"
            )
        return 1

    def completion(self) -> Completion:
        return Completion.model_validate_json(self.members["completion.json"])

    def extraction(self) -> int:
        not_read = TypeAdapter(tuple[SourceNotRead, ...]).validate_python(self.about["not_read"])
        findings = TypeAdapter(tuple[Finding, ...]).validate_python(self.about["findings"])
        self.drafted = extract(self.request(), self.completion(), not_read, findings, self.second())
        return len(self.drafted.claims)

    def second(self) -> SecondCompletion | None:
        """The second reading as it was kept; its request is made again, and has to have the key of its reply."""
        if "second_reading" not in self.about:
            return None
        second_reading = SecondReading.model_validate(self.about["second_reading"])
        prompt = Prompt.model_validate_json(self.members["second/prompt.json"])
        asked = second_request(self.request(), self.completion(), prompt)
        if second_reading.outcome is SecondOutcome.NO_CLAIMS:
            return SecondCompletion(asked, second_reading.model, None)
        if second_reading.outcome is SecondOutcome.NOT_READ:
            failed = Completion(
                key=str(second_reading.completion_key),
                model=second_reading.model,
                outcome=CompletionOutcome.FAILED,
                reply="",
                reason=second_reading.why,
            )
            return SecondCompletion(asked, second_reading.model, failed)
        parts = json.loads(self.members["second/key.json"])
        made = completion_key(asked, second_reading.model, parts["settings"], parts["schema"])
        if made != second_reading.completion_key or prompt.digest != second_reading.prompt_digest:
            raise ReplayMismatch(
                f"what the second reader was asked has the key {made}, not {second_reading.completion_key}"
            )
        return SecondCompletion(
            asked, second_reading.model, Completion.model_validate_json(self.members["second/completion.json"])
        )

    def assessment(self) -> int:
        """The scores that the reviewer saw: the review names their digest."""
        assert self.drafted is not None
        made = assess(self.drafted, digest(self.drafted), self.versions, self.about["profile"])
        review = self.review()
        if digest(made) != review.assessment_digest:
            raise ReplayMismatch(
                f"the pages and the reply give assessment {digest(made)} (score {made.headline.score}), "
                f"the review read {review.assessment_digest}"
            )
        self.draft = made
        return 1 + len(made.risks)

    def review(self) -> Review:
        return Review.model_validate_json(self.members["review.json"])

    def record(self) -> int:
        """The reviewed record, amendments in it."""
        assert self.drafted is not None and self.draft is not None
        base = PublishedRecord.model_validate_json(self.members["base.json"])
        before = self.members.get("previous.json")
        self.made = lifecycle.publish(
            PublishedRecord.model_validate_json(before) if before else None,
            self.drafted,
            self.draft,
            self.review(),
            now=base.modified,
            sources=base.sources,
            homepage=base.homepage,
            repository=base.repository,
            aliases=base.aliases,
            subjects=base.subjects,
            expires=base.expires,
            by_name=base.reviewed_by == self.review().reviewer,
            limits=Limits(base.advice.possible_limit, base.advice.likely_limit) if base.advice else None,
        )
        of_its_version = {"schema_version": base.schema_version, "claims": base.claims and self.made.claims}
        self.made = self.made.model_copy(update=of_its_version)
        self.made = chained_as(base, self.made)
        check_same("record", self.made, base)
        return 1

    def later_changes(self) -> int:
        """Withdrawals, disputes and re-anchored quotes since the review."""
        assert self.made is not None
        for name in self.later:
            published = PublishedRecord.model_validate_json(self.members[name])
            self.made = chained_as(published, next_version(self.made, published, self.texts))
            check_same(name, self.made, published)
        return len(self.later)

    def published_bytes(self) -> int:
        assert self.made is not None
        check_same("record.json", self.made, PublishedRecord.model_validate_json(self.members["record.json"]))
        if canonical_bytes(self.made) != self.members["record.json"]:
            raise ReplayMismatch("the published bytes are not canonical")
        return len(self.members["record.json"])
