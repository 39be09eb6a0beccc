"""Where each assignment of a course stands, and what to do next."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from grading import backups, records
from grading.collecting import collected_time
from grading.copies import Marks, marks_of, students_with_work
from grading.handedin import handed_in_digest
from grading.keys import key_digest
from grading.places import Places
from grading.records import AssignmentRecord
from grading.tables import connected
from grading.untrusted import name_problem
from grading.verdict import NOT_READABLE


@dataclass(frozen=True)
class AssignmentStatus:
    """One assignment in counts of students, and the next step in words."""

    name: str
    released: bool
    points: float
    submitted: int
    graded: int
    stale: int
    """Handed in again, or for the first time, since the last grading, or graded with another key."""
    needs_manual: int
    unreadable: int
    flagged: int
    late: int
    feedback: int
    next_step: str
    late_seconds: Mapping[str, float] = field(default_factory=dict)
    """Student id -> seconds late, for those who were."""

    def as_json(self) -> dict[str, Any]:
        """Return the status for ``--json``."""
        return {**self.__dict__, "late_seconds": dict(self.late_seconds)}


def course_status(places: Places) -> list[AssignmentStatus]:
    """Return the status of every assignment in source/ or in the gradebook, by name."""
    found: dict[str, AssignmentRecord | None] = dict.fromkeys(places.assignments())
    path = places.gradebook
    backups.refuse_lost(places)
    if path is None or path.is_file():
        with connected(places) as connection:
            for name in records.assignment_names(connection):
                found[name] = records.assignment(connection, name)
    return [_status(places, name, record) for name, record in sorted(found.items())]


def _status(places: Places, name: str, record: AssignmentRecord | None) -> AssignmentStatus:
    """Return one assignment's status."""
    submissions = record.submissions if record else {}
    waiting = [student for student in students_with_work(places, name) if not name_problem(student)]
    stale = sum(1 for student in waiting if record is None or _is_stale(places, record, student))
    counts: Counter[str] = Counter()
    for submission in submissions.values():
        counts["manual"] += submission.needs_manual
        counts["flagged"] += submission.flagged
        counts["late"] += submission.late > 0
        counts["unreadable"] += any(
            (cell.auto_comment or "").startswith(NOT_READABLE) for cell in submission.cells
        )
        counts["feedback"] += any(places.path("feedback", submission.student, name).glob("*.html"))
    released = record is not None and any(places.path("release", ".", name).glob("*.ipynb"))
    return AssignmentStatus(
        name=name,
        released=released,
        points=record.points if record else 0.0,
        submitted=len(waiting),
        graded=len(submissions),
        stale=stale,
        needs_manual=counts["manual"],
        unreadable=counts["unreadable"],
        flagged=counts["flagged"],
        late=counts["late"],
        feedback=counts["feedback"],
        next_step=_next(name, released, len(waiting), stale, counts, len(submissions)),
        late_seconds={one.student: one.late for one in submissions.values() if one.late > 0},
    )


def _is_stale(places: Places, record: AssignmentRecord, student: str) -> bool:
    """Return whether grading again would look at something that the scores do not rest on."""
    if student not in record.submissions:
        return True
    handed_in = handed_in_digest(places.step("submitted"), [student, record.name], record.notebooks)
    for name, released in record.notebooks.items():
        marks = marks_of(places, record.name, student, name)
        if marks is None:
            time = collected_time(places, record.name, student)
            if time is not None and time != record.submissions[student].timestamp:
                return True
        elif marks != Marks(key_digest(released), handed_in):
            return True
    return False


def _next(
    name: str, released: bool, submitted: int, stale: int, counts: Mapping[str, int], graded: int
) -> str:
    """Return what to do next, as a command or a sentence."""
    if not released:
        return f"grading release {name}"
    if not submitted and not graded:
        return f"grading collect {name}"
    if stale:
        return f"grading autograde {name}"
    if counts["manual"] or counts["flagged"]:
        return f"grade {max(counts['manual'], counts['flagged'])} by hand in the formgrader"
    if counts["feedback"] < graded:
        return f"grading feedback {name} --release"
    return "done"
