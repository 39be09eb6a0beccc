"""nbgrader's tables, read and written without importing nbgrader, after a check that they are those we know.

Importing nbgrader takes seconds, as it loads every server extension; grading a class by reading takes less.
Columns follow nbgrader 0.9's ``nbgrader/api.py``; only nbgrader itself makes or upgrades a gradebook.
"""

import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from grading.gradebook import (
    BUSY_SECONDS,
    GradebookError,
    advice,
    first_line,
    missing_driver,
    no_gradebook,
)
from grading.places import Places

SCHEMAS = ("e43177bfe90b",)
"""The alembic revisions of nbgrader's gradebook that these tables describe (nbgrader 0.7 to 0.9)."""

_metadata = sa.MetaData()


def new_id() -> str:
    """Return a new row id of nbgrader's shape, 32 hexadecimal digits that begin with the time (RFC 9562, 7).

    In nbgrader's own random ids every row of a student lands on another page of the database's index.
    """
    milliseconds = time.time_ns() // 1_000_000
    return f"{milliseconds:012x}7{os.urandom(10).hex()[1:]}"


def _table(name: str, *columns: Any) -> sa.Table:
    """Return a table whose key is an id of nbgrader's kind."""
    return sa.Table(name, _metadata, sa.Column("id", sa.String(32), primary_key=True), *columns)


student = sa.Table(
    "student",
    _metadata,
    sa.Column("id", sa.String(128), primary_key=True),
    *(sa.Column(name, sa.String(128)) for name in ("first_name", "last_name", "email", "lms_user_id")),
)
assignment = _table(
    "assignment",
    sa.Column("name", sa.String(128)),
    sa.Column("duedate", sa.DateTime()),
    sa.Column("course_id", sa.String(128)),
)
notebook = _table(
    "notebook",
    sa.Column("name", sa.String(128)),
    sa.Column("assignment_id", sa.String(32)),
    sa.Column("kernelspec", sa.String(1024)),
)
base_cell = _table(
    "base_cell",
    sa.Column("name", sa.String(128)),
    sa.Column("notebook_id", sa.String(32)),
    sa.Column("type", sa.String(50)),
)
solution_cells = _table("solution_cells")
grade_cells = _table("grade_cells", sa.Column("max_score", sa.Float()), sa.Column("cell_type", sa.String(8)))
task_cells = _table("task_cells", sa.Column("max_score", sa.Float()), sa.Column("cell_type", sa.String(8)))
source_cell = _table(
    "source_cell",
    sa.Column("name", sa.String(128)),
    sa.Column("cell_type", sa.String(8)),
    sa.Column("locked", sa.Boolean()),
    sa.Column("source", sa.Text()),
    sa.Column("checksum", sa.String(128)),
    sa.Column("notebook_id", sa.String(32)),
)
submitted_assignment = _table(
    "submitted_assignment",
    sa.Column("assignment_id", sa.String(32)),
    sa.Column("student_id", sa.String(128)),
    sa.Column("timestamp", sa.DateTime()),
    sa.Column("extension", sa.Interval()),
)
submitted_notebook = _table(
    "submitted_notebook",
    sa.Column("assignment_id", sa.String(32)),
    sa.Column("notebook_id", sa.String(32)),
    sa.Column("flagged", sa.Boolean()),
    sa.Column("late_submission_penalty", sa.Float()),
)
grade = _table(
    "grade",
    sa.Column("notebook_id", sa.String(32)),
    sa.Column("cell_id", sa.String(32)),
    sa.Column("auto_score", sa.Float()),
    sa.Column("manual_score", sa.Float()),
    sa.Column("extra_credit", sa.Float()),
    sa.Column("needs_manual_grade", sa.Boolean()),
)
comment = _table(
    "comment",
    sa.Column("notebook_id", sa.String(32)),
    sa.Column("cell_id", sa.String(32)),
    sa.Column("auto_comment", sa.Text()),
    sa.Column("manual_comment", sa.Text()),
)

GRADE, SOLUTION, TASK = "GradeCell", "SolutionCell", "TaskCell"
"""What stands in ``base_cell.type``."""


@dataclass(frozen=True)
class Cell:
    """One row of base_cell: an nbgrader cell of a released notebook; `most` is its points, None if none."""

    id: str
    name: str
    type: str
    most: float | None


@dataclass(frozen=True)
class Master:
    """The rows of one released assignment: its id, due date, and by notebook name its id and cells."""

    id: str
    name: str
    due: datetime | None
    notebooks: dict[str, tuple[str, tuple[Cell, ...]]]


@contextmanager
def connected(places: Places) -> Iterator[sa.Connection]:
    """Yield a connection to this course's gradebook, after checking that its tables are those we know.

    Nothing is written before `writing`; a person may use the gradebook at the same time.

    Raises
    ------
    GradebookError : there is no gradebook, it cannot be opened, or its tables are of another version.
    """
    path = places.gradebook
    if path is not None and not path.is_file():
        raise no_gradebook(path)
    named = str(path or "the gradebook")
    try:
        engine = sa.create_engine(places.db_url, connect_args=_connect_args(places))
        if path is not None:
            sa.event.listen(engine, "begin", _begin)
        connection = engine.connect()
    except ImportError as error:
        raise missing_driver(error) from error
    except SQLAlchemyError as error:
        raise GradebookError(
            f"{named}: cannot be opened ({first_line(error)}) - "
            "go back to a backup: grading restore; or start the database server"
        ) from error
    try:
        _check_schema(connection, path)
        yield connection
    except SQLAlchemyError as error:
        raise GradebookError(f"{named}: {first_line(error)} - {advice(error)}") from error
    finally:
        connection.close()
        engine.dispose()


def _connect_args(places: Places) -> dict[str, Any]:
    """Return what the database's driver is to be told: how long to wait for another program's lock."""
    if places.gradebook is not None:
        # The driver's own idea of when a transaction begins would let two writers read the same state first.
        return {"timeout": BUSY_SECONDS, "isolation_level": None}
    address = sa.make_url(places.db_url)
    if address.get_driver_name() in ("psycopg", "psycopg2") and "options" not in address.query:
        return {"options": f"-c lock_timeout={round(1000 * BUSY_SECONDS)}"}
    return {}


@contextmanager
def reading(connection: sa.Connection) -> Iterator[None]:
    """Hold one transaction for reading: all queries inside see the same state; afterwards nothing is held."""
    connection.rollback()
    with connection.begin():
        yield


@contextmanager
def writing(connection: sa.Connection) -> Iterator[None]:
    """Hold one transaction that may write: all of it is kept at the end, or nothing of it on an error.

    What is read inside stands until the end of it; on SQLite no other program writes meanwhile.
    """
    connection.rollback()
    connection.execution_options(course_writes=True)
    try:
        with connection.begin():
            yield
    finally:
        connection.execution_options(course_writes=False)


def _begin(connection: sa.Connection) -> None:
    """Begin SQLite's transaction; for a writer with the lock, so that it cannot lose it to another one."""
    writes = connection.get_execution_options().get("course_writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _check_schema(connection: sa.Connection, path: Path | None) -> None:
    """Refuse a gradebook of another version, in words."""
    named = str(path or "the gradebook")
    try:
        found = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
    except SQLAlchemyError as error:
        connection.rollback()
        if path is None and not sa.inspect(connection).get_table_names():
            raise no_gradebook(None) from None
        foreign = "it is no gradebook of nbgrader's; "
        foreign += "go back to a backup: grading restore; or run: nbgrader db upgrade"
        told = f"{named}: cannot be opened ({first_line(error)}) - {advice(error, foreign)}"
        raise GradebookError(told) from error
    finally:
        connection.rollback()
    if found not in SCHEMAS:
        raise GradebookError(
            f"{named}: its tables are of version {found}, and this program knows {', '.join(SCHEMAS)} - "
            "after a backup run: nbgrader db upgrade; if the version is newer than this program, update it"
        )


def read_master(connection: sa.Connection, name: str) -> Master | None:
    """Return the rows of a released assignment, or None where the gradebook does not know it."""
    row = connection.execute(
        sa.select(assignment.c.id, assignment.c.duedate).where(assignment.c.name == name)
    ).one_or_none()
    if row is None:
        return None
    most = sa.func.coalesce(grade_cells.c.max_score, task_cells.c.max_score)
    cells = (
        sa.select(base_cell.c.notebook_id, base_cell.c.id, base_cell.c.name, base_cell.c.type, most)
        .join(notebook, notebook.c.id == base_cell.c.notebook_id)
        .outerjoin(grade_cells, grade_cells.c.id == base_cell.c.id)
        .outerjoin(task_cells, task_cells.c.id == base_cell.c.id)
        .where(notebook.c.assignment_id == row.id)
        .order_by(base_cell.c.name, base_cell.c.type)
    )
    found: dict[str, list[Cell]] = {}
    for notebook_id, *values in connection.execute(cells):
        found.setdefault(notebook_id, []).append(Cell(*values))
    listed = connection.execute(
        sa.select(notebook.c.name, notebook.c.id)
        .where(notebook.c.assignment_id == row.id)
        .order_by(notebook.c.name)
    )
    notebooks = {one.name: (one.id, tuple(found.get(one.id, ()))) for one in listed}
    return Master(row.id, name, row.duedate, notebooks)


def definitions(connection: sa.Connection, master: Master) -> dict[str, list[dict[str, Any]]]:
    """Return the rows of one released assignment without any student, by table in the order to add them."""
    notebooks = sa.select(notebook.c.id).where(notebook.c.assignment_id == master.id)
    cells = sa.select(base_cell.c.id).where(base_cell.c.notebook_id.in_(notebooks))
    chosen = [
        (assignment, assignment.c.id == master.id),
        (notebook, notebook.c.assignment_id == master.id),
        (base_cell, base_cell.c.notebook_id.in_(notebooks)),
        *((table, table.c.id.in_(cells)) for table in (grade_cells, solution_cells, task_cells)),
        (source_cell, source_cell.c.notebook_id.in_(notebooks)),
    ]
    found = {
        table.name: [dict(row._mapping) for row in connection.execute(sa.select(table).where(where))]
        for table, where in chosen
    }
    for row in found["assignment"]:
        row["duedate"] = None  # being late is for the gradebook to say, not for a copy of the definitions
    return found


def add_rows(connection: sa.Connection, rows: Mapping[str, list[dict[str, Any]]]) -> None:
    """Add rows as `definitions` returns them."""
    for name, listed in rows.items():
        if listed:
            connection.execute(_metadata.tables[name].insert(), listed)
