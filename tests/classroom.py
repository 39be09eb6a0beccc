"""A class to grade in tests: the small course, released, with students who hand in what a test wants."""

import copy
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from course.bank import load_course
from course.notebook import assignment_notebook, dumps
from grading import gradebook, records
from grading.autograde import autograde
from grading.places import Places, find_places
from grading.records import SubmissionRecord
from grading.results import Run
from grading.tables import connected

CHECK = "check-greeting"
SINGLE, MULTIPLE, PROMPT = "greeting-single", "greeting-multiple", "greeting-encounter"
HONEST = {SINGLE: "c", MULTIPLE: ["a", "d"]}
TEXT = "At the gate I said stop, and the visitor went pale. A nod would have been better."
HOSTILE_TEXT = (
    '<script>fetch("/api/terminals",{method:"POST"})</script>\n'
    "![x](/formgrader?path=course/autograded/mallory/check)\n<img src=x onerror=alert(1)>\n"
    "[link](javascript:alert(1)) ```` end\n# Title \ud800\x1b[2J\u202e"
)
"""A reflection that attacks whoever reads it in a browser or a terminal."""
STUB = "(Your text appears here while you write in the box above.)"
TIME = "2026-03-02 09:30:00.000000 UTC"
PLACES = Path(__file__).resolve().parent.parent


def make_course(root: Path, *, keep: bool = False) -> None:
    """Put the small course's assignments and the repository's nbgrader settings into a folder.

    With `keep` the course text that stands there is used as it is.
    """
    if not keep:
        shutil.copytree(Path(__file__).parent / "sample" / "course", root / "course", dirs_exist_ok=True)
    shutil.copy(PLACES / "nbgrader_config.py", root / "nbgrader_config.py")
    course = load_course(root)
    for assignment in course.assignments:
        folder = root / "source" / assignment.id
        folder.mkdir(parents=True)
        text = dumps(assignment_notebook(course, assignment))
        (folder / f"{assignment.id}.ipynb").write_text(text, encoding="utf-8", newline="\n")


class Classroom:
    """A course folder with the check released, and shortcuts for what students and graders do."""

    def __init__(self, root: Path) -> None:
        self.root = root

    @property
    def places(self) -> Places:
        return find_places(self.root)

    @property
    def released(self) -> dict[str, Any]:
        """The notebook as students get it."""
        path = self.root / "release" / CHECK / f"{CHECK}.ipynb"
        return json.loads(path.read_text(encoding="utf-8"))

    @contextmanager
    def raw(self) -> Iterator[sa.Connection]:
        """A connection to the gradebook, wherever it is, without any code of ours in between."""
        engine = sa.create_engine(self.places.db_url)
        try:
            with engine.begin() as connection:
                yield connection
        finally:
            engine.dispose()

    def folder(self, step: str, student: str, assignment: str = CHECK) -> Path:
        return self.places.path(step, student, assignment)

    def hand_in(
        self,
        student: str,
        notebook: dict[str, Any] | bytes | str,
        *,
        time: str | None = TIME,
        name: str = f"{CHECK}.ipynb",
    ) -> Path:
        """Put a notebook, or any bytes, where `grading collect` would."""
        folder = self.folder("submitted", student)
        folder.mkdir(parents=True, exist_ok=True)
        data = json.dumps(notebook) if isinstance(notebook, dict) else notebook
        (folder / name).write_bytes(data.encode("utf-8") if isinstance(data, str) else data)
        if time is not None:
            (folder / "timestamp.txt").write_text(time, encoding="utf-8")
        return folder

    def students_nbgrader(
        self, home: Path, *settings: str
    ) -> Callable[..., subprocess.CompletedProcess[bytes]]:
        """Return how to run nbgrader as a student does who has a folder of their own and these settings."""
        home.mkdir()
        environment = {**os.environ, "HOME": str(home), "COURSE_EXCHANGE": str(self.places.exchange)}
        environment["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), environment["PATH"]])
        lines = [
            "import os",
            "c = get_config()",
            "c.CourseDirectory.course_id = 'safe-and-welcome'",
            "c.Exchange.root = os.environ['COURSE_EXCHANGE']",
            *settings,
        ]
        (home / "nbgrader_config.py").write_text("\n".join(lines) + "\n", encoding="utf-8")

        def run(*command: str) -> subprocess.CompletedProcess[bytes]:
            whole = [sys.executable, "-m", "nbgrader", *command]
            return subprocess.run(whole, cwd=home, env=environment, capture_output=True, check=False)

        return run

    def grade(self, **choices: Any) -> Run:
        return autograde(self.places, CHECK, **choices)

    def record(self, student: str) -> SubmissionRecord:
        with connected(self.places) as connection:
            found = records.assignment(connection, CHECK)
        assert found is not None
        return found.submissions[student]

    def rows(self, student: str) -> dict[str, tuple[float | None, bool, str | None]]:
        """Automatic score, waiting for a person, automatic comment, by cell."""
        return {
            cell.name: (cell.auto_score, cell.needs_manual, cell.auto_comment)
            for cell in self.record(student).cells
        }

    def grade_by_hand(self, student: str, cell: str, score: float, comment: str | None = None) -> None:
        """Do what the formgrader does when a person enters a score."""
        with gradebook.opened(self.places) as book:
            grade = book.find_grade(cell, CHECK, CHECK, student)
            grade.manual_score, grade.needs_manual_grade = score, False
            if comment is not None:
                book.find_comment(cell, CHECK, CHECK, student).manual_comment = comment
            book.db.commit()


def answered(
    notebook: dict[str, Any], answers: dict[str, Any] | None = None, text: str | None = None
) -> dict[str, Any]:
    """Return a copy of a released notebook with answers as the widgets write them."""
    made = copy.deepcopy(notebook)
    for cell in made["cells"]:
        marks = cell["metadata"].get("course", {})
        item = marks.get("item")
        if item in (answers or {}):
            given = (answers or {})[item]
            cell["source"] = f'from course import ask\nask("{item}", answer={literal(given)})'
        if "prompt" in marks and text is not None:
            cell["source"] = text
    return made


def literal(answer: Any) -> str:
    return "None" if answer is None else json.dumps(answer)


def cell_of(notebook: dict[str, Any], item: str) -> dict[str, Any]:
    """Return the quiz cell of an item."""
    return next(cell for cell in notebook["cells"] if cell["metadata"].get("course", {}).get("item") == item)
