"""Where each assignment of a course stands, and what to do next."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from grading import backups, records
from grading.bankkeys import Bank, read_bank
from grading.collecting import collected_time
from grading.copies import marks_of, students_with_work
from grading.gradedcopy import Marks
from grading.handedin import handed_in_digest
from grading.keys import changed_keys, key_digest
from grading.outdated import is_outdated
from grading.places import Places
from grading.records import AssignmentRecord
from grading.regrade_record import is_cut_off
from grading.reports import counted
from grading.rubric import comment_doubts
from grading.tables import connected
from grading.untrusted import name_problem, printable
from grading.verdict import NOT_READABLE

MOST_NAMED = 5
"""No more students than this are named in a step to do."""


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
    """With an answer that could not be read and that no person has scored yet."""
    flagged: int
    late: int
    feedback: int
    outdated: int
    """With a feedback page that says something else than the gradebook does now."""
    next_step: str
    late_seconds: Mapping[str, float] = field(default_factory=dict)
    """Student id -> seconds late, for those who were."""
    rubric: Mapping[str, str] = field(default_factory=dict)
    """Student id -> what is in doubt about the rubric levels in the grader's comments."""
    changed_keys: Sequence[str] = ()
    """Questions whose keys in source/ are others than those in force."""

    def as_json(self) -> dict[str, Any]:
        """Return the status for ``--json``."""
        return {**self.__dict__, "late_seconds": dict(self.late_seconds), "rubric": dict(self.rubric)}


def course_status(places: Places) -> list[AssignmentStatus]:
    """Return the status of every assignment in source/ or in the gradebook, in the course's order."""
    found: dict[str, AssignmentRecord | None] = dict.fromkeys(places.assignments())
    path = places.gradebook
    backups.refuse_lost(places)
    if path is None or path.is_file():
        with connected(places) as connection:
            for name in records.assignment_names(connection):
                found[name] = records.assignment(connection, name)
    commented = any(
        cell.manual_comment
        for record in found.values()
        if record
        for submission in record.submissions.values()
        for cell in submission.cells
    )
    # The course text takes a while to read, and only comments are compared with it.
    bank = read_bank(places.root) if commented else Bank()
    return [_status(places, name, found[name], bank) for name in places.in_order(found)]


def forgotten_keys(places: Places, assignment: str) -> list[str]:
    """Return the questions whose keys in source/ are others than those that grading uses."""
    with connected(places) as connection:
        record = records.assignment(connection, assignment, with_submissions=False)
    return [change.item for change in changed_keys(places, record)] if record else []


def _status(places: Places, name: str, record: AssignmentRecord | None, bank: Bank) -> AssignmentStatus:
    """Return one assignment's status."""
    submissions = record.submissions if record else {}
    waiting = [student for student in students_with_work(places, name) if not name_problem(student)]
    stale = sum(1 for student in waiting if record is None or is_stale(places, record, student))
    counts: Counter[str] = Counter()
    for submission in submissions.values():
        counts["manual"] += submission.needs_manual
        counts["late"] += submission.late > 0
        counts["unreadable"] += any(
            (cell.auto_comment or "").startswith(NOT_READABLE) and cell.manual_score is None
            for cell in submission.cells
        )
        counts["feedback"] += any(places.path("feedback", submission.student, name).glob("*.html"))
        counts["outdated"] += record is not None and is_outdated(places, record, submission)
    flagged = [student for student, one in submissions.items() if one.flagged]
    doubts = {
        student: told
        for student, one in submissions.items()
        if record and (told := comment_doubts(record, one, bank))
    }
    changed = [change.item for change in changed_keys(places, record)] if record else []
    released = record is not None and any(places.path("release", ".", name).glob("*.ipynb"))
    if not released or (changed and not submissions):
        step = f"grading release {name}"
    elif not waiting and not submissions:
        step = f"grading collect {name}"
    elif changed or is_cut_off(places, name):
        step = f"grading regrade {name}"
    elif stale:
        step = f"grading autograde {name}"
    else:
        step = _by_hand(counts["manual"], flagged, doubts)
        if not step:
            given = counts["feedback"] == len(submissions) and not counts["outdated"]
            step = "done" if given else f"grading feedback {name} --release"
    return AssignmentStatus(
        name=name,
        released=released,
        points=record.points if record else 0.0,
        submitted=len(waiting),
        graded=len(submissions),
        stale=stale,
        needs_manual=counts["manual"],
        unreadable=counts["unreadable"],
        flagged=len(flagged),
        late=counts["late"],
        feedback=counts["feedback"],
        outdated=counts["outdated"],
        next_step=step,
        late_seconds={one.student: one.late for one in submissions.values() if one.late > 0},
        rubric=doubts,
        changed_keys=changed,
    )


def _by_hand(manual: int, flagged: Sequence[str], doubts: Mapping[str, str]) -> str:
    """Return what a person has to do in the formgrader; empty where it is nothing."""
    steps = [f"grade {manual} by hand"] if manual else []
    if flagged:
        steps.append(f"look at {len(flagged)} flagged ({_named(flagged)}) and take the flag off")
    if doubts:
        steps.append(f"correct {counted(len(doubts), 'comment')} ({_named(list(doubts))})")
    return f"{', '.join(steps)} in the formgrader" if steps else ""


def _named(students: Sequence[str]) -> str:
    """Return some names, and that there are more."""
    return ", ".join(map(printable, students[:MOST_NAMED])) + (" ..." if len(students) > MOST_NAMED else "")


def is_stale(places: Places, record: AssignmentRecord, student: str) -> bool:
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
