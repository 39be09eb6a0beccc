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
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from grading.handedin import TIMESTAMP, HandedIn, written_time
from grading.notebook_json import cells, source_of
from grading.released import ReleasedNotebook
from grading.submission import prompt_ids
from grading.untrusted import printable

LAST_BYTES = 4096
"""How much of the end of its output is read: the last line is the answer."""
LIMIT = 1800
"""Seconds for one student's notebooks; each cell has nbgrader's own limit (Execute.timeout) as well."""
GIGABYTE = 1024**3
MEMORY, LARGEST_FILE, MORE_PROCESSES = 4 * GIGABYTE, GIGABYTE // 4, 256
"""Most bytes of address space for a process, most bytes of a file it writes, and how many more processes
than there are now the account may have while a student's code runs. Windows knows none of these limits."""


@dataclass(frozen=True)
class Running:
    """What running needs besides the submission: the course folder, and the assignment's gradebook rows.

    `definitions` are as `tables.definitions` returns them: nbgrader runs against a gradebook of its own, so
    that no student's code meets the class's, and no run leaves anything half done in it.
    """

    root: Path
    definitions: Mapping[str, list[dict[str, Any]]]


@dataclass(frozen=True)
class Ran:
    """What running gave: the executed notebooks, and automatic score and comment by notebook and cell.

    `problem` says why there is neither.
    """

    notebooks: Mapping[str, dict[str, Any]] = field(default_factory=dict)
    scores: Mapping[str, Mapping[str, tuple[float | None, str | None]]] = field(default_factory=dict)
    problem: str = ""


def run_student(
    running: Running,
    assignment: str,
    student: str,
    found: HandedIn,
    released: Mapping[str, ReleasedNotebook],
    frames: Mapping[str, Mapping[str, Any]],
) -> Ran:
    """Run one student's notebooks with nbgrader's autograder; never raises on anything they hold.

    `frames` are the released notebooks, for their kernel.
    """
    draft = Path(tempfile.mkdtemp(prefix="grading-"))
    try:
        folder = draft / "submitted" / student / assignment
        folder.mkdir(parents=True)
        for name, notebook in found.notebooks.items():
            text = json.dumps(cleaned(notebook, released[name], frames[name]), ensure_ascii=True)
            (folder / f"{name}.ipynb").write_text(text, encoding="utf-8", newline="\n")
        if found.timestamp:
            (folder / TIMESTAMP).write_text(written_time(found.timestamp), encoding="utf-8", newline="\n")
        (draft / "definitions.json").write_text(json.dumps(running.definitions), encoding="utf-8")
        problem = _in_own_process(running.root, assignment, student, draft)
        if problem:
            return Ran(problem=problem)
        made = draft / "autograded" / student / assignment
        notebooks = {
            name: json.loads((made / f"{name}.ipynb").read_text(encoding="utf-8")) for name in found.notebooks
        }
        told = json.loads((draft / "scores.json").read_text(encoding="utf-8"))
        scores = {
            name: {cell: (score, comment) for cell, (score, comment) in of.items()}
            for name, of in told.items()
        }
        return Ran(notebooks, scores)
    except (OSError, ValueError) as error:
        return Ran(problem=printable(str(error), 200))
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


def _in_own_process(root: Path, assignment: str, student: str, draft: Path) -> str:
    """Run this module for one student; return the reason where it failed.

    Student code can kill its kernel's parent. That is then this process, and only this student fails.
    """
    told = json.dumps([str(root), assignment, student, str(draft)])
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


def _set_limits() -> None:
    """Bound what this process and those it starts, the kernel with the student's code first, may use up."""
    if sys.platform == "win32":
        return
    import resource

    # The account's processes are counted, all of them; the superuser is not bound by this limit.
    account = os.getuid()
    mine = sum(1 for path in Path("/proc").glob("[0-9]*") if _owner(path) == account)
    wanted = {resource.RLIMIT_AS: MEMORY, resource.RLIMIT_FSIZE: LARGEST_FILE, resource.RLIMIT_CORE: 0}
    if mine:
        wanted[resource.RLIMIT_NPROC] = mine + MORE_PROCESSES
    for kind, most in wanted.items():
        hard = resource.getrlimit(kind)[1]
        with suppress(ValueError, OSError):  # a system that cannot bound this runs without the bound
            resource.setrlimit(kind, (most if hard < 0 else min(most, hard),) * 2)


def _owner(path: Path) -> int:
    """Return the account of a process; -1 where it has just ended."""
    try:
        return path.stat().st_uid
    except OSError:
        return -1


def main() -> None:
    """Grade the one student named on standard input, against a gradebook in the draft folder."""
    root, assignment, student, folder = json.loads(sys.stdin.read())
    _set_limits()
    from nbgrader.converters import Autograde

    from grading import gradebook, places, records, steps, stored_rows, tables

    draft = Path(folder)
    url = f"sqlite:///{(draft / 'one.db').as_posix()}"
    definitions = json.loads((draft / "definitions.json").read_text(encoding="utf-8"))
    course = definitions["assignment"][0]["course_id"]
    here = replace(places.find_places(Path(root)), db_url=url, course_id=course)
    with gradebook.opened(here, create=True):
        pass  # nbgrader makes the tables
    with tables.connected(here) as connection, tables.writing(connection):
        tables.add_rows(connection, definitions)
    config = steps.nbgrader_config(here)
    config.CourseDirectory.course_id = course
    config.CourseDirectory.submitted_directory = str(draft / "submitted")
    config.CourseDirectory.autograded_directory = str(draft / "autograded")
    config.CourseDirectory.assignment_id = assignment
    config.CourseDirectory.student_id = student
    try:
        steps.run_step(Autograde(coursedir=steps.course_directory(config), config=config), "not run")
    except steps.WorkflowError as error:
        sys.stdout.write(str(error).replace("\n", " ") + "\n")
        sys.exit(1)
    with tables.connected(here) as connection, tables.reading(connection):
        master = tables.read_master(connection, assignment)
        assert master is not None  # noqa: S101 - it was added above
        stored = records.submission(master, stored_rows.read_stored(connection, master, [student])[student])
    scores = {
        name: {cell.name: (cell.auto_score, cell.auto_comment) for cell in notebook.cells.values()}
        for name, notebook in stored.notebooks.items()
    }
    (draft / "scores.json").write_text(json.dumps(scores), encoding="utf-8")
    sys.stdout.write("done\n")


if __name__ == "__main__":
    main()
