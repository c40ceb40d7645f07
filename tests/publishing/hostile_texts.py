"""Texts and addresses that attack a reader, and records that carry them in every field."""

import json
from pathlib import Path

import made_records as made

from publishing.catalogue import Catalogue, Coverage, Names, Run
from scoring.record import PublishedRecord
from scoring.reviews import Correction
from tests.publishing.made_records import of_records

ATTACKS = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "</title><script>alert(1)</script>",
    "</style><script>alert(1)</script>",
    "<svg/onload=alert(1)>",
    "--><script>alert(1)</script><!--",
    "]]><script>alert(1)</script>",
    "{{ 7 * 7 }} {% for x in y %} ${7*7} #{7*7}",
    "javascript:alert(1)",
    "<iframe srcdoc='&lt;script&gt;alert(1)&lt;/script&gt;'>",
    "<math><mtext></p><style><img src=x onerror=alert(1)>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "=cmd|' /C calc'!A0",
    "+1+1",
    "-2+3",
    "@SUM(1+1)",
    "\t=1+1",
    '\r\n=1+1,second cell",third',
    "＝1+1",
    "\u202egnp.exe",
    "\x00\x07\x1b[31mred\x7f\x85\ufffe\U0001ffff",
    "a\u0300\u0489" * 30,
    "<?xml version='1.0'?><!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]>&e;",
    "<!--[if IE]><script>alert(1)</script><![endif]-->",
    "x" * 4000,
)
URLS = (
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:x",
    "//evil.example/",
    "https://user:password@evil.example/",
    "https://good.example\\@evil.example/",
    'https://evil.example/"onmouseover=alert(1)',
    "https://evil.example/<script>",
    "https://evil.example/ with space",
    "https://\u0430pple.example/",
    "file:///etc/passwd",
    "ftp://evil.example/",
    "https:///nohost",
    "https://evil.example:99999/",
    "http://[::1",
)


def naughty(shared: Path) -> list[str]:
    strings = json.loads((shared / "conformance" / "naughty" / "blns.json").read_text(encoding="utf-8"))
    return [s for s in strings if s]


def poisoned(number: int, text: str, url: str) -> tuple[PublishedRecord, tuple[made.PageText, ...], Correction]:
    """A record that carries the text wherever a page's words, a vendor or a source could put them."""
    world = made.world(f"agent-{number}", name=text[:200], foreign=text, hostile=text)
    record = made.publish(world, at=made.START + made.timedelta(minutes=number), aliases=(text[:200],))
    record = record.model_copy(update={"homepage": url, "repository": url, "withdrawn_reason": text})
    note = record.changes[0].model_copy(update={"path": text, "before": text, "after": text})
    record = record.model_copy(update={"changes": (note, *record.changes)})
    correction = Correction(
        id=f"c-{number}",
        slug=world.slug,
        path=text,
        field=text,
        proposed=text,
        quote=text,
        url=url,
        vendor=text,
        received=made.START,
        reason=text,
    )
    return record, world.pages, correction


def texts_of(shared: Path) -> list[str]:
    """Our own attacks one by one; the strings of others sixteen at a time, since what breaks out of one would show."""
    strings = naughty(shared)
    return [*ATTACKS, *("\n".join(strings[n : n + 16]) for n in range(0, len(strings), 16))]


def catalogue(shared: Path) -> Catalogue:
    """A directory of such records, with the same texts in the crawl's ledger and the site's own names."""
    texts = texts_of(shared)
    made_of = [poisoned(n, text, URLS[n % len(URLS)]) for n, text in enumerate(texts)]
    return of_records(
        [record for record, _, _ in made_of],
        [page for _, pages, _ in made_of for page in pages],
        corrections=tuple(correction for _, _, correction in made_of),
        coverage=Coverage(
            listed=len(texts),
            not_reached=tuple((text, 1) for text in texts[:20]),
            opted_out=(*texts, *naughty(shared)),
            sources=tuple((text, 1, None) for text in texts[:20]),
        ),
        run=Run(finished=made.START, failed=tuple((text, 1) for text in texts[:20])),
        names=Names(title=ATTACKS[0], tagline=ATTACKS[1]),
    )
