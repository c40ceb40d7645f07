"""`assay doctor`: what this installation needs, what was found, and the fix for each."""

import asyncio
import os
import shutil
import socket
from collections.abc import Callable
from contextlib import suppress
from decimal import Decimal
from importlib.metadata import requires, version
from typing import NamedTuple
from urllib.parse import urlsplit

from packaging.requirements import Requirement

from extractors.crawl.http.address_guard import is_allowed, is_public
from extractors.model.prices import Price, load_prices
from flows.assessment.assessment import completion_client
from flows.prefect.schedules import answers, refuse_taken
from flows.settings import Settings, load
from flows.store_access import open_store
from records.database.engine import Database
from records.maintenance import postgres_programs
from records.maintenance.verify import replaced_file
from records.pages.blobs import Blobs
from records.store import Store
from scoring.errors import AssayError, BadInput, NotFound, TransientError

USUAL = (17_700, 1_900)
"""Tokens of prompt and reply: medians of real repositories."""


class Check(NamedTuple):
    name: str
    ok: bool
    found: str
    fix: str = ""
    warns: bool = False
    """What is found does until the site is public: no failure."""


def examine() -> list[Check]:
    """Every check, in the order in which one would mend them."""
    try:
        settings = load()
    except AssayError as error:
        return [Check("settings", False, f"{error.subject}: {error.problem}", error.next_step)]
    checks: tuple[Callable[[Settings], Check], ...] = (
        _pins,
        _contact,
        _model,
        _endpoint,
        _disk,
        _database,
        _backup,
        _blobs,
        _webhook,
        _corrections,
        _base_url,
        _prefect,
    )
    found = [Check("settings", True, "valid")]
    for check in checks:
        try:
            found.append(check(settings))
        except Exception as error:  # whatever is wrong here is what was asked for
            failure = error if isinstance(error, AssayError) else AssayError(f"{type(error).__name__}: {error}")
            named = f"{failure.subject}: {failure.problem}" if failure.subject else failure.problem
            found.append(Check(check.__name__.strip("_"), False, named, failure.next_step or "see the message"))
    return found


def _pins(settings: Settings) -> Check:
    pins = [pin for pin in map(Requirement, requires("listing-assay") or ()) if pin.specifier]
    found = {pin.name: version(pin.name) for pin in pins}
    wrong = [
        f"{pin.name} {found[pin.name]} is not {pin.specifier}" for pin in pins if found[pin.name] not in pin.specifier
    ]
    named = ", ".join(f"{name} {found[name]}" for name in ("prefect", "fastapi", "sqlalchemy", "openai"))
    return Check(
        "versions", not wrong, "; ".join(wrong) or named, "pip install --no-deps --require-hashes -r requirements.txt"
    )


def _contact(settings: Settings) -> Check:
    contact = settings.crawl.contact
    return Check(
        "robots contact", "example.org" not in contact, contact, "set crawl.contact to a page or mail address of yours"
    )


def _model(settings: Settings) -> Check:
    if not settings.model.name:
        return Check("model", True, "none: the built-in lexical assessor works without a key")
    price = _price(settings)
    has_key = settings.api_key is not None or bool(settings.model.base_url or os.environ.get("OPENAI_BASE_URL"))
    price_note = f"the price of {price.source}" if price is not None else "no price"
    found = f"{settings.model.name}, {'key or endpoint set' if has_key else 'no key'}, {price_note}"
    return Check(
        "model", has_key and price is not None, found, "set OPENAI_API_KEY; name a table with a price in model.prices"
    )


def _price(settings: Settings) -> Price | None:
    return load_prices(settings.model.prices).price(settings.model.name, settings.model.base_url)


def _endpoint(settings: Settings) -> Check:
    """Asks the endpoint one tiny question."""
    client = completion_client(settings) if settings.model.name else None
    if client is None or not client.waits:
        return Check("endpoint", True, "none is asked")
    from extractors.model.endpoint.probe import probe
    from extractors.model.openai_client import OpenAIClient

    if not isinstance(client, OpenAIClient):
        return Check("endpoint", True, f"{settings.model.provider} is asked in a way of its own")
    report = asyncio.run(probe(client))
    if report.problem:
        return Check("endpoint", False, report.problem, "see the endpoint's words; model.base_url, model.name, the key")
    window = f"a window of {report.window} tokens" if report.window else "no window named"
    counts = "counts tokens" if report.counts else "counts no tokens, so they are counted here"
    found = f"{report.form}, {window}, {counts}, {'batches' if report.batches else 'no batches'}; {_night(settings)}"
    fits = report.window is None or report.window >= settings.model.context_tokens
    return Check("endpoint", fits, found, f"set model.context_tokens to {report.window}, or serve a larger window")


def cost_of_answer(store: Store | None, settings: Settings) -> Decimal | None:
    """US dollars: what answers have cost, else the usual numbers; None without a price."""
    price = _price(settings)
    if price is None:
        return None
    used = store.completions.usage() if store is not None else None
    return used.cost / used.calls if used is not None and used.cost else price.worst(*USUAL)


def _night(settings: Settings) -> str:
    """What a night costs in which every agent has changed."""
    if _price(settings) is None:
        return "what a night costs is not known without a price"
    with suppress(NotFound), open_store(settings, create=False) as store:
        agents = store.listings.count()
        cost = agents * (cost_of_answer(store, settings) or 0)
        return f"a night in which all {agents} agents have changed costs about {cost:.2f} USD"
    return f"an agent costs about {cost_of_answer(None, settings):.4f} USD"


def _disk(settings: Settings) -> Check:
    folder = next(place for place in (settings.home, *settings.home.parents) if place.exists())
    free = shutil.disk_usage(folder).free / 2**30
    usable = folder.is_dir() and os.access(folder, os.W_OK)
    found = f"{free:.1f} GiB free at {folder}{'' if usable else ', where nothing can be written'}"
    return Check("disk", free > 1 and usable, found, "free space, or set ASSAY_HOME to a folder of yours")


def _database(settings: Settings) -> Check:
    try:
        with open_store(settings, create=False) as store:
            replaced = replaced_file(store)
            if replaced:
                return Check("database", False, replaced[0], "stop that process; start it again")
            return Check("database", True, f"{store.listings.count()} agents")
    except NotFound:
        return Check("database", True, "none yet; the first command makes it")


def _backup(settings: Settings) -> Check:
    """Whether `assay store backup` and `assay store restore` can do their work on this machine."""
    database = Database(settings.store_url)
    if database.is_sqlite:
        return Check("backup", True, "by SQLite itself")
    lacking = [name for name in ("pg_dump", "pg_restore") if not postgres_programs.installed(name)]
    if lacking:
        fix = "install PostgreSQL's client programs; until then a backup is an export, larger and slower"
        return Check("backup", False, f"{' and '.join(lacking)} not installed", fix)
    with database.reading() as connection:
        server = int(connection.exec_driver_sql("SHOW server_version_num").scalar_one()) // 10000
    database.close()
    client = postgres_programs.major_version("pg_dump")
    found = f"pg_dump {client}, server {server}"
    return Check("backup", client >= server, found, "install the client programs of the server's version")


def _blobs(settings: Settings) -> Check:
    Blobs(settings.blobs_url).has("sha256:" + "0" * 64)  # asks a bucket, so that wrong credentials show here
    return Check("page bytes", True, settings.blobs_url)


def _webhook(settings: Settings) -> Check:
    address = urlsplit(settings.alarm.webhook.get_secret_value())
    if not address.hostname:
        return Check("webhook", True, "none: mornings are files only")
    port = address.port or (443 if address.scheme == "https" else 80)
    allowed = is_allowed(address.hostname, port, settings.crawl.allow_private)
    try:
        ips = {str(row[4][0]) for row in socket.getaddrinfo(address.hostname, port, type=socket.SOCK_STREAM)}
        if not (allowed or all(map(is_public, ips))):
            fix = f'add "{address.hostname}" to crawl.allow_private'
            return Check("webhook", False, f"{address.hostname} is private", fix)
        socket.create_connection((address.hostname, port), timeout=3).close()
    except OSError as error:
        found = f"{address.hostname}:{port}: {error.strerror or error}"
        return Check("webhook", False, found, "start what listens there, or correct alarm.webhook")
    return Check("webhook", True, f"{address.hostname} answers")


def _corrections(settings: Settings) -> Check:
    contact = settings.publish.correction_contact
    found = contact or "none: the pages say that vendors cannot send corrections yet"
    ok = contact.startswith(("https://", "http://", "mailto:"))
    return Check("corrections", ok, found, "set publish.correction_contact to a page or mailto: address", warns=True)


def _base_url(settings: Settings) -> Check:
    url = settings.publish.base_url
    host = urlsplit(url).hostname or ""
    number = ":" in host or host.replace(".", "").isdigit()
    ok = is_public(host) if number else host != "localhost" and not host.endswith(".localhost")
    found = url if ok else f"{url}: feed, sitemap and badges lead to this machine or network only"
    return Check("base url", ok, found, "set publish.base_url to where the site is served", warns=True)


def _prefect(settings: Settings) -> Check:
    """The server that is named, else that there can be one of our own, unless it runs already."""
    address, port = os.environ.get("PREFECT_API_URL", ""), settings.schedule.port
    own = f"http://127.0.0.1:{port}/api"
    if not address:
        try:
            refuse_taken(port)
            return Check("prefect", True, f"`assay serve schedules` starts its own at {own}")
        except BadInput as taken:
            with suppress(TransientError):
                answers(own)
                return Check("prefect", True, f"{own} answers")
            raise taken
    answers(address)
    return Check("prefect", True, f"{address} answers")
