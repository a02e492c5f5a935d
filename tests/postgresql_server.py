"""A PostgreSQL server of the tests' own: in a temporary directory, on a Unix socket.

Started once for a process of pytest, by another user when that is root, and removed with
the process. The installed one of Debian is not touched.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

import psycopg

from tests.patience import PATIENCE_SECONDS

SETTINGS = {
    "listen_addresses": "",
    # Tests of crashes kill processes and never the machine.
    "fsync": "off",
    "full_page_writes": "off",
    "max_connections": "60",
    "superuser_reserved_connections": "3",
    "shared_buffers": "32MB",
    "autovacuum": "off",
    "restart_after_crash": "on",
}


def find_programs() -> Path | None:
    """Find the directory of PostgreSQL's programs; `None`: it is not installed."""
    found = shutil.which("initdb")
    if found is not None:
        return Path(found).resolve().parent
    directories = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return directories[-1].parent if directories else None


class Server:
    """A running server; `url` names a schema of its one database."""

    def __init__(self, **settings: str) -> None:
        programs = find_programs()
        assert programs is not None
        self._programs = programs
        self._settings = {**SETTINGS, **settings}
        self._user = pwd.getpwnam("nobody") if os.geteuid() == 0 else None
        self.directory = Path(tempfile.mkdtemp(prefix="evcli-pg-"))
        self._data = self.directory / "data"
        if self._user is not None:
            os.chown(self.directory, self._user.pw_uid, self._user.pw_gid)
        self._run(
            "initdb", "-D", str(self._data), "-A", "trust", "-U", "evcli", "--no-sync",
            "-E", "UTF8", "--locale=C",
        )  # fmt: skip
        self._process: subprocess.Popen[bytes] | None = None
        self.start()

    def start(self) -> None:
        """Start it, and wait until it takes connections."""
        settings = {
            **self._settings, "unix_socket_directories": str(self.directory),
        }  # fmt: skip
        arguments = [f"--{name}={value}" for name, value in settings.items()]
        with (self.directory / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [self._programs / "postgres", "-D", str(self._data), *arguments],
                stdout=log,
                stderr=log,
                **self._as_user(),
            )
        ends_at = time.monotonic() + PATIENCE_SECONDS
        while not self._takes_connections():
            assert time.monotonic() < ends_at, (self.directory / "log").read_text()
            time.sleep(0.05)

    def kill(self) -> None:
        """Kill the postmaster, as a crash does; its children end by themselves."""
        assert self._process is not None
        self._process.send_signal(signal.SIGKILL)
        self._process.wait(PATIENCE_SECONDS)
        # It starts again once the last of them has let go.
        ends_at = time.monotonic() + PATIENCE_SECONDS
        while self._has_children():
            assert time.monotonic() < ends_at
            time.sleep(0.02)
        (self._data / "postmaster.pid").unlink(missing_ok=True)

    def _has_children(self) -> bool:
        for directory in Path("/proc").glob("[0-9]*"):
            try:
                if (directory / "cwd").readlink() == self._data:
                    return True
            except OSError:
                continue
        return False

    def stop(self) -> None:
        """Stop it and remove all of it."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGQUIT)
            self._process.wait(PATIENCE_SECONDS)
        shutil.rmtree(self.directory, ignore_errors=True)

    def url(self, schema: str, **options: str) -> str:
        """Name a schema as `EVCLI_STORE` does."""
        more = "".join(f"&{name}={value}" for name, value in options.items())
        return (
            f"postgresql://evcli@/postgres?host={self.directory}&schema={schema}{more}"
        )

    @property
    def conninfo(self) -> str:
        """Name the database for psycopg."""
        return f"host={self.directory} user=evcli dbname=postgres"

    def _takes_connections(self) -> bool:
        try:
            psycopg.connect(self.conninfo).close()
        except psycopg.OperationalError:
            return False
        return True

    def _run(self, program: str, *arguments: str) -> None:
        subprocess.run(
            [self._programs / program, *arguments],
            check=True,
            capture_output=True,
            **self._as_user(),
        )

    def _as_user(self) -> dict[str, object]:
        # It refuses to be root.
        as_user: dict[str, object] = {
            "cwd": self.directory,
            "env": {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"},
        }
        if self._user is not None:
            as_user |= {
                "user": self._user.pw_uid,
                "group": self._user.pw_gid,
                "extra_groups": [],
            }
        return as_user
