"""Puts the simulated class through the real exchange: fetch, fill in, submit, each under its own name."""

import json
import sys
import tomllib
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from course.model import Assignment, Course
from course.scoring import Answer
from grading.places import Places
from grading.simulation import SimulatedWork, simulate_class, simulate_work

DUE = datetime(2026, 3, 6, 17, 0)
"""The sample's due date, UTC; fixed, so that the sample is the same whenever it is made."""
STAMP = "%Y-%m-%d %H:%M:%S.%f %Z"


def sample_work(course: Course, assignment: Assignment, root: Path) -> list[SimulatedWork]:
    """Return what the simulated class hands in for an assignment, in order of student."""
    items, prompts = course.assigned_items(assignment), course.assigned_prompts(assignment)
    texts = {prompt.id: reflection_texts(root, prompt.id) for prompt in prompts}
    students = simulate_class(course.seed)
    works = (simulate_work(one, items, prompts, texts, due=DUE, seed=course.seed) for one in students)
    return [work for work in works if work is not None]


def reflection_texts(root: Path, prompt: str) -> list[str]:
    """Return the exemplar texts of a prompt, which serve as reflections; empty where there are none."""
    path = root / "course" / "rubrics" / "exemplars" / f"{prompt}.toml"
    if not path.is_file():
        return []
    return [
        exemplar["text"].strip() for exemplar in tomllib.loads(path.read_text(encoding="utf-8"))["exemplar"]
    ]


def fill_in(notebook: dict[str, Any], work: SimulatedWork) -> dict[str, Any]:
    """Return the notebook with the work's answers written where the widgets write them."""
    for cell in notebook["cells"]:
        mark = cell["metadata"].get("course", {})
        if mark.get("item") in work.answers:
            literal = _literal(work.answers[mark["item"]])
            cell["source"] = "".join(cell["source"]).replace("answer=None", f"answer={literal}")
        elif mark.get("prompt") in work.reflections:
            cell["source"] = work.reflections[mark["prompt"]]
    return notebook


def _literal(answer: Answer) -> str:
    """Return an answer as the widgets write it."""
    return "None" if answer is None else json.dumps(answer if isinstance(answer, str) else sorted(answer))


def hand_in(
    places: Places, assignment: str, works: Iterable[SimulatedWork], said: Callable[[str], None]
) -> None:
    """Submit each work through nbgrader's exchange, or by folder where nbgrader has none (Windows).

    nbgrader names a student after the operating-system user unless told otherwise, and would keep only the
    last of several; so each is submitted under its own id.
    """
    desks = places.work / "desks"
    for work in works:
        home = desks / work.student.id
        folder = home / assignment
        if sys.platform == "win32":
            folder = desks / "by-folder" / work.student.id
        _fetch(places, assignment, work.student.id, folder)
        for path in folder.glob("*.ipynb"):
            filled = fill_in(json.loads(path.read_text(encoding="utf-8")), work)
            path.write_text(
                json.dumps(filled, ensure_ascii=False, indent=1) + "\n", encoding="utf-8", newline="\n"
            )
        if sys.platform != "win32":
            _submit(places, assignment, work, home)
        said(work.student.id)


def _fetch(places: Places, assignment: str, student: str, folder: Path) -> None:
    """Fetch the released assignment into a student's folder, afresh."""
    import shutil

    shutil.rmtree(folder, ignore_errors=True)
    folder.parent.mkdir(parents=True, exist_ok=True)
    if sys.platform == "win32":
        shutil.copytree(places.path("release", ".", assignment), folder)
        return
    from nbgrader.exchange import ExchangeFactory

    fetch = ExchangeFactory(config=places.config).FetchAssignment
    _start(fetch, places, assignment, student, folder.parent)


def _submit(places: Places, assignment: str, work: SimulatedWork, home: Path) -> None:
    """Submit a student's folder at the simulated time."""
    from nbgrader.exchange import ExchangeFactory

    submit = ExchangeFactory(config=places.config).Submit

    class AtSimulatedTime(submit):  # type: ignore[misc, valid-type]
        def set_timestamp(self) -> None:
            self.timestamp = work.handed_in.replace(tzinfo=UTC).strftime(STAMP)

    _start(AtSimulatedTime, places, assignment, work.student.id, home)


def _start(step: Any, places: Places, assignment: str, student: str, home: Path) -> None:
    """Run one of nbgrader's exchange steps as a student whose files are in `home`."""
    from nbgrader.auth import Authenticator
    from nbgrader.coursedir import CourseDirectory

    config = places.config.copy()
    config.CourseDirectory.assignment_id = assignment
    config.CourseDirectory.student_id = student
    config.Exchange.assignment_dir = str(home)
    config.Exchange.cache = str(home / "cache")
    step(
        coursedir=CourseDirectory(config=config), authenticator=Authenticator(config=config), config=config
    ).start()
