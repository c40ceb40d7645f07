"""A page that costs more to read than it may ends as such, delays nobody, and is no absence."""

import asyncio
import os
import re
import signal
import subprocess
import sys
import threading
import time
from contextlib import ExitStack
from pathlib import Path

import pytest

from extractors.pages.deadline import TOO_COSTLY, TooCostly, within
from extractors.pages.local_folder import read_folder
from flows.night.night import run_night
from flows.reading import time_limited_pool
from flows.reading.time_limited_pool import READERS, SMALL, read_in_process
from flows.store_access import open_store
from records.database.runs import AgentOutcome
from records.maintenance.verify import verify
from scoring.vocabulary import NotCertainReason
from tests.flows.answering_site import Answer, answering
from tests.flows.conftest import settings_for
from tests.records.made import vanished_slugs

pytestmark = pytest.mark.slow


ENDLESS = r"(a+)+$"
HELD_UP = "a" * 60 + "b"

KNOWN = (
    "{name} is an agent. {name} signs in through OAuth with the scopes that its user grants. {name} runs locally on "
    "your machine. {name} remembers earlier conversations across sessions. {name} executes shell commands "
    "on your machine."
)


def endless(_: object = None) -> object:
    """A pattern that no waiting ends."""
    return re.match(ENDLESS, HELD_UP)


def gone() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def broken() -> None:
    raise ValueError("a defect")


async def test_no_pattern_outlives_its_time_and_nobody_waits_for_it() -> None:
    ended: list[str] = []

    async def work(name: str, size: int, what: object, *arguments: object) -> None:
        try:
            await read_in_process(1.0, size, what, *arguments)  # type: ignore[arg-type]
        except TooCostly:
            name += " too costly"
        ended.append(name)

    await asyncio.gather(*(work("first", SMALL + 1, time.sleep, 0.2) for _ in range(2)))  # two readers are there
    costly = asyncio.create_task(work("endless", SMALL + 1, endless))
    await asyncio.sleep(0)
    for number in range(5):
        await work(f"other {number}", SMALL + 1, len, "x" * 10_000)
    await costly
    assert ended == ["first", "first", *(f"other {number}" for number in range(5)), "endless too costly"]
    await work("after", SMALL + 1, len, "x")
    assert ended[-1] == "after"


async def test_a_small_one_is_ended_where_it_is_read() -> None:
    with pytest.raises(TooCostly, match=r"more than 0\.2 s"):
        await read_in_process(0.2, 10, endless)


async def test_many_small_ones_are_shared_with_readers() -> None:
    """One after the other, as a night that computes: the first are read here, later ones also elsewhere."""
    READERS.close()
    where = [await read_in_process(5.0, 1, os.getpid)]
    async with asyncio.timeout(60):
        while where[-1] == os.getpid():
            where.append(await read_in_process(5.0, 1, os.getpid))
            await asyncio.sleep(0.01)
    assert where[0] == os.getpid() and len(where) > 1


async def test_while_a_model_is_asked_small_ones_wait_for_a_reader_and_start_none(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As many answers at once as threads: none is read in the loop, and whoever waits starts no reader of its own."""
    READERS.close()
    monkeypatch.setattr(time_limited_pool, "PATIENCE", 60.0)
    started = READERS.started
    with ExitStack() as calls:
        for _ in range(time_limited_pool.CALLS):
            calls.enter_context(READERS.calling())
        many = range(8 * time_limited_pool.MOST_READERS)
        where = await asyncio.gather(*(read_in_process(60.0, 1, os.getpid) for _ in many))
    assert os.getpid() not in where and READERS.started - started <= time_limited_pool.USUAL_READERS


async def test_a_reader_that_dies_is_replaced_and_a_defect_is_one() -> None:
    with pytest.raises(TooCostly):
        await read_in_process(5.0, SMALL + 1, gone)
    with pytest.raises(RuntimeError, match="ValueError: a defect"):
        await read_in_process(5.0, SMALL + 1, broken)
    assert await read_in_process(5.0, SMALL + 1, len, "abc") == 3


def test_an_alarm_goes_off_on_the_main_thread_alone_and_can_wait() -> None:
    with pytest.raises(TooCostly), within(0.2):
        endless()
    with within(0.1) as alarm:
        alarm.stop()
        began = time.process_time()
        while time.process_time() - began < 0.2:
            pass
        alarm.start()
    done: list[bool] = []

    def elsewhere() -> None:
        with within(0.1):
            done.append(True)

    thread = threading.Thread(target=elsewhere)
    thread.start()
    thread.join()
    assert done and signal.getsignal(signal.SIGPROF) == signal.SIG_DFL


def test_a_reader_ends_with_who_started_it(tmp_path: Path) -> None:
    program = (
        "import os, signal, sys\nfrom flows.reading.time_limited_pool import READERS\n"
        "import threading\nfrom tests.flows.reading.test_too_costly import endless\n"
        "assert READERS.ask(5.0, len, 'x') == 1\nprint(READERS._idle[0].pid, flush=True)\n"
        "threading.Thread(target=lambda: READERS.ask(1.0, endless), daemon=True).start()\n"
        "import time; time.sleep(0.5); os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    root = str(Path(__file__).resolve().parents[3])
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        cwd=root,
        env={**os.environ, "PYTHONPATH": root},
    )
    reader = int(done.stdout)
    for _ in range(600):
        if not Path(f"/proc/{reader}").exists() or "(zombie)" in Path(f"/proc/{reader}/status").read_text():
            break
        time.sleep(0.1)
    else:
        pytest.fail("it reads on")


BIG = (
    "<!doctype html><title>Otter</title><main><h1>Otter</h1>" + "<p>Otter sorts <b>mail</b> <i>well</i>.</p>" * 150_000
)


async def test_a_costly_page_is_no_absence_and_the_other_pages_count(tmp_path: Path) -> None:
    with answering() as site:
        site.answers["/list.csv"] = Answer(
            body="name,url,documents\nOtter,{BASE}/otter,{BASE}/otter/docs\nHeron,{BASE}/heron,\nDipper,{BASE}/dipper,\n",
            media_type="text/csv",
        )
        site.answers["/otter"] = Answer(body=f"<title>Otter</title><h1>Otter</h1><p>{KNOWN.format(name='Otter')}</p>")
        site.answers["/heron"] = Answer(body=f"<title>Heron</title><h1>Heron</h1><p>{KNOWN.format(name='Heron')}</p>")
        first = settings_for(site.base)
        settings = first.model_copy(update={"night": first.night.model_copy(update={"read_seconds": 0.5})})
        with open_store(settings) as store:
            store.sources.add("table", "url_table", f"{site.base}/list.csv")
            await run_night(store, first, again=True)
            site.answers["/otter/docs"] = Answer(body=BIG)
            site.answers["/dipper"] = Answer(body=BIG.replace("Otter", "Dipper"))
            summary = await run_night(store, settings, again=True)
            assert summary.outcomes == {
                AgentOutcome.ASSESSED: 1, AgentOutcome.UNCHANGED: 1, AgentOutcome.TOO_COSTLY: 1,
            }  # fmt: skip
            current = store.assessments.current("otter")
            assert current is not None
            told = {(source.url, source.outcome) for source in current.extraction.not_read}
            assert told == {(f"{site.base}/otter/docs", TOO_COSTLY)}
            reasons = {claim.reason for claim in current.extraction.factors if not claim.evidence}
            assert reasons == {NotCertainReason.PAGE_NOT_REACHED}
            started = READERS.started
            assert started
            again = await run_night(store, settings, again=True)
            assert again.outcomes == {AgentOutcome.UNCHANGED: 2, AgentOutcome.TOO_COSTLY: 1}
            assert READERS.started == started, "the same page and the same parser: it is not tried again"
            site.answers["/otter/docs"] = Answer(body=BIG[:3_000])
            await run_night(store, settings, again=True)
            current = store.assessments.current("otter")
            assert current is not None and current.extraction.not_read == ()
            assert verify(store).holds


@pytest.mark.filterwarnings(
    "ignore::pytest.PytestUnraisableExceptionWarning"
)  # an alarm inside a collection is repeated
async def test_a_costly_index_ends_its_source_and_its_listings_stay(tmp_path: Path) -> None:
    with answering() as site:
        cards = '<li class="card"><a href="/otter">Otter</a></li>'
        (tmp_path / "site.toml").write_text('start = ["/"]\ncard = "li.card"\ncard_name = "a"\n')
        site.answers["/"] = Answer(body=f"<title>All</title><ul>{cards}</ul>")
        site.answers["/otter"] = Answer(body=f"<title>Otter</title><h1>Otter</h1><p>{KNOWN.format(name='Otter')}</p>")
        settings = settings_for(site.base)
        settings = settings.model_copy(update={"night": settings.night.model_copy(update={"read_seconds": 0.3})})
        with open_store(settings) as store:
            store.sources.add("x", "directory_site", f"{site.base}/", {"selectors": str(tmp_path / "site.toml")})
            await run_night(store, settings, again=True)
            site.answers["/"] = Answer(body=f"<title>All</title><ul>{cards}</ul>" + "<p>x <b>y</b></p>" * 100_000)
            summary = await run_night(store, settings, again=True)
            assert "too costly to read" in summary.sources[0].problem
            assert vanished_slugs(store) == ()


def test_a_costly_file_of_a_folder_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "README.md").write_text("# Otter\n\nOtter sorts mail.\n")
    (tmp_path / "big.html").write_text(BIG[:3_000_000])
    monkeypatch.setattr("extractors.pages.local_folder.SECONDS", 0.2)
    read = read_folder(tmp_path)
    assert [source.outcome for source in read.not_read] == [TOO_COSTLY] and len(read.pages) == 1
