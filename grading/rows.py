"""The gradebook rows of submissions: read as they stand, and written for one student at a time."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

import sqlalchemy as sa

from grading.tables import (
    GRADE,
    SOLUTION,
    TASK,
    Cell,
    Master,
    base_cell,
    comment,
    grade,
    new_id,
    notebook,
    source_cell,
    student,
    submitted_assignment,
    submitted_notebook,
)


@dataclass(frozen=True)
class CellRows:
    """What one graded cell gets; `auto_score` None leaves it to a person, `comment` is the automatic one."""

    auto_score: float | None
    needs_manual: bool
    comment: str | None


@dataclass(frozen=True)
class NotebookRows:
    """What one submitted notebook gets; `flagged` None leaves the flag as it is."""

    cells: Mapping[str, CellRows] = field(default_factory=dict)
    flagged: bool | None = None


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


class Penalty(Protocol):
    """nbgrader's late-submission plug-in."""

    def late_submission_penalty(self, student_id: str, score: float, total_seconds_late: float) -> Any:
        """Return the points to take off, or None."""


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


def write_student(
    connection: sa.Connection,
    master: Master,
    name: str,
    stored: Stored | None,
    timestamp: datetime | None,
    notebooks: Mapping[str, NotebookRows],
    penalty: Penalty | None = None,
) -> None:
    """Write everything about one student's submission; the caller's transaction keeps all of it or nothing.

    Parameters
    ----------
    name : the student's id.
    stored : the rows as read in the same transaction, None where there are none yet.
    timestamp : when it was handed in, UTC without zone; None leaves the stored one.
    notebooks : notebook name -> its rows; cells that are not named keep theirs.
    penalty : nbgrader's late-submission plug-in, or None for no penalty.
    """
    if stored is None:
        stored = _new_submission(connection, master, name, timestamp)
    elif timestamp is not None and timestamp != stored.timestamp:
        where = submitted_assignment.c.id == stored.id
        connection.execute(submitted_assignment.update().where(where).values(timestamp=timestamp))
    late = seconds_late(timestamp or stored.timestamp, master.due, stored.extension)
    for notebook_name, (notebook_id, cells) in master.notebooks.items():
        rows = notebooks.get(notebook_name, NotebookRows())
        old = stored.notebooks.get(notebook_name)
        if old is None:
            old = StoredNotebook(new_id(), False, None)
            connection.execute(
                submitted_notebook.insert(),
                {"id": old.id, "assignment_id": stored.id, "notebook_id": notebook_id, "flagged": False},
            )
        score = _write_grades(connection, old, cells, rows)
        _write_comments(connection, old, cells, rows)
        points = penalty.late_submission_penalty(name, score, late) if penalty and late > 0 else None
        points = None if points is None else min(max(points, 0), score)
        flagged = old.flagged if rows.flagged is None else rows.flagged
        if (flagged, points) != (old.flagged, old.penalty):
            connection.execute(
                submitted_notebook.update().where(submitted_notebook.c.id == old.id),
                {"flagged": flagged, "late_submission_penalty": points},
            )


def _new_submission(
    connection: sa.Connection, master: Master, name: str, timestamp: datetime | None
) -> Stored:
    """Add a submission, and the student where the gradebook does not know them."""
    if connection.execute(sa.select(student.c.id).where(student.c.id == name)).one_or_none() is None:
        connection.execute(student.insert(), {"id": name})
    made = Stored(new_id(), name, timestamp, None, {})
    row = {"id": made.id, "assignment_id": master.id, "student_id": name, "timestamp": timestamp}
    connection.execute(submitted_assignment.insert(), row)
    return made


def _write_grades(
    connection: sa.Connection, old: StoredNotebook, cells: Sequence[Cell], rows: NotebookRows
) -> float:
    """Write the grades of one submitted notebook; return its score as nbgrader adds it up, in points."""
    added, changed, total = [], [], 0.0
    for cell in cells:
        if cell.type not in (GRADE, TASK):
            continue
        was, given = old.grades.get(cell.id), rows.cells.get(cell.name)
        auto = given.auto_score if given else was.auto_score if was else None
        needs = given.needs_manual if given else was.needs_manual if was else True
        if was is None:
            key = {"id": new_id(), "notebook_id": old.id, "cell_id": cell.id}
            added.append({**key, "auto_score": auto, "needs_manual_grade": needs})
        elif (auto, needs) != (was.auto_score, was.needs_manual):
            changed.append({"row": was.id, "auto_score": auto, "needs_manual_grade": needs})
        counted = was.manual_score if was and was.manual_score is not None else auto
        if counted is not None:
            total += counted + ((was.extra_credit or 0.0) if was else 0.0)
    if added:
        connection.execute(grade.insert(), added)
    if changed:
        connection.execute(_NEW_GRADE, changed)
    return total


def _write_comments(
    connection: sa.Connection, old: StoredNotebook, cells: Sequence[Cell], rows: NotebookRows
) -> None:
    """Write the comments of one submitted notebook.

    nbgrader keeps a comment on each solution and task cell and none on a test cell; ours has one only as
    long as its answer is unreadable, or as a person has written one.
    """
    by_name = {cell.name: cell for cell in cells if cell.type in (SOLUTION, TASK)}
    added, changed, dropped = [], [], []
    for cell in [*by_name.values(), *(cell for cell in cells if cell.name not in by_name)]:
        was, given = old.comments.get(cell.id), rows.cells.get(cell.name)
        auto = given.comment if given else was.auto if was else None
        kept = (
            cell.type in (SOLUTION, TASK) or auto is not None or (was is not None and was.manual is not None)
        )
        if was is None and kept:
            key = {"id": new_id(), "notebook_id": old.id, "cell_id": cell.id}
            added.append({**key, "auto_comment": auto})
        elif was is not None and not kept:
            dropped.append({"row": was.id})
        elif was is not None and auto != was.auto:
            changed.append({"row": was.id, "auto_comment": auto})
    if added:
        connection.execute(comment.insert(), added)
    if changed:
        connection.execute(_NEW_COMMENT, changed)
    if dropped:
        connection.execute(comment.delete().where(comment.c.id == sa.bindparam("row")), dropped)


_NEW_GRADE = grade.update().where(grade.c.id == sa.bindparam("row"))
_NEW_COMMENT = comment.update().where(comment.c.id == sa.bindparam("row"))


def replace_sources(
    connection: sa.Connection, master: Master, sources: Mapping[tuple[str, str], tuple[str, str]]
) -> None:
    """Store corrected grade cells, in one transaction: (notebook, cell) -> (source, checksum)."""
    for (notebook_name, cell), (source, checksum) in sources.items():
        connection.execute(
            source_cell.update()
            .where(source_cell.c.notebook_id == master.notebooks[notebook_name][0])
            .where(source_cell.c.name == cell),
            {"source": source, "checksum": checksum},
        )
