"""Makes a published record again from its bundle, offline, and says at which step it differs if it does.

    files → page texts → completion key → extraction → assessment → record → later changes → published bytes

A record that an earlier rubric made cannot be made again by the rules of today: of it the texts, the key, every quote
at its place, the headline by its formula and the published bytes are checked, and the result says what is not.

Invariants: nothing is read but the bundle; what holds is what this program, of the version that is installed,
makes of the bundle's pages, reply and decisions. How much is made again follows from the record's own versions.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import cached_property
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from assay_check.bundles import Verified, read
from assay_check.errors import BadInput as NoBundle
from extractors import reference_classes
from extractors.canonical_json import canonical_bytes, digest
from extractors.claims.approved_claims import evidence_of
from extractors.claims.extraction import extract
from extractors.model.completion import Completion, CompletionRequest, Prompt
from extractors.model.reply_cache_key import completion_key
from extractors.pages.page_text import PageText
from extractors.pages.snapshot import sha256
from extractors.pages.text_extraction import page_text
from publishing.bundles.assessor_request import request_of, second_reading_of
from publishing.bundles.contents import ReplayMismatch, check_same, contents
from publishing.bundles.later_changes import chained_as, next_version
from publishing.formats import json_schema
from publishing.record_versions import lifecycle
from scoring.assessment import assess
from scoring.claims import Extraction
from scoring.errors import AssayError, BadInput
from scoring.factor_estimates import estimates
from scoring.formulas.table import profile_named
from scoring.headline import score_bounds
from scoring.headline.score_with_range import headline
from scoring.likely.advice import Limits
from scoring.record import PublishedRecord
from scoring.reviews import Review
from scoring.rubric import RUBRIC_VERSION
from scoring.scores import Assessment, Provenance
from scoring.vocabulary import Certainty

NOT_AGAIN = "claims, core risks and advice are of rubric {of}; this program holds {here}"
FIGURES = (
    *("cvss_vector", "cvss_base", "factor_sum", "thm", "mitigation_factor", "aars", "raw"),
    *("low", "high", "low_severity", "high_severity"),
)
"""Of a headline, which every rubric has."""
DAMAGED = (AssayError, ValueError, LookupError, TypeError, AttributeError, ArithmeticError, RecursionError)
"""What a step raises over files that are not what they should be."""


def verify_bundle(path: Path) -> Verified:
    """Replays a bundle. The first step that differs is the problem; the steps after it are not tried."""
    try:
        replay = _Replay(read(path))
    except NoBundle as error:
        problem = f"is not a bundle ({error.problem})"
        raise BadInput(problem, subject=str(path), step="verify", next_step="assay record bundle SLUG") from error
    checked: dict[str, int] = {}
    for step in replay.steps():
        name = step.__name__.replace("_", " ")
        try:
            checked[name] = step()
        except DAMAGED as error:
            problem = (
                f"{name}: {error.problem if isinstance(error, AssayError) else f'{type(error).__name__}: {error}'}"
            )
            return Verified(checked, (" ".join(problem.split())[:500] + replay.version_note(),))
    return Verified(checked, (), replay.not_made_again)


class _Replay:
    made: PublishedRecord
    """As far as it was made again."""

    def __init__(self, members: dict[str, bytes]) -> None:
        self.members, self.about = members, contents(members)
        self.later = sorted(name for name in members if name.startswith("later/"))  # than the review, oldest first
        self.texts: dict[tuple[str, str], PageText] = {}
        self.not_made_again: tuple[str, ...] = ()

    def steps(self) -> Iterator[Callable[[], int]]:
        """Which steps there are follows from the record, once its versions were compared."""
        yield from (self.files, self.versions, self.page_texts, self.completion_key)
        as_kept, made = (self.quotes, self.scores), (self.extraction, self.assessment, self.record)
        yield from as_kept if self.not_made_again else made
        yield from ((self.later_changes,) if self.later else ())
        yield self.published_bytes

    def version_note(self) -> str:
        """Said beside a difference when another program version made the record."""
        with suppress(PackageNotFoundError):
            made_by, here = self.about.provenance.tool, f"listing-assay {version('listing-assay')}"
            return f" (made by {made_by}, this is {here})" if made_by != here else ""
        return ""

    def files(self) -> int:
        listed = self.about.files
        if set(listed) | {"bundle.json"} != set(self.members):
            odd = sorted(set(listed) ^ (set(self.members) - {"bundle.json"}))
            raise ReplayMismatch(f"{', '.join(odd)[:200]} is missing or not listed")
        for name, expected in listed.items():
            if sha256(self.members[name]) != expected:
                raise ReplayMismatch(f"{name} does not match its digest")
        return len(listed)

    def versions(self) -> int:
        """Those that bundle.json names are the record's, each of a thing that this program holds or the bundle does."""
        record, prompt = self.base, Prompt.model_validate_json(self.members["prompt.json"])
        versions, profile = record.assessment.provenance, record.assessment.headline.profile
        if (self.about.provenance, self.about.profile) != (versions, profile):
            raise ReplayMismatch("bundle.json names other versions than the record itself")
        if (versions.prompt, versions.formula) != (prompt.label, profile):
            named = f"{versions.prompt} and {versions.formula}, the bundle holds {prompt.label} and {profile}"
            raise ReplayMismatch(f"the record names {named}")
        if versions.reference is not None and reference_classes.named(versions.reference) is None:
            raise ReplayMismatch(f"this program does not hold the reference class {versions.reference}")
        if f"record-{record.schema_version}.json" not in json_schema.released():
            raise ReplayMismatch(f"there is no schema {record.schema_version} of records")
        if versions.rubric != RUBRIC_VERSION:
            self.not_made_again = (NOT_AGAIN.format(of=versions.rubric, here=RUBRIC_VERSION),)
        return len(Provenance.model_fields)

    @cached_property
    def base(self) -> PublishedRecord:
        """The record as its review published it."""
        return PublishedRecord.model_validate_json(self.members["base.json"])

    def page_texts(self) -> int:
        """Every text is what the page's bytes give; of a record by an earlier rubric, that of its digest."""
        for number, page in enumerate(self.about.pages):
            body = self.members[f"pages/{number:02}.bin"]
            stored = PageText.model_validate_json(self.members[f"texts/{number:02}.json"])
            if sha256(body) != page.page_digest:
                raise ReplayMismatch(f"{page.url}: the bytes are not those of {page.page_digest}")
            made = stored
            if not self.not_made_again:
                made = page_text(body, url=page.url, media_type=page.media_type, charset=page.charset)
            digests = (made.digest, sha256(made.text.encode()))
            if digests != (page.text_digest, page.text_digest) or canonical_bytes(made) != canonical_bytes(stored):
                raise ReplayMismatch(f"{page.url}: the bytes give another text ({made.digest}, not {stored.digest})")
            self.texts[made.url, made.digest] = made
        return len(self.texts)

    def quotes(self) -> int:
        """The record as it was first published: digests of its claims and scores, and every quote at its place."""
        record, review = self.base, self.review
        digests = (digest(record.extraction), digest(record.assessment))
        if digests != (record.extraction_digest, record.assessment_digest):
            raise ReplayMismatch("claims or scores are not those of their digests")
        if not review.amendments and review.assessment_digest != record.assessment_digest:
            raise ReplayMismatch(f"the review read {review.assessment_digest}, not {record.assessment_digest}")
        if record.extraction.completion_key != self.completion.key:
            raise ReplayMismatch("the record's claims are of another reply")
        checked = list(evidence_of(record.extraction))
        for evidence in checked:
            page = self.texts[evidence.url, evidence.text_digest]
            if page.text[evidence.start : evidence.end] != evidence.quote:
                raise ReplayMismatch(f"{evidence.url}: “{evidence.quote[:80]}” does not stand at {evidence.start}")
        self.made = record
        return len(checked)

    def scores(self) -> int:
        """The headline by its formula from the record's own claims. Whether it was withheld was up to its rubric."""
        record = self.base
        published, known = record.assessment.headline, estimates(record.extraction)
        profile = profile_named(published.profile)
        made, point = headline(known, profile), score_bounds.estimated(known, profile)
        due: dict[str, object] = {name: getattr(made, name) for name in FIGURES}
        due["band_stable"] = published.score is not None and made.low_severity is point.band is made.high_severity
        if (published.score, published.severity) != (None, None):
            due |= {"score": point.figures.aivss, "severity": point.band}
        for name, value in due.items():
            if getattr(published, name) != value:
                raise ReplayMismatch(f"{name} comes out as {value}, the record says {getattr(published, name)}")
        certainties = [claim.certainty for claim in (*record.extraction.factors, *record.extraction.exposure)]
        if record.certainty_counts != {certainty: certainties.count(certainty) for certainty in Certainty}:
            raise ReplayMismatch("the record's claims are not as certain as it counts")
        return len(due)

    @cached_property
    def request(self) -> CompletionRequest:
        return request_of(self.about, self.members, self.texts)

    def completion_key(self) -> int:
        """The reply is the one to this request: the key is made again from the texts, the prompt and the model."""
        request, completion, parts = self.request, self.completion, json.loads(self.members["key.json"])
        prompt, versions = request.prompt, self.about.provenance
        tables = digest(parts["settings"]).removeprefix("sha256:")[:12]  # the built-in reader's stand behind its name
        named = (completion.model, f"{completion.model} {tables}")
        if prompt.digest != versions.prompt_digest or versions.model not in named:
            raise ReplayMismatch("prompt or model are not those of the record")
        if not prompt.is_whole:
            raise ReplayMismatch("the prompt's text is not that of its digest")
        if sha256(self.members["key.json"]) != completion.key:
            raise ReplayMismatch("the completion's key is not the digest of its parts")
        made = completion_key(request, completion.model, parts["settings"], parts["schema"])
        if made != completion.key:
            raise ReplayMismatch(
                f"these documents, prompt, model and settings have the key {made}, not {completion.key}"
            )
        return 1

    @cached_property
    def completion(self) -> Completion:
        return Completion.model_validate_json(self.members["completion.json"])

    @cached_property
    def drafted(self) -> Extraction:
        second = second_reading_of(self.about, self.members, self.request, self.completion)
        return extract(self.request, self.completion, self.about.not_read, self.about.findings, second)

    def extraction(self) -> int:
        return len(self.drafted.claims)

    @cached_property
    def draft(self) -> Assessment:
        return assess(self.drafted, digest(self.drafted), self.about.provenance, self.about.profile)

    def assessment(self) -> int:
        """The scores that the reviewer saw: the review names their digest."""
        made, read_digest = self.draft, self.review.assessment_digest
        if digest(made) != read_digest:
            raise ReplayMismatch(
                f"the pages and the reply give assessment {digest(made)} (score {made.headline.score}), "
                f"the review read {read_digest}"
            )
        return 1 + len(made.risks)

    @cached_property
    def review(self) -> Review:
        return Review.model_validate_json(self.members["review.json"])

    def record(self) -> int:
        """The reviewed record, amendments in it."""
        base, before = self.base, self.members.get("previous.json")
        self.made = lifecycle.publish(
            PublishedRecord.model_validate_json(before) if before else None,
            self.drafted,
            self.draft,
            self.review,
            now=base.modified,
            sources=base.sources,
            homepage=base.homepage,
            repository=base.repository,
            aliases=base.aliases,
            subjects=base.subjects,
            expires=base.expires,
            by_name=base.reviewed_by == self.review.reviewer,
            limits=Limits(base.advice.possible_limit, base.advice.likely_limit) if base.advice else None,
        )
        of_its_version = {"schema_version": base.schema_version, "claims": base.claims and self.made.claims}
        self.made = chained_as(base, self.made.model_copy(update=of_its_version))
        check_same("record", self.made, base)
        return 1

    def later_changes(self) -> int:
        """Withdrawals, disputes and re-anchored quotes since the review."""
        for name in self.later:
            published = PublishedRecord.model_validate_json(self.members[name])
            self.made = chained_as(published, next_version(self.made, published, self.texts))
            check_same(name, self.made, published)
        return len(self.later)

    def published_bytes(self) -> int:
        check_same("record.json", self.made, PublishedRecord.model_validate_json(self.members["record.json"]))
        if canonical_bytes(self.made) != self.members["record.json"]:
            raise ReplayMismatch("the published bytes are not canonical")
        return len(self.members["record.json"])
