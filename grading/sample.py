"""The sample class: simulated work sent through the real exchange, collected, graded, and given feedback."""

import json
import os
import shutil
import sys
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from course.bank import load_course
from course.model import Assignment, Course
from grading.autograde import autograde
from grading.exemplars import read_exemplars
from grading.feedback import write_feedback
from grading.gradebook import locked, opened
from grading.gradedcopy import literal
from grading.places import Places
from grading.sample_ratings import rate
from grading.simulation import (
    FAMILY_NAME,
    SimulatedStudent,
    SimulatedWork,
    simulate_class,
    simulate_work,
)
from grading.tables import connected, new_id, read_master, submitted_assignment, writing
from grading.workflow import collect, release

CLASS = "sample"
"""The name of the class, and so of the folder below grading/work/ that holds all of it."""
BEFORE, FINAL = "before", "final"
"""What was asked before the course, and at its end; all of it is graded, so that growth can be shown."""
GRADED = "check-two-jobs"
"""The assignment that the sample class has handed in and got back, but for a few reflections."""
WAITING = "check-first-contact"
"""The one that is handed in and waits to be collected, for trying the commands."""
MARK = "simulated.txt"
"""The file that says a work folder is the sample's and may be cleared."""
UNSCORED = 4
"""How many reflections are left for the reader to score on the reflections page."""
DUE = {
    BEFORE: datetime(2026, 2, 27, 17, 0),
    GRADED: datetime(2026, 3, 6, 17, 0),
    WAITING: datetime(2026, 3, 13, 17, 0),
    FINAL: datetime(2026, 3, 27, 17, 0),
}
"""The simulated class's due dates, UTC; fixed, so that the sample is the same whenever it is made."""
DAYS_OPEN, DAYS_LEFT = 14, 7
"""A person who tries the course has 7 to 14 days from the last start of the demo, and is not late."""
STAMP = "%Y-%m-%d %H:%M:%S.%f %Z"


class SampleError(Exception):
    """The sample class cannot be made; the message says what to do."""


def make_sample(places: Places, said: Callable[[str], None]) -> bool:
    """Make the sample class unless it is there already; return whether it was made.

    One that was cut off half-way is made anew. A real class is never touched: the sample has its own folder.

    Raises
    ------
    SampleError : the settings do not name the sample class.
    CourseError, WorkflowError, GradebookError : a step failed; the message says what to do.
    """
    if places.work.name != CLASS:
        raise SampleError("nbgrader_config.py does not follow COURSE_CLASS - keep that part of it as it was")
    course = load_course(places.root)
    done = places.work / "made.json"
    stamp = json.dumps({"seed": course.seed, "form": course.form, "assignments": list(DUE)})
    if done.is_file() and done.read_text(encoding="utf-8") == stamp:
        _keep_open(places)
        return False
    _clear(places.work)
    (places.work / MARK).write_text("This folder is made anew by `grading sample`.\n", encoding="utf-8")
    assignments = {one.id: one for one in course.assignments}
    for name in DUE:
        said(f"{name}: handing it out, and handing in the work of the simulated class")
        release(places, name)
        hand_in(places, name, sample_work(course, assignments[name], places.root))
    graded = [name for name in DUE if name != WAITING]
    for name in graded:
        said(f"{name}: collecting and grading")
        take_in(places, name)
        autograde(places, name)
    _name_students(places, simulate_class(course.seed))
    _mark_late(places, sample_work(course, assignments[WAITING], places.root))
    for name in graded:
        _score_reflections(places, course, assignments[name], UNSCORED if name == GRADED else 0)
    _keep_open(places)
    said(f"{', '.join(graded)}: writing feedback")
    for name in graded:
        write_feedback(places, name, release=sys.platform != "win32")
    done.write_text(stamp, encoding="utf-8")
    return True


def sample_work(course: Course, assignment: Assignment, root: Path) -> list[SimulatedWork]:
    """Return what the simulated class hands in for an assignment, in order of student."""
    items, prompts = course.assigned_items(assignment), course.assigned_prompts(assignment)
    # A person has scored the exemplars, so they serve as the reflections of the simulated class.
    texts = {prompt.id: [one.text for one in read_exemplars(root, prompt.id)] for prompt in prompts}
    students = simulate_class(course.seed, occasion=assignment.id, taught=not assignment.anchors)
    due = DUE.get(assignment.id, DUE[GRADED])
    works = (simulate_work(one, items, prompts, texts, due=due, seed=course.seed) for one in students)
    return [work for work in works if work is not None]


def fill_in(notebook: dict[str, Any], work: SimulatedWork) -> dict[str, Any]:
    """Return the notebook with the work's answers written where the widgets write them."""
    for cell in notebook["cells"]:
        mark = cell["metadata"].get("course", {})
        if mark.get("item") in work.answers:
            answer = literal(work.answers[mark["item"]])
            cell["source"] = "".join(cell["source"]).replace("answer=None", f"answer={answer}")
        elif mark.get("prompt") in work.reflections:
            cell["source"] = work.reflections[mark["prompt"]]
    return notebook


def hand_in(places: Places, assignment: str, works: Iterable[SimulatedWork]) -> None:
    """Submit each work through nbgrader's exchange, or lay it in a folder where nbgrader has none (Windows).

    nbgrader names a student after the operating-system user unless told otherwise, and would keep only the
    last of several; so each is submitted under its own id.
    """
    for work in works:
        home = _desks(places) / work.student.id
        folder = home / assignment
        if sys.platform == "win32":
            folder = _by_folder(places, assignment) / work.student.id
            shutil.copytree(places.path("release", ".", assignment), folder, dirs_exist_ok=True)
        else:
            home.mkdir(parents=True, exist_ok=True)
            _exchange("fetch_assignment", places, assignment, work, home)
        for path in folder.glob("*.ipynb"):
            filled = fill_in(json.loads(path.read_text(encoding="utf-8")), work)
            path.write_text(
                json.dumps(filled, ensure_ascii=False, indent=1) + "\n", encoding="utf-8", newline="\n"
            )
            if sys.platform == "win32":
                # Where no exchange says it, a file's own time is when it was handed in.
                os.utime(path, (work.handed_in.replace(tzinfo=UTC).timestamp(),) * 2)
        if sys.platform != "win32":
            _exchange("submit", places, assignment, work, home)


def take_in(places: Places, assignment: str) -> None:
    """Collect what was handed in, the work of those too who were absent the time before."""
    if sys.platform == "win32":
        collect(places, assignment, _by_folder(places, assignment), new_students=True)
    else:
        collect(places, assignment)


def _exchange(step: str, places: Places, assignment: str, work: SimulatedWork, home: Path) -> None:
    """Run a step of nbgrader's exchange as one student, at the time the simulation says."""
    from nbgrader.auth import Authenticator
    from nbgrader.coursedir import CourseDirectory
    from nbgrader.exchange import ExchangeFactory

    class AtSimulatedTime(getattr(ExchangeFactory(config=places.config), step)):  # type: ignore[misc]
        def set_timestamp(self) -> None:
            self.timestamp = work.handed_in.replace(tzinfo=UTC).strftime(STAMP)

    config = places.config.copy()
    config.CourseDirectory.assignment_id = assignment
    config.CourseDirectory.student_id = work.student.id
    config.Exchange.assignment_dir = str(home)
    config.Exchange.cache = str(home / "cache")
    AtSimulatedTime(
        coursedir=CourseDirectory(config=config), authenticator=Authenticator(config=config), config=config
    ).start()


def _by_folder(places: Places, assignment: str) -> Path:
    """Return the folder with one folder of work for each student, where nbgrader has no exchange."""
    return _desks(places) / "by-folder" / assignment


def _desks(places: Places) -> Path:
    """Return the folder that holds one folder for each simulated student's own files."""
    return places.work / "desks"


def _clear(work: Path) -> None:
    """Remove an earlier sample, but not what a person wrote while trying the lessons.

    Raises
    ------
    SampleError : the folder holds something that no sample put there.
    """
    if not (work / MARK).is_file() and any((work / name).exists() for name in ("gradebook.db", "submitted")):
        raise SampleError(
            f"{work}: holds a class that is not the sample - move that folder away and try again"
        )
    for path in work.glob("*"):
        if path.is_dir() and path.name not in {"try-it", "jupyter"}:
            shutil.rmtree(path)
        elif path.is_file():
            path.unlink()


def _keep_open(places: Places) -> None:
    """Put the due dates ahead of today for a person who tries the course; the simulated class keeps its own.

    nbgrader has one due date for an assignment, and an extension for each submission, which may be negative.
    """
    today = datetime.now(UTC).replace(tzinfo=None)
    ahead = (today + timedelta(days=DAYS_OPEN)).replace(hour=17, minute=0, second=0, microsecond=0)
    with locked(places), opened(places) as book:
        for name, kept in DUE.items():
            due = book.find_assignment(name).duedate
            if due is None or due < today + timedelta(days=DAYS_LEFT):
                book.update_or_create_assignment(name, duedate=ahead)
                for one in book.assignment_submissions(name):
                    if one.student.last_name == FAMILY_NAME:
                        one.extension = kept - ahead
        book.db.commit()


def _mark_late(places: Places, works: Iterable[SimulatedWork]) -> None:
    """Give those who were late with what is not collected yet a row, to which `_keep_open` adds a date.

    nbgrader itself would add grades to it at once, as if their work had been there.
    """
    late = [work.student.id for work in works if work.student.habit == "late"]
    with locked(places), connected(places) as connection:
        master = read_master(connection, WAITING)
        if master is not None:
            with writing(connection):
                rows = [{"id": new_id(), "assignment_id": master.id, "student_id": one} for one in late]
                connection.execute(submitted_assignment.insert(), rows)


def _name_students(places: Places, students: Iterable[SimulatedStudent]) -> None:
    """Give every student a first name, and the family name that says they are made up."""
    with locked(places), opened(places) as book:
        for one in students:
            book.update_or_create_student(one.id, first_name=one.given_name, last_name=FAMILY_NAME)


def _score_reflections(places: Places, course: Course, assignment: Assignment, unscored: int) -> None:
    """Have the reflections rated by two graders.

    With `unscored`, that many at the end stay open, and so do texts that are no exemplar, being cut short.
    """
    rubrics = {rubric.id: rubric for rubric in course.rubrics}
    works = sample_work(course, assignment, places.root)
    for prompt in course.assigned_prompts(assignment):
        if prompt.rubric:
            some, rubric = works[: len(works) - unscored], rubrics[prompt.rubric]
            rate(places, assignment.id, prompt, rubric, some, seed=course.seed, cut_short=not unscored)
