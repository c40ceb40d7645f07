"""Reads the lookup index of a published site, from a folder or over http.

Invariant: only prefixes of hashes are asked for; a file that is missing, too large or malformed is an error that
names it, never *no record*; nothing is followed to another scheme than http and https.
"""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Protocol

from assay_check.endpoints import is_url
from assay_check.errors import BadInput
from assay_check.lookup.hash_prefixes import FOLDER, FORMAT, MOST_BYTES, bucket_answers, key_hash
from assay_check.lookup.record_summary import RecordSummary
from assay_check.redaction import shown_address

TIMEOUT_SECONDS = 20
_AT_ONCE = 8


class Records(Protocol):
    """Where records are looked up: a published site, or whatever else keeps them."""

    @property
    def place(self) -> str:
        """How it is named to a person."""
        ...

    def lookup(self, keys: Iterable[str]) -> dict[str, list[RecordSummary]]:
        """The summaries of the records under each key; a key without any has an empty list."""
        ...

    def records(self) -> list[RecordSummary]:
        """Every record, by address."""
        ...


class Folder:
    """A site's folder on this machine."""

    def __init__(self, root: Path) -> None:
        self._root, self.place = root, str(root)

    def read(self, name: str) -> bytes:
        """The bytes of a file below the site. Raises `BadInput`."""
        path = self._root / name
        try:
            with path.open("rb") as file:
                body = file.read(MOST_BYTES + 1)
        except OSError as error:
            reason = error.strerror or "cannot be read"
            raise BadInput(
                f"{reason}: no such file of a site here", subject=str(path), next_step="name a published site"
            ) from None
        return _bounded(body, str(path))


class Address:
    """A site by its address."""

    def __init__(self, address: str) -> None:
        self._base = address.partition("?")[0].partition("#")[0].rstrip("/")
        self.place = shown_address(self._base)

    def read(self, name: str) -> bytes:
        """The bytes of a file below the site. Raises `BadInput`."""
        import urllib.error
        import urllib.request

        opener = urllib.request.OpenerDirector()
        for handler in (
            urllib.request.ProxyHandler(),
            urllib.request.HTTPHandler(),
            urllib.request.HTTPSHandler(),
            urllib.request.HTTPRedirectHandler(),
            urllib.request.HTTPErrorProcessor(),
            urllib.request.HTTPDefaultErrorHandler(),
        ):
            opener.add_handler(handler)
        request = urllib.request.Request(
            f"{self._base}/{name}", headers={"User-Agent": "assay-check", "Accept": "application/json"}
        )
        where = f"{self.place}/{name}"
        try:
            with opener.open(request, timeout=TIMEOUT_SECONDS) as answer:
                body: bytes = answer.read(MOST_BYTES + 1)
        except urllib.error.HTTPError as error:
            raise BadInput(
                f"the site answers {error.code}", subject=where, next_step="name a site with a lookup index"
            ) from None
        except (OSError, ValueError) as error:
            raise BadInput(
                f"the site cannot be read ({type(error).__name__})", subject=where, next_step="try again"
            ) from None
        return _bounded(body, where)


def _bounded(body: bytes, place: str) -> bytes:
    if len(body) > MOST_BYTES:
        raise BadInput("larger than a lookup file can be", subject=place, next_step="name a published site")
    return body


Files = Folder | Address


def files_of(place: str) -> Files:
    """A site by its folder or its address."""
    return Address(place) if is_url(place) else Folder(Path(place))


class Site:
    """A published site, asked for many subjects at once."""

    def __init__(self, place: str) -> None:
        self._files = files_of(place)
        self._length = self._prefix_length()

    @property
    def place(self) -> str:
        return self._files.place

    def lookup(self, keys: Iterable[str]) -> dict[str, list[RecordSummary]]:
        """The summaries of the records under each key; a key without any has an empty list."""
        hashes = {key: key_hash(key) for key in keys}
        buckets: dict[str, list[str]] = {}
        for hashed in sorted(set(hashes.values())):
            buckets.setdefault(hashed[: self._length], []).append(hashed)
        found = {hashed: some for answer in self._answers(list(buckets.items())) for hashed, some in answer.items()}
        return {key: found[hashed] for key, hashed in hashes.items()}

    def records(self) -> list[RecordSummary]:
        """Every record of the index, by address: reads all of it."""
        answers = self._answers([(f"{number:0{self._length}x}", None) for number in range(16**self._length)])
        found = {summary.record: summary for answer in answers for records in answer.values() for summary in records}
        return [found[record] for record in sorted(found)]

    def _answers(self, buckets: Sequence[tuple[str, list[str] | None]]) -> list[dict[str, list[RecordSummary]]]:
        """Of each bucket the records under these hashes, or under all."""

        def answer(bucket: tuple[str, list[str] | None]) -> dict[str, list[RecordSummary]]:
            prefix, hashes = bucket
            name = f"{FOLDER}/{prefix}.json"
            return bucket_answers(self._files.read(name), prefix, hashes, f"{self._files.place}/{name}")

        if isinstance(self._files, Folder) or len(buckets) < 2:
            return [answer(bucket) for bucket in buckets]
        from concurrent.futures import ThreadPoolExecutor

        with ThreadPoolExecutor(_AT_ONCE) as pool:
            return list(pool.map(answer, buckets))

    def _prefix_length(self) -> int:
        name = f"{FOLDER}/index.json"
        body = self._files.read(name)
        try:
            about = json.loads(body)
            length = about["prefix"] if about["format"] == FORMAT else 0
        except (ValueError, KeyError, TypeError, RecursionError):
            length = 0
        if not isinstance(length, int) or not 1 <= length <= 8:
            raise BadInput(
                "this is no lookup index", subject=f"{self._files.place}/{name}", next_step="name a published site"
            )
        return length
