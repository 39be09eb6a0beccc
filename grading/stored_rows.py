"""The gradebook rows of submissions as they stand, read in few queries however large the class is."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from grading.tables import (
    Master,
    base_cell,
    comment,
    grade,
    notebook,
    submitted_assignment,
    submitted_notebook,
)


@dataclass(frozen=True)
class StoredGrade:
    """One row of nbgrader's grade table; scores in points, None where not given."""

    id: str
    auto_score: float | None
    manual_score: float | None
    extra_credit: float | None
    needs_manual: bool


@dataclass(frozen=True)
class StoredComment:
    """One row of nbgrader's comment table."""

    id: str
    auto: str | None
    manual: str | None


@dataclass(frozen=True)
class StoredNotebook:
    """One submitted notebook with its grades and comments by cell id; `penalty` in points."""

    id: str
    flagged: bool
    penalty: float | None
    grades: dict[str, StoredGrade] = field(default_factory=dict)
    comments: dict[str, StoredComment] = field(default_factory=dict)


@dataclass(frozen=True)
class Stored:
    """One student's submission as it stands, notebooks by name; `timestamp` is UTC without zone."""

    id: str
    student: str
    timestamp: datetime | None
    extension: timedelta | None
    notebooks: dict[str, StoredNotebook]


def seconds_late(handed_in: datetime | None, due: datetime | None, extension: timedelta | None) -> float:
    """Return the seconds past the due date with its extension; 0.0 where there is no date to compare."""
    if handed_in is None or due is None:
        return 0.0
    return max(0.0, (handed_in - due - (extension or timedelta())).total_seconds())


def students_of(connection: sa.Connection, master: Master) -> set[str]:
    """Return the ids of the students who have a graded submission of an assignment in the gradebook.

    A row without notebooks holds an extension that was given before anything was graded.
    """
    ids = (
        sa.select(submitted_assignment.c.student_id)
        .join(submitted_notebook, submitted_notebook.c.assignment_id == submitted_assignment.c.id)
        .where(submitted_assignment.c.assignment_id == master.id)
    )
    return set(connection.execute(ids).scalars())


def read_stored(
    connection: sa.Connection, master: Master, only: Collection[str] | None = None
) -> dict[str, Stored]:
    """Return the submissions of an assignment by student, in at most four queries whatever the class size.

    With `only`, those students' alone; a database takes some thousands of names at a time.
    """
    mine = [submitted_assignment.c.assignment_id == master.id]
    if only is not None:
        mine.append(submitted_assignment.c.student_id.in_(only))
    submissions = connection.execute(sa.select(submitted_assignment).where(*mine)).all()
    if not submissions:
        return {}
    names = {id_: name for name, (id_, _) in master.notebooks.items()}
    found: dict[str, dict[str, StoredNotebook]] = {row.id: {} for row in submissions}
    by_id: dict[str, StoredNotebook] = {}
    for row in connection.execute(_NOTEBOOKS if only is None else _SOME_NOTEBOOKS, _given(master, only)):
        if row.notebook_id in names:
            one = StoredNotebook(row.id, bool(row.flagged), row.late_submission_penalty)
            by_id[row.id] = found[row.assignment_id][names[row.notebook_id]] = one
    for row in connection.execute(_GRADES if only is None else _SOME_GRADES, _given(master, only)):
        by_id[row.notebook_id].grades[row.cell_id] = StoredGrade(
            row.id, row.auto_score, row.manual_score, row.extra_credit, bool(row.needs_manual_grade)
        )
    for row in connection.execute(_COMMENTS if only is None else _SOME_COMMENTS, _given(master, only)):
        by_id[row.notebook_id].comments[row.cell_id] = StoredComment(
            row.id, row.auto_comment, row.manual_comment
        )
    return {
        row.student_id: Stored(row.id, row.student_id, row.timestamp, row.extension, found[row.id])
        for row in sorted(submissions, key=lambda row: str(row.student_id))
    }


def _given(master: Master, only: Collection[str] | None) -> dict[str, Any]:
    """Return the parameters of the queries below."""
    return {"master": master.id} if only is None else {"master": master.id, "only": list(only)}


def _of_submissions(table: sa.Table, *, some: bool) -> sa.Select[Any]:
    """Return the query for the rows of a table that belong to submissions of an assignment.

    nbgrader has no index on the notebook of a grade alone, so cells are named first: the index on cell and
    notebook then finds a student's rows however large the class is.
    """
    query = (
        sa.select(table)
        .select_from(submitted_assignment)
        .join(notebook, notebook.c.assignment_id == submitted_assignment.c.assignment_id)
        .join(
            submitted_notebook,
            (submitted_notebook.c.notebook_id == notebook.c.id)
            & (submitted_notebook.c.assignment_id == submitted_assignment.c.id),
        )
        .where(submitted_assignment.c.assignment_id == sa.bindparam("master"))
    )
    if table is not submitted_notebook:
        query = query.join(base_cell, base_cell.c.notebook_id == notebook.c.id).join(
            table, (table.c.cell_id == base_cell.c.id) & (table.c.notebook_id == submitted_notebook.c.id)
        )
    named = submitted_assignment.c.student_id.in_(sa.bindparam("only", expanding=True))
    return query.where(named) if some else query


_NOTEBOOKS, _GRADES, _COMMENTS = (
    _of_submissions(table, some=False) for table in (submitted_notebook, grade, comment)
)
_SOME_NOTEBOOKS, _SOME_GRADES, _SOME_COMMENTS = (
    _of_submissions(table, some=True) for table in (submitted_notebook, grade, comment)
)
