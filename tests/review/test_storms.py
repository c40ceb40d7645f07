"""The desk under strain: two reviewers at once, a kill between decision and answer, foreign strings, a fuzzer."""

import json
import os
import random
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from records.agents.review_queue import AgentStatus
from records.maintenance.verify import verify
from records.store import Store
from review.access import COOKIE
from tests.browser_context import new_context
from tests.conftest import REPOSITORY
from tests.records.made import Clock
from tests.review.windows import Window
from tests.review.world import fill, found, keep_pages, people, put, text_of, visitor

pytestmark = pytest.mark.slow
STEPS = 1000
CLAIMS = ("summary", "factors.autonomy_of_action", "factors.dynamic_tool_use", "layers.L3")


def client_of(base: str, store: Store, name: str) -> Any:
    import httpx

    client = httpx.Client(base_url=base, timeout=90)
    client.cookies.set(COOKIE, store.people.issue("session", name, 3600))
    return client


def test_two_reviewers_lose_no_update_in_a_thousand_random_interleavings(
    otter: Store, served: Callable[..., str]
) -> None:
    base = served()
    seed = random.Random(6)
    slugs = ("otter", "heron", "crane", "whale")
    log: list[tuple[str, tuple[str, str], str, int, int | None]] = []
    turn = threading.Lock()

    def sends(name: str, marks: list[tuple[str, str, str]]) -> None:
        client = client_of(base, otter, name)
        seen: dict[tuple[str, str], int | None] = {}
        for slug, path, note in marks:
            after = seen.get((slug, path))
            data = {
                "digest": digests[slug],
                "after": "" if after is None else after,
                "verdict": "accepted",
                "note": note,
            }
            answer = client.post(f"/agents/{slug}/claims/{path}", data=data, headers={"accept": "application/json"})
            with turn:
                log.append((name, (slug, path), note, answer.status_code, after))
            # what was confirmed is forgotten on purpose: the next one there is stale and has to learn
            seen[slug, path] = answer.json()["theirs"]["after"] if answer.status_code == 409 else None
        client.close()

    for slug in slugs[1:]:
        fill(otter, slug)
    digests = {slug: otter.assessments.current_digest(slug) for slug in slugs}
    plans = {
        name: [(seed.choice(slugs), seed.choice(CLAIMS), f"{name}-{n}") for n in range(STEPS // 2)]
        for name in ("vera", "paul")
    }
    threads = [threading.Thread(target=sends, args=each) for each in plans.items()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(log) == STEPS and {status for _, _, _, status, _ in log} == {200, 409}
    kept = {(slug, item.note): item for slug in slugs for item in otter.drafts.log(slug)}
    told = {(place[0], note) for _, place, note, status, _ in log if status == 200}
    assert set(kept) == told, "every decision that was confirmed is kept, and no other"
    based = {note: after for _, _, note, status, after in log if status == 200}
    for slug in slugs:
        last: dict[str, int] = {}
        for item in otter.drafts.log(slug):
            assert based[item.note] == last.get(item.path), "made on the one before it: nothing was overwritten unseen"
            last[item.path] = item.id
    assert {item.reviewer for item in kept.values()} == {"vera", "paul"}


KILLED = """
import os, signal, sys
import sqlalchemy as sa
from records.store import Store
from review.routes import claim_decisions
from tests.records.made import Clock
from tests.review.world import visitor

def run(home, moment, number):
    store = Store.open(home, clock=Clock())
    count = 0
    def die(*_):
        nonlocal count
        count += 1
        if count == number:
            os.kill(os.getpid(), signal.SIGKILL)
    client = visitor(store, "vera")
    action = "/agents/otter/claims/factors.autonomy_of_action"
    hidden = client.form("/agents/otter?claim=factors.autonomy_of_action", action)
    if moment == "answer":
        answer = claim_decisions.done
        claim_decisions.done = lambda *a, **k: (die(), answer(*a, **k))[1]
    else:
        name = {"statement": "after_cursor_execute", "commit": "commit"}[moment]
        sa.event.listen(store.database.engine, name, die)
    client.post(action, data=hidden | {"verdict": "rejected", "note": "kill"})
    whole = client.form("/agents/otter", "/agents/otter/decision")
    client.post("/agents/otter/decision", data=whole | {"decision": "approve"})

for spec in sys.argv[1:]:
    home, moment, number = spec.split("|")
    child = os.fork()
    if not child:
        try:
            run(home, moment, int(number))
        finally:
            os._exit(0)
    _, status = os.waitpid(child, 0)
    print(os.WTERMSIG(status), flush=True)
"""
"""Runs one decision and one approval in a child for each moment, and kills it there."""
MOMENTS = (("answer", 1), *(("statement", n) for n in (3, 11, 15, 16, 18, 27, 40)), *(("commit", n) for n in (1, 2, 3)))


def test_killed_between_decision_and_answer_it_is_there_wholly_or_not_at_all(tmp_path: Path) -> None:
    specs = []
    original = tmp_path / "original.db"
    with Store.open(original, clock=Clock()) as store:
        people(store)
        fill(store, "otter")
        for moment, number in MOMENTS:
            home = tmp_path / f"{moment}-{number}.db"
            with sqlite3.connect(original) as source, sqlite3.connect(home) as target:
                source.backup(target)
            specs.append(f"{home}|{moment}|{number}")
    environment = os.environ | {"PYTHONPATH": str(REPOSITORY)}
    command = [sys.executable, "-c", KILLED, *specs]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=120, cwd=REPOSITORY)
    assert done.returncode == 0, done.stderr[-500:]
    assert done.stdout.split().count("9") >= 8, done.stdout
    wholly = 0
    for spec in specs:
        home_name, moment, _ = spec.split("|")
        with Store.open(home_name, clock=Clock(), blobs=tmp_path / "blobs") as after:
            assert verify(after).holds
            log, review = after.drafts.log("otter"), after.reviews.standing("otter")
            for item in log:
                assert (item.note, len(item.amendments)) == ("kill", 2)
            wholly += bool(log)
            assert review is None or (len(review.review.amendments) == 2 and log)
            assert after.queue.status("otter") is (AgentStatus.APPROVED if review else AgentStatus.DRAFT)
            assert log or moment != "answer", "it was decided before it was answered"
    assert 0 < wholly < len(specs)


ATTACKS = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'><svg/onload=alert(1)>",
    "javascript:alert(1)",
    "</textarea><script>alert(1)</script>",
    "</title><script>alert(1)</script>",
    "{{7*7}}{% raw %}",
    "<iframe srcdoc='<script>parent.alert(1)</script>'>",
    "<a href=javascript:alert(1) autofocus onfocus=alert(1)>",
    "<style>@import'//evil.example'</style>",
    "--><script>alert(1)</script>",
    "<math><mtext></table><mglyph><style><img src=x onerror=alert(1)>",
    "<base href=//evil.example/>",
    "<meta http-equiv=refresh content=0;url=javascript:alert(1)>",
)


def test_foreign_strings_in_every_field_execute_nothing(
    store: Store, shared: Path, chromium: Any, served: Callable[..., str]
) -> None:
    naughty = json.loads((shared / "conformance" / "naughty" / "blns.json").read_text(encoding="utf-8"))
    strings = [text for text in (*ATTACKS, *naughty) if isinstance(text, str) and text.strip()]
    strings = [text.replace("\x00", "").encode("utf-8", "ignore").decode() for text in strings]
    store.people.put("eve <script>alert(1)</script>", "publisher")
    batches = [strings[n::6] for n in range(6)]
    for number, batch in enumerate(batches):
        slug = f"odd{number}"
        joined = "\n".join(batch)[:60_000]
        rows = [row[:900] for text in batch for row in text.splitlines() if row.strip()] + ["It mends nets."]
        page = text_of(f"https://{slug}.example/?q=<script>alert(1)</script>", rows)
        fill(store, slug)
        keep_pages(store, page)
        plain = found(slug).model_dump(mode="json")
        words = rows[0]
        start = page.text.index(words)
        item = {"text_digest": page.digest, "url": page.url, "start": start, "end": start + len(words), "quote": words}
        for claim in (*plain["factors"], *plain["exposure"]):
            claim["rationale"] = joined[:3000]
            claim["rejected"] = [{"quote": joined[:500], "why": batch[0][:100] or "x", "nearest": item}]
            claim["evidence"] = [item] if claim["evidence"] else []
        for layer in plain["layers"]:
            layer |= {
                "text": joined[3000:6000] or "x",
                "evidence": [item] if layer["evidence"] else [],
                "threats": [batch[0][:40]],
            }
        plain["summary"] = {"text": joined[:4000], "evidence": [item]}
        plain["name"] = batch[number][:200]
        plain["read"] = [
            {"url": page.url, "text_digest": page.digest, "page_digest": page.page_digest, "truncated": True}
        ]
        plain["not_read"] = [{"url": text[:200], "outcome": "not_found"} for text in batch[:20]]
        plain["findings"] = [
            {"kind": "hidden_text", "url": page.url, "excerpt": text[:300], "how": text[:100], "visible": False}
            for text in batch
        ]
        from scoring.claims import Extraction

        put(store, Extraction.model_validate(plain))
        store.listings.put(
            store.listings.get(slug).model_copy(
                update={"name": batch[0][:200] or "x", "homepage": "javascript:alert(1)"}
            )
        )
        for text in batch:
            store.drafts.add_note(slug, text, author=text[:100] or "x", path="summary")
        client = visitor(store, "vera")
        client.decide(
            "summary", "amended", slug=slug, text=joined[:4900], reason="other", note=batch[1][:400], keep="0"
        )
    token = store.people.issue("vendor", "odd0", 3600, {"vendor": ATTACKS[0]})
    data = {
        "what": "summary text",
        "proposed": ATTACKS[1],
        "quote": ATTACKS[2],
        "url": 'https://evil.example/"onmouseover=alert(1)',
    }
    assert visitor(store).post(f"/vendor/{token}", data=data).status_code == 200
    (correction,) = store.corrections.all()
    base = served()
    context = new_context(chromium, bypass_csp=True)  # the escaping alone has to hold
    context.add_cookies([{"name": COOKIE, "value": store.people.issue("session", "ada", 3600), "url": base}])
    window = Window(context, base)
    window.page.add_init_script("window.alert = word => { window.__ran = (window.__ran || 0) + 1; }")
    outside: list[str] = []
    window.page.on("request", lambda request: outside.append(request.url) if not request.url.startswith(base) else None)
    urls = ["/", "/?state=all", "/people", "/corrections", f"/corrections/{correction.id}", f"/vendor/{token}"]
    urls += [f"/?q={ATTACKS[1]}", f"/agents/{ATTACKS[0]}", "/?told=approve:<script>alert(1)</script>"]
    for number in range(6):
        urls += [f"/agents/odd{number}?claim={path}" for path in ("summary", "factors.autonomy_of_action", "layers.L3")]
    ran = 0
    for url in urls:
        page = window.go(url)
        for opener in page.query_selector_all("details > summary"):
            opener.evaluate("node => { node.parentElement.open = true; }")
        ran += page.evaluate("window.__ran || 0")
        assert page.query_selector_all("main script, main iframe, main base, main meta, main img, main style") == [], (
            url
        )
    context.close()
    assert (ran, outside, window.wrong) == (0, [], [])
