"""A PostgreSQL server that tests start for themselves, with a database for each test, copied from another."""

import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

PROGRAMS = ("initdb", "pg_ctl")
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "fsync": "off",
    "full_page_writes": "off",
    "max_connections": "60",
}
"""Nothing of it has to outlive a power cut."""


def program(name: str) -> str | None:
    """Return where a program of the server is: on PATH, or where Debian keeps it."""
    kept = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    return shutil.which(name) or (str(kept[-1]) if kept else None)


def missing() -> str:
    """Return what keeps a server from being started here; empty where nothing does."""
    if sys.platform == "win32" or not all(map(program, PROGRAMS)):
        return "no PostgreSQL server is installed"
    try:
        import psycopg  # noqa: F401
    except ImportError:
        return 'no driver for PostgreSQL is installed: python -m pip install "psycopg[binary]"'
    return ""


class Server:
    """A PostgreSQL server of its own, under an account that it accepts: it refuses to run as root."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.account = "nobody" if os.geteuid() == 0 else None
        self.made = 0
        if self.account:
            shutil.chown(folder, self.account)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self._run("initdb", "--username=course", "--auth=trust", "--encoding=UTF8", "--no-sync")
        options = f"-p {self.port} -k {folder} " + " ".join(f"-c {n}={v}" for n, v in SETTINGS.items())
        self._run("pg_ctl", "--options", options, "--wait", "--log", str(folder / "log"), "start")

    def _run(self, name: str, *options: str) -> None:
        subprocess.run(
            [str(program(name)), "--pgdata", str(self.folder / "data"), *options],
            check=True,
            user=self.account,
            cwd=self.folder,
            stdout=subprocess.DEVNULL,
        )

    def url(self, database: str) -> str:
        """Return the address that COURSE_GRADEBOOK takes."""
        return f"postgresql+psycopg://course@127.0.0.1:{self.port}/{database}"

    def make(self, database: str = "", like: str = "template1") -> str:
        """Make a database as a copy of another one, and return its address."""
        self.made += 1
        name = database or f"class_{self.made}"
        self.execute(f"CREATE DATABASE {name} TEMPLATE {like}")
        return self.url(name)

    def drop(self, address: str) -> None:
        """Remove a database, whoever is still connected to it."""
        self.execute(f"DROP DATABASE IF EXISTS {address.rpartition('/')[2]} WITH (FORCE)")

    def execute(self, statement: str) -> None:
        """Run a statement in no database of a class."""
        import psycopg

        place = {"host": "127.0.0.1", "port": self.port, "user": "course", "dbname": "postgres"}
        with psycopg.connect(**place, autocommit=True) as connection:
            connection.execute(statement)

    def stop(self) -> None:
        """Stop it at once."""
        self._run("pg_ctl", "--mode", "immediate", "stop")
