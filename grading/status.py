"""Where each assignment of a course stands, and what to do next."""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from grading import backups, records
from grading.bankkeys import Bank, read_bank
from grading.copies import students_with_work
from grading.gradebook import NoGradebookError
from grading.keys import changed_keys
from grading.places import Places
from grading.records import AssignmentRecord
from grading.regrade_record import is_cut_off
from grading.reports import counted
from grading.standing import Standing, has_comments, standing
from grading.tables import connected
from grading.untrusted import name_problem, printable

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
    texts: int
    """With a reflection that a person still has to score."""
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
        try:
            with connected(places) as connection:
                for name in records.assignment_names(connection):
                    found[name] = records.assignment(connection, name)
        except NoGradebookError:
            if path is not None:
                raise  # it was there a moment ago
    # The course text takes a while to read.
    bank = read_bank(places.root) if has_comments(found.values()) else Bank()
    return [_status(places, name, found[name], bank) for name in places.in_order(found)]


def _status(places: Places, name: str, record: AssignmentRecord | None, bank: Bank) -> AssignmentStatus:
    """Return one assignment's status, with everybody looked at."""
    collected = {one for one in students_with_work(places, name) if not name_problem(one)}
    graded = list(record.submissions) if record else []
    students = dict.fromkeys([*graded, *sorted(collected)])
    class_ = [standing(places, record, one, bank, collected=one in collected) for one in students]
    return assignment_status(places, name, record, class_)


def forgotten_keys(places: Places, assignment: str) -> list[str]:
    """Return the questions whose keys in source/ are others than those that grading uses."""
    with connected(places) as connection:
        record = records.assignment(connection, assignment, with_submissions=False)
    return [change.item for change in changed_keys(places, record)] if record else []


def assignment_status(
    places: Places, name: str, record: AssignmentRecord | None, class_: Sequence[Standing]
) -> AssignmentStatus:
    """Return one assignment's status; `class_` holds everyone who has handed in or has scores."""
    waiting = [one for one in class_ if one.collected]
    graded = [one for one in class_ if one.graded]
    stale = sum(one.stale for one in waiting)
    texts, others = sum(one.texts > 0 for one in graded), sum(one.by_hand > one.texts for one in graded)
    outdated = sum(one.outdated for one in graded)
    pages = sum(one.page for one in graded)
    flagged = [one.student for one in graded if one.flagged]
    doubts = {one.student: one.doubts for one in graded if one.doubts}
    changed = [change.item for change in changed_keys(places, record)] if record else []
    released = record is not None and any(places.path("release", ".", name).glob("*.ipynb"))
    if not released or (changed and not graded):
        step = f"grading release {name}"
    elif not waiting and not graded:
        step = f"grading collect {name}" + ("" if _has_exchange(places) else " --from FOLDER-OR-ZIP")
    elif changed or is_cut_off(places, name):
        step = f"grading regrade {name}"
    elif stale:
        step = f"grading autograde {name}"
    else:
        step = _by_hand(texts, others, flagged, doubts)
        if not step:
            given = pages == len(graded) and not outdated
            step = "done" if given else f"grading feedback {name} --release"
    return AssignmentStatus(
        name=name,
        released=released,
        points=record.points if record else 0.0,
        submitted=len(waiting),
        graded=len(graded),
        stale=stale,
        needs_manual=sum(one.by_hand > 0 for one in graded),
        texts=texts,
        unreadable=sum(one.unreadable for one in graded),
        flagged=len(flagged),
        late=sum(one.late > 0 for one in graded),
        feedback=pages,
        outdated=outdated,
        next_step=step,
        late_seconds={one.student: one.late for one in graded if one.late > 0},
        rubric=doubts,
        changed_keys=changed,
    )


def _has_exchange(places: Places) -> bool:
    """Return whether work can come through nbgrader's exchange, which does not run on Windows."""
    return sys.platform != "win32" and places.exchange is not None and bool(places.course_id)


def _by_hand(texts: int, others: int, flagged: Sequence[str], doubts: Mapping[str, str]) -> str:
    """Return what a person has to do in the formgrader; empty where it is nothing."""
    steps = [f"score what {counted(texts, 'student')} wrote (page Reflections)"] if texts else []
    if others:
        steps.append(f"grade {others} by hand")
    if flagged:
        steps.append(f"look at {len(flagged)} flagged ({_named(flagged)}) and take the flag off")
    if doubts:
        steps.append(f"correct {counted(len(doubts), 'comment')} ({_named(list(doubts))})")
    return f"{', '.join(steps)} in the formgrader" if steps else ""


def _named(students: Sequence[str]) -> str:
    """Return some names, and that there are more."""
    return ", ".join(map(printable, students[:MOST_NAMED])) + (" ..." if len(students) > MOST_NAMED else "")
