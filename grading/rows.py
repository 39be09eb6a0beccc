"""The gradebook rows of submissions: what they get, written for one student at a time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

import sqlalchemy as sa

from grading.stored_rows import Stored, StoredNotebook, seconds_late
from grading.tables import (
    GRADE,
    SOLUTION,
    TASK,
    Cell,
    Master,
    comment,
    grade,
    new_id,
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


class Penalty(Protocol):
    """nbgrader's late-submission plug-in."""

    def late_submission_penalty(self, student_id: str, score: float, total_seconds_late: float) -> Any:
        """Return the points to take off, or None."""


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
