"""Writes the notebooks that the course text yields, or compares them byte for byte with those on disk."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from course.model import Course
from course.notebook import assignment_notebook, dumps, is_generated, lesson_notebook
from course.setup_data import notebook_name

FOLDERS = ("notebooks", "source")


@dataclass(frozen=True)
class Difference:
    """One file that is not as the text says; `state` is missing, changed, left over or hand-made."""

    path: str
    state: str
    remedy: str

    def __str__(self) -> str:
        """Return ``path: state - remedy``."""
        return f"{self.path}: {self.state} - {self.remedy}"


def derived_files(course: Course) -> dict[str, str]:
    """Return path -> text of every notebook the course yields, with forward slashes."""
    files = {
        f"notebooks/{notebook_name(number, lesson)}": dumps(lesson_notebook(course, lesson))
        for number, lesson in enumerate(course.lessons)
    }
    for assignment in course.assignments:
        if course.assigned_items(assignment) or course.assigned_prompts(assignment):
            path = f"source/{assignment.id}/{assignment.id}.ipynb"
            files[path] = dumps(assignment_notebook(course, assignment))
    return files


def compare(root: Path, files: Mapping[str, str]) -> list[Difference]:
    """Return every difference between the derived files and the disk; empty when they agree byte for byte."""
    found = []
    for path, text in files.items():
        state = _state(root / path, text)
        if state == "hand-made":
            remedy = "it carries no stamp of `course build`: move it away, or rename the lesson"
            found.append(Difference(path, "a hand-made notebook stands in the way", remedy))
        elif state:
            found.append(Difference(path, state, "run `course build`"))
    for path in left_over(root, files):
        found.append(
            Difference(path, "is left over from an earlier build", "run `course build` to remove it")
        )
    return found


def write(root: Path, files: Mapping[str, str]) -> tuple[list[str], list[Difference]]:
    """Write what differs and remove what is left over; return the changed paths and what was refused.

    Unstamped notebooks are an instructor's own and are never touched.
    """
    changed, refused = [], []
    for difference in compare(root, files):
        path = root / difference.path
        if "hand-made" in difference.state:
            refused.append(difference)
        elif difference.path in files:
            path.parent.mkdir(parents=True, exist_ok=True)
            draft = path.with_suffix(".ipynb.part")
            draft.write_text(files[difference.path], encoding="utf-8", newline="\n")
            draft.replace(path)
            changed.append(difference.path)
        else:
            path.unlink()
            if path.parent.name not in FOLDERS and not any(path.parent.iterdir()):
                path.parent.rmdir()
            changed.append(difference.path)
    return changed, refused


def left_over(root: Path, files: Mapping[str, str]) -> list[str]:
    """Return stamped notebooks on disk that the course no longer yields."""
    found = []
    for folder in FOLDERS:
        for path in sorted((root / folder).rglob("*.ipynb")):
            name = PurePosixPath(path.relative_to(root)).as_posix()
            if ".ipynb_checkpoints" not in path.parts and name not in files and _stamped(path):
                found.append(name)
    return found


def _state(path: Path, text: str) -> str:
    """Return missing, changed or hand-made, or nothing where the file is as it should be."""
    if not path.exists():
        return "is missing"
    if path.read_bytes() == text.encode("utf-8"):
        return ""
    return "was changed by hand or is out of date" if _stamped(path) else "hand-made"


def _stamped(path: Path) -> bool:
    """Return whether the notebook says it was built."""
    try:
        return is_generated(json.loads(path.read_text(encoding="utf-8")))
    except (ValueError, OSError):
        return False
