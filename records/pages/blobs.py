"""Raw bytes, kept under the digest of their content, compressed.

Idea: the name is the content, so a blob is written once and never changes. Invariant: a blob is there in full
or not at all (temporary file, fsync, rename), and `get` gives bytes only if they match the name.
"""

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import zstandard

from extractors.pages.snapshot import sha256
from records.database import error_messages
from records.database.column_types import pack, unpack
from scoring.claims import Digest
from scoring.errors import Corrupt, NotFound, TransientError


class Blobs:
    """A folder (`data/run/blobs`) or any `fsspec` URL (`s3://bucket/blobs`, `memory://blobs`)."""

    def __init__(self, location: str | Path) -> None:
        self.location = str(location)
        self._remote: Any = None
        if "://" in self.location and not self.location.startswith("file://"):
            import fsspec

            self._remote, root = fsspec.core.url_to_fs(self.location)
            self.root = root.rstrip("/")
        else:
            self.root = self.location.removeprefix("file://").rstrip("/")

    @property
    def folder(self) -> Path | None:
        """The folder on this machine; None for a bucket."""
        return None if self._remote else Path(self.root)

    def path(self, digest: Digest) -> str:
        """Where a blob lies: `<root>/ab/cdef….zst`."""
        name = digest.removeprefix("sha256:")
        if len(name) != 64 or not set(name) <= set("0123456789abcdef"):
            raise NotFound("not a digest", subject=digest, step="blob")
        return f"{self.root}/{name[:2]}/{name[2:]}.zst"

    def put(self, data: bytes) -> Digest:
        """Keeps the bytes and gives their digest. Writing what is there already costs one look."""
        digest = sha256(data)
        if not self.has(digest):
            with self._translated("blob"):
                self._write(self.path(digest), pack(data))
        return digest

    def has(self, digest: Digest) -> bool:
        path = self.path(digest)
        with self._translated("blob"):
            return bool(self._remote.exists(path)) if self._remote else Path(path).exists()

    def get(self, digest: Digest) -> bytes:
        """The bytes of a digest. `NotFound` when they are not kept, `Corrupt` when they do not match."""
        path = self.path(digest)
        with self._translated("blob"):
            try:
                packed = self._remote.cat_file(path) if self._remote else Path(path).read_bytes()
            except FileNotFoundError:
                raise NotFound(
                    "these bytes are not kept",
                    subject=digest,
                    step="blob",
                    next_step="fetch the page again with `assay night run`",
                ) from None
        try:
            data = unpack(packed)
        except zstandard.ZstdError:
            data = b""
        if sha256(data) != digest:
            raise Corrupt(
                "the stored bytes do not match their digest",
                subject=path,
                step="blob",
                next_step="restore it from a backup, or delete it and fetch the page again",
            )
        return data

    def drop(self, digest: Digest) -> None:
        """Deletes a blob; absent is fine."""
        with self._translated("blob"), contextlib.suppress(FileNotFoundError):
            if self._remote:
                self._remote.rm_file(self.path(digest))
            else:
                Path(self.path(digest)).unlink()

    def all(self) -> Iterator[Digest]:
        """Every digest kept, in order; read folder by folder."""
        if self._remote:
            self._remote.invalidate_cache()  # others write meanwhile
        for folder in self._names(self.root):
            for name in self._names(f"{self.root}/{folder}") if len(folder) == 2 else ():
                if name.endswith(".zst") and not name.startswith("."):
                    yield f"sha256:{folder}{name.removesuffix('.zst')}"

    def _names(self, folder: str) -> list[str]:
        """What lies in a folder, in order; nothing in one that is not there."""
        with self._translated("blob"), contextlib.suppress(FileNotFoundError, NotADirectoryError):
            found = self._remote.ls(folder, detail=False) if self._remote else Path(folder).iterdir()
            return sorted(str(name).rstrip("/").rpartition("/")[2] for name in found)
        return []

    def sweep(self) -> int:
        """Deletes temporary files that a killed writer left; gives their number."""
        left = [] if self._remote else list(Path(self.root).glob("??/.new-*"))
        for file in left:
            file.unlink(missing_ok=True)
        return len(left)

    def _write(self, path: str, packed: bytes) -> None:
        if self._remote:
            self._remote.makedirs(path.rsplit("/", 1)[0], exist_ok=True)
            self._remote.pipe_file(path, packed)  # an object store shows an object in full or not at all
            return
        folder = Path(path).parent
        if not folder.is_dir():
            folder.mkdir(parents=True, exist_ok=True)
            sync(folder.parent)
        handle, temporary = tempfile.mkstemp(prefix=".new-", dir=folder)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(packed)
                file.flush()
                os.fsync(file.fileno())
            Path(temporary).replace(path)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
        sync(folder)

    @contextlib.contextmanager
    def _translated(self, step: str) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            if self._remote:
                raise TransientError(
                    "the blob store did not answer",
                    subject=self.location,
                    step=step,
                    next_step="check its address and credentials, then run this again",
                ) from error
            raise error_messages.of_disk(error, step) from error


def sync(place: Path) -> None:
    """Makes a file durable, or a rename in a folder."""
    descriptor = os.open(place, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
