"""Pages made to cost: each ends within its bounds, as a text or as `NoText`, in a process that may take little."""

import subprocess
import sys
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest

from extractors.pages.text_extraction import page_text

ROOT = Path(__file__).resolve().parents[3]
READ = """
import resource, sys
resource.setrlimit(resource.RLIMIT_AS, (2 << 30, 2 << 30))
resource.setrlimit(resource.RLIMIT_CPU, (20, 20))
from extractors.pages.text_extraction import NoText, page_text
try:
    print("text", len(page_text(sys.stdin.buffer.read(), url="https://a.example/" + sys.argv[1]).text))
except NoText as error:
    print("no text:", error.problem)
"""


def repeated(first: str, line: str) -> bytes:
    """Thirteen lines of which each names the one before it eight times."""
    names = "abcdefghijklmn"
    lines = [line.format(new=new, old=", ".join([f"*{old}"] * 8)) for old, new in pairwise(names)]
    return "\n".join([first, *lines, ""]).encode()


ALIASES = repeated("a: &a []", "{new}: &{new} [{old}]")
MERGES = repeated("a: &a {x: 1}", "{new}: &{new}\n  <<: [{old}]")
SUBSTITUTIONS = "".join(
    f".. |{old}| replace:: {' '.join([f'|{new}|'] * 6)}\n"
    for old, new in zip("abcdefghijklm", "bcdefghijklmn", strict=True)
)
FLAG = "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f"
OPEN = "".join(f"<b a={number}>" for number in range(90))
NESTED = "".join(f"p{{--a{n}:var(--a{n + 1})var(--a{n + 2})var(--a{n + 3})}}" for n in range(8_000))


def styled(css: str) -> bytes:
    return f"<style>{css}</style><p class=x>Seen.</p>".encode()


CASES: dict[str, tuple[str, Callable[[], bytes]]] = {
    "yaml nested": ("a.yaml", lambda: b"[" * 100_000),
    "yaml aliases of nothing": ("a.yaml", lambda: ALIASES),
    "yaml merge keys": ("a.yaml", lambda: MERGES),
    "yaml that holds itself": ("a.yaml", lambda: b"a: &a [*a, *a]\n"),
    "front matter": ("README.md", lambda: b"---\n" + ALIASES + b"---\nSeen.\n"),
    "toml of one long key": ("a.toml", lambda: b"a" + b".a" * 100_000 + b" = 1"),
    "substitutions": ("a.rst", lambda: f"{SUBSTITUTIONS}.. |n| replace:: word\n\n|a|\n".encode()),
    "much reStructuredText": ("a.rst", lambda: b"word *em* `link <x>`_\n\n" * 300_000),
    "attributes": ("a.html", lambda: b"<p " + b" ".join(b"a%d=x" % number for number in range(500_000)) + b">Seen."),
    "elements in elements": ("a.html", lambda: b"<div>" * 200_000 + b"Seen."),
    "quotes of html": ("README.md", lambda: b"<blockquote>" * 200_000 + b"Seen."),
    "formatting that is never closed": ("a.html", lambda: f"<p>{OPEN}</p>{'<p>x</p>' * 100_000}".encode()),
    "brackets": ("README.md", lambda: b"![[" * 1_000_000),
    "open labels": ("README.md", lambda: b"[a\n" * 300_000 + b"]: x"),
    "colon notes": ("README.md", lambda: b":::note\n" * 100_000),
    "links in links": ("a.txt", lambda: b"[" * 50_000 + b"a" + b"](b)" * 50_000),
    "data sheets": ("a.html", lambda: styled("data:text/css;" * 200_000)),
    "sheet of commas": ("a.html", lambda: styled("a," * 1_000_000 + "{display:none}")),
    "sheet of blocks": ("a.html", lambda: styled("@media a{b{" * 200_000)),
    "sheet of addresses": ("a.html", lambda: styled("url(" * 500_000)),
    "variables of variables": ("a.html", lambda: styled(NESTED + ".x{display:var(--a0)}")),
    "hidden in hidden, perhaps": (
        "a.html",
        lambda: styled("@media (hover:hover){div{display:none}}") + b"<div>" * 9_000 + b"word " * 300_000,
    ),
    "flags": ("a.txt", lambda: (FLAG * 200_000).encode()),
    "one line": ("README.md", lambda: b"word " * 1_600_000),
}
"""Place and body of each, which is made when its test runs: they are fifty megabytes."""


@pytest.mark.slow
@pytest.mark.parametrize("name", CASES)
def test_a_page_made_to_cost_ends(name: str) -> None:
    place, made = CASES[name]
    done = subprocess.run([sys.executable, "-c", READ, place], input=made(), capture_output=True, cwd=ROOT)
    assert done.returncode == 0, (done.returncode, done.stderr[-500:])
    assert done.stdout.startswith((b"text", b"no text:"))


def test_flags_stay_where_they_are() -> None:
    page = page_text(f"One {FLAG} two \ue000 three{FLAG}.".encode(), url="https://a.example/a.txt")
    assert page.text.count(FLAG) == 2 and page.text.startswith(f"One {FLAG} two")


def test_aliases_and_merge_keys_of_a_usual_size_are_facts() -> None:
    body = b"base: &base\n  image: one\n  ports: ['80:80']\nweb:\n  <<: *base\n  user: root\n"
    page = page_text(body, url="https://a.example/compose.yaml")
    assert "web.image: one" in page.text and "web.user: root" in page.text
