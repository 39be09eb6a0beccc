"""Folders of one assignment on disk: what was handed in, our own notebook, and the graded copies."""

import json
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from grading.collecting import repair
from grading.copy_record import RECORD, Marks, recorded, recorded_digests, text_digest
from grading.gradedcopy import Template, graded_copy
from grading.handedin import SECRET, TIMESTAMP, HandedIn, written_time
from grading.notebook_json import UnreadableError, parse_notebook
from grading.places import Places, private_folder
from grading.records import SubmissionRecord
from grading.released import ReleasedNotebook
from grading.results import GradingError
from grading.submission import Readings, read_answers
from grading.untrusted import MOST_STUDENTS, RefusedError, list_folder, read_file
from grading.verdict import Before

COPY_LIMIT = 50 * 1024 * 1024


def students_with_work(places: Places, assignment: str, *, mend: bool = False) -> list[str]:
    """Return the names of the folders in submitted/ that hold something for the assignment.

    With `mend`, for which the lock must be held, what a killed collection left half-done is put right.

    Raises
    ------
    GradingError : submitted/ is there, but cannot be listed.
    """
    folder = places.step("submitted")
    try:
        students = [
            entry.name
            for entry in list_folder(folder, most=MOST_STUDENTS)
            if entry.kind in ("folder", "link")
        ]
    except RefusedError as refused:
        if not folder.exists():
            return []
        raise GradingError(f"{folder}: {refused} - make it a folder that you may read") from refused
    return [
        name
        for name in students
        if not name.startswith(".") and _has(places, folder, name, assignment, mend=mend)
    ]


def _has(places: Places, folder: Path, student: str, assignment: str, *, mend: bool) -> bool:
    """Return whether a student's folder names the assignment; an unreadable one counts, to be reported."""
    try:
        names = {entry.name for entry in list_folder(folder, [student])}
    except RefusedError:
        return True
    # Between two renames of a collection, the work stands under this name alone.
    half_done = f".{assignment}.old" in names and assignment not in names
    if half_done and mend:
        with suppress(OSError):  # then this student's work is listed as missing, and the others are graded
            repair(places.path("submitted", student, assignment))
    return half_done or assignment in names


def marks_of(places: Places, assignment: str, student: str, name: str) -> Marks | None:
    """Return the marks of a graded copy, empty where none can be read; None where it is nbgrader's."""
    try:
        copy = parse_notebook(
            read_file(places.step("autograded"), [student, assignment, f"{name}.ipynb"], COPY_LIMIT)
        )
    except (RefusedError, UnreadableError):
        return Marks("", "")
    metadata = copy.get("metadata")
    kept = metadata.get(RECORD) if isinstance(metadata, dict) else None
    return Marks(str(kept.get("key")), str(kept.get("handed_in"))) if isinstance(kept, dict) else None


def base_notebook(places: Places, assignment: str, name: str) -> dict[str, Any]:
    """Return our own notebook, as released to students.

    Raises
    ------
    GradingError : it is not there any more.
    """
    path = places.path("release", ".", assignment) / f"{name}.ipynb"
    try:
        notebook = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise GradingError(f"{path}: cannot be read ({error}) - run: grading release {assignment}") from error
    if not isinstance(notebook, dict):
        raise GradingError(f"{path}: is not a notebook - run: grading release {assignment}")
    return notebook


def earlier_run(old: SubmissionRecord | None, name: str, folder: Path) -> tuple[Before, Readings | None]:
    """Return what an earlier run left in the gradebook and in the graded copy."""
    rows = old.notebooks.get(name) if old else None
    try:
        copy = json.loads((folder / f"{name}.ipynb").read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        copy = None
    kept = recorded(copy)
    if kept is None:
        return Before(rows), None
    readings, reason = kept
    digests = {id_: text_digest(text.text) for id_, text in readings.texts.items()}
    return Before(rows, readings.items, {**digests, **recorded_digests(copy)}, reason), readings


def copy_with_reason(made: Template, earlier: Readings | None, reason: str, before: Before) -> dict[str, Any]:
    """Return the copy for a file that could not be read: the earlier answers, if any, under a note."""
    told = "The newest file could not be read. "
    told += "What follows is from an earlier file." if before.read else "No answer was read."
    kept = earlier if before.read and earlier else Readings()
    return graded_copy(made, kept, told=told, reason=reason)


def write_folder(folder: Path, copies: Mapping[str, str], found: HandedIn | None) -> None:
    """Put the graded copies in place, each in one step, and take away what is not ours.

    A run killed in between leaves whole files, old or new; the next run finishes the rest.
    """
    private_folder(folder.parent)
    folder.mkdir(exist_ok=True)
    files = {f"{name}.ipynb": text for name, text in copies.items()}
    if found is not None:
        if found.timestamp:
            files[TIMESTAMP] = written_time(found.timestamp)
        if found.secret:
            files[SECRET] = found.secret
    for name, text in files.items():
        write_whole(folder / name, text)
    keep = {*files, TIMESTAMP, SECRET} if found is None else set(files)
    for path in folder.iterdir():
        if path.name not in keep and (path.is_symlink() or path.is_file()):
            path.unlink()


def write_whole(path: Path, content: str | bytes) -> None:
    """Write a file so that at any moment the old or the new one stands there whole; text as UTF-8."""
    draft = path.with_name(f".{path.name}.part")
    draft.unlink(missing_ok=True)
    draft.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)
    draft.replace(path)


def read_copy(
    places: Places, assignment: str, student: str, released: ReleasedNotebook
) -> tuple[Readings, str]:
    """Return what the gradebook's scores rest on: the readings in the graded copy, and a whole file's reason.

    Raises
    ------
    RefusedError, UnreadableError : there is no copy that can be read.
    """
    parts = [student, assignment, f"{released.name}.ipynb"]
    copy = parse_notebook(read_file(places.step("autograded"), parts, COPY_LIMIT))
    # A copy that nbgrader's own autograder made holds the student's cells, which read like a submission.
    return recorded(copy) or (read_answers(copy, released.questions, released.stubs), "")
