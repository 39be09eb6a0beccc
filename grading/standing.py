"""Where one student stands in one assignment: handed in, graded, what waits for a person, and the page."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from grading.bankkeys import Bank
from grading.collecting import collected_time
from grading.copies import marks_of, read_copy
from grading.copy_record import Marks
from grading.handedin import handed_in_digest
from grading.keys import key_digest
from grading.outdated import is_outdated
from grading.places import Places
from grading.records import AssignmentRecord, SubmissionRecord
from grading.rubric import comment_doubts
from grading.verdict import NOT_READABLE


@dataclass(frozen=True)
class Standing:
    """One student in one assignment. `handed_in` is UTC, `late` in seconds, `by_hand` counts cells.

    `stale` says that work was handed in again, or for the first time, since the last grading, or that it was
    graded with another key. `outdated` says that the page tells something else than the gradebook does now.
    """

    student: str
    collected: bool = False
    graded: bool = False
    stale: bool = False
    handed_in: datetime | None = None
    late: float = 0.0
    by_hand: int = 0
    unreadable: bool = False
    """Whether an answer could not be read that no person has scored yet."""
    texts: int = 0
    """How many of the cells by hand are reflections, which the page Reflections is for."""
    flagged: bool = False
    page: bool = False
    outdated: bool = False
    doubts: str = ""
    """What is in doubt about the rubric levels in the grader's comments."""


def standing(
    places: Places, record: AssignmentRecord | None, student: str, bank: Bank, *, collected: bool
) -> Standing:
    """Return where a student stands; `collected` says that a folder of theirs is in submitted/."""
    stale = collected and (record is None or is_stale(places, record, student))
    one = record.submissions.get(student) if record else None
    if record is None or one is None:
        time = collected_time(places, record.name, student) if record and collected else None
        return Standing(student, collected, stale=stale, handed_in=time)
    return Standing(
        student=student,
        collected=collected,
        graded=True,
        stale=stale,
        handed_in=one.timestamp,
        late=one.late,
        by_hand=sum(cell.needs_manual for cell in one.cells),
        unreadable=_is_unreadable(one),
        texts=_open_texts(record, one),
        flagged=one.flagged,
        page=any(places.path("feedback", student, record.name).glob("*.html")),
        outdated=is_outdated(places, record, one),
        doubts=comment_doubts(record, one, bank),
    )


def has_comments(records: Collection[AssignmentRecord | None]) -> bool:
    """Return whether graders have written anything; only comments are compared with the course text."""
    return any(
        cell.manual_comment
        for record in records
        if record
        for submission in record.submissions.values()
        for cell in submission.cells
    )


def is_stale(places: Places, record: AssignmentRecord, student: str) -> bool:
    """Return whether grading again would look at something that the scores do not rest on."""
    if student not in record.submissions:
        return True
    time = collected_time(places, record.name, student)
    newer = time is not None and time != record.submissions[student].timestamp
    handed_in = handed_in_digest(places.step("submitted"), [student, record.name], record.notebooks)
    for name, released in record.notebooks.items():
        marks = marks_of(places, record.name, student, name)
        if marks is None:
            if newer:
                return True
        elif marks != Marks(key_digest(released), handed_in):
            return True
        elif newer and not read_copy(places, record.name, student, released)[1]:
            # A file that cannot be read leaves scores and time as they were; else the gradebook was restored.
            return True
    return False


def _open_texts(record: AssignmentRecord, one: SubmissionRecord) -> int:
    """Return how many reflections of the course wait for a person; a hand-made one has no prompt's text."""
    asked = {prompt.cell for book in record.notebooks.values() for prompt in book.prompts if prompt.text}
    return sum(cell.needs_manual and cell.name in asked for cell in one.cells)


def _is_unreadable(one: SubmissionRecord) -> bool:
    """Return whether an answer could not be read that no person has scored yet."""
    return any(
        (cell.auto_comment or "").startswith(NOT_READABLE) and cell.manual_score is None for cell in one.cells
    )
