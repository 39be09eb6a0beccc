"""Taking out a student who was made by mistake; all that stood under the id is kept in a dated folder."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from difflib import get_close_matches
from pathlib import Path

from grading import backups, gradebook, records
from grading.copies import write_whole
from grading.fetched import forget_marks
from grading.places import Places, private_folder
from grading.ratings import forget_ratings
from grading.records import StudentRecord, SubmissionRecord
from grading.reports import number
from grading.steps import WorkflowError
from grading.student_reports import reports_of
from grading.tables import connected
from grading.untrusted import RefusedError, list_folder, name_problem, printable

STEPS = ("submitted", "autograded", "feedback")
KEPT = "gradebook.json"
"""The file that holds what stood in the gradebook."""
RATINGS = "ratings.json"
"""The file that holds what graders have rated."""


@dataclass(frozen=True)
class Forgotten:
    """What was taken out, and the folder where it is now."""

    student: str
    folder: Path
    steps: Sequence[str]
    """The folders that were moved: submitted, autograded, feedback."""
    scores: Mapping[str, str]
    """Assignment -> the score that stood in the gradebook, in words."""
    waiting: int = 0
    """Submissions that still wait in the exchange, where the next collection would take them again."""


def forget(places: Places, student: str, *, sure: bool = False, wait: float = 10.0) -> Forgotten:
    """Take a student out of the gradebook and the class's folders; nothing is deleted for good.

    Parameters
    ----------
    sure : take out a student with scores, too.

    Raises
    ------
    WorkflowError : there is no such student, or one with scores and not `sure`; nothing was changed.
    GradebookError : the gradebook cannot be used.
    """
    with gradebook.locked(places, wait):
        with connected(places) as connection:
            people = records.students(connection)
            found = (records.assignment(connection, one) for one in records.assignment_names(connection))
            handed_in = {
                one.name: one.submissions[student] for one in found if one and student in one.submissions
            }
        steps = [step for step in STEPS if _stands(places, step, student)]
        if student not in people and not steps:
            near = get_close_matches(student, people, n=1)
            hint = f"did you mean {printable(near[0])}?" if near else "the list is in: grading students"
            raise WorkflowError(f"{printable(student)}: there is no such student - {hint}")
        scores = {name: _score(one) for name, one in handed_in.items()}
        if scores and not sure:
            told = ", ".join(f"{name}: {score}" for name, score in scores.items())
            raise WorkflowError(
                f"{printable(student)} has scores ({told}), and nothing was changed - "
                f"to take them out all the same, run: grading forget {printable(student)} --yes"
            )
        backups.back_up(places)
        kept = private_folder(places.work / "forgotten")
        folder = private_folder(kept / f"{datetime.now(UTC):%Y%m%dT%H%M%S.%f}-{_as_name(student)}")
        if student in people:
            write_whole(folder / KEPT, _as_json(people[student], handed_in))
        for step in steps:
            _move(places.step(step) / student, folder / step)
        for path in reports_of(places, student):
            _move(path, folder / "reports" / path.parent.parent.name / path.name)
        if ratings := forget_ratings(places, student):
            write_whole(folder / RATINGS, json.dumps(ratings, indent=1) + "\n")
        if student in people:
            with gradebook.opened(places) as book:
                book.remove_student(student)
    if places.exchange is not None and places.course_id:
        forget_marks(places.exchange / places.course_id / "inbound", student)
    return Forgotten(student, folder, steps, scores, _waiting(places, student))


def _as_name(student: str) -> str:
    """Return an id as a part of a folder name that any system can hold; the gradebook may know odd ones."""
    kept = "".join(letter if letter.isalnum() or letter in "-_@" else "_" for letter in student[:40])
    return kept or "_"


def _stands(places: Places, step: str, student: str) -> bool:
    """Return whether a step has a folder of exactly this name; some systems open it by another case, too."""
    if name_problem(student):
        return False  # no step of ours made a folder of such a name
    try:
        return any(entry.name == student for entry in list_folder(places.step(step), most=10**9))
    except RefusedError:
        return False


def _move(path: Path, to: Path) -> None:
    """Move one folder or file aside.

    Raises
    ------
    WorkflowError : it is held open; what was moved before is there, and running again moves the rest.
    """
    try:
        to.parent.mkdir(parents=True, exist_ok=True)
        path.rename(to)
    except OSError as error:
        raise WorkflowError(
            f"{path}: cannot be moved to {to.parent} ({error.strerror or error}) - close what has it open "
            "and run the command again; the gradebook is as it was"
        ) from error


def _score(one: SubmissionRecord) -> str:
    """Return a submission's score in words."""
    by_hand = sum(cell.manual_score is not None for cell in one.cells)
    more = f", {by_hand} given by hand" if by_hand else ""
    return f"{number(one.score)} of {number(one.points)}{more}"


def _as_json(person: StudentRecord, handed_in: Mapping[str, SubmissionRecord]) -> str:
    """Return everything that the gradebook holds of a student."""
    whole = {"student": asdict(person), "submissions": {name: asdict(one) for name, one in handed_in.items()}}
    return json.dumps(whole, ensure_ascii=False, indent=1, default=str) + "\n"


def _waiting(places: Places, student: str) -> int:
    """Return how many submissions of a student stand in the exchange."""
    if places.exchange is None or not places.course_id:
        return 0
    try:
        entries = list_folder(places.exchange / places.course_id / "inbound", most=10**9)
    except RefusedError:
        return 0
    return sum(entry.name.startswith(f"{student}+") for entry in entries)
