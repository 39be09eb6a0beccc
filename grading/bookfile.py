"""A gradebook file looked at without changing it: whether it is whole and ours, and what is in it."""

import sqlite3
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from grading.gradebook import first_line
from grading.tables import SCHEMAS

STEPS = 100_000
"""SQLite asks whether to go on after so many steps of its machine, some milliseconds."""


@dataclass(frozen=True)
class BookFile:
    """One gradebook file. `size` is in bytes; `problem` says in words why it is of no use, empty if it is.

    `graded` counts submissions by assignment. `unfinished` says that there was no time to look through all of
    a large file; what was looked at is in order.
    """

    path: Path
    size: int = 0
    problem: str = ""
    graded: Mapping[str, int] = field(default_factory=dict)
    students: int = 0
    unfinished: bool = False


@dataclass(frozen=True)
class Standing:
    """One student's standing in an assignment: points without late penalty, and how many given by hand."""

    points: float
    by_hand: int


def look_at(path: Path, seconds: float | None = None) -> BookFile:
    """Return what a file is; it is never changed. With `seconds`, no more time is taken than that."""
    try:
        if not path.is_file():
            return BookFile(path, problem="is not there" if not path.exists() else "is no file")
        size = path.stat().st_size
    except OSError as error:
        return BookFile(path, problem=f"cannot be read ({error.strerror or error})")
    try:
        with reading_only(path) as connection:
            whole = _is_whole(connection, seconds)
            if whole:
                return BookFile(path, size, f"is damaged ({whole})")
            ((version,),) = connection.execute("SELECT version_num FROM alembic_version").fetchall()
            if version not in SCHEMAS:
                known = ", ".join(SCHEMAS)
                problem = f"has tables of version {version}, and this program knows {known}"
                return BookFile(path, size, problem)
            graded = dict(connection.execute(_GRADED).fetchall())
            ((students,),) = connection.execute("SELECT count(*) FROM student").fetchall()
    except sqlite3.OperationalError as error:
        told = first_line(error)
        if "no such table" in told:
            return BookFile(path, size, "is no gradebook of nbgrader's")
        return BookFile(path, size, f"cannot be opened ({told})")
    except sqlite3.DatabaseError as error:
        return BookFile(path, size, f"is damaged, or no gradebook at all ({first_line(error)})")
    except ValueError:
        return BookFile(path, size, "is no gradebook of nbgrader's")
    return BookFile(path, size, "", graded, students, unfinished=whole is None)


def being_written(path: Path) -> bool:
    """Return whether SQLite's journal stands beside a file: opening it may then write."""
    return path.with_name(f"{path.name}-journal").exists()


def standings(path: Path) -> dict[str, dict[str, Standing]]:
    """Return assignment -> student -> standing; the file has been looked at before."""
    found: dict[str, dict[str, Standing]] = {}
    with reading_only(path) as connection:
        for assignment, student, points, by_hand in connection.execute(_STANDINGS):
            found.setdefault(assignment, {})[student] = Standing(points or 0.0, by_hand)
    return found


@contextmanager
def reading_only(path: Path, timeout: float = 5.0) -> Iterator[sqlite3.Connection]:
    """Yield a connection that cannot write, not even to mend what a killed program left."""
    with closing(
        sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=timeout)
    ) as connection:
        yield connection


def _is_whole(connection: sqlite3.Connection, seconds: float | None) -> str | None:
    """Return what SQLite's integrity check finds wrong, empty for nothing, None where time ran out."""
    if seconds is not None:
        until = time.monotonic() + seconds
        connection.set_progress_handler(lambda: time.monotonic() > until, STEPS)
    try:
        ((found,),) = connection.execute("PRAGMA integrity_check(1)").fetchall()
    except sqlite3.OperationalError as error:
        if "interrupted" in str(error):
            return None
        raise
    finally:
        connection.set_progress_handler(None, 0)
    return "" if found == "ok" else first_line(Exception(found))


_GRADED = """
    SELECT assignment.name, count(submitted_assignment.id)
    FROM assignment LEFT JOIN submitted_assignment ON submitted_assignment.assignment_id = assignment.id
    GROUP BY assignment.name ORDER BY assignment.name
"""
_STANDINGS = """
    SELECT assignment.name, submitted_assignment.student_id,
           total(coalesce(grade.manual_score, grade.auto_score) + coalesce(grade.extra_credit, 0)),
           count(grade.manual_score)
    FROM submitted_assignment
    JOIN assignment ON assignment.id = submitted_assignment.assignment_id
    LEFT JOIN submitted_notebook ON submitted_notebook.assignment_id = submitted_assignment.id
    LEFT JOIN grade ON grade.notebook_id = submitted_notebook.id
    GROUP BY submitted_assignment.id
"""
