"""The desk as it is shipped: `assay review desk --port` in a process of its own, and nginx before it."""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

PROGRAM = shutil.which("nginx") or "/usr/sbin/nginx"
DOCUMENTED = """proxy_set_header Host $host; proxy_set_header X-Real-IP $remote_addr;
proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for; proxy_set_header X-Forwarded-Proto $scheme;"""
"""What nginx's own guide and most others say."""
BY_HOST = "proxy_set_header Host $http_host;"
BY_FORWARDED_HOST = "proxy_set_header X-Forwarded-Host $http_host;"
"""nginx's defaults, where `Host` is the upstream's, and one line that says how the desk was asked."""
SIGNED_IN = "auth_basic desk; auth_basic_user_file {users}; proxy_set_header X-User $remote_user; proxy_bind {address};"
"""nginx asks for a password and names the person, from an address of its own."""
PROXY = "127.0.0.2"


class Shipped(NamedTuple):
    """A running desk."""

    url: str
    first: str
    """Path of the link that makes the first administrator; empty when there is one."""


@contextmanager
def desk(home: Path, **settings: str) -> Iterator[Shipped]:
    """`assay review desk` with these settings of the desk, such as `user_header="X-User"`."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith("ASSAY_")}
    environment |= {f"ASSAY_DESK__{name.upper()}": value for name, value in settings.items()}
    environment |= {"ASSAY_HOME": str(home), "PYTHONUNBUFFERED": "1"}
    said = home.parent / f"{home.name}.said"
    with said.open("w") as out:
        command = [sys.executable, "-m", "flows.cli", "review", "desk", "--port", "0"]
        process = subprocess.Popen(command, env=environment, stdout=out, stderr=subprocess.STDOUT)
    with _running(process):
        url = _wait(process, lambda: re.search(r"desk at (http://\S+)", said.read_text()))[1]
        _wait(process, lambda: _answers(int(url.rsplit(":", 1)[1])))
        first = re.search(r"/setup/\S+", said.read_text())
        yield Shipped(url, first[0] if first else "")


@contextmanager
def nginx(folder: Path, upstream: str, lines: str) -> Iterator[str]:
    """nginx before a desk, with these lines in its `location`. Gives its address."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = int(listener.getsockname()[1])
    folder.mkdir(parents=True)
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    paths = " ".join(f"{kind}_temp_path {folder}/{kind};" for kind in kinds)
    root = "user root;" if os.geteuid() == 0 else ""
    (folder / "nginx.conf").write_text(
        f"{root} daemon off; worker_processes 1; pid {folder}/pid; error_log {folder}/error.log;\n"
        f"events {{}}\nhttp {{ access_log off; {paths}\n"
        f"server {{ listen 127.0.0.1:{port}; location / {{ proxy_pass {upstream}; {lines} }} }} }}\n"
    )
    command = [PROGRAM, "-c", str(folder / "nginx.conf"), "-p", str(folder), "-e", str(folder / "error.log")]
    with _running(subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)) as process:
        _wait(process, lambda: _answers(port))
        yield f"http://127.0.0.1:{port}"


@contextmanager
def _running(process: subprocess.Popen[Any]) -> Iterator[subprocess.Popen[Any]]:
    try:
        yield process
    finally:
        process.terminate()
        process.wait(90)


def _wait(process: subprocess.Popen[Any], ready: Callable[[], Any]) -> Any:
    until = time.monotonic() + 120
    while time.monotonic() < until:
        if found := ready():
            return found
        assert process.poll() is None, f"it ended with {process.returncode}"
        time.sleep(0.05)
    raise AssertionError("it does not answer")


def _answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True
