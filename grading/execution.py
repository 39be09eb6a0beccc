"""Cells that only running can grade: nbgrader's autograder on a cleaned copy, in a process of its own.

This runs students' code with the grader's rights. It keeps one student's code from another's grading, not
from the machine: for that, run it in a container or under an account that can reach nothing else.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from grading.gradebook import with_programs
from grading.handedin import TIMESTAMP, HandedIn, written_time
from grading.notebook_json import cells, source_of
from grading.places import Places, find_places, private_folder
from grading.records import AssignmentRecord
from grading.released import ReleasedNotebook
from grading.steps import WorkflowError, course_directory, nbgrader_config, run_step
from grading.submission import prompt_ids
from grading.untrusted import printable

LAST_BYTES = 4096
"""How much of the end of its output is read: the last line is the answer."""
LIMIT = 1800
"""Seconds for one student's notebooks; each cell has nbgrader's own limit (Execute.timeout) as well."""


def run_student(
    places: Places,
    record: AssignmentRecord,
    student: str,
    found: HandedIn,
    bases: Mapping[str, Mapping[str, Any]],
) -> tuple[dict[str, dict[str, Any]], str]:
    """Run one student's notebooks with nbgrader's autograder, which writes their scores to the gradebook.

    Returns the executed notebooks by name, and the reason where running failed (then there are none).
    """
    draft = private_folder(places.work) / "draft"
    shutil.rmtree(draft, ignore_errors=True)
    folder = draft / "submitted" / student / record.name
    folder.mkdir(parents=True)
    for name, notebook in found.notebooks.items():
        text = json.dumps(cleaned(notebook, record.notebooks[name], bases[name]), ensure_ascii=True)
        (folder / f"{name}.ipynb").write_text(text, encoding="utf-8", newline="\n")
    if found.timestamp:
        (folder / TIMESTAMP).write_text(written_time(found.timestamp), encoding="utf-8", newline="\n")
    try:
        problem = _in_own_process(places, record.name, student, draft)
        if problem:
            return {}, problem
        made = draft / "autograded" / student / record.name
        return {
            name: json.loads((made / f"{name}.ipynb").read_text(encoding="utf-8")) for name in found.notebooks
        }, ""
    except (OSError, ValueError) as error:
        return {}, printable(str(error), 200)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def cleaned(
    notebook: Mapping[str, Any], released: ReleasedNotebook, base: Mapping[str, Any]
) -> dict[str, Any]:
    """Return a submission fit for nbgrader: sources only, each released cell exactly once, our metadata.

    A cell that the student removed is put back at the end, so that its test runs and an old score cannot
    survive.
    """
    made: list[dict[str, Any]] = []
    left = set(released.sources)
    for cell in reversed(list(cells(notebook))):
        kind = cell.get("cell_type")
        marks = (cell.get("metadata") if isinstance(cell.get("metadata"), dict) else {}) or {}
        table = marks.get("nbgrader")
        name = table.get("grade_id") if isinstance(table, dict) else None
        own = isinstance(name, str) and name in left
        if own:
            left.discard(str(name))
        made.append(_cell("code" if kind == "code" else "markdown", source_of(cell), name if own else None))
        for prompt in sorted(prompt_ids(cell) & released.stubs.keys())[:1]:
            made[-1]["metadata"]["course"] = {"prompt": prompt}
    made.reverse()
    for name in sorted(left):
        stored = released.sources[name]
        made.append(_cell(stored.cell_type, stored.source, name))
    for number, cell in enumerate(made):
        cell["id"] = f"cell-{number}"
    metadata = {
        key: base["metadata"][key] for key in ("kernelspec", "language_info") if key in base["metadata"]
    }
    return {"cells": made, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}


def _cell(kind: str, source: str, name: str | None) -> dict[str, Any]:
    """Return a bare cell; nbgrader's marks are restored from the gradebook (see preprocessors)."""
    cell: dict[str, Any] = {"cell_type": kind, "metadata": {}, "source": source}
    if name is not None:
        cell["metadata"]["nbgrader"] = {"grade_id": name}
    if kind == "code":
        cell |= {"outputs": [], "execution_count": None}
    return cell


def _in_own_process(places: Places, assignment: str, student: str, draft: Path) -> str:
    """Run this module for one student; return the reason where it failed.

    Student code can kill its kernel's parent. That is then this process, and only this student fails.
    """
    with_programs()
    told = json.dumps([str(places.root), assignment, student, str(draft)])
    # Not a pipe: a program that the student's code leaves running would keep it open, and the run waiting.
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "grading.execution"],
            stdin=subprocess.PIPE,
            stdout=output,
            stderr=subprocess.DEVNULL,
            start_new_session=sys.platform != "win32",
        )
        try:
            process.communicate(told.encode("utf-8"), timeout=LIMIT)
        except subprocess.TimeoutExpired:
            return f"took longer than {LIMIT} s"
        finally:
            if sys.platform != "win32":
                with suppress(ProcessLookupError, PermissionError):
                    os.killpg(process.pid, signal.SIGKILL)
            process.kill()
            process.wait()
        output.seek(max(0, output.seek(0, os.SEEK_END) - LAST_BYTES))
        answer = output.read(LAST_BYTES).decode("utf-8", "replace").strip().splitlines()[-1:] or [""]
    if process.returncode == 0 and answer[0] == "done":
        return ""
    return printable(answer[0], 300) or "its code ended the grading process"


def main() -> None:
    """Grade the one student named on standard input."""
    root, assignment, student, draft = json.loads(sys.stdin.read())
    from nbgrader.converters import Autograde

    config = nbgrader_config(find_places(Path(root)))
    config.CourseDirectory.submitted_directory = str(Path(draft) / "submitted")
    config.CourseDirectory.autograded_directory = str(Path(draft) / "autograded")
    config.CourseDirectory.assignment_id = assignment
    config.CourseDirectory.student_id = student
    try:
        run_step(Autograde(coursedir=course_directory(config), config=config), "not run")
    except WorkflowError as error:
        sys.stdout.write(str(error).replace("\n", " ") + "\n")
        sys.exit(1)
    sys.stdout.write("done\n")


if __name__ == "__main__":
    main()
