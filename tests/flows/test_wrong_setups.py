"""Whatever is set up wrong is one line that names the cause and the next step: never a defect, never a traceback."""

import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from flows.environment_variables import check_connections
from flows.settings import REPOSITORY, load
from scoring.errors import BadInput

pytestmark = pytest.mark.slow


ADD = ("sources", "add", "mine", "--kind", "folder", "--location")
MODEL = {"ASSAY_MODEL__NAME": "scripted", "OPENAI_API_KEY": "k"}


class Setup(NamedTuple):
    """What is wrong, the code that the command ends with, and what its line says."""

    told: dict[str, str]
    says: tuple[str, ...]
    code: int = 2
    file: str | None = None
    """Text of `assay.toml`."""
    command: tuple[str, ...] = ("crawl",)


WRONG = {
    "a list in plain text": Setup(
        {"ASSAY_CRAWL__ALLOW_PRIVATE": "127.0.0.1,::1"},
        ("ASSAY_CRAWL__ALLOW_PRIVATE", "is a list", '\'["127.0.0.1", "::1"]\''),
    ),
    "an empty list in plain text": Setup({"ASSAY_CRAWL__OPT_OUT": ""}, ("ASSAY_CRAWL__OPT_OUT", "is a list", "'[]'")),
    "a list that is a table": Setup({"ASSAY_CRAWL__API_HOSTS": "{}"}, ("ASSAY_CRAWL__API_HOSTS", "is a list")),
    "a list of numbers": Setup({"ASSAY_CRAWL__API_HOSTS": "[1]"}, ("crawl.api_hosts", "string")),
    "a table in plain text": Setup(
        {"ASSAY_CRAWL__AUTHORIZATION": "x"}, ("ASSAY_CRAWL__AUTHORIZATION", "is a table", "JSON")
    ),
    "a section": Setup({"ASSAY_MODEL": "x"}, ("ASSAY_MODEL:", "is a section", "such as ASSAY_MODEL__")),
    "a misspelt section": Setup(
        {"ASSAY_MODLE__NAME": "x"}, ("ASSAY_MODLE__NAME", "no such setting", "did you mean ASSAY_MODEL__NAME?")
    ),
    "a misspelt setting": Setup({"ASSAY_MODEL__NMAE": "x"}, ("ASSAY_MODEL__NMAE", "did you mean ASSAY_MODEL__NAME?")),
    "a misspelt top setting": Setup({"ASSAY_HOEM": "/tmp"}, ("ASSAY_HOEM", "did you mean ASSAY_HOME?")),
    "an unknown name": Setup({"ASSAY_ZZZ": "1"}, ("ASSAY_ZZZ", "no such setting", "assay config show")),
    "one underscore": Setup({"ASSAY_CRAWL_PACE": "1"}, ("ASSAY_CRAWL_PACE", "did you mean ASSAY_CRAWL__PACE?")),
    "a setting below a setting": Setup({"ASSAY_CRAWL__PACE__X": "1"}, ("ASSAY_CRAWL__PACE__X", "no such setting")),
    "no number": Setup({"ASSAY_CRAWL__PACE": "fast"}, ("ASSAY_CRAWL__PACE", "number")),
    "a number out of range": Setup({"ASSAY_NIGHT__HOURS": "inf"}, ("ASSAY_NIGHT__HOURS", "48")),
    "no amount": Setup({"ASSAY_MODEL__BUDGET": "NaN"}, ("ASSAY_MODEL__BUDGET", "finite")),
    "no cron line": Setup({"ASSAY_SCHEDULE__NIGHTLY": "daily"}, ("ASSAY_SCHEDULE__NIGHTLY", "cron line")),
    "no time zone": Setup({"ASSAY_SCHEDULE__TIMEZONE": "Mars"}, ("ASSAY_SCHEDULE__TIMEZONE", "time zone")),
    "no formula": Setup({"ASSAY_PROFILE": "best"}, ("ASSAY_PROFILE", "aivss-0.8-listing")),
    "no contact": Setup({"ASSAY_CRAWL__CONTACT": "ü"}, ("ASSAY_CRAWL__CONTACT", "pattern")),
    "no database": Setup({"ASSAY_STORE__URL": "nonsense"}, ("ASSAY_STORE__URL", "sqlite:///")),
    "a database of another kind": Setup({"ASSAY_STORE__URL": "mysql://x/y"}, ("ASSAY_STORE__URL", "postgresql")),
    "a database that is away": Setup(
        {"ASSAY_STORE__URL": "postgresql+psycopg://127.0.0.1:9/x", "ASSAY_STORE__BLOBS": "{tmp}/blobs"},
        ("127.0.0.1:9", "away", "start it"),
        3,
    ),
    "bytes at no place": Setup({"ASSAY_STORE__BLOBS": "gopher://x"}, ("ASSAY_STORE__BLOBS", "gopher")),
    "no address of a model": Setup({"ASSAY_MODEL__BASE_URL": "nonsense"}, ("ASSAY_MODEL__BASE_URL", "http(s)")),
    "no address of the site": Setup({"ASSAY_PUBLISH__BASE_URL": "x"}, ("ASSAY_PUBLISH__BASE_URL", "http(s)")),
    "no certificates": Setup({"ASSAY_CRAWL__AUTHORITY_FILE": "/nowhere.pem"}, ("authority_file /nowhere.pem",)),
    "a home with a question mark": Setup({"ASSAY_HOME": "{tmp}/who?"}, ("ASSAY_HOME", "`?`", "another folder")),
    "an empty home": Setup({"ASSAY_HOME": ""}, ("ASSAY_HOME", "empty")),
    "a home below a file": Setup({"ASSAY_HOME": "/etc/hostname/x"}, ("/etc/hostname/x", "ASSAY_HOME")),
    "a home that cannot be made": Setup({"ASSAY_HOME": "/proc/nowhere"}, ("/proc/nowhere", "ASSAY_HOME")),
    "a home that is a file": Setup({"ASSAY_HOME": "/etc/hostname"}, ("/etc/hostname", "ASSAY_HOME")),
    "broken TOML": Setup({}, ("assay.toml", "not valid TOML", "line 1", "correct that line"), file="[crawl\n"),
    "TOML that is no text": Setup({}, ("assay.toml", "not valid TOML"), file="\udcff"),
    "an unknown section of the file": Setup({}, ("assay.toml:1", "did you mean crawl?"), file="[crawll]\npace = 1\n"),
    "a shorter section of the file": Setup({}, ("did you mean night",), file="[nite]\nx = 1\n"),
    "an unknown setting of the file": Setup(
        {}, ("assay.toml:2", "did you mean crawl.pace?"), file="[crawl]\npac = 1\n"
    ),
    "a list of the file in plain text": Setup(
        {}, ("assay.toml:2", "crawl.allow_private"), file='[crawl]\nallow_private = "127.0.0.1"\n'
    ),
    "a section of the file that is a text": Setup({}, ("assay.toml:1", "model"), file='model = "gpt"\n'),
    "no settings file": Setup({"ASSAY_CONFIG": "/nowhere.toml"}, ("/nowhere.toml", "unset ASSAY_CONFIG")),
    "a settings file that is a folder": Setup({"ASSAY_CONFIG": "/tmp"}, ("/tmp", "ASSAY_CONFIG")),
    "a SOCKS proxy": Setup(
        MODEL | {"ALL_PROXY": "socks5://127.0.0.1:1080", "NO_PROXY": "127.0.0.1"}, ("ALL_PROXY", "SOCKS", "unset")
    ),
    "a SOCKS proxy in small letters": Setup(
        MODEL | {"https_proxy": "socks5h://u:secret@h:1"}, ("https_proxy", "SOCKS")
    ),
    "a proxy of no kind": Setup(MODEL | {"HTTPS_PROXY": "gopher://h"}, ("HTTPS_PROXY", "gopher", "unset")),
    "no certificate file": Setup(MODEL | {"SSL_CERT_FILE": "/nowhere"}, ("SSL_CERT_FILE", "/nowhere", "unset")),
    "no Prefect address": Setup({"PREFECT_API_URL": "nonsense"}, ("PREFECT_API_URL", "http(s)"), command=("serve",)),
    "no Prefect server": Setup(
        {"PREFECT_API_URL": "http://127.0.0.1:9/api"},
        ("PREFECT_API_URL", "prefect server start"),
        3,
        command=("serve",),
    ),
    "a busy port of Prefect": Setup(
        {"ASSAY_SCHEDULE__PORT": "{busy}"}, ("{busy}", "taken", "ASSAY_SCHEDULE__PORT"), command=("serve",)
    ),
    "a busy port of the desk": Setup({"ASSAY_DESK__PORT": "{busy}"}, ("{busy}", "--port"), command=("review",)),
    "a busy port of the records": Setup({}, ("{busy}", "--port"), command=("serve-api", "--port", "{busy}")),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_setup_is_one_line_that_names_cause_and_next_step(name: str, tmp_path: Path) -> None:
    setup = WRONG[name]
    with socket.create_server(("127.0.0.1", 0)) as listener:
        places = {"{tmp}": str(tmp_path), "{busy}": str(listener.getsockname()[1])}

        def placed(text: str) -> str:
            for mark, value in places.items():
                text = text.replace(mark, value)
            return text

        kept = {key: value for key, value in os.environ.items() if key in ("PATH", "LANG", "PYTHONPYCACHEPREFIX")}
        told = {name: placed(value) for name, value in setup.told.items()}
        environment = kept | {"PYTHONPATH": str(REPOSITORY), "ASSAY_HOME": str(tmp_path / "home"), **told}
        if setup.file is not None:
            (tmp_path / "assay.toml").write_text(setup.file, errors="surrogateescape")
        process = subprocess.run(
            [sys.executable, "-m", "flows.cli", *map(placed, setup.command)],
            env=environment,
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=120,
        )
    said = process.stderr.splitlines()
    assert process.returncode == setup.code, process.stderr
    assert "Traceback" not in process.stderr and "defect" not in process.stderr and "secret" not in process.stderr
    line = said[-1]
    assert line.startswith("assay: ") and "Next: " in line, process.stderr
    for words in setup.says:
        assert placed(words) in line, line


@pytest.mark.parametrize("name", [name for name, setup in WRONG.items() if setup.command == ("crawl",)])
def test_doctor_names_the_same_cause_as_something_to_mend(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from flows.operations.doctor import examine

    setup = WRONG[name]
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ASSAY_HOME", str(tmp_path / "home"))
    for variable, value in setup.told.items():
        monkeypatch.setenv(variable, value.replace("{tmp}", str(tmp_path)))
    if setup.file is not None:
        (tmp_path / "assay.toml").write_text(setup.file, errors="surrogateescape")
    wrong = [check for check in examine() if not check.ok and check.name not in ("robots contact", "model")]
    assert wrong and all(check.found and check.fix for check in wrong), examine()


@pytest.mark.parametrize("home", ["with space", "hash#mark", "per%41cent", "ümläut", "semi;colon&and"])
def test_a_home_with_odd_characters_is_where_it_says(
    home: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from flows.store_access import open_store

    monkeypatch.setenv("ASSAY_HOME", str(tmp_path / home))
    monkeypatch.chdir(tmp_path)
    with open_store(load()) as store:
        store.sources.add("x", "folder", str(tmp_path), {})
    assert (tmp_path / home / "assay.db").is_file()
    assert [entry.name for entry in tmp_path.iterdir()] == [home]


def test_what_is_no_setting_but_known_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ASSAY_DEBUG", "ASSAY_TEST_POSTGRES", "ASSAY_SHARED"):
        monkeypatch.setenv(name, "1")
    monkeypatch.setenv("ASSAY_CRAWL__AUTHORIZATION__EXAMPLE.ORG", "token x")
    load()


def test_connections_without_a_proxy_or_with_an_ordinary_one_are_fine(tmp_path: Path) -> None:
    check_connections({})
    check_connections({"HTTPS_PROXY": "http://proxy:3128", "all_proxy": "proxy:3128", "SSL_CERT_DIR": str(tmp_path)})
    with pytest.raises(BadInput, match="ALL_PROXY"):
        check_connections({"ALL_PROXY": "socks4://h:1"})
