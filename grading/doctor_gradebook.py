"""What `grading doctor` looks at in the gradebook: that it opens, is whole, is free, and is backed up."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from filelock import FileLock, Timeout
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from grading import backups, records
from grading.bookfile import being_written, look_at
from grading.finding import LOOK, OK, WRONG, Finding, chmod
from grading.gradebook import GradebookError, NoGradebookError
from grading.places import Places
from grading.reports import counted
from grading.restore_console import age, file_size, holds
from grading.tables import connected

SECONDS = 3.0
"""How long a gradebook is looked through, and how long a database server may take to answer."""
STALE = timedelta(days=1)
"""Scores that were entered for longer than this without a backup are worth a word."""


def the_gradebook(places: Places) -> Iterator[Finding]:
    """Check that the gradebook is there, opens, has the tables we know, is whole, and is not held."""
    path = places.gradebook
    if path is None:
        yield _on_a_server(places)
        return
    if not path.is_file():
        kept = backups.all_backups(places)
        if path.exists():
            then = (
                f"run: grading restore {kept[-1].name}" if kept else "the first release makes the gradebook"
            )
            yield Finding("gradebook", WRONG, f"{path} is no file", f"move it away; then {then}")
        elif kept:
            said = f"{path} is gone, with {counted(len(kept), 'backup')} of it left"
            yield Finding("gradebook", WRONG, said, f"grading restore {kept[-1].name}")
        else:
            yield Finding("gradebook", OK, "none yet: the first release makes it")
        return
    if being_written(path):
        said = f"{path.name}-journal is there: a program is writing, or was killed while it wrote"
        yield Finding("gradebook", LOOK, said, "grading status; SQLite mends it when it is next opened")
        return
    found = look_at(path, SECONDS)
    if found.problem:
        newest = [one.name for one in reversed(backups.all_backups(places)) if not look_at(one, 1.0).problem]
        todo = (
            f"grading restore {newest[0]}"
            if newest
            else "keep this file, and ask for help: no backup is whole"
        )
        yield Finding("gradebook", WRONG, f"{path} {found.problem}", todo)
        return
    part = "; too large to look through all of it here" if found.unfinished else ", whole"
    said = f"{file_size(found.size)}{part}; {counted(found.students, 'student')}; {holds(found)}"
    yield Finding("gradebook", OK, said)
    yield from _held(places, path)


def _held(places: Places, path: Path) -> Iterator[Finding]:
    """Check that no run of grading and no other program holds the gradebook."""
    lock = places.work / "writing.lock"
    try:
        if lock.exists():
            with FileLock(lock, timeout=0):
                pass
    except Timeout:
        yield Finding("gradebook lock", LOOK, "a run of grading is going on", "wait for it to end")
        return
    except OSError as error:
        said = f"{lock}: cannot be opened ({error.strerror or error})"
        yield Finding("gradebook lock", WRONG, said, chmod("u+rw", lock))
        return
    if not (os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)):
        said = f"{path}: you may not write it, or not its folder"
        yield Finding("gradebook lock", WRONG, said, chmod("u+rwX", path, path.parent))
        return
    try:
        with closing(sqlite3.connect(path, timeout=0.5, isolation_level=None)) as connection:
            connection.execute("BEGIN IMMEDIATE")  # taken back at once; nothing is written
            connection.execute("ROLLBACK")
    except sqlite3.OperationalError as error:
        said = f"another program is writing to it ({error})"
        yield Finding("gradebook lock", LOOK, said, "if it stays so, stop JupyterLab and start it again")
        return
    yield Finding("gradebook lock", OK, "free")


def _on_a_server(places: Places) -> Finding:
    """Check a gradebook on a database server; its password is never shown."""
    try:
        url = make_url(places.db_url)
    except ArgumentError:
        said = "COURSE_GRADEBOOK is no address of a database"
        todo = "write it as postgresql+psycopg://USER:PASSWORD@HOST/DATABASE"
        return Finding("gradebook", WRONG, said, todo)
    where = f"{url.host or 'this machine'}, database {url.database}"
    try:
        with connected(places) as connection:
            names = records.assignment_names(connection)
    except NoGradebookError:
        return Finding("gradebook", OK, f"{where}: none yet: the first release makes it")
    except GradebookError as error:
        what, _, todo = str(error).rpartition(" - ")
        return Finding("gradebook", WRONG, f"{where}: {what}", todo)
    return Finding("gradebook", OK, f"{where}: {counted(len(names), 'assignment')}")


def none_yet(places: Places) -> bool:
    """Return whether nothing was ever released, so that there is no gradebook."""
    if places.gradebook is not None:
        return not places.gradebook.is_file()
    try:
        with connected(hurried(places)):
            return False
    except NoGradebookError:
        return True
    except GradebookError:
        return False


def hurried(places: Places) -> Places:
    """Return the course with a gradebook's server that is given up on after a few seconds."""
    try:
        url = make_url(places.db_url)
    except ArgumentError:
        return places
    if url.get_backend_name() != "postgresql" or "connect_timeout" in url.query:
        return places
    url = url.update_query_dict({"connect_timeout": str(int(SECONDS))})
    return replace(places, db_url=url.render_as_string(hide_password=False))


def the_backups(places: Places) -> Iterator[Finding]:
    """Check how old the newest backup is, and that it is whole."""
    path = places.gradebook
    if path is None:
        yield Finding("backups", OK, "on the database server they are yours to make, with pg_dump")
        return
    kept = backups.all_backups(places)
    if not kept:
        if path.is_file():
            said = "there is none yet"
            yield Finding("backups", LOOK, said, "the next command that writes scores makes one")
        return
    now = datetime.now(UTC)
    found = look_at(kept[-1], SECONDS)
    made = backups.made_at(kept[-1].name)
    said = f"{counted(len(kept), 'backup')}, the newest made {age(made, now)}"
    if found.problem:
        todo = "grading restore lists them; the next command that writes scores makes a good one"
        yield Finding("backups", WRONG, f"{said}, but it {found.problem}", todo)
    elif made > now + timedelta(minutes=5):
        said = f"{said}: the clock was set back, or was wrong then"
        yield Finding("backups", LOOK, said, "compare the clock with another one")
    elif path.is_file() and datetime.fromtimestamp(path.stat().st_mtime, UTC) - made > STALE:
        said = f"{said}; what was entered in the gradebook since then is in no backup"
        yield Finding("backups", LOOK, said, "grading autograde ASSIGNMENT makes one, before it grades")
    else:
        yield Finding("backups", OK, said)
