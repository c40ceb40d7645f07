"""Content codings: the cap holds inside the decoder, and a stream that is not whole says so.

Bombs and damaged streams: Scrapy's own test files.
"""

import contextlib
import gzip
import hashlib
import subprocess
import sys
import zlib
from pathlib import Path

import brotli
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from extractors.crawl.http.content_decoding import Body, TooLarge, UndecodableBody

MEBIBYTE = 1 << 20


def decoded(data: bytes, coding: str, cap: int = 20 * MEBIBYTE, piece: int = 1000) -> bytes:
    body = Body(coding, cap)
    for start in range(0, len(data), piece):
        body.feed(data[start : start + piece])
    return body.finish()


PLAIN = [
    ("html-gzip.bin", "gzip"),
    ("html-br.bin", "br"),
    ("html-rawdeflate.bin", "deflate"),
    ("html-zlibdeflate.bin", "deflate"),
    ("html-zstd-static-content-size.bin", "zstd"),
    ("html-zstd-static-no-content-size.bin", "zstd"),
    ("html-zstd-streaming-no-content-size.bin", "zstd"),
    ("html-gzip-deflate.bin", "gzip, deflate"),
    ("html-gzip-deflate-gzip.bin", "gzip, deflate, gzip"),
]


@pytest.mark.parametrize(("name", "coding"), PLAIN)
@pytest.mark.parametrize("piece", [1, 7, 100_000])
def test_every_coding_gives_the_same_page(shared: Path, name: str, coding: str, piece: int) -> None:
    folder = shared / "conformance/bombs"
    digest = hashlib.sha256(decoded((folder / name).read_bytes(), coding, piece=piece)).hexdigest()
    # Two pages in all: the plain deflate files hold one that is three bytes longer.
    assert digest[:8] == ("35bc90a9" if coding == "deflate" else "e9778074")


BOMBS = [("bomb-br.bin", "br"), ("bomb-deflate.bin", "deflate"), ("bomb-gzip.bin", "gzip"), ("bomb-zstd.bin", "zstd")]


@pytest.mark.parametrize(("name", "coding"), BOMBS)
def test_a_bomb_is_too_large_and_never_held(shared: Path, name: str, coding: str) -> None:
    """Each holds 11,511,612 bytes."""
    data = (shared / "conformance/bombs" / name).read_bytes()
    body = Body(coding, MEBIBYTE)
    with pytest.raises(UndecodableBody if coding == "br" else TooLarge):
        body.feed(data)
    assert len(body.so_far) <= MEBIBYTE
    if coding != "br":  # whose window alone is too large
        assert len(decoded(data, coding)) == 11_511_612


@pytest.mark.parametrize(
    ("name", "coding"),
    [
        ("truncated-crc-error.gz", "gzip"),
        ("truncated-crc-error-short.gz", "gzip"),
        ("unexpected-eof.gz", "gzip"),
        ("html-br.bin", "gzip"),
        ("html-gzip.bin", "zstd"),
        ("html-gzip.bin", "br"),
        ("html-gzip.bin", "compress"),
        ("html-gzip.bin", ",".join(["gzip"] * 6)),
    ],
)
def test_damaged_streams_are_damaged(shared: Path, name: str, coding: str) -> None:
    with pytest.raises(UndecodableBody):
        decoded((shared / "conformance/bombs" / name).read_bytes(), coding)


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd"])
def test_a_stream_cut_anywhere_is_damaged(coding: str) -> None:
    text = b"".join(b"line %d\n" % n for n in range(500))
    whole = packed(text, coding)
    for length in range(1, len(whole), 37):
        with pytest.raises(UndecodableBody):
            decoded(whole[:length], coding)


def packed(data: bytes, coding: str) -> bytes:
    for name in coding.split(","):
        match name.strip():
            case "gzip":
                data = gzip.compress(data)
            case "deflate":
                data = zlib.compress(data)
            case "raw":
                data = zlib.compress(data, wbits=-15)
            case "br":
                data = brotli.compress(data)
            case "zstd":
                data = zstandard.compress(data)
    return data


@given(
    st.binary(max_size=3000),
    st.lists(st.sampled_from(["gzip", "deflate", "br", "zstd"]), max_size=3).map(",".join),
    st.integers(1, 700),
)
def test_what_was_packed_comes_out(data: bytes, coding: str, piece: int) -> None:
    assert decoded(packed(data, coding), coding, piece=piece) == data


@given(st.binary(max_size=400), st.sampled_from(["gzip", "deflate", "br", "zstd", "gzip,br"]))
def test_any_bytes_end_as_a_page_or_a_typed_error(data: bytes, coding: str) -> None:
    with contextlib.suppress(TooLarge, UndecodableBody):
        decoded(data, coding, cap=10_000)


def test_several_members_one_page_and_padding_after_it() -> None:
    assert decoded(gzip.compress(b"a") * 3000, "gzip", piece=100_000) == b"a" * 3000
    assert decoded(gzip.compress(b"one ") + gzip.compress(b"two"), "gzip", piece=3) == b"one two"
    assert decoded(gzip.compress(b"one") + b"\0" * 100, "gzip") == b"one"
    assert decoded(zstandard.compress(b"one ") + zstandard.compress(b"two"), "zstd", piece=3) == b"one two"
    assert decoded(b"", "gzip") == b""
    assert decoded(b"plain", "identity") == b"plain"
    assert decoded(packed(b"raw", "raw"), "deflate", piece=1) == b"raw"


def test_the_cap_counts_to_the_byte() -> None:
    assert decoded(packed(b"x" * 1000, "gzip"), "gzip", cap=1000) == b"x" * 1000
    with pytest.raises(TooLarge):
        decoded(packed(b"x" * 1001, "gzip"), "gzip", cap=1000)


MEASURE = """
import resource, sys
from extractors.crawl.http.content_decoding import Body, UndecodableBody, TooLarge

path, coding, cap = sys.argv[1], sys.argv[2], int(sys.argv[3])
data = open(path, "rb").read() if path else b""
body = Body(coding, cap)
before = int(open("/proc/self/statm").read().split()[1]) * resource.getpagesize()
open("/proc/self/clear_refs", "w").write("5")  # the high-water mark starts again
try:
    if data:
        body.feed(data)
    while True:
        body.feed(b"x" * 65536)
except (TooLarge, UndecodableBody):
    pass
peak = next(int(line.split()[1]) * 1024 for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(peak - before)
"""


def made(name: str) -> bytes:
    """Bombs of our own."""
    if name == "nested":
        return gzip.compress(gzip.compress(bytes(200 * MEBIBYTE), 1))
    packer = zstandard.ZstdCompressor(level=19).compressobj()
    return b"".join(packer.compress(bytes(MEBIBYTE)) for _ in range(60)) + packer.flush()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "coding"), [*BOMBS, ("endless", "identity"), ("nested", "gzip, gzip"), ("largest window", "zstd")]
)
def test_memory_stays_below_the_cap_and_eight_mebibytes(shared: Path, tmp_path: Path, name: str, coding: str) -> None:
    """Resident memory of a process of its own, highest against before, with a cap of 4 MiB."""
    path = shared / "conformance/bombs" / name
    if name == "endless":
        path = Path()
    elif not path.exists():
        path = tmp_path / "bomb"
        path.write_bytes(made(name))
    arguments = [str(path) if path.name else "", coding, str(4 * MEBIBYTE)]
    ran = subprocess.run([sys.executable, "-c", MEASURE, *arguments], capture_output=True, text=True, check=True)
    assert int(ran.stdout) <= (4 + 8) * MEBIBYTE, f"{int(ran.stdout) / MEBIBYTE:.1f} MiB"
    print(f"{name}: {int(ran.stdout) / MEBIBYTE:.1f} MiB")
