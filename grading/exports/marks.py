"""What a class has earned so far, and for each submission whether that is final."""

import tomllib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from grading import records
from grading.autograde import released_record
from grading.bankkeys import Bank, read_bank
from grading.copies import students_with_work
from grading.exports import ExportError
from grading.places import Places
from grading.progress import Tell, silent
from grading.records import AssignmentRecord, StudentRecord, SubmissionRecord
from grading.reports import number
from grading.rubric import comment_doubts
from grading.standing import has_comments, is_stale
from grading.tables import connected
from grading.untrusted import name_problem, printable

DONE, NEWER = "done", "newer work is not graded yet"
BY_HAND, FLAGGED = "to grade by hand", "flagged for a look"
DOUBTED = "a comment does not fit the rubric"
UNGRADED, NOTHING = "handed in, not graded yet", "nothing handed in"


@dataclass(frozen=True)
class Mark:
    """One student's standing in one assignment.

    `score` is in points with any late penalty taken off, None where nothing is graded. `late` is in seconds,
    `handed_in` UTC. `comment` holds what graders have written.
    """

    state: str
    score: float | None = None
    late: float = 0.0
    handed_in: datetime | None = None
    comment: str = ""

    @property
    def waits(self) -> bool:
        """Return whether work was handed in whose score is not final."""
        return self.state not in (DONE, NOTHING)

    def given(self, *, anyway: bool, zero: bool) -> float | None:
        """Return the points to write down, or None for an empty cell.

        With `anyway` a score that is not final counts as it stands; with `zero` nothing handed in is 0.
        """
        if self.state == NOTHING:
            return 0.0 if zero else None
        return self.score if anyway or self.state == DONE else None


@dataclass(frozen=True)
class Column:
    """One assignment: its id, title, most points, and a mark for every student of the gradebook."""

    name: str
    title: str
    points: float
    marks: Mapping[str, Mark]


def read_marks(
    places: Places,
    assignments: Sequence[str] = (),
    progress: Tell = silent,
) -> tuple[Mapping[str, StudentRecord], list[Column]]:
    """Return the students of the gradebook by id, and one column for each assignment.

    Without names, every assignment with graded work that counts is taken, in the course's order. `progress`
    is told the student, how many are done, and how many there are.

    Raises
    ------
    ExportError : nothing is graded yet.
    GradingError, GradebookError : an assignment is not in the gradebook, or that cannot be read.
    """
    titles = read_titles(places)
    with connected(places) as connection:
        people = records.students(connection)
        known = places.in_order(assignments or records.assignment_names(connection))
        found = [released_record(connection, name) for name in known]
    if not assignments:
        found = [record for record in found if record.submissions and record.counts]
    if not found:
        raise ExportError("there are no scores yet - run: grading autograde ASSIGNMENT")
    bank = read_bank(places.root) if has_comments(found) else Bank()
    columns = []
    for place, record in enumerate(found):
        handed_in = {one for one in students_with_work(places, record.name) if not name_problem(one)}
        marks = {}
        for done, student in enumerate(people):
            progress(student, place * len(people) + done, len(found) * len(people))
            marks[student] = _mark(places, record, student, handed_in, bank)
        columns.append(Column(record.name, titles.get(record.name, record.name), record.points, marks))
    return people, columns


def read_titles(places: Places) -> dict[str, str]:
    """Return assignment id -> title as course.toml has them; empty where it cannot be read."""
    try:
        text = (places.root / "course" / "course.toml").read_text(encoding="utf-8")
        return {str(one["id"]): str(one["title"]) for one in tomllib.loads(text)["assignment"]}
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def left_over(
    columns: Sequence[Column], student: str, *, anyway: bool, who: str = ""
) -> list[tuple[str, str, str]]:
    """Return (student, assignment, why) for every score of a student that is not final."""
    told = []
    for column in columns:
        mark = column.marks[student]
        if mark.waits:
            so_far = "" if mark.score is None else f"; {number(mark.score)} so far"
            done = ", written all the same" if anyway and mark.score is not None else ", left empty"
            told.append((who or student, column.name, f"{mark.state}{so_far}{done}"))
    return told


def strangers(
    places: Places, columns: Sequence[Column], people: Collection[str]
) -> list[tuple[str, str, str]]:
    """Return (student, assignment, why) for work of people whom the gradebook does not know yet."""
    return [
        (printable(student), column.name, "handed in, but not in the gradebook: grade it first")
        for column in columns
        for student in students_with_work(places, column.name)
        if student not in people and not name_problem(student)
    ]


def _mark(
    places: Places, record: AssignmentRecord, student: str, handed_in: Collection[str], bank: Bank
) -> Mark:
    """Return one student's mark."""
    one = record.submissions.get(student)
    if one is None:
        return Mark(UNGRADED if student in handed_in else NOTHING)
    state = _state(places, record, one, student in handed_in, bank)
    return Mark(state, one.score, one.late, one.timestamp, _comment(one))


def _state(places: Places, record: AssignmentRecord, one: SubmissionRecord, present: bool, bank: Bank) -> str:
    """Return whether a graded submission's score is final, and else what is still to do."""
    if present and is_stale(places, record, one.student):
        return NEWER
    if one.needs_manual:
        return BY_HAND
    if one.flagged:
        return FLAGGED
    return DOUBTED if comment_doubts(record, one, bank) else DONE


def _comment(one: SubmissionRecord) -> str:
    """Return everything that graders have written about a submission."""
    told = [(cell.manual_comment or "").strip() for cell in one.cells]
    return "\n\n".join(filter(None, told))
