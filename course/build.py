"""Writes the notebooks that the course text yields, or compares them byte for byte with those on disk."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from course.model import Course
from course.notebook import (
    assignment_notebook,
    dumps,
    is_generated,
    is_untouched,
    lesson_notebook,
    stamped,
)
from course.setup_data import notebook_name

FOLDERS = ("notebooks", "source")
HAND_MADE = "a hand-made notebook stands in the way"
COPIED = "is a copy of a built notebook, or a built one that was edited"


@dataclass(frozen=True)
class Difference:
    """One file that is not as the text says: what is the matter, and what to do."""

    path: str
    state: str
    remedy: str

    def __str__(self) -> str:
        """Return ``path: state - remedy``."""
        return f"{self.path}: {self.state} - {self.remedy}"


def derived_files(course: Course) -> dict[str, str]:
    """Return path -> text of every notebook the course yields, with forward slashes."""
    notebooks = {
        f"notebooks/{notebook_name(number, lesson)}": lesson_notebook(course, lesson)
        for number, lesson in enumerate(course.lessons)
    }
    for assignment in course.assignments:
        if course.assigned_items(assignment) or course.assigned_prompts(assignment):
            path = f"source/{assignment.id}/{assignment.id}.ipynb"
            notebooks[path] = assignment_notebook(course, assignment)
    return {path: dumps(stamped(notebook, path)) for path, notebook in notebooks.items()}


def compare(root: Path, files: Mapping[str, str]) -> list[Difference]:
    """Return every difference between the derived files and the disk; empty when they agree byte for byte."""
    found = [difference for path, text in files.items() for difference in _difference(root, path, text)]
    return found + [_left_over(root, path) for path in _stamped_files(root) if path not in files]


def write(root: Path, files: Mapping[str, str]) -> tuple[list[str], list[Difference]]:
    """Write what differs and remove what is left over; return the changed paths and what was refused.

    Notebooks without a stamp, copies of built ones, and left-over ones that were edited are somebody's own
    work and are never touched.
    """
    changed, refused = [], []
    for difference in compare(root, files):
        path = root / difference.path
        if difference.state in {HAND_MADE, COPIED}:
            refused.append(difference)
            continue
        if difference.path in files:
            path.parent.mkdir(parents=True, exist_ok=True)
            draft = path.with_suffix(".ipynb.part")
            draft.write_text(files[difference.path], encoding="utf-8", newline="\n")
            draft.replace(path)
        else:
            path.unlink()
            if path.parent.name not in FOLDERS and not any(path.parent.iterdir()):
                path.parent.rmdir()
        changed.append(difference.path)
    return changed, refused


def _difference(root: Path, path: str, text: str) -> list[Difference]:
    """Return how a derived file on disk differs from its text, as a list of none or one."""
    place = root / path
    if not place.exists():
        return [Difference(path, "is missing", "run `course build`")]
    if place.read_bytes() == text.encode("utf-8"):
        return []
    if is_generated(_parsed(place)):
        return [Difference(path, "was changed by hand or is out of date", "run `course build`")]
    remedy = "it carries no stamp of `course build`: move it away, or rename the lesson"
    return [Difference(path, HAND_MADE, remedy)]


def _left_over(root: Path, path: str) -> Difference:
    """Return what to do about a stamped notebook that the course does not yield."""
    if is_untouched(_parsed(root / path), path):
        return Difference(path, "is left over from an earlier build", "run `course build` to remove it")
    remedy = 'take "course" out of its notebook metadata to keep it as your own, or move it away'
    return Difference(path, COPIED, remedy)


def _stamped_files(root: Path) -> list[str]:
    """Return the notebooks on disk that carry a stamp, by path with forward slashes."""
    found = [path for folder in FOLDERS for path in sorted((root / folder).rglob("*.ipynb"))]
    return [
        path.relative_to(root).as_posix()
        for path in found
        if ".ipynb_checkpoints" not in path.parts and is_generated(_parsed(path))
    ]


def _parsed(path: Path) -> object:
    """Return a notebook as parsed JSON; None where it cannot be read."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, OSError):
        return None
