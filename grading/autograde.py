"""Grading by reading: every submission of an assignment into the gradebook, one commit per student."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from grading import gradebook, records
from grading.copies import (
    Marks,
    base_notebook,
    copy_with_reason,
    earlier_run,
    handed_in_digest,
    marked,
    students_with_work,
    write_folder,
)
from grading.execution import run_student
from grading.gradedcopy import dumps, graded_copy
from grading.handedin import read_handed_in
from grading.keys import KeyChange, corrected_keys, key_digest
from grading.places import Places
from grading.records import AssignmentRecord, SubmissionRecord
from grading.results import GradingError, NeedsExecutionError, Run, StudentResult
from grading.submission import read_answers
from grading.untrusted import name_problem, printable
from grading.verdict import decide, decide_unreadable, with_others_failed

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
    backup_every: timedelta = timedelta(),
    progress: Progress = lambda student, done, total: None,
) -> Run:
    """Grade all submissions of an assignment, or of the students in `only`, by reading them.

    Parameters
    ----------
    corrected : grade with the keys in source/ from now on.
    dry_run : write nothing; the result says what would change.
    execute : run cells that only running can grade, too.
    wait : seconds to wait for another run.
    backup_every : make no backup where the newest is younger.

    Raises
    ------
    GradingError, GradebookError : nothing was graded; the message says what to do.
    """
    how = _How(corrected, dry_run, execute)
    if dry_run:
        with gradebook.opened(places) as book:
            return _run(places, book, assignment, only, how, progress)
    with gradebook.locked(places, wait):
        backup = gradebook.back_up(places, backup_every)
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
    waiting = students_with_work(places, assignment, mend=not how.dry_run)
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
    digest = handed_in_digest(places, record.name, student, record.notebooks)
    found = read_handed_in(submitted, [student, record.name], list(record.notebooks.values()))
    # A person may have entered a score since the run began.
    old = records.submission(book, record.name, student)
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
        before, earlier = earlier_run(old, name, folder)
        if name in found.notebooks:
            readings = read_answers(found.notebooks[name], released.questions, released.stubs)
            rows[name] = decide(released, readings, before)
            if released.others and name not in executed:
                rows[name] = with_others_failed(released, rows[name], reasons.get("running", ""))
            base = executed.get(name, bases[name])
            copy = graded_copy(base, released, readings)
            outcomes |= {item.id: item.outcome(readings.items[item.id]) for item in released.items}
            outcomes |= {id_: text.state for id_, text in readings.texts.items()}
            reasons |= readings.reasons
        else:
            reason = found.reasons[name]
            rows[name] = decide_unreadable(released, reason, before)
            kept = kept and before.read
            copy = copy_with_reason(bases[name], released, earlier, reason, before)
        copies[name] = dumps(marked(copy, Marks(key_digest(released), digest)))
        manual = manual or any(cell.needs_manual for cell in rows[name].cells.values())
    unread = not found.notebooks
    # Where earlier scores stand, so does their time: nbgrader then shows that something newer is waiting.
    timestamp = None if kept else found.timestamp
    if not how.dry_run:
        gradebook.write_student(book, record.name, student, timestamp, rows, penalty)
        write_folder(folder, copies, found if not kept else None)
    # Where nbgrader ran cells, it has written their scores itself.
    now = records.submission(book, record.name, student) if executed else old
    score, points, late = _totals(record, rows, now, timestamp)
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
