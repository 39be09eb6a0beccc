"""Everything about one prompt of one assignment at a moment: texts, rubric, ratings, how each text stands."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from course.model import Rubric
from grading import records
from grading.bankkeys import Bank, read_bank
from grading.booking import Entry, Slot, entry_for, standing_entry
from grading.copies import read_copy
from grading.notebook_json import UnreadableError
from grading.places import Places
from grading.rating_rules import Standing, in_order, role, scored_twice, standing, text_name
from grading.ratings import Rating, rater_problem, read_ratings, stored_seed, text_mark
from grading.released import ReleasedNotebook, ReleasedPrompt
from grading.stored_rows import read_stored, students_of
from grading.submission import TextReading
from grading.tables import (
    Master,
    connected,
    grade,
    read_master,
    reading,
    submitted_assignment,
    submitted_notebook,
)
from grading.untrusted import RefusedError

_banks: dict[Path, tuple[Any, Bank]] = {}
_texts: dict[tuple[Path, str, str], tuple[tuple[int, int], Mapping[str, TextReading]]] = {}
"""What was read before, with the size and time by which a changed file is known: a class is read once."""


@dataclass(frozen=True)
class Task:
    """One prompt to be scored by a rubric, and the notebook of the assignment that it stands in."""

    assignment: str
    notebook: ReleasedNotebook
    prompt: ReleasedPrompt
    rubric: Rubric

    def slot(self, student: str) -> Slot:
        """Return a student's place in the gradebook."""
        return Slot(self.assignment, self.notebook.name, self.prompt.cell, self.prompt.id, student)

    def levels(self, sent: Any) -> dict[str, int]:
        """Return levels that a page sent, by criterion; some may be missing.

        Raises
        ------
        ValueError : they are none that the rubric knows.
        """
        known = {one.id: len(one.levels) for one in self.rubric.criteria}
        if not isinstance(sent, dict) or not all(
            name in known and type(level) is int and 0 <= level < known[name] for name, level in sent.items()
        ):
            raise ValueError("a level is none that the rubric knows - load the page again")
        return dict(sent)


@dataclass(frozen=True)
class Board:
    """A task with the texts of those who wrote something, by student, and the ratings of each.

    `by_hand` names those whose score a person has entered in the formgrader, without any rating here.
    """

    task: Task
    seed: str
    texts: Mapping[str, TextReading]
    marks: Mapping[str, str]
    ratings: Mapping[str, Sequence[Rating]]
    standings: Mapping[str, Standing]
    by_hand: Collection[str]

    def named(self, name: str) -> str:
        """Return the student whose text has a name.

        Raises
        ------
        LookupError : nobody's has.
        """
        for student in self.texts:
            if text_name(self.seed, self.task.prompt.id, student) == name:
                return student
        raise LookupError("this text is not here any more - load the page again")

    def ordered(self, rater: str) -> list[tuple[str, str]]:
        """Return name and student of each text in a rater's own order."""
        prompt = self.task.prompt.id
        order = in_order(self.texts, self.seed, prompt, rater)
        return [(text_name(self.seed, prompt, student), student) for student in order]

    def role(self, student: str, rater: str) -> str:
        """Return what a text is to a rater: as `rating_rules.role`, or "by-hand"."""
        return "by-hand" if student in self.by_hand else role(self.standings[student], rater)

    def entry(self, student: str) -> Entry | None:
        """Return what is to stand in the gradebook for a student; None before a first reader has finished."""
        return entry_for(self.standings[student], self.task.rubric, self.task.prompt.points)


def tasks(connection: sa.Connection, places: Places, assignment: str) -> list[Task]:
    """Return the prompts of a released assignment that a rubric scores.

    Raises
    ------
    LookupError : the gradebook does not know the assignment.
    """
    record = records.assignment(connection, assignment, with_submissions=False)
    if record is None:
        raise LookupError("the gradebook does not know this assignment - release it first")
    bank = bank_of(places.root)
    found = []
    for notebook in record.notebooks.values():
        for prompt in notebook.prompts:
            written = bank.prompts.get(prompt.id)
            rubric = bank.rubrics.get(written.rubric or "") if written else None
            if rubric is not None and prompt.least is None:
                found.append(Task(assignment, notebook, prompt, rubric))
    return found


def task_of(places: Places, assignment: str, prompt: str) -> Task:
    """Return one prompt of an assignment.

    Raises
    ------
    LookupError : there is no such prompt that a rubric scores.
    """
    with connected(places) as connection:
        for task in tasks(connection, places, assignment):
            if task.prompt.id == prompt:
                return task
    raise LookupError("this assignment has no such reflection that a rubric scores")


def check_rater(rater: str) -> None:
    """Refuse a name that cannot be a rater's.

    Raises
    ------
    ValueError : it is none, with what is wrong in words.
    """
    problem = rater_problem(rater)
    if problem:
        raise ValueError(problem)


def board(connection: sa.Connection, places: Places, task: Task) -> Board:
    """Return a task with all its texts and ratings as they stand now."""
    with reading(connection):
        master = read_master(connection, task.assignment)
        students = students_of(connection, master) if master else set()
        scored = _scored(connection, master, task) if master else set()
    found = {student: _text(places, task, student) for student in sorted(students, key=str)}
    texts = {student: text for student, text in found.items() if text is not None}
    given: dict[str, list[Rating]] = {}
    for one in read_ratings(places, task.assignment):
        if one.prompt == task.prompt.id:
            given.setdefault(one.student, []).append(one)
    seed = stored_seed(places, task.assignment)
    twice = scored_twice(texts, seed, task.prompt.id)
    marks = {student: text_mark(text.text) for student, text in texts.items()}
    now = datetime.now(UTC)
    standings = {
        student: standing(given.get(student, ()), marks[student], twice=student in twice, now=now)
        for student in texts
    }
    by_hand = {student for student in texts if student in scored and student not in given}
    return Board(task, seed, texts, marks, given, standings, by_hand)


def unbooked(connection: sa.Connection, task: Task, one: Board) -> list[str]:
    """Return the students whose rating is not in the gradebook as it should be."""
    with reading(connection):
        master = read_master(connection, task.assignment)
        stored = read_stored(connection, master) if master else {}
    missing = []
    for student in one.texts:
        wanted = one.entry(student)
        if wanted is not None and master is not None:
            there = standing_entry(stored.get(student), master, task.slot(student))
            if there is None or not there.same(wanted) or there.open != wanted.open:
                missing.append(student)
    return missing


def bank_of(root: Path) -> Bank:
    """Return the course text, read again only where a file of it has changed."""
    files = sorted((root / "course").rglob("*.toml")) + sorted((root / "course").rglob("*.md"))
    state = [(str(path), path.stat().st_mtime_ns, path.stat().st_size) for path in files]
    kept = _banks.get(root)
    if kept is None or kept[0] != state:
        kept = _banks[root] = (state, read_bank(root))
    return kept[1]


def _scored(connection: sa.Connection, master: Master, task: Task) -> set[str]:
    """Return the students whose reflection has a person's score that is not open."""
    id_, cells = master.notebooks[task.notebook.name]
    ids = [cell.id for cell in cells if cell.name == task.prompt.cell]
    query = (
        sa.select(submitted_assignment.c.student_id)
        .join(submitted_notebook, submitted_notebook.c.assignment_id == submitted_assignment.c.id)
        .join(grade, grade.c.notebook_id == submitted_notebook.c.id)
        .where(submitted_assignment.c.assignment_id == master.id, submitted_notebook.c.notebook_id == id_)
        .where(grade.c.cell_id.in_(ids), grade.c.manual_score.is_not(None))
        .where(grade.c.needs_manual_grade.is_(False))
    )
    return set(connection.execute(query).scalars())


def _text(places: Places, task: Task, student: str) -> TextReading | None:
    """Return what a student wrote; None where it is nothing, or where no copy can be read."""
    name = task.notebook.name
    path = places.path("autograded", student, task.assignment) / f"{name}.ipynb"
    try:
        status = path.stat()
        state = (status.st_mtime_ns, status.st_size)
        key = (places.step("autograded"), f"{task.assignment}/{name}", student)
        kept = _texts.get(key)
        if kept is None or kept[0] != state:
            kept = (state, read_copy(places, task.assignment, student, task.notebook)[0].texts)
            _texts[key] = kept
    except (OSError, ValueError, RefusedError, UnreadableError):
        return None
    text = kept[1].get(task.prompt.id)
    return text if text is not None and text.state != "unanswered" and text.text.strip() else None


def progress(one: Board, roles: Collection[str]) -> dict[str, int]:
    """Return how far the scoring of a prompt is.

    Parameters
    ----------
    roles : what each text is to the rater (see `Board.role`).
    """
    standings = one.standings.values()
    return {
        "texts": len(one.texts),
        "scored": sum(bool(where.readers) for where in standings) + len(one.by_hand),
        "second": sum(where.needs == "second" for where in standings),
        "third": sum(where.needs == "third" for where in standings),
        "mine": sum(role == "done" for role in roles),
        "todo": sum(role in ("first", "second", "third", "begun", "changed") for role in roles),
    }
