"""Content codings undone piece by piece, with the cap inside the decoder.

Idea: 34 bytes of brotli can hold 11 MB, so a cap on decoded chunks comes too late; every decoder here is
asked for a bounded piece at a time. Invariant: at most one piece beyond the cap is ever held, and a
stream that is damaged, cut short or followed by another is told apart from one that is whole.
"""

import io
import zlib
from collections.abc import Iterator
from typing import Any

import brotli
import zstandard

from scoring.errors import TerminalError

PIECE = 64 * 1024
# A zstd block is at least 3 bytes and gives up to 128 KiB: this much input gives at most 1.4 MB at once.
_ZSTD_INPUT = 32
# RFC 9659: a window beyond 8 MB need not be supported for `Content-Encoding: zstd`.
_ZSTD_WINDOW = 8 << 20
# RFC 7932 section 9.1: the first bits for windows of 8 and 16 MiB. Compressors choose them for larger files only.
_LARGE_BROTLI_WINDOWS = (0x0D, 0x0F)
_MOST_CODINGS = 5

ACCEPT_ENCODING = "gzip, deflate, br, zstd"


class TooLarge(TerminalError):
    """The decoded body passes the cap."""


class UndecodableBody(TerminalError):
    """The body cannot be decoded, or ends before it is whole."""


class _Zlib:
    """gzip (also several members), deflate with or without its zlib header, and a file that may be gzip itself
    (`sitemap.xml.gz`): some servers unpack it on the way, so its first bytes tell."""

    def __init__(self, coding: str) -> None:
        self._coding = coding
        self._stream: Any = None
        self._head = b""
        self._ended = False
        self._plain = False

    def feed(self, data: bytes) -> Iterator[bytes]:
        more = bool(data)
        while more and not self._ended:  # what follows the last member is padding
            if self._plain:
                yield data
                return
            if self._stream is None:
                data, self._head = self._head + data, b""
                if len(data) < 2:
                    self._head = data
                    return
                self._plain = self._coding == "packed" and data[:2] != b"\x1f\x8b"
                if self._plain:
                    continue
                self._stream = zlib.decompressobj(self._window_bits(data))
            piece = self._stream.decompress(data, PIECE)
            if piece:
                yield piece
            data = self._stream.unconsumed_tail
            more = bool(data) or len(piece) == PIECE
            if self._stream.eof:
                data = self._stream.unused_data
                more = bool(data)
                self._stream = None
                self._ended = self._coding == "deflate" or data[:2] not in (b"", b"\x1f", b"\x1f\x8b")

    def _window_bits(self, head: bytes) -> int:
        if self._coding != "deflate":
            return zlib.MAX_WBITS | 16
        has_header = head[0] & 0x0F == 8 and not (head[0] << 8 | head[1]) % 31
        return zlib.MAX_WBITS if has_header else -zlib.MAX_WBITS

    @property
    def whole(self) -> bool:
        return self._ended or self._plain or (self._stream is None and not self._head)


class _Brotli:
    """Its decoder fills a buffer as large as the window before it gives anything, so the window is bounded."""

    def __init__(self) -> None:
        self._stream = brotli.Decompressor()
        self._fed = False

    def feed(self, data: bytes) -> Iterator[bytes]:
        if not self._fed and data[:1] and data[0] & 0x0F in _LARGE_BROTLI_WINDOWS:
            raise UndecodableBody("its brotli window is larger than 4 MiB")
        self._fed = self._fed or bool(data)
        while True:
            piece = self._stream.process(data, output_buffer_limit=PIECE)
            if piece:
                yield piece
            data = b""
            if self._stream.is_finished() or (self._stream.can_accept_more_data() and not piece):
                return

    @property
    def whole(self) -> bool:
        return not self._fed or bool(self._stream.is_finished())


class _Zstd:
    def __init__(self) -> None:
        self._open = zstandard.ZstdDecompressor(max_window_size=_ZSTD_WINDOW).decompressobj
        self._stream = self._open()
        self._fed = False

    def feed(self, data: bytes) -> Iterator[bytes]:
        for start in range(0, len(data), _ZSTD_INPUT):
            part = data[start : start + _ZSTD_INPUT]
            while part:
                if self._stream.eof:
                    self._stream = self._open()  # another frame follows
                self._fed = True
                piece = self._stream.decompress(part)
                part = self._stream.unused_data if self._stream.eof else b""
                if piece:
                    yield piece

    @property
    def whole(self) -> bool:
        return not self._fed or self._stream.eof


def _coding(name: str) -> _Zlib | _Brotli | _Zstd:
    if name in ("gzip", "x-gzip", "deflate"):
        return _Zlib(name)
    if name == "br":
        return _Brotli()
    if name == "zstd":
        return _Zstd()
    raise UndecodableBody(f"content coding {name[:30]!r} is not known")


class Body:
    """A response body as it grows: `feed` what comes, then take `finish()`."""

    def __init__(self, content_encoding: str, cap: int, packed: bool = False) -> None:
        """`packed`: what is left when the content codings are undone may be a gzip file."""
        names = [name.strip().lower() for name in content_encoding.split(",")]
        names = [name for name in names if name not in ("", "identity")]
        if len(names) > _MOST_CODINGS:
            raise UndecodableBody(f"{len(names)} content codings on top of each other")
        self._codings = [_coding(name) for name in reversed(names)]
        if packed:
            self._codings.append(_Zlib("packed"))
        self._cap = cap
        self._decoded = io.BytesIO()
        self._through = [0] * len(self._codings)

    def feed(self, data: bytes) -> None:
        """Raises `TooLarge` or `UndecodableBody`."""
        try:
            for piece in self._decode(0, data):
                room = self._cap - self._decoded.tell()
                self._decoded.write(piece[:room])
                if len(piece) > room:
                    raise TooLarge(f"more than {self._cap} bytes once decoded")
        except (zlib.error, brotli.error, zstandard.ZstdError) as error:
            raise UndecodableBody(f"the body cannot be decoded ({error})") from None

    def _decode(self, layer: int, data: bytes) -> Iterator[bytes]:
        if layer == len(self._codings):
            if data:
                yield data
            return
        # An inner layer may be larger than the page, but not without end.
        self._through[layer] += len(data)
        if self._through[layer] > 2 * self._cap + PIECE:
            raise TooLarge(f"more than {self._cap} bytes before it is decoded")
        for piece in self._codings[layer].feed(data):
            yield from self._decode(layer + 1, piece)

    def finish(self) -> bytes:
        """The whole decoded body; raises `UndecodableBody` when it ends too early."""
        if not all(coding.whole for coding in self._codings):
            raise UndecodableBody("the body ends before it is whole")
        return self._decoded.getvalue()

    @property
    def so_far(self) -> bytes:
        """What has been decoded until now."""
        return self._decoded.getvalue()
