"""Who may do what by every way in, on the server as shipped and behind nginx; what a proxy says, and who forges it."""

import re
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from flows.cli import app
from records.store import Store
from review.access import COOKIE
from tests.browser_context import PATIENCE, new_context
from tests.records.made import publish
from tests.records.store_dump import dump
from tests.review.conftest import ARGUMENTS, CHROMIUM, skip_or_fail
from tests.review.shipped import BY_FORWARDED_HOST, BY_HOST, DOCUMENTED, PROGRAM, PROXY, SIGNED_IN, Shipped, desk, nginx
from tests.review.world import PASSWORD, ROLES, fill, people, visitor

pytestmark = pytest.mark.slow
LEVELS = ("reader", "reviewer", "publisher", "administrator")
NONE = {"digest": "0" * 64, "mark": "0" * 64}
TABLE: tuple[tuple[str, str, dict[str, Any], str], ...] = (
    ("GET", "/agents/otter", {}, "reader"),
    ("GET", "/settings", {}, "reader"),
    ("POST", "/agents/otter/claims/summary", NONE | {"verdict": "accepted"}, "reviewer"),
    ("POST", "/agents/otter/decision", NONE | {"decision": "approve"}, "reviewer"),
    ("POST", "/agents/otter/decision", NONE | {"decision": "reject", "note": "no"}, "reviewer"),
    ("POST", "/agents/otter/reversal", {"review": 9}, "reviewer"),
    ("POST", "/agents/heron/reversal", {"review": 9}, "publisher"),
    ("POST", "/agents/otter/notes", {"text": " "}, "reviewer"),
    ("POST", "/agents/otter/unknowns", NONE | {"path": "summary"}, "reviewer"),
    ("POST", "/undo", {"act": "none"}, "reviewer"),
    ("GET", "/reasons", {}, "reader"),
    ("POST", "/reasons/one?key=x", {"verdict": "accepted"}, "reviewer"),
    ("GET", "/sessions", {}, "reader"),
    ("POST", "/sessions/none/end", {}, "reader"),
    ("POST", "/agents/otter/vendor-link", {"vendor": " "}, "publisher"),
    ("POST", "/bulk", {"name": "all of it", "mark": "x"}, "publisher"),
    ("POST", "/corrections", {"document": "{}"}, "publisher"),
    ("GET", "/people", {}, "administrator"),
    ("POST", "/people", {"name": "eve", "role": "king"}, "administrator"),
    ("POST", "/people/nobody/disable", {}, "administrator"),
)
"""Requests that change nothing, since each is stale or incomplete, and the least role whose refusal is not 403."""


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """A store with people, a draft (otter) and a published record (heron), open beside the servers."""
    home = tmp_path_factory.mktemp("shipped") / "home"
    home.mkdir()
    with Store.open(home / "assay.db") as store:
        people(store)
        fill(store, "otter")
        fill(store, "heron", finding=False)
        visitor(store, "paul").conclude("approve", "heron")
        publish(store, "heron")
        yield store


@pytest.fixture(scope="module")
def home(kept: Store) -> Path:
    assert kept.database.path is not None
    return kept.database.path.parent


@pytest.fixture(scope="module")
def local(home: Path) -> Iterator[Shipped]:
    """A desk with passwords of its own."""
    with desk(home) as running:
        yield running


@pytest.fixture(scope="module")
def proxied(home: Path) -> Iterator[Shipped]:
    """A desk that lets a proxy name the person."""
    with desk(home, user_header="X-User", trusted_proxies=f"{PROXY}/32, 192.0.2.0/24") as running:
        yield running


@pytest.fixture
def before(tmp_path: Path) -> Iterator[Callable[..., str]]:
    """Starts nginx before a desk; gives its address."""
    if not Path(PROGRAM).exists():
        skip_or_fail("nginx is not installed")
    with ExitStack() as running:

        def start(upstream: str, *lines: str, signed_in: bool = False) -> str:
            folder = tmp_path / f"nginx{len(list(tmp_path.iterdir()))}"
            told = list(lines)
            if signed_in:
                users = tmp_path / "users"
                names = (*ROLES, "boss", "fallen", "gone", "stranger", "Jürgen")
                users.write_text("".join(f"{name}:{{PLAIN}}{PASSWORD}\n" for name in names), encoding="utf-8")
                told.append(SIGNED_IN.format(users=users, address=PROXY))
            return running.enter_context(nginx(folder, upstream, "\n".join(told)))

        yield start


def client(base: str, **more: Any) -> httpx.Client:
    return httpx.Client(base_url=base, trust_env=False, **{"timeout": 90, **more})


def signed_in_at(base: str, name: str) -> httpx.Client:
    asking = client(base)
    asking.post("/sign-in", data={"name": name, "password": PASSWORD})
    return asking


def refusals(asking: httpx.Client) -> dict[str, int]:
    """Which requests of the table are refused, and how; a request that is let in is 0."""
    found = {}
    for method, path, data, _ in TABLE:
        status = asking.request(method, path, data=data or None).status_code
        assert status < 500 and status != 405, path
        found[f"{method} {path} {data.get('decision', '')}"] = status if status in (401, 403) else 0
    return found


def expected(role: str, otherwise: int) -> dict[str, int]:
    held = LEVELS[: LEVELS.index(role) + 1] if role else ()
    return {f"{m} {p} {d.get('decision', '')}": 0 if least in held else otherwise for m, p, d, least in TABLE}


def person(store: Store, name: str, role: str) -> str:
    store.people.put(name, role, secret=store.people.get("ada").secret)
    return name


def by_password(local: Shipped, kept: Store, name: str) -> httpx.Client:
    return signed_in_at(local.url, name)


def by_link(local: Shipped, kept: Store, name: str) -> httpx.Client:
    """A lost-password link that an administrator made."""
    page = signed_in_at(local.url, "ada").post(f"/people/{name}/link").text
    asking = client(local.url)
    asking.post("/setup/" + page.split("/setup/")[1].split("<")[0], data={"password": PASSWORD})
    return asking


def by_token(local: Shipped, kept: Store, name: str) -> httpx.Client:
    return client(local.url, cookies={COOKIE: kept.people.issue("session", name, 3600)})


WAYS = {"password": by_password, "link": by_link, "token": by_token}


@pytest.mark.parametrize("role", LEVELS)
@pytest.mark.parametrize("way", WAYS)
def test_the_table_by_what_the_desk_keeps(local: Shipped, kept: Store, way: str, role: str) -> None:
    name = person(kept, f"{way} {role}", role)
    assert refusals(WAYS[way](local, kept, name)) == expected(role, 403)


@pytest.mark.parametrize("name", ["", *ROLES, "stranger"])
def test_the_table_by_the_proxys_header(proxied: Shipped, kept: Store, before: Callable[..., str], name: str) -> None:
    base = before(proxied.url, DOCUMENTED, signed_in=True)
    asking = client(base, auth=(name, PASSWORD) if name else None)
    assert refusals(asking) == expected(ROLES.get(name, ""), 403 if name else 401)


AT_TERMINAL: tuple[tuple[list[str], str], ...] = (
    (["review", "show", "otter"], ""),
    (["review", "approve", "otter", "--digest", "0" * 8], "reviewer"),
    (["review", "reject", "otter", "--digest", "0" * 8, "--reason", "no"], "reviewer"),
    (["review", "amend", "otter", "summary", "text=", "--reason", "misread"], "reviewer"),
    (["review", "reverse", "otter"], "reviewer"),
    (["review", "reverse", "heron"], "publisher"),
    (["record", "withdraw", "heron", "--reason", " "], "publisher"),
    (["record", "reinstate", "heron", "--reason", " "], "publisher"),
    (["people", "add", "eve", "--role", "captain"], "administrator"),
    (["people", "reset", "nobody"], "administrator"),
    (["people", "sessions", "--end", "none"], "administrator"),
    (["review", "undo", "otter"], "reviewer"),
    (["people", "disable", "nobody"], "administrator"),
    (["record", "supersede", "heron", "heron"], "publisher"),
    (["record", "opt-out", "heron", "--reason", " "], "publisher"),
    (["record", "opt-out", "heron", "--undo", "--reason", " "], "publisher"),
)
"""Commands that change nothing, since each is stale or lacks its reason, and the least role that gets so far."""


@pytest.mark.parametrize("name", [*ROLES, "fallen", "gone", "stranger"])
def test_the_table_at_the_terminal(
    kept: Store, home: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str
) -> None:
    person(kept, "fallen", "administrator")
    person(kept, "fallen", "reader")
    person(kept, "gone", "administrator")
    kept.people.disable("gone")
    monkeypatch.setenv("ASSAY_HOME", str(home))
    monkeypatch.chdir(tmp_path)
    role = (ROLES | {"fallen": "reader"}).get(name, "")
    state = dump(kept)
    for command, least in AT_TERMINAL:
        held = not least or (role and LEVELS.index(role) >= LEVELS.index(least))
        told = ""
        try:
            app([*command, *(["--by", name] if least else [])], standalone_mode=False)
        except Exception as error:  # whatever stops it, the rule about roles has to be what stops it first
            told = str(error)
        refused = bool(re.search("needs the role|has no role here|may no longer", told))
        assert refused != bool(held), f"{name}: {' '.join(command)}: {told}"
        assert least == "" or told, f"{command} did something"
    assert dump(kept) == state


@pytest.mark.parametrize("change", ["demoted", "disabled", "removed"])
def test_what_was_given_before_a_change_gives_nothing_after_it(
    local: Shipped, proxied: Shipped, kept: Store, before: Callable[..., str], change: str
) -> None:
    name = person(kept, "fallen", "administrator")
    asking = signed_in_at(local.url, name)
    page = signed_in_at(local.url, "ada").post(f"/people/{name}/link").text
    lost = "/setup/" + page.split("/setup/")[1].split("<")[0]
    never_used = kept.people.issue("setup", name, 3600, {"role": "administrator"})
    headed = client(before(proxied.url, DOCUMENTED, signed_in=True), auth=(name, PASSWORD))
    assert not any(refusals(asking).values()) and not any(refusals(headed).values())
    ada = signed_in_at(local.url, "ada")
    if change == "demoted":
        ada.post("/people", data={"name": name, "role": "reader"})
    elif change == "disabled":
        ada.post(f"/people/{name}/disable")
    else:
        with kept.database.writing() as connection:
            connection.exec_driver_sql("DELETE FROM people WHERE name = 'fallen'")
    assert refusals(asking) == expected("", 401)
    for link in (lost, f"/setup/{never_used}"):
        assert client(local.url).get(link).status_code == 404
        assert client(local.url).post(link, data={"password": PASSWORD}).status_code == 404
    assert refusals(headed) == expected("reader" if change == "demoted" else "", 403)
    again = signed_in_at(local.url, name)
    assert refusals(again) == (expected("reader", 403) if change == "demoted" else expected("", 401))
    made = [one.role for one in kept.people.all() if one.name == name]
    assert made == {"demoted": ["reader"], "disabled": ["administrator"], "removed": []}[change]


@pytest.mark.parametrize("purpose", ["setup", "vendor"])
def test_a_token_is_good_for_its_purpose_only(local: Shipped, kept: Store, purpose: str) -> None:
    token = kept.people.issue(purpose, "ada", 3600, {"role": "administrator"})
    assert refusals(client(local.url, cookies={COOKIE: token})) == expected("", 401)
    over = kept.people.issue("session", "ada", -1)
    assert refusals(client(local.url, cookies={COOKIE: over})) == expected("", 401)


FORGED: tuple[dict[str, str], ...] = (
    {},
    {"X-Forwarded-For": PROXY},
    {"X-Forwarded-For": f"{PROXY}, {PROXY}", "X-Real-IP": PROXY},
    {"Forwarded": f"for={PROXY}", "X-Forwarded-For": f"192.0.2.7, {PROXY}"},
    {"X-Client-IP": PROXY, "True-Client-IP": PROXY, "X-Forwarded-Host": PROXY},
)


@pytest.mark.parametrize("headers", FORGED)
def test_only_the_address_at_the_other_end_is_believed(proxied: Shipped, headers: dict[str, str]) -> None:
    asking = client(proxied.url, headers={"X-User": "ada", **headers})
    assert refusals(asking) == expected("", 401)
    assert "no trusted proxy" in asking.get("/").text, "who set it up reads which setting it is"


@pytest.mark.parametrize("headers", FORGED)
def test_nobody_forges_a_name_through_the_proxy(
    proxied: Shipped, before: Callable[..., str], headers: dict[str, str]
) -> None:
    base = before(proxied.url, DOCUMENTED, signed_in=True)
    forged = [("X-User", "ada"), ("x-user", "ada"), *headers.items()]
    assert refusals(client(base, headers=forged)) == expected("", 401)
    assert refusals(client(base, headers=forged, auth=("rey", PASSWORD))) == expected("reader", 403)


def test_two_names_are_no_name(proxied: Shipped) -> None:
    transport = httpx.HTTPTransport(local_address=PROXY)
    asking = client(proxied.url, transport=transport, headers=[("X-User", "ada"), ("X-User", "rey")])
    assert refusals(asking) == expected("", 401)


@pytest.mark.parametrize(
    ("form", "sent"),
    [
        ("text", "Jürgen".encode()),
        ("text", "Jürgen".encode("latin-1")),
        ("percent", b"J%C3%BCrgen"),
        ("percent", b"J%FCrgen"),
        ("percent", "Jürgen".encode()),
        ("mime", b"=?utf-8?B?SsO8cmdlbg==?="),
        ("mime", b"=?iso-8859-1?Q?J=FCrgen?="),
        ("mime", "Jürgen".encode()),
    ],
)
def test_a_name_beyond_ascii(kept: Store, home: Path, form: str, sent: bytes) -> None:
    person(kept, "Jürgen", "reviewer")
    with desk(home, user_header="X-User", user_header_form=form, trusted_proxies=PROXY) as running:
        transport = httpx.HTTPTransport(local_address=PROXY)
        asking = client(running.url, transport=transport, headers=[(b"X-User", sent)])
        assert refusals(asking) == expected("reviewer", 403)
        assert "<b>Jürgen</b>" in asking.get("/").text


def test_a_written_name_is_decoded_only_where_it_is_set(proxied: Shipped, kept: Store) -> None:
    """Else whoever may choose a name at the proxy chooses another person's."""
    transport = httpx.HTTPTransport(local_address=PROXY)
    for sent in (b"%61da", b"=?utf-8?Q?ada?="):
        asking = client(proxied.url, transport=transport, headers=[(b"X-User", sent)])
        assert refusals(asking) == expected("", 403)


def test_a_name_from_nginx_beyond_ascii_and_the_first_administrator(tmp_path: Path, before: Callable[..., str]) -> None:
    home = tmp_path / "new"
    with desk(home, user_header="X-User", trusted_proxies=PROXY) as running:
        base = before(running.url, DOCUMENTED, signed_in=True)
        asking = client(base, auth=httpx.BasicAuth("Jürgen".encode(), PASSWORD))
        assert asking.post(running.first).status_code == 303
        assert asking.get("/people").status_code == 200
    with Store.open(home / "assay.db") as store:
        assert [(one.name, one.role) for one in store.people.all()] == [("Jürgen", "administrator")]


@pytest.mark.parametrize("lines", [DOCUMENTED, BY_HOST, BY_FORWARDED_HOST])
def test_forms_behind_a_plain_proxy(local: Shipped, kept: Store, before: Callable[..., str], lines: str) -> None:
    base = before(local.url, lines)
    port = urlsplit(base).port
    asking = signed_in_at(base, "vera")
    assert COOKIE in asking.cookies
    for host in (f"127.0.0.1:{port}", "desk.lan", f"desk.lan:{port}"):
        headers = {"Host": host, "Origin": f"http://{host}"}
        assert asking.post("/agents/otter/notes", data={"text": " "}, headers=headers).status_code == 422, host
        for origin in ("http://evil.example", "https://evil.example", f"http://{host}.evil.example", "null"):
            answer = asking.post("/agents/otter/notes", data={"text": "x"}, headers=headers | {"Origin": origin})
            assert answer.status_code == 403, origin
            if origin != "null":
                assert "proxy_set_header Host $http_host;" in answer.text
    assert kept.drafts.notes("otter") == ()


def test_nginx_without_any_line_is_told_the_line(local: Shipped, before: Callable[..., str]) -> None:
    base = before(local.url, "")
    answer = client(base).post("/sign-out", headers={"Origin": base})
    assert answer.status_code == 403 and "proxy_set_header Host $http_host;" in answer.text


def test_a_body_in_chunks(proxied: Shipped, before: Callable[..., str]) -> None:
    base = before(proxied.url, DOCUMENTED, "proxy_request_buffering off; proxy_http_version 1.1;", signed_in=True)
    asking = client(base, auth=("vera", PASSWORD), headers={"content-type": "application/x-www-form-urlencoded"})

    def body(size: int) -> Iterator[bytes]:
        yield b"text=+"
        for _ in range(size // 1000):
            yield b"+" * 1000

    assert asking.post("/agents/otter/notes", content=body(2_000)).status_code == 422, "read, and an empty note"
    assert asking.post("/agents/otter/notes", content=body(1_200_000)).status_code == 413


@pytest.mark.parametrize(
    ("length", "status"),
    [
        ("content-length: 1100004\r\n", b"413"),
        ("transfer-encoding: chunked\r\n", b"413"),
        ("content-length: 900004\r\n", b"401"),
    ],
)
def test_a_refusal_is_read_though_the_body_was_still_on_its_way(local: Shipped, length: str, status: bytes) -> None:
    """As a proxy that hands a body on as it comes and closes afterwards; a reset connection is its 502."""
    url = urlsplit(local.url)
    head = f"POST /agents/otter/notes HTTP/1.1\r\nhost: {url.netloc}\r\nconnection: close\r\n{length}"
    head += "content-type: application/x-www-form-urlencoded\r\n\r\n"
    chunk = b"%x\r\n" + b"x" * 100_000 + b"\r\n" if "chunked" in length else b"x" * 100_000
    with socket.create_connection((url.hostname, url.port or 80), timeout=90) as connection:
        connection.sendall(head.encode() + (chunk % 100_000 if "chunked" in length else b"text" + chunk))
        for _ in range(8 if status == b"401" else 10):
            time.sleep(0.05)
            connection.sendall(chunk % 100_000 if "chunked" in length else chunk)
        if "chunked" in length:
            connection.sendall(b"0\r\n\r\n")
        assert connection.recv(4096).split(b" ")[1] == status


def test_a_cookie_and_a_link_are_those_of_the_outside(local: Shipped, before: Callable[..., str]) -> None:
    base = before(local.url, DOCUMENTED.replace("$scheme", "https"))
    asking = client(base, headers={"Host": "desk.example"})
    answer = asking.post(
        "/sign-in", data={"name": "ada", "password": PASSWORD}, headers={"Origin": "https://desk.example"}
    )
    cookie = answer.headers["set-cookie"].lower()
    assert "secure" in cookie and "samesite=lax" in cookie and "httponly" in cookie
    name, value = answer.headers["set-cookie"].split(";")[0].split("=")
    page = asking.post("/people/rey/link", headers={"Cookie": f"{name}={value}"}).text
    assert "https://desk.example/setup/" in page


def test_tries_are_counted_by_the_address_of_the_outside(home: Path, before: Callable[..., str]) -> None:
    lasting = {"sign_in_tries": "2", "session_hours": "1", "link_days": "3", "vendor_link_days": "5"}
    with desk(home, trusted_proxies=PROXY, **lasting) as running:
        base = before(running.url, DOCUMENTED, f"proxy_bind {PROXY};")
        for number in range(4):
            data = {"name": f"nobody {number}", "password": "wrong"}
            answer = client(base).post("/sign-in", data=data, headers={"X-Forwarded-For": f"192.0.2.{number}"})
            assert answer.status_code == (401 if number < 2 else 429), "what nginx adds counts, not what came with it"
        other = httpx.HTTPTransport(local_address="127.0.0.3")
        direct = client(running.url, transport=other, headers={"X-Forwarded-For": "127.0.0.1"})
        answer = direct.post("/sign-in", data={"name": "ada", "password": PASSWORD})
        assert answer.status_code == 303 and "max-age=3600" in answer.headers["set-cookie"].lower()
        page = " ".join(direct.get("/settings").text.split())
        assert "lasts 1 hours" in page and "After 2 wrong" in page and "works for 5 days" in page


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """A browser for which desk.lan and mail.example are this machine."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        skip_or_fail("playwright is not installed")
    with sync_playwright() as playwright:
        path = CHROMIUM if Path(CHROMIUM).exists() else None
        rules = "--host-resolver-rules=MAP desk.lan 127.0.0.1, MAP mail.example 127.0.0.1"
        try:
            opened = playwright.chromium.launch(executable_path=path, timeout=PATIENCE, args=[*ARGUMENTS, rules])
        except Exception as error:
            skip_or_fail(f"no Chromium to start: {error}")
        yield opened
        opened.close()


@pytest.mark.parametrize("lines", [DOCUMENTED, BY_HOST, BY_FORWARDED_HOST])
@pytest.mark.parametrize("script", [True, False])
def test_a_browser_on_plain_http_signs_in_and_decides(
    local: Shipped, kept: Store, browser: Any, before: Callable[..., str], lines: str, script: bool
) -> None:
    """On plain http a browser sends no Sec-Fetch-Site, only its Origin."""
    base = before(local.url, lines).replace("127.0.0.1", "desk.lan")
    page = new_context(browser, java_script_enabled=script).new_page()
    page.goto(f"{base}/agents/otter?claim=summary")
    page.fill("input[name=name]", "vera")
    page.fill("input[name=password]", PASSWORD)
    page.click("button.main")
    page.wait_for_selector("#agent")
    page.click("button[value=skipped]")
    page.wait_for_selector('#card .claim[data-path="factors.autonomy_of_action"]')
    assert kept.drafts.last("otter")["summary"].reviewer == "vera"
    page.click("button:has-text('Undo')")
    page.wait_for_selector('#card .claim[data-path="summary"]')
    assert "summary" not in kept.drafts.last("otter")


def test_a_link_from_a_mail_leads_to_the_agent(
    local: Shipped, kept: Store, browser: Any, before: Callable[..., str], tmp_path: Path
) -> None:
    base = before(local.url, DOCUMENTED).replace("127.0.0.1", "desk.lan")
    context = new_context(browser)
    page = context.new_page()
    page.goto(f"{base}/sign-in")
    page.fill("input[name=name]", "vera")
    page.fill("input[name=password]", PASSWORD)
    page.click("button.main")
    page.wait_for_selector(".who")
    mail = f"""<a href="{base}/agents/otter">the draft</a>
    <form method="post" action="{base}/agents/otter/notes"><input name="text" value="x"><button>win</button></form>"""
    page.route("http://mail.example/", lambda route: route.fulfill(body=mail, content_type="text/html"))
    page.goto("http://mail.example/")
    page.click("a")
    page.wait_for_selector("#agent")
    page.goto("http://mail.example/")
    page.click("button")
    page.wait_for_load_state()
    assert "Refused" in page.text_content("body") and kept.drafts.notes("otter") == ()
