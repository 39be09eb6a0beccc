"""Plug-ins for nbgrader's fetch, collect, release_feedback, zip_collect and export (nbgrader_config.py)."""

import csv
from pathlib import Path
from typing import Any

from nbgrader.exchange.default import ExchangeCollect, ExchangeFetchAssignment, ExchangeReleaseFeedback
from nbgrader.plugins import ExportPlugin, ExtractorPlugin
from nbgrader.utils import get_username
from traitlets import Bool

from grading.anchors import uncounted
from grading.exports.sheet import safe_cell

COLUMNS = (
    "assignment",
    "duedate",
    "timestamp",
    "student_id",
    "last_name",
    "first_name",
    "email",
    "raw_score",
    "late_submission_penalty",
    "score",
    "max_score",
)
"""As nbgrader's own export names and orders them."""


class SafeCollect(ExchangeCollect):  # type: ignore[misc]
    """`nbgrader collect` that takes submissions as `grading collect` does."""

    times_in_names = Bool(
        False, help="Believe the times in the folders' names; for an exchange that was moved or restored."
    ).tag(config=True)

    def start(self) -> None:
        """Collect one assignment, and log what was taken and why something was not."""
        from grading.collecting import CollectError
        from grading.console import describe_collected
        from grading.gradebook import GradebookError
        from grading.inbound import How
        from grading.places import PlaceError, find_places
        from grading.results import GradingError
        from grading.workflow import collect

        only = [self.coursedir.student_id] if self.coursedir.student_id not in ("", "*") else []
        how = How(self.before_duedate, times_in_names=self.times_in_names, update=self.update, only=only)
        try:
            results = collect(find_places(Path(self.coursedir.root)), self.coursedir.assignment_id, how=how)
        except (CollectError, GradebookError, GradingError, PlaceError, OSError) as error:
            self.fail(str(error))
        for line in describe_collected(results):
            self.log.warning("%s", line) if ": refused: " in line else self.log.info("%s", line)


class MarkedFetch(ExchangeFetchAssignment):  # type: ignore[misc]
    """`nbgrader fetch_assignment` that leaves a mark, so that instructors see who has fetched."""

    def start(self) -> None:
        """Fetch, and leave the mark; where none can be left, fetching has still gone well."""
        super().start()
        from grading.fetched import leave_mark

        student = self.coursedir.student_id
        student = get_username() if student in ("", "*") else student
        inbound = Path(self.root) / self.coursedir.course_id / "inbound"
        leave_mark(inbound, self.coursedir.assignment_id, student)


class SafeReleaseFeedback(ExchangeReleaseFeedback):  # type: ignore[misc]
    """`nbgrader release_feedback` that keeps back what `grading feedback --release` would keep back."""

    checked = False
    """Set by our own commands, which have looked at the pages before."""

    def start(self) -> None:
        """Hand back the pages that are there, and log which are not handed back and why."""
        if self.checked:
            super().start()
            return
        from grading.console import describe_feedback
        from grading.feedback import hand_back
        from grading.gradebook import GradebookError
        from grading.places import PlaceError, find_places
        from grading.results import GradingError

        only = [self.coursedir.student_id] if self.coursedir.student_id not in ("", "*") else []
        try:
            results = hand_back(find_places(Path(self.coursedir.root)), self.coursedir.assignment_id, only)
        except (GradebookError, GradingError, PlaceError, OSError) as error:
            self.fail(str(error))
        for line in describe_feedback(results):
            self.log.warning("%s", line)


class NoZipCollect(ExtractorPlugin):  # type: ignore[misc]
    """Stops `nbgrader zip_collect` before it does anything, and names the command that is safe."""

    def __init__(self, **given: Any) -> None:
        """Refuse."""
        super().__init__(**given)
        name = self.parent.coursedir.assignment_id or "ASSIGNMENT"
        self.parent.fail(
            "zip_collect guesses students from file names and lets one file replace another - "
            f"use: grading collect {name} --from FOLDER-OR-ZIP"
        )


class SafeCsv(ExportPlugin):  # type: ignore[misc]
    """`nbgrader export` into a CSV file in which every text stays in its cell and no cell is a formula."""

    def export(self, gradebook: Any) -> None:
        """Write one row for each assignment and student; nothing handed in counts as 0, as with nbgrader."""
        target = Path(self.to or "grades.csv")
        self.log.info("Exporting grades to %s", target)
        wanted, students = set(map(str, self.assignment)), set(map(str, self.student))
        left_out = set(uncounted(gradebook.db).values()) - wanted
        for name in sorted(left_out):
            self.log.info("Left out, since it does not count: %s; --assignment names it", name)
        with target.open("w", encoding="utf-8", newline="") as file:
            table = csv.writer(file)
            table.writerow(COLUMNS)
            for assignment in gradebook.assignments:
                if (wanted and assignment.name not in wanted) or assignment.name in left_out:
                    continue
                handed_in = {one.student_id: one for one in assignment.submissions}
                for student in gradebook.students:
                    if not students or student.id in students:
                        row = _row(assignment, student, handed_in.get(student.id))
                        table.writerow([safe_cell(row[name]) for name in COLUMNS])


def _row(assignment: Any, student: Any, submission: Any) -> dict[str, Any]:
    """Return one row of the table; scores are in points."""
    raw = submission.score if submission else 0.0
    penalty = (submission.late_submission_penalty or 0.0) if submission else 0.0
    return {
        "assignment": assignment.name,
        "duedate": assignment.duedate,
        "timestamp": submission.timestamp if submission else None,
        "student_id": student.id,
        "last_name": student.last_name,
        "first_name": student.first_name,
        "email": student.email,
        "raw_score": raw,
        "late_submission_penalty": penalty,
        "score": max(0.0, raw - penalty),
        "max_score": assignment.max_score,
    }
