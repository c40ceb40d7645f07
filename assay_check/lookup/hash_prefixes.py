"""The index of summaries by subject, in plain files by prefix of a hash: who serves them learns that prefix alone.

    lookup/index.json          format, number of subjects and records, length of the prefix
    lookup/PREFIX.json         every subject whose key's sha256 begins with PREFIX, with the summaries about it

Idea: a subject's key names the package without its version, the image without its tag, the address without its query,
so that one bucket holds every version that records speak about; `matching` says which one fits.
Invariant: every bucket is written, empty ones too, so that a missing file is a failure and never *no record*;
same summaries, same bytes.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import TypeVar

from assay_check.endpoints import endpoint
from assay_check.errors import BadInput
from assay_check.lookup.record_summary import RecordSummary, Statement, compact_json, summary_of
from assay_check.purl import without_version
from assay_check.subjects import Subject, SubjectKind

FORMAT = "assay-lookup-1"
FOLDER = "lookup"
INDEX = f"{FOLDER}/index.json"
MOST_BYTES = 32_000_000
_MOST_SUBJECTS = {2: 8_192, 3: 1_048_576}
"""By the length of the prefix."""

T = TypeVar("T")


def statement_key(statement: Statement) -> str | None:
    """The key under which a statement is found, or None when it names no subject that has one."""
    try:
        if statement.purl:
            return without_version(statement.purl)
    except BadInput:
        return None
    if statement.url:
        return _address_key(endpoint(statement.url).address)
    if statement.plugin:
        return f"plugin:{statement.plugin}"
    return f"sha256:{statement.sha256.lower()}" if statement.sha256 else None


def subject_keys(subject: Subject) -> tuple[str, ...]:
    """The keys under which records about an entry's subject are found; none where nothing public is named."""
    keys: list[str | None] = []
    if subject.digest:
        keys.append(subject.digest)
    if subject.matchable:
        if subject.kind is SubjectKind.PLUGIN and subject.purl is None:
            keys.append(f"plugin:{subject.value}")
        elif subject.kind is SubjectKind.URL:
            keys.append(_address_key(subject.endpoint))
        elif subject.purl:
            keys.append(without_version(subject.purl))
    return tuple(key for key in keys if key)


def _address_key(address: str | None) -> str | None:
    """`https://host/mcp/` and `https://host/mcp` share a bucket; whether they are one is said by `matching`."""
    return None if address is None else address.rstrip("/")


def key_hash(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


def in_buckets(subjects: Mapping[str, T], length: int) -> Iterator[tuple[str, dict[str, T]]]:
    """Every bucket of the index, empty ones too, with what belongs into it; by prefix."""
    buckets: dict[str, dict[str, T]] = {f"{number:0{length}x}": {} for number in range(16**length)}
    for hashed in sorted(subjects):
        buckets[hashed[:length]][hashed] = subjects[hashed]
    yield from buckets.items()


def bucket(prefix: str, subjects: Mapping[str, Sequence[str]]) -> bytes:
    """One file: by hash, in order, the texts of the summaries, in the order of their records."""
    listed = ",".join(f'"{hashed}":[{",".join(texts)}]' for hashed, texts in subjects.items())
    return f'{{"bucket":"{prefix}","format":"{FORMAT}","subjects":{{{listed}}}}}\n'.encode()


def bucket_path(prefix: str) -> str:
    return f"{FOLDER}/{prefix}.json"


def index_about(length: int, subjects: int, records: int) -> bytes:
    """What a reader of the index has to know."""
    about = {"format": FORMAT, "prefix": length, "subjects": subjects, "records": records}
    return f"{compact_json(about)}\n".encode()


def prefix_length(subjects: int) -> int:
    """Hexadecimal digits of a bucket's name."""
    return next((length for length, most in _MOST_SUBJECTS.items() if subjects <= most), 4)


def bucket_answers(
    body: bytes, bucket: str, hashes: Sequence[str] | None, place: str
) -> dict[str, list[RecordSummary]]:
    """The summaries under these hashes in one bucket's bytes, or under all of them."""
    try:
        content = json.loads(body)
        subjects = content["subjects"]
        listed = {hashed: subjects.get(hashed, []) for hashed in (subjects if hashes is None else hashes)}
        right = (content["format"], content["bucket"], type(subjects)) == (FORMAT, bucket, dict)
        if not right or not all(isinstance(items, list) for items in listed.values()):
            raise ValueError
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise BadInput("this is no part of a lookup index", subject=place, next_step="publish the site again") from None
    return {hashed: [summary_of(item, place) for item in items] for hashed, items in listed.items()}
