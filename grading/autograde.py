"""Grading by reading: every submission of an assignment into the gradebook, one commit per student."""

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from grading import gradebook, records
from grading.execution import run_student
from grading.gradedcopy import dumps, graded_copy, recorded
from grading.handedin import SECRET, TIMESTAMP, HandedIn, read_handed_in, written_time
from grading.keys import KeyChange, corrected_keys
from grading.places import Places, private_folder
from grading.records import AssignmentRecord, SubmissionRecord
from grading.released import ReleasedNotebook
from grading.submission import Readings, read_answers
from grading.untrusted import MOST_STUDENTS, RefusedError, list_folder, name_problem, printable
from grading.verdict import Before, decide, decide_unreadable, with_others_failed


class GradingError(Exception):
    """Nothing can be graded; the message says what to do."""


class NeedsExecutionError(GradingError):
    """The assignment holds cells that only running them can grade."""


@dataclass(frozen=True)
class StudentResult:
    """What happened to one student; scores are in points, without late penalty."""

    student: str
    state: str
    """graded, kept (the file could not be read and earlier scores stand), unreadable, refused or failed."""
    score: float | None = None
    points: float | None = None
    before: float | None = None
    """The score before this run; None where there was none."""
    outcomes: Mapping[str, str] = field(default_factory=dict)
    reasons: Mapping[str, str] = field(default_factory=dict)
    """Question id, or notebook file, -> why it could not be read."""
    remarks: Sequence[str] = ()
    needs_manual: bool = False
    late: float = 0.0

    @property
    def changed(self) -> bool:
        """Return whether a score that stood before is another one now."""
        return self.before is not None and self.score is not None and abs(self.before - self.score) > 1e-9

    @property
    def troubled(self) -> bool:
        """Return whether somebody has to look."""
        return self.state != "graded" or bool(self.reasons)


@dataclass(frozen=True)
class Run:
    """The result of one run over an assignment."""

    assignment: str
    students: tuple[StudentResult, ...]
    key_changes: tuple[KeyChange, ...] = ()
    gone: tuple[str, ...] = ()
    """Students with scores whose submission folder is no longer there; their scores are as they were."""
    backup: Path | None = None

    def as_json(self) -> dict[str, Any]:
        """Return the run for ``--json``."""
        return {
            "assignment": self.assignment,
            "students": [{**one.__dict__, "changed": one.changed} for one in self.students],
            "key_changes": [change.__dict__ for change in self.key_changes],
            "gone": list(self.gone),
            "backup": str(self.backup) if self.backup else None,
        }


Progress = Callable[[str, int, int], None]


def autograde(
    places: Places,
    assignment: str,
    *,
    only: Collection[str] = (),
    corrected: bool = False,
    dry_run: bool = False,
    execute: bool = False,
    wait: float = 10.0,
    progress: Progress = lambda student, done, total: None,
) -> Run:
    """Grade all submissions of an assignment, or of the students in `only`, by reading them.

    Parameters
    ----------
    corrected : grade with the keys in source/ from now on.
    dry_run : write nothing; the result says what would change.
    execute : run cells that only running can grade, too.
    wait : seconds to wait for another run.

    Raises
    ------
    GradingError, GradebookError : nothing was graded; the message says what to do.
    """
    how = _How(corrected, dry_run, execute)
    if dry_run:
        with gradebook.opened(places) as book:
            return _run(places, book, assignment, only, how, progress)
    with gradebook.locked(places, wait):
        backup = gradebook.back_up(places)
        with gradebook.opened(places) as book:
            run = _run(places, book, assignment, only, how, progress)
    return replace(run, backup=backup)


@dataclass(frozen=True)
class _How:
    """The choices of a run."""

    corrected: bool
    dry_run: bool
    execute: bool


def released_record(book: Any, assignment: str) -> AssignmentRecord:
    """Return an assignment's record.

    Raises
    ------
    GradingError : the gradebook does not know it, or it has no notebook.
    """
    record = records.assignment(book, assignment)
    if record is None or not record.notebooks:
        known = ", ".join(records.assignment_names(book)) or "none yet"
        raise GradingError(
            f"{printable(assignment)}: not in the gradebook (it knows: {known}) - "
            f"run: grading release {printable(assignment)}"
        )
    return record


def _run(
    places: Places,
    book: Any,
    assignment: str,
    only: Collection[str],
    how: _How,
    progress: Progress,
) -> Run:
    """Grade with the gradebook open."""
    record = released_record(book, assignment)
    if record.others and not how.execute:
        raise NeedsExecutionError(
            f"{assignment}: these cells can only be graded by running the student's code: "
            f"{', '.join(record.others)} - run: grading autograde {assignment} --execute"
        )
    changes: tuple[KeyChange, ...] = ()
    if how.corrected:
        changes, sources, record = corrected_keys(places, record)
        if sources and not how.dry_run:
            gradebook.replace_sources(book, assignment, sources)
    bases = {name: base_notebook(places, assignment, name) for name in record.notebooks}
    penalty = gradebook.late_plugin(places)
    waiting = students_with_work(places, assignment)
    missing = sorted(set(only) - set(waiting))
    if missing:
        raise GradingError(
            f"{', '.join(map(printable, missing))}: nothing handed in for {assignment} - "
            f"run: grading collect {assignment}"
        )
    chosen = [student for student in waiting if not only or student in only]
    results = []
    for number, student in enumerate(chosen):
        progress(student, number, len(chosen))
        problem = name_problem(student)
        if problem:
            results.append(StudentResult(student, "refused", reasons={"the folder's name": problem}))
            continue
        try:
            results.append(_grade(places, book, record, bases, student, penalty, how))
        except Exception as error:  # one student's trouble must not stop the others
            reason = printable(f"{type(error).__name__}: {error}", 300)
            results.append(StudentResult(student, "failed", reasons={"grading": reason}))
    progress("", len(chosen), len(chosen))
    gone = () if only else tuple(sorted(set(record.submissions) - set(waiting)))
    return Run(assignment, tuple(results), changes, gone)


def students_with_work(places: Places, assignment: str) -> list[str]:
    """Return the names of the folders in submitted/ that hold something for the assignment."""
    folder = places.step("submitted")
    try:
        students = [
            entry.name
            for entry in list_folder(folder, most=MOST_STUDENTS)
            if entry.kind in ("folder", "link")
        ]
    except RefusedError:
        return []
    return [name for name in students if not name.startswith(".") and _has(folder, name, assignment)]


def _has(folder: Path, student: str, assignment: str) -> bool:
    """Return whether a student's folder names the assignment; an unreadable one counts, to be reported."""
    try:
        return any(entry.name == assignment for entry in list_folder(folder, [student]))
    except RefusedError:
        return True


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


def _grade(
    places: Places,
    book: Any,
    record: AssignmentRecord,
    bases: Mapping[str, dict[str, Any]],
    student: str,
    penalty: Any,
    how: _How,
) -> StudentResult:
    """Read, score and store one student's submission."""
    submitted = places.step("submitted")
    found = read_handed_in(submitted, [student, record.name], list(record.notebooks.values()))
    old = record.submissions.get(student)
    folder = places.path("autograded", student, record.name)
    rows: dict[str, gradebook.NotebookRows] = {}
    copies: dict[str, str] = {}
    outcomes: dict[str, str] = {}
    reasons: dict[str, str] = {f"{name}.ipynb": reason for name, reason in found.reasons.items()}
    executed: dict[str, dict[str, Any]] = {}
    if record.others and found.notebooks:
        executed, problem = run_student(places, record, student, found, bases)
        reasons |= {"running": problem} if problem else {}
    manual, kept = False, not found.notebooks
    for name, released in record.notebooks.items():
        before, earlier = _before(old, name, folder)
        if name in found.notebooks:
            readings = read_answers(found.notebooks[name], released.questions, released.stubs)
            rows[name] = decide(released, readings, before)
            if released.others and name not in executed:
                rows[name] = with_others_failed(released, rows[name], reasons.get("running", ""))
            base = executed.get(name, bases[name])
            copies[name] = dumps(graded_copy(base, released, readings))
            outcomes |= {item.id: item.outcome(readings.items[item.id]) for item in released.items}
            outcomes |= {id_: text.state for id_, text in readings.texts.items()}
            reasons |= readings.reasons
        else:
            reason = found.reasons[name]
            rows[name] = decide_unreadable(released, reason, before)
            kept = kept and before.read
            copies[name] = dumps(_copy_with_reason(bases[name], released, earlier, reason, before))
        manual = manual or any(cell.needs_manual for cell in rows[name].cells.values())
    unread = not found.notebooks
    # Where earlier scores stand, so does their time: nbgrader then shows that something newer is waiting.
    timestamp = None if kept else found.timestamp
    if not how.dry_run:
        gradebook.write_student(book, record.name, student, timestamp, rows, penalty)
        _write_folder(folder, copies, found if not kept else None)
    # Where nbgrader ran cells, it has written their scores itself.
    now = records.assignment(book, record.name) if executed else None
    score, points, late = _totals(record, rows, now.submissions.get(student) if now else old, timestamp)
    return StudentResult(
        student,
        "kept" if kept else "unreadable" if unread else "graded",
        score=score,
        points=points,
        before=old.score + old.penalty if old else None,
        outcomes=outcomes,
        reasons=reasons,
        remarks=found.remarks,
        needs_manual=manual or bool(kept and old and old.needs_manual),
        late=late,
    )


def _before(old: SubmissionRecord | None, name: str, folder: Path) -> tuple[Before, Readings | None]:
    """Return what an earlier run left in the gradebook and in the graded copy."""
    rows = old.notebooks.get(name) if old else None
    try:
        kept = recorded(json.loads((folder / f"{name}.ipynb").read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError, TypeError):
        kept = None
    if kept is None:
        return Before(rows), None
    readings, reason = kept
    texts = {id_: text.text for id_, text in readings.texts.items()}
    return Before(rows, texts, reason), readings


def _copy_with_reason(
    base: dict[str, Any], released: ReleasedNotebook, earlier: Readings | None, reason: str, before: Before
) -> dict[str, Any]:
    """Return the copy for a file that could not be read: the earlier answers, if any, under a note."""
    told = "The newest file could not be read. "
    told += "What follows is from an earlier file." if before.read else "No answer was read."
    kept = earlier if before.read and earlier else Readings()
    return graded_copy(base, released, kept, told=told, reason=reason)


def _totals(
    record: AssignmentRecord,
    rows: Mapping[str, gradebook.NotebookRows],
    old: SubmissionRecord | None,
    timestamp: datetime | None,
) -> tuple[float, float, float]:
    """Return score, points and seconds late as they stand after the rows."""
    cells = {cell.name: cell for cell in old.cells} if old else {}
    score = 0.0
    for name, released in record.notebooks.items():
        new = rows[name].cells
        for cell in (one.name for one in released.sources.values() if one.points is not None):
            earlier = cells.get(cell)
            automatic = new[cell].auto_score if cell in new else earlier.auto_score if earlier else None
            manual = earlier.manual_score if earlier else None
            counted = manual if manual is not None else automatic
            if counted is not None:
                score += counted + ((earlier.extra_credit or 0.0) if earlier else 0.0)
    handed_in = timestamp or (old.timestamp if old else None)
    return score, record.points, gradebook.seconds_late(handed_in, record.due, old.extension if old else None)


def _write_folder(folder: Path, copies: Mapping[str, str], found: HandedIn | None) -> None:
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


def write_whole(path: Path, text: str) -> None:
    """Write a text file so that at any moment the old or the new one stands there whole."""
    draft = path.with_name(f".{path.name}.part")
    draft.unlink(missing_ok=True)
    draft.write_text(text, encoding="utf-8", newline="\n")
    draft.replace(path)
