"""The gradebook as frozen records: what nbgrader's tables hold, read in a few queries."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from grading.gradebook import seconds_late
from grading.released import ReleasedNotebook, StoredCell, released_notebook


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
    def others(self) -> list[str]:
        """Return the cells that only running code can grade."""
        return [cell for notebook in self.notebooks.values() for cell in notebook.others]


def students(book: Any) -> dict[str, StudentRecord]:
    """Return all students of the gradebook by id."""
    return {
        one.id: StudentRecord(one.id, one.first_name, one.last_name, one.email, one.lms_user_id)
        for one in book.students
    }


def assignment_names(book: Any) -> list[str]:
    """Return the names of all assignments in the gradebook."""
    return sorted(assignment.name for assignment in book.assignments)


def assignment(book: Any, name: str, *, with_submissions: bool = True) -> AssignmentRecord | None:
    """Return one assignment with everything handed in, or None where the gradebook does not know it."""
    from nbgrader import api

    master = book.db.query(api.Assignment).filter_by(name=name).one_or_none()
    if master is None:
        return None
    notebooks = {
        notebook.name: released_notebook(notebook.name, _stored(notebook)) for notebook in master.notebooks
    }
    handed_in = _submissions(book, master) if with_submissions else {}
    return AssignmentRecord(name, master.duedate, notebooks, handed_in)


def submission(book: Any, name: str, student: str) -> SubmissionRecord | None:
    """Return one student's submission as it stands at this moment, or None where there is none.

    What another program, such as the formgrader, has written since the last look is seen.
    """
    from nbgrader import api

    book.db.expire_all()
    master = book.db.query(api.Assignment).filter_by(name=name).one_or_none()
    return _submissions(book, master, student).get(student) if master is not None else None


def _stored(notebook: Any) -> list[StoredCell]:
    """Return the cells of a notebook as nbgrader stored them at release."""
    points = {cell.name: cell.max_score for cell in [*notebook.grade_cells, *notebook.task_cells]}
    solutions = {cell.name for cell in notebook.solution_cells}
    tasks = {cell.name for cell in notebook.task_cells}
    return [
        StoredCell(
            name=cell.name,
            cell_type=cell.cell_type,
            source=cell.source or "",
            locked=bool(cell.locked),
            points=points.get(cell.name),
            solution=cell.name in solutions,
            task=cell.name in tasks,
            checksum=cell.checksum,
        )
        for cell in sorted(notebook.source_cells, key=lambda one: one.name)
    ]


def _submissions(book: Any, master: Any, student: str | None = None) -> dict[str, SubmissionRecord]:
    """Return every submission of an assignment with its cells, in four queries whatever the class size.

    With `student`, only that one's.
    """
    from nbgrader import api

    wanted = [api.SubmittedAssignment.assignment_id == master.id]
    if student is not None:
        wanted.append(api.SubmittedAssignment.student_id == student)
    submitted = book.db.query(api.SubmittedAssignment).filter(*wanted).all()
    ids = [one.id for one in submitted]
    names = {notebook.id: notebook.name for notebook in master.notebooks}
    cells = {
        cell.id: cell
        for notebook in master.notebooks
        for cell in [*notebook.grade_cells, *notebook.solution_cells, *notebook.task_cells]
    }
    rows = (
        book.db.query(api.SubmittedNotebook)
        .join(api.SubmittedAssignment, api.SubmittedAssignment.id == api.SubmittedNotebook.assignment_id)
        .filter(*wanted)
    )
    notebooks = {one.id: one for one in rows}
    chosen = (
        book.db.query(api.SubmittedNotebook.id)
        .join(api.SubmittedAssignment, api.SubmittedAssignment.id == api.SubmittedNotebook.assignment_id)
        .filter(*wanted)
    )
    comments: dict[tuple[str, str], Any] = {}
    for comment in book.db.query(api.Comment).filter(api.Comment.notebook_id.in_(chosen)):
        if comment.cell_id in cells:
            comments[comment.notebook_id, cells[comment.cell_id].name] = comment
    found: dict[str, dict[str, CellRecord]] = {id_: {} for id_ in notebooks}
    for grade in book.db.query(api.Grade).filter(api.Grade.notebook_id.in_(chosen)):
        cell = cells.get(grade.cell_id)
        if cell is None:
            continue
        comment = comments.get((grade.notebook_id, cell.name))
        found[grade.notebook_id][cell.name] = CellRecord(
            name=cell.name,
            points=cell.max_score,
            auto_score=grade.auto_score,
            manual_score=grade.manual_score,
            extra_credit=grade.extra_credit,
            needs_manual=bool(grade.needs_manual_grade),
            auto_comment=comment.auto_comment if comment else None,
            manual_comment=comment.manual_comment if comment else None,
        )
    by_submission: dict[str, dict[str, NotebookRecord]] = {id_: {} for id_ in ids}
    for id_, one in notebooks.items():
        name = names[one.notebook_id]
        by_submission[one.assignment_id][name] = NotebookRecord(
            name=name,
            flagged=bool(one.flagged),
            penalty=one.late_submission_penalty or 0.0,
            cells=dict(sorted(found[id_].items())),
        )
    return {
        one.student_id: SubmissionRecord(
            student=one.student_id,
            assignment=master.name,
            timestamp=one.timestamp,
            late=seconds_late(one.timestamp, master.duedate, one.extension),
            notebooks=by_submission[one.id],
            extension=one.extension,
        )
        for one in sorted(submitted, key=lambda row: row.student_id)
    }
