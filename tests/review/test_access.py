"""Who may do what: every route, by every role, by every method; sessions, links, the proxy's header."""

import re
from collections.abc import Callable, Iterator

import pytest
from fastapi.routing import APIRoute

from records.store import Store
from review.access import COOKIE
from review.desk import create_desk, first_steps
from review.desk_options import DeskOptions
from tests.records.made import Clock
from tests.records.store_dump import dump
from tests.review.world import PASSWORD, ROLES, Visitor, visitor

LEVEL = {"": 0, "reader": 1, "reviewer": 2, "publisher": 3, "administrator": 4}
NEEDS = {
    ("GET", "/"): "reader",
    ("GET", "/bulk"): "publisher",
    ("POST", "/bulk"): "publisher",
    ("GET", "/agents/{slug}"): "reader",
    ("GET", "/agents/{slug}/claims/{path}"): "reader",
    ("GET", "/agents/{slug}/sheets/{number}"): "reader",
    ("GET", "/agents/{slug}/changes"): "reader",
    ("GET", "/agents/{slug}/sentences/{number}"): "reader",
    ("GET", "/reasons"): "reader",
    ("GET", "/reasons/one"): "reader",
    ("POST", "/reasons/one"): "reviewer",
    ("GET", "/sessions"): "reader",
    ("POST", "/sessions/{mark}/end"): "reader",
    ("POST", "/undo"): "reviewer",
    ("POST", "/agents/{slug}/unknowns"): "reviewer",
    ("POST", "/agents/{slug}/claims/{path}"): "reviewer",
    ("POST", "/agents/{slug}/preview/{path}"): "reviewer",
    ("POST", "/agents/{slug}/evidence"): "reviewer",
    ("POST", "/agents/{slug}/undo"): "reviewer",
    ("POST", "/agents/{slug}/redo"): "reviewer",
    ("POST", "/agents/{slug}/notes"): "reviewer",
    ("POST", "/agents/{slug}/decision"): "reviewer",
    ("POST", "/agents/{slug}/reversal"): "reviewer",
    ("POST", "/agents/{slug}/refetch"): "reviewer",
    ("POST", "/agents/{slug}/vendor-link"): "publisher",
    ("POST", "/agents/{slug}/statement"): "publisher",
    ("POST", "/agents/{slug}/statement/remove"): "publisher",
    ("GET", "/corrections"): "reader",
    ("GET", "/corrections/{identifier}"): "reader",
    ("POST", "/corrections"): "publisher",
    ("POST", "/corrections/{identifier}"): "publisher",
    ("GET", "/second"): "reviewer",
    ("POST", "/second"): "reviewer",
    ("POST", "/second/undo"): "reviewer",
    ("GET", "/measured"): "reader",
    ("GET", "/measured.csv"): "reader",
    ("GET", "/settings"): "reader",
    ("GET", "/log"): "reader",
    ("GET", "/keys"): "reader",
    ("GET", "/people"): "administrator",
    ("POST", "/people"): "administrator",
    ("POST", "/people/{name}/link"): "administrator",
    ("POST", "/people/{name}/disable"): "administrator",
    ("GET", "/openapi.json"): "reader",
    ("GET", "/vendor/{token}"): "",
    ("POST", "/vendor/{token}"): "",
    ("POST", "/vendor/{token}/statement"): "",
    ("GET", "/sign-in"): "",
    ("POST", "/sign-in"): "",
    ("POST", "/sign-out"): "",
    ("GET", "/setup/{token}"): "",
    ("POST", "/setup/{token}"): "",
    ("GET", "/alive"): "",
    ("POST", "/agents/{slug}/proposals/{number}"): "reviewer",
    ("GET", "/api/openapi.json"): "token",
    ("GET", "/api/queue"): "token",
    ("GET", "/api/agents/{slug}"): "token",
    ("GET", "/api/agents/{slug}/claims/{path}"): "token",
    ("GET", "/api/agents/{slug}/decisions"): "token",
    ("POST", "/api/agents/{slug}/claims/{path}/proposal"): "token",
    ("POST", "/api/agents/{slug}/claims/{path}/decision"): "token",
    ("POST", "/api/agents/{slug}/decision"): "token",
    ("GET", "/api/corrections"): "token",
    ("GET", "/api/corrections/{identifier}"): "token",
    ("POST", "/api/corrections"): "token",
    ("POST", "/api/corrections/{identifier}"): "token",
}
"""The whole desk: method and route, and the least role that may; no session lets anybody in where a token is needed."""
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
WHO = ("", *ROLES)


def routes(app: object) -> Iterator[APIRoute]:
    for route in app.routes:  # type: ignore[attr-defined]
        inner = getattr(route, "original_router", None)
        if isinstance(route, APIRoute):
            yield route
        elif inner is not None:
            yield from routes(inner)


def address(route: str) -> str:
    values = {
        "{slug}": "otter",
        "{path}": "summary",
        "{number}": "0",
        "{identifier}": "c-0",
        "{name}": "rey",
        "{token}": "t",
    }
    for name, value in values.items():
        route = route.replace(name, value)
    return route


def test_the_table_holds_every_route(otter: Store) -> None:
    app, _ = create_desk(otter)
    known = {(method, route.path) for route in routes(app) for method in route.methods}
    assert known == set(NEEDS)


@pytest.mark.slow
@pytest.mark.parametrize("name", WHO)
def test_every_route_by_every_method(otter: Store, name: str) -> None:
    level = LEVEL[ROLES.get(name, "")]
    for path in {path for _, path in NEEDS}:
        for method in METHODS:
            client = visitor(otter, name)
            status = client.request(method, address(path)).status_code
            where = f"{name or 'nobody'} {method} {path}: {status}"
            needed = NEEDS.get((method, path))
            if needed is None:
                assert status == 405, where
            elif needed == "token" or (not name and needed):
                assert status == 401, where
            elif level < LEVEL[needed]:
                assert status == 403, where
            else:
                assert status not in (401, 403) or path == "/sign-in", where
                assert status < 500, where


def test_a_reader_changes_nothing(otter: Store) -> None:
    before = dump(otter, without=("tokens",))
    client = visitor(otter, "rey")
    for method, path in NEEDS:
        if NEEDS[method, path] not in ("", "reader"):
            client.request(
                method, address(path), data={"verdict": "accepted", "digest": "x", "text": "note", "name": "eve"}
            )
    assert dump(otter, without=("tokens",)) == before


def test_who_is_signed_out_sees_the_way_in_and_comes_back(otter: Store) -> None:
    client = visitor(otter)
    answer = client.get("/agents/otter?claim=summary")
    assert answer.status_code == 401
    assert 'name="to" value="/agents/otter?claim=summary"' in answer.text
    data = {"name": "vera", "password": PASSWORD, "to": "/agents/otter?claim=summary"}
    signed = client.post("/sign-in", data=data)
    assert (signed.status_code, signed.headers["location"]) == (303, "/agents/otter?claim=summary")
    cookie = signed.headers["set-cookie"].lower()
    assert "httponly" in cookie and "samesite=lax" in cookie and "path=/" in cookie
    assert client.get("/agents/otter").status_code == 200
    client.post("/sign-out")
    assert client.get("/agents/otter").status_code == 401


@pytest.mark.parametrize(
    "to", ["//evil.example/", "https://evil.example/", "/\\evil.example", "\\\\evil", "javascript:alert(1)"]
)
def test_signing_in_never_leads_elsewhere(otter: Store, to: str) -> None:
    answer = visitor(otter).post("/sign-in", data={"name": "vera", "password": PASSWORD, "to": to})
    assert answer.headers["location"] == "/"


def test_a_session_that_was_ended_or_grew_old_is_over(otter: Store, clock: Clock) -> None:
    client = visitor(otter, "vera")
    token = client.cookies[COOKIE]
    client.post("/sign-out")
    client.cookies.set(COOKIE, token)
    assert client.get("/").status_code == 401
    client = visitor(otter, "vera")
    clock.go(hours=2)
    assert client.get("/").status_code == 401


def test_wrong_passwords_make_name_and_address_wait(otter: Store) -> None:
    client = visitor(otter, options=DeskOptions(sign_in_tries=3))
    for _ in range(3):
        assert client.post("/sign-in", data={"name": "vera", "password": "wrong"}).status_code == 401
    late = client.post("/sign-in", data={"name": "vera", "password": PASSWORD})
    assert late.status_code == 429 and int(late.headers["retry-after"]) > 0
    other = client.post("/sign-in", data={"name": "paul", "password": PASSWORD})
    assert other.status_code == 429, "one address may not go through all names"


def test_a_stranger_learns_no_names(otter: Store) -> None:
    client = visitor(otter)
    known = client.post("/sign-in", data={"name": "vera", "password": "wrong"}).text
    unknown = client.post("/sign-in", data={"name": "nobody", "password": "wrong"}).text
    assert known.replace("vera", "") == unknown.replace("nobody", "")


def test_the_first_link_makes_one_administrator_once(tmp_path: object, clock: Clock) -> None:
    with Store.open(f"{tmp_path}/new.db", clock=clock) as store:
        app, (line,) = create_desk(store)
        link = "/setup/" + line.split("/setup/")[1].split()[0]
        client = Visitor(app, base_url="http://127.0.0.1", follow_redirects=False)
        assert client.get(link).status_code == 200
        assert client.post(link, data={"name": "ada", "password": "short"}).status_code == 422
        made = client.post(link, data={"name": "ada", "password": PASSWORD})
        assert made.status_code == 303 and client.get("/people").status_code == 200
        assert store.people.get("ada").role == "administrator"
        again = Visitor(app, base_url="http://127.0.0.1").post(link, data={"name": "eve", "password": PASSWORD})
        assert again.status_code == 404 and [person.name for person in store.people.all()] == ["ada"]
        assert first_steps(store, DeskOptions()) == ()


def test_an_administrator_adds_people_and_ends_them(otter: Store) -> None:
    client = visitor(otter, "ada")
    page = client.post("/people", data={"name": "new one", "role": "reviewer"}).text
    link = "/setup/" + page.split("/setup/")[1].split("<")[0]
    joined = visitor(otter)
    assert joined.post(link, data={"name": "ada", "password": PASSWORD}).status_code == 303
    assert otter.people.get("new one").role == "reviewer", "the link decides the name, not its form"
    assert joined.get("/").status_code == 200
    client.post("/people/new one/disable")
    assert joined.get("/").status_code == 401
    refused = client.post("/people/ada/disable")
    assert refused.status_code == 422 and otter.people.get("ada").disabled_at is None
    assert client.post("/people", data={"name": "ada", "role": "reader"}).status_code == 422


@pytest.mark.slow
def test_a_proxy_names_the_user_and_only_the_proxy(otter: Store, sit: Callable[..., Visitor]) -> None:
    options = DeskOptions(user_header="X-User")
    client = sit(options=options)
    assert client.get("/").status_code == 401
    assert client.get("/", headers={"X-User": "rey"}).status_code == 200
    assert client.get("/people", headers={"X-User": "rey"}).status_code == 403
    assert client.get("/", headers={"X-User": "stranger"}).status_code == 403
    assert client.post("/sign-in", data={"name": "ada", "password": PASSWORD}).status_code == 401
    app, _ = create_desk(otter, options)
    outside = Visitor(app, base_url="http://127.0.0.1", client=("192.0.2.7", 1), follow_redirects=False)
    assert outside.get("/", headers={"X-User": "ada"}).status_code == 401


def test_people_whom_earlier_versions_added_by_the_header_are_let_in(otter: Store, sit: Callable[..., Visitor]) -> None:
    otter.people.put("JÃ¼rgen", "reader")
    client = sit(options=DeskOptions(user_header="X-User"))
    headers = {"X-User": "Jürgen".encode()}
    assert client.get("/", headers=headers).status_code == 200
    otter.people.put("Jürgen", "administrator")
    assert client.get("/people", headers=headers).status_code == 200, "the right spelling comes first"


@pytest.mark.slow
@pytest.mark.parametrize("host", ["[::1", "[", "a b", "a/b", "x:port", "x:99999999", "a@b", "a?b#c", "\\x", "é", ""])
@pytest.mark.parametrize("header", ["host", "x-forwarded-host"])
def test_a_host_that_is_none_breaks_nothing(otter: Store, header: str, host: str) -> None:
    client = visitor(otter, "ada")
    headers: dict[str, str | bytes] = {header: host.encode("latin-1")}
    for url in ("/", "/agents/otter", "/people"):
        assert client.get(url, headers=headers).status_code < 500
    for more in ({}, {"origin": "http://x"}):
        assert client.post("/people/rey/link", headers=headers | more).status_code < 500


ELSEWHERE = [
    ({"sec-fetch-site": "cross-site"}, 403),
    ({"sec-fetch-site": "same-site"}, 403),
    ({"sec-fetch-site": "same-origin"}, 303),
    ({"sec-fetch-site": "none"}, 303),
    ({"sec-fetch-site": ""}, 403),
    ({"sec-fetch-site": "cross-site", "origin": "http://127.0.0.1"}, 403),
    ({"sec-fetch-site": "same-origin", "origin": "https://evil.example"}, 303),
    ({"origin": "http://127.0.0.1"}, 303),
    ({"origin": "http://127.0.0.1:80"}, 303),
    ({"origin": "https://127.0.0.1"}, 403),
    ({"origin": "http://127.0.0.1:8080"}, 403),
    ({"origin": "http://localhost"}, 403),
    ({"origin": "https://evil.example"}, 403),
    ({"origin": "http://127.0.0.1.evil.example"}, 403),
    ({"origin": "null"}, 403),
    ({"origin": ""}, 403),
    ({"origin": "http://[::1"}, 403),
    ({"origin": "http://127.0.0.1:port"}, 403),
    ({"origin": "not an origin"}, 403),
    ({"origin": "http://127.0.0.1@evil.example"}, 403),
    ({"referer": "https://evil.example/"}, 303),
    ({}, 303),
]
"""What a browser says of where a form came from (after Datasette's cases), and what becomes of it."""


@pytest.mark.parametrize(("headers", "status"), ELSEWHERE)
def test_a_form_of_another_site_is_refused(otter: Store, headers: dict[str, str], status: int) -> None:
    client = visitor(otter, "vera")
    answer = client.post("/agents/otter/notes", data={"text": "hello"}, headers=headers)
    assert answer.status_code == status
    assert len(otter.drafts.notes("otter")) == (1 if status == 303 else 0)


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_reading_from_elsewhere_is_a_link_like_any_other(otter: Store, method: str) -> None:
    headers = {"sec-fetch-site": "cross-site", "origin": "https://evil.example"}
    assert visitor(otter, "vera").request(method, "/alive", headers=headers).status_code in (200, 405)


def test_behind_tls_the_origin_is_the_proxys(otter: Store) -> None:
    client = visitor(otter, "vera")
    headers = {"origin": "https://127.0.0.1", "x-forwarded-proto": "https"}
    assert client.post("/agents/otter/notes", data={"text": "hello"}, headers=headers).status_code == 303


def test_every_answer_is_guarded(otter: Store) -> None:
    client = visitor(otter, "ada")
    for url in ("/", "/agents/otter", "/agents/none", "/static/desk.css", "/openapi.json", "/nowhere", "/sign-in"):
        headers = client.get(url).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy and "unsafe" not in policy and "frame-ancestors 'none'" in policy
        assert headers["x-content-type-options"] == "nosniff"
    assert client.get("/").headers["cache-control"] == "no-store"


def test_a_body_that_is_too_large_is_not_read(otter: Store) -> None:
    client = visitor(otter, "vera")
    assert client.post("/agents/otter/notes", content=b"text=" + b"x" * 1_000_001).status_code == 413


def test_no_page_holds_inline_script_or_style(otter: Store) -> None:
    client = visitor(otter, "ada")
    for url in ("/", "/agents/otter", "/settings", "/people", "/corrections", "/keys", "/sign-in"):
        page = client.get(url).text
        assert " style=" not in page and "<style" not in page and " onclick=" not in page
        assert page.count("<script") == page.count('<script src="/static/desk.js" defer></script>') == 1


def test_sessions_are_listed_and_ended_by_whom_they_belong_to(store: Store) -> None:
    here, there, other = visitor(store, "vera"), visitor(store, "vera"), visitor(store, "paul")
    marks = re.findall("/sessions/([0-9a-f]{16})/end", here.get("/sessions").text)
    assert len(marks) == 2 and "this one" in here.get("/sessions").text
    assert other.post(f"/sessions/{marks[0]}/end").status_code == 404
    assert len(re.findall("/sessions/[0-9a-f]{16}/end", visitor(store, "ada").get("/sessions").text)) == 4
    for mark in marks:
        visitor(store, "ada").post(f"/sessions/{mark}/end")
    assert [one.get("/", follow_redirects=False).status_code for one in (here, there, other)] == [401, 401, 200]
