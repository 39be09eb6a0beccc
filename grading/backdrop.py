"""What a student's report says beyond the student's own work: course text, class, first answers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

import sqlalchemy as sa

from grading import records
from grading.bankkeys import Bank
from grading.notebook_json import UnreadableError
from grading.places import Places
from grading.records import AssignmentRecord
from grading.released import ReleasedNotebook
from grading.responses import Response, read_one
from grading.student_report import Margin, margin_of
from grading.untrusted import RefusedError
from grading.verdict import NOT_READABLE


@dataclass(frozen=True)
class Backdrop:
    """What all reports of an assignment have in common.

    `margins` go by notebook; `starts` are the assignments that asked some of the same questions before the
    course; `made` is the day of the report.
    """

    bank: Bank
    made: date
    margins: Mapping[str, Margin] = field(default_factory=dict)
    starts: tuple[AssignmentRecord, ...] = ()

    def before(self, places: Places, student: str) -> dict[str, Response] | None:
        """Return a student's answers before the course by item id; None where none can be read."""
        found: dict[str, Response] = {}
        for record in self.starts:
            submission = record.submissions.get(student)
            if submission is None:
                continue
            try:
                found |= read_one(places, record, submission, self.bank)[0]
            except (RefusedError, UnreadableError):
                continue  # a report of another assignment must not fail for it
        return found or None


def read_backdrop(connection: sa.Connection, record: AssignmentRecord, bank: Bank, made: date) -> Backdrop:
    """Return the backdrop of an assignment's reports, from the gradebook."""
    asked = {item.id for released in record.notebooks.values() for item in released.items}
    starts = []
    for name in sorted(bank.anchors - {record.name}):
        start = records.assignment(connection, name)
        if start and asked & {item.id for one in start.notebooks.values() for item in one.items}:
            starts.append(start)
    margins = {name: class_margin(record, released) for name, released in record.notebooks.items()}
    return Backdrop(bank, made, margins, tuple(starts))


def class_margin(record: AssignmentRecord, released: ReleasedNotebook) -> Margin:
    """Return how far chance moves a result in a notebook's questions, judged by the whole class."""
    import numpy as np

    points = np.full((len(record.submissions), len(released.items)), np.nan)
    for row, submission in enumerate(record.submissions.values()):
        notebook = submission.notebooks.get(released.name)
        for column, item in enumerate(released.items):
            cell = notebook.cells.get(item.cell) if notebook else None
            unread = cell is None or (
                cell.manual_score is None and (cell.auto_comment or "").startswith(NOT_READABLE)
            )
            if cell is not None and not unread:
                points[row, column] = cell.score
    return margin_of(points)
