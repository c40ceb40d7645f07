"""Encodings as browsers see them: html5lib's own cases, and what a crawl meets."""

from pathlib import Path

import pytest

from extractors.pages.charset import decode, encoding_of


def cases(folder: Path) -> list[tuple[str, bytes, str]]:
    """The `#data` and `#encoding` pairs of html5lib-tests (MIT), 82 of them."""
    found = []
    for file in sorted(folder.glob("*.dat")):
        for number, part in enumerate(file.read_bytes().split(b"#data\n")[1:]):
            data, _, expected = part.partition(b"\n#encoding\n")
            found.append((f"{file.name}:{number}", data, expected.split()[0].decode().lower()))
    return found


def test_html5lib_cases(shared: Path) -> None:
    every = cases(shared / "conformance" / "encoding")
    wrong = [
        (name, encoding_of(data), expected)
        for name, data, expected in every
        if encoding_of(data).lower() != canonical(expected)
    ]
    assert len(every) == 82
    assert wrong == []


def canonical(label: str) -> str:
    import webencodings

    found = webencodings.lookup(label)
    assert found is not None
    return found.name


@pytest.mark.parametrize(
    ("body", "charset", "text"),
    [
        (b"\xef\xbb\xbfcaf\xc3\xa9", "latin-1", "café"),  # the mark outranks the header
        ("naïve".encode("utf-16"), None, "naïve"),
        (b"caf\xe9", "iso-8859-1", "café"),
        (b"\x93quoted\x94", "iso-8859-1", "“quoted”"),  # browsers read latin-1 as windows-1252
        (b"caf\xc3\xa9", "no-such-charset", "café"),
        (b"caf\xc3\xa9", None, "café"),
        ("<meta charset=windows-1251><p>Агент".encode("cp1251"), None, "<meta charset=windows-1251><p>Агент"),
        (b"ok \xff", "utf-8", "ok \ufffd"),
    ],
)
def test_header_mark_meta_and_sniffing(body: bytes, charset: str | None, text: str) -> None:
    assert decode(body, charset, html=True) == text


def test_legacy_text_without_any_declaration() -> None:
    said = "Этот агент читает письма и никогда не отправляет их без подтверждения человека. " * 3
    assert decode(said.encode("cp1251")) == said


def test_a_declaration_in_a_markdown_page_is_only_an_example() -> None:
    assert decode("`<meta charset=windows-1251>` café".encode(), html=False).endswith("café")
