"""People of the desk at the terminal: the desk's own rules, and a link that works there."""

import json
import re

import pytest

from flows.settings import load
from flows.store_access import open_store, operator
from tests.flows.test_command import assay, one_line  # type: ignore[import-not-found]
from tests.records.store_dump import dump

pytestmark = pytest.mark.slow


def token(printed: str) -> str:
    (found,) = re.findall(r"/setup/(\S+)", printed)
    return str(found)


def test_the_first_administrator_adds_the_others() -> None:
    assert "there is no store yet" in one_line(assay("people", "list"), 2)
    assert "needs the role administrator" in one_line(assay("people", "add", "vera", "--role", "reviewer"), 1)
    first = assay("people", "add", " ada ", "--role", "administrator")
    assert first.returncode == 0, first.stderr
    second = token(assay("people", "reset", "ada", "--by", "ada").stdout)
    with open_store(load()) as store:
        assert store.people.token("setup", token(first.stdout)) is None, "only the last link works"
        kept = store.people.token("setup", second)
        assert kept is not None and kept.subject == "ada"
    assert "needs the role administrator" in one_line(assay("people", "add", "eve", "--role", "administrator"), 1)
    assert assay("people", "add", "vera", "--role", "reviewer", "--by", "ada").returncode == 0
    assert "needs the role" in one_line(assay("people", "disable", "ada", "--by", "vera"), 1)
    assert assay("people", "disable", "vera", "--by", "ada").returncode == 0
    rows = [line.split() for line in assay("people", "list").stdout.splitlines()[1:]]
    assert rows == [["ada", "administrator", "active"], ["vera", "reviewer", "disabled"]]
    with open_store(load()) as store:
        assert {event.actor for event in store.events.all() if event.kind == "person.disabled"} == {"ada"}


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["add", "ada", "--role", "reader"], 1, "there has to be one administrator"),
        (["disable", "ada"], 1, "there has to be one administrator"),
        (["disable", "nobody"], 2, "no such person"),
        (["reset", "nobody"], 2, "no such person"),
        (["add", "eve", "--role", "captain"], 2, "a role is one of"),
        (["add", "e\u202eve", "--role", "reader"], 2, "all of which show"),
        (["add", " ", "--role", "reader"], 2, "a name is needed"),
    ],
)
def test_rules_of_the_desk(arguments: list[str], code: int, said: str) -> None:
    with open_store(load()) as store:
        store.people.put("ada", "administrator")
        state = dump(store)
    assert said in one_line(assay("people", *arguments, "--by", "ada"), code)
    with open_store(load()) as store:
        assert dump(store) == state


def test_a_lost_administrators_password_has_a_way_back_for_the_stores_own_account() -> None:
    assert assay("people", "add", "ada", "--role", "administrator").returncode == 0
    link = token(assay("people", "reset", "ada").stdout)
    with open_store(load()) as store:
        kept = store.people.token("setup", link)
        assert kept is not None and kept.subject == "ada" and not kept.data, "a link gives no role"
        assert [event.payload for event in store.events.all() if event.kind == "person.link"][-1] == {"name": "ada"}
        store.people.put("vera", "reviewer")
        store.people.put(operator(), "reader")
    assert "needs the role administrator" in one_line(assay("people", "reset", "ada", "--by", "vera"), 1)
    assert "needs the role administrator" in one_line(assay("people", "reset", "ada"), 1), "its own row counts"


def test_sessions_are_listed_and_ended() -> None:
    with open_store(load()) as store:
        store.people.put("ada", "administrator")
        tokens = [store.people.issue("session", name, 3600) for name in ("ada", "vera")]
    listed = json.loads(assay("people", "sessions", "--json").stdout)
    assert {row["person"] for row in listed} == {"ada", "vera"} and tokens[0] not in str(listed)
    mark = next(row["session"] for row in listed if row["person"] == "vera")
    assert "vera: signed out" in assay("people", "sessions", "--end", mark).stdout
    assert "no such session" in one_line(assay("people", "sessions", "--end", mark), 2)
    with open_store(load()) as store:
        assert [store.people.token("session", one) is not None for one in tokens] == [True, False]


def test_a_desk_behind_a_proxy_needs_no_link() -> None:
    added = assay("people", "add", "ada", "--role", "administrator", ASSAY_DESK__USER_HEADER="X-User")
    assert added.returncode == 0 and "/setup/" not in added.stdout


def test_a_program_gets_a_token_that_is_shown_once_and_revoked() -> None:
    with open_store(load()) as store:
        store.people.put("ada", "administrator")
        day = f"{store.now():%Y-%m-%d}"
    given = ("people", "token", "add", "triage", "--role", "reviewer", "--until")
    assert "ends after today" in one_line(assay(*given, day, "--by", "ada"), 2)
    added = assay(*given, "2035-01-01", "--by", "ada")
    assert added.returncode == 0, added.stderr
    shown = added.stdout.strip()
    with open_store(load()) as store:
        kept = store.people.token("program", shown)
        assert kept is not None and kept.subject == "triage" and shown.encode() not in dump(store)
    listed = json.loads(assay("people", "token", "list", "--json").stdout)
    assert listed == [{"name": "triage", "role": "reviewer", "until": "2035-01-01 00:00"}]
    assert assay("people", "token", "revoke", "triage", "--by", "ada").returncode == 0
    assert "no such token" in one_line(assay("people", "token", "revoke", "triage", "--by", "ada"), 2)
