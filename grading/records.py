"""The gradebook as frozen records: what nbgrader's tables hold, read in a few queries."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import sqlalchemy as sa

from grading import tables
from grading.released import ReleasedNotebook, StoredCell, released_notebook
from grading.stored_rows import Stored, read_stored, seconds_late
from grading.tables import GRADE, SOLUTION, TASK, Master, read_master, reading


@dataclass(frozen=True)
class CellRecord:
    """One graded cell of one student. Scores are in points; None where not given.

    `score` is the manual score, else the automatic one, plus extra credit, as nbgrader adds it up.
    """

    name: str
    points: float
    auto_score: float | None
    manual_score: float | None
    extra_credit: float | None
    needs_manual: bool
    auto_comment: str | None
    manual_comment: str | None

    @property
    def score(self) -> float:
        """Return the score that counts."""
        base = self.manual_score if self.manual_score is not None else self.auto_score
        return 0.0 if base is None else base + (self.extra_credit or 0.0)

    @property
    def comment(self) -> str | None:
        """Return the comment that counts: a person's before the program's."""
        return self.manual_comment if self.manual_comment is not None else self.auto_comment


@dataclass(frozen=True)
class NotebookRecord:
    """One submitted notebook; `penalty` is in points."""

    name: str
    flagged: bool
    penalty: float
    cells: Mapping[str, CellRecord]


@dataclass(frozen=True)
class SubmissionRecord:
    """One student's submission; `timestamp` is UTC, `late` in seconds with any extension counted."""

    student: str
    assignment: str
    timestamp: datetime | None
    late: float
    notebooks: Mapping[str, NotebookRecord]
    extension: timedelta | None = None

    @property
    def cells(self) -> list[CellRecord]:
        """Return all graded cells."""
        return [cell for notebook in self.notebooks.values() for cell in notebook.cells.values()]

    @property
    def penalty(self) -> float:
        """Return the points taken off for handing in late."""
        return sum(notebook.penalty for notebook in self.notebooks.values())

    @property
    def score(self) -> float:
        """Return the total score less the late penalty, in points."""
        return sum(cell.score for cell in self.cells) - self.penalty

    @property
    def points(self) -> float:
        """Return the most points there are."""
        return sum(cell.points for cell in self.cells)

    @property
    def needs_manual(self) -> bool:
        """Return whether a person still has to grade something."""
        return any(cell.needs_manual for cell in self.cells)

    @property
    def flagged(self) -> bool:
        """Return whether a notebook is marked for a closer look."""
        return any(notebook.flagged for notebook in self.notebooks.values())


@dataclass(frozen=True)
class StudentRecord:
    """A student as the gradebook knows them; names and mail may be missing."""

    id: str
    first_name: str | None = None
    last_name: str | None = None
    email: str | None = None
    lms_id: str | None = None

    @property
    def shown(self) -> str:
        """Return the name to show: first and last, or the id."""
        return " ".join(part for part in (self.first_name, self.last_name) if part) or self.id


@dataclass(frozen=True)
class AssignmentRecord:
    """A released assignment: its notebooks with keys, and what was handed in, by student id."""

    name: str
    due: datetime | None
    notebooks: Mapping[str, ReleasedNotebook]
    submissions: Mapping[str, SubmissionRecord] = field(default_factory=dict)

    @property
    def points(self) -> float:
        """Return the most points there are."""
        return sum(
            cell.points or 0.0 for notebook in self.notebooks.values() for cell in notebook.sources.values()
        )

    @property
    def counts(self) -> bool:
        """Return whether its points count for a grade; those of what is asked before the course do not."""
        return not any(notebook.anchors for notebook in self.notebooks.values())

    @property
    def others(self) -> list[str]:
        """Return the cells that only running code can grade."""
        return [cell for notebook in self.notebooks.values() for cell in notebook.others]


def students(connection: sa.Connection) -> dict[str, StudentRecord]:
    """Return all students of the gradebook by id, names in order."""
    table = tables.student
    with reading(connection):
        rows = connection.execute(
            sa.select(table).order_by(table.c.last_name, table.c.first_name, table.c.id)
        ).all()
    return {
        row.id: StudentRecord(row.id, row.first_name, row.last_name, row.email, row.lms_user_id)
        for row in rows
    }


def assignment_names(connection: sa.Connection) -> list[str]:
    """Return the names of all assignments in the gradebook."""
    with reading(connection):
        return sorted(connection.execute(sa.select(tables.assignment.c.name)).scalars())


def assignment(
    connection: sa.Connection, name: str, *, with_submissions: bool = True
) -> AssignmentRecord | None:
    """Return one assignment with everything handed in, or None where the gradebook does not know it."""
    with reading(connection):
        master = read_master(connection, name)
        if master is None:
            return None
        cells = {notebook: _stored(connection, master, notebook) for notebook in master.notebooks}
        handed_in = read_stored(connection, master) if with_submissions else {}
    notebooks = {notebook: released_notebook(notebook, stored) for notebook, stored in cells.items()}
    # A row without notebooks holds an extension that was given before anything was graded.
    records = {
        student: submission(master, stored) for student, stored in handed_in.items() if stored.notebooks
    }
    return AssignmentRecord(name, master.due, notebooks, records)


def submission(master: Master, stored: Stored) -> SubmissionRecord:
    """Return one student's stored rows as a record."""
    notebooks = {}
    for name, (_, cells) in master.notebooks.items():
        rows = stored.notebooks.get(name)
        if rows is None:
            continue
        comments = {cell.name: rows.comments[cell.id] for cell in cells if cell.id in rows.comments}
        found = {}
        for cell in cells:
            grade = rows.grades.get(cell.id)
            if grade is None or cell.type not in (GRADE, TASK):
                continue
            comment = comments.get(cell.name)
            found[cell.name] = CellRecord(
                name=cell.name,
                points=cell.most or 0.0,
                auto_score=grade.auto_score,
                manual_score=grade.manual_score,
                extra_credit=grade.extra_credit,
                needs_manual=grade.needs_manual,
                auto_comment=comment.auto if comment else None,
                manual_comment=comment.manual if comment else None,
            )
        notebooks[name] = NotebookRecord(name, rows.flagged, rows.penalty or 0.0, found)
    return SubmissionRecord(
        student=stored.student,
        assignment=master.name,
        timestamp=stored.timestamp,
        late=seconds_late(stored.timestamp, master.due, stored.extension),
        notebooks=notebooks,
        extension=stored.extension,
    )


def _stored(connection: sa.Connection, master: Master, notebook: str) -> list[StoredCell]:
    """Return the cells of a notebook as nbgrader stored them at release."""
    id_, cells = master.notebooks[notebook]
    points = {cell.name: cell.most for cell in cells if cell.type in (GRADE, TASK)}
    solutions = {cell.name for cell in cells if cell.type == SOLUTION}
    tasks = {cell.name for cell in cells if cell.type == TASK}
    sources = tables.source_cell
    rows = connection.execute(sa.select(sources).where(sources.c.notebook_id == id_).order_by(sources.c.name))
    return [
        StoredCell(
            name=row.name,
            cell_type=row.cell_type,
            source=row.source or "",
            locked=bool(row.locked),
            points=points.get(row.name),
            solution=row.name in solutions,
            task=row.name in tasks,
            checksum=row.checksum,
        )
        for row in rows
    ]
