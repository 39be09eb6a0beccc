"""What `grading doctor` looks at in the work: whether releases are up to date, and what killed runs left."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from grading import records
from grading.bookfile import being_written
from grading.finding import LOOK, OK, WRONG, Finding
from grading.gradebook import GradebookError
from grading.keys import CorrectionError, source_cells
from grading.leaks import folder_leaks
from grading.notebook_json import UnreadableError, cells, parse_notebook, source_of
from grading.places import Places
from grading.records import AssignmentRecord
from grading.regrade_record import is_cut_off
from grading.reports import counted
from grading.tables import connected
from grading.untrusted import printable

SECONDS = 3.0
"""How long is looked for left-overs at most, and waited for `course build --check`."""


def assignments(places: Places) -> Iterator[Finding]:
    """Check that what students have, what is graded by, and what the course text says are the same."""
    known = places.assignments()
    if not known:
        said = f"{places.step('source')} holds none"
        yield Finding("assignments", WRONG, said, "course build")
        return
    yield from _built(places)
    yield from _leaks(places, known)
    book = places.gradebook
    if book is not None and (not book.is_file() or being_written(book)):
        return
    try:
        with connected(places) as connection:
            found = [records.assignment(connection, name, with_submissions=False) for name in known]
    except GradebookError:
        return  # what is wrong with the gradebook is told above
    released = [record for record in found if record is not None and record.notebooks]
    stale = {record.name: why for record in released if (why := _differs(places, record))}
    for name, why in stale.items():
        todo = f"grading release {name} (for a corrected key: grading regrade {name})"
        yield Finding("assignments", LOOK, f"{name}: {why}", todo)
    if not stale:
        yield Finding("assignments", OK, f"{len(released)} of {len(known)} released, as source/ has them")


def _built(places: Places) -> Iterator[Finding]:
    """Check that the notebooks are what the course text says."""
    if not (places.root / "course" / "course.toml").is_file():
        return
    command = [sys.executable, "-m", "course", "--root", str(places.root), "build", "--check", "--json"]
    try:
        run = subprocess.run(
            command, cwd=places.root, capture_output=True, text=True, timeout=SECONDS, check=False
        )
        problems = json.loads(run.stdout)["problems"]
    except subprocess.TimeoutExpired:
        yield Finding("course text", OK, "not compared here, for lack of time: course build --check does it")
        return
    if problems:
        first = f"{problems[0]['path']} {problems[0]['state']}"
        more = f", and {len(problems) - 1} more" if len(problems) > 1 else ""
        yield Finding("course text", LOOK, f"{printable(first, 200)}{more}", "course build")
    else:
        yield Finding("course text", OK, "the notebooks are built from it as it stands")


def _leaks(places: Places, known: Sequence[str]) -> Iterator[Finding]:
    """Check that nothing in release/ holds what students must not see, however it got there."""
    for name in known:
        try:
            found = folder_leaks(places.path("release", ".", name))
        except (OSError, ValueError, RecursionError):
            continue  # that it cannot be compared is told below
        if found:
            more = f", and {len(found) - 1} more" if len(found) > 1 else ""
            said = f"{name}: release/ holds what students must not get ({printable(found[0], 200)}{more})"
            yield Finding("assignments", WRONG, said, f"hand none of it out; grading release {name}")


def _differs(places: Places, record: AssignmentRecord) -> str:
    """Return how source/, release/ and the gradebook differ; empty where they agree."""
    for name, released in record.notebooks.items():
        path = places.path("release", ".", record.name) / f"{name}.ipynb"
        source = places.path("source", ".", record.name) / f"{name}.ipynb"
        try:
            today = source_cells(places, record.name, name, checksums=False)
            plain = [_plain(file) for file in (source, path)]
        except (CorrectionError, UnreadableError, OSError) as error:
            return f"{name}.ipynb cannot be compared ({printable(str(error), 150)})"
        if {one.name: one.source for one in today.values()} != {
            one.name: one.source for one in released.sources.values()
        } or plain[0] != plain[1]:
            return "source/ was changed since it was released"
    return ""


def _plain(path: Path) -> list[str]:
    """Return the sources of the cells that a release leaves as they are."""
    notebook = parse_notebook(path.read_bytes())
    return [source_of(cell) for cell in cells(notebook) if "nbgrader" not in (cell.get("metadata") or {})]


def left_overs(places: Places) -> Iterator[Finding]:
    """Check for what a killed run left behind."""
    found = [path for path in _of_killed_runs(places) if path.exists()]
    cut_off = [name for name in places.assignments() if is_cut_off(places, name)]
    for name in cut_off:
        said = f"{name}: a regrade was cut off"
        yield Finding("left-overs", LOOK, said, f"grading regrade {name}")
    if found:
        said = f"{counted(len(found), 'file')} of a killed run, such as {printable(str(found[0]), 200)}"
        yield Finding("left-overs", LOOK, said, "run the command again that was cut off: it takes them away")
    elif not cut_off:
        yield Finding("left-overs", OK, "none of a killed run")


def _of_killed_runs(places: Places) -> Iterator[Path]:
    """Yield drafts and what was moved aside, as far as there is time to look."""
    until = time.monotonic() + SECONDS
    yield places.work / "draft"
    yield places.work / "backups" / "gradebook.part"
    yield from places.work.glob(".seen-*")
    if places.gradebook is not None:
        yield places.gradebook.with_name(f".{places.gradebook.name}.restored.part")
    for folder in ("notebooks", "source/*"):
        yield from places.root.glob(f"{folder}/*.ipynb.part")
    for step, endings in (
        ("submitted", (".old", ".new")),
        ("autograded", (".part",)),
        ("feedback", (".part",)),
    ):
        for folder, folders, files in os.walk(places.step(step)):
            if time.monotonic() > until:
                return
            depth = len(Path(folder).relative_to(places.step(step)).parts)
            if depth >= 2 or (step == "submitted" and depth >= 1):
                folders_here, folders[:] = list(folders), []
            else:
                folders_here = folders
            for name in (*folders_here, *files):
                if name.startswith(".") and name.endswith(endings):
                    yield Path(folder) / name
