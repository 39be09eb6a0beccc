"""Grading by reading: every submission of an assignment into the gradebook, one commit per student."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from grading import backups, gradebook, records
from grading.copies import (
    Marks,
    base_notebook,
    copy_with_reason,
    earlier_run,
    marked,
    students_with_work,
    write_folder,
)
from grading.execution import run_student
from grading.gradedcopy import dumps, graded_copy, template
from grading.keys import KeyChange, corrected_keys, key_digest
from grading.places import Places
from grading.records import AssignmentRecord, SubmissionRecord
from grading.results import GradingError, NeedsExecutionError, Run, StudentResult
from grading.rows import (
    NotebookRows,
    Penalty,
    read_stored,
    replace_sources,
    seconds_late,
    students_of,
    write_student,
)
from grading.student_work import Job, Work, read_work
from grading.tables import Master, connected, read_master, reading, writing
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
        with connected(places) as connection:
            return _run(places, connection, assignment, only, how, progress)
    with gradebook.locked(places, wait):
        backup = backups.back_up(places, backup_every)
        with connected(places) as connection:
            run = _run(places, connection, assignment, only, how, progress)
    return replace(run, backup=backup)


@dataclass(frozen=True)
class _How:
    """The choices of a run."""

    corrected: bool
    dry_run: bool
    execute: bool


def released_record(
    connection: sa.Connection, assignment: str, *, with_submissions: bool = True
) -> AssignmentRecord:
    """Return an assignment's record.

    Raises
    ------
    GradingError : the gradebook does not know it, or it has no notebook.
    """
    record = records.assignment(connection, assignment, with_submissions=with_submissions)
    if record is None or not record.notebooks:
        known = ", ".join(records.assignment_names(connection)) or "none yet"
        raise GradingError(
            f"{printable(assignment)}: not in the gradebook (it knows: {known}) - "
            f"run: grading release {printable(assignment)}"
        )
    return record


@dataclass(frozen=True)
class _Desk:
    """What every student's turn needs."""

    places: Places
    connection: sa.Connection
    master: Master
    record: AssignmentRecord
    job: Job
    penalty: Penalty | None
    dry_run: bool


def _run(
    places: Places,
    connection: sa.Connection,
    assignment: str,
    only: Collection[str],
    how: _How,
    progress: Progress,
) -> Run:
    """Grade with the gradebook open."""
    record = released_record(connection, assignment, with_submissions=False)
    with reading(connection):
        master = read_master(connection, assignment)
    assert master is not None  # noqa: S101 - the record was made from it
    if record.others and not how.execute:
        raise NeedsExecutionError(
            f"{assignment}: these cells can only be graded by running the student's code: "
            f"{', '.join(record.others)} - run: grading autograde {assignment} --execute"
        )
    changes: tuple[KeyChange, ...] = ()
    if how.corrected:
        changes, sources, record = corrected_keys(places, record)
        if sources and not how.dry_run:
            with writing(connection):
                replace_sources(connection, master, sources)
    templates = {
        name: template(base_notebook(places, assignment, name), released)
        for name, released in record.notebooks.items()
    }
    waiting = students_with_work(places, assignment, mend=not how.dry_run)
    missing = sorted(set(only) - set(waiting))
    if missing:
        raise GradingError(
            f"{', '.join(map(printable, missing))}: nothing handed in for {assignment} - "
            f"run: grading collect {assignment}"
        )
    chosen = [student for student in waiting if not only or student in only]
    desk = _Desk(
        places,
        connection,
        master,
        record,
        Job(places.step("submitted"), assignment, record.notebooks, templates),
        gradebook.late_plugin(places),
        how.dry_run,
    )
    results = []
    for number, student in enumerate(chosen):
        progress(student, number, len(chosen))
        results.append(_turn(desk, student))
    progress("", len(chosen), len(chosen))
    with reading(connection):
        known = students_of(connection, master)
    gone = () if only else tuple(sorted(known - set(waiting)))
    return Run(assignment, tuple(results), changes, gone)


def _turn(desk: _Desk, student: str) -> StudentResult:
    """Grade one student; one student's trouble must not stop the others."""
    problem = name_problem(student)
    if problem:
        return StudentResult(student, "refused", reasons={"the folder's name": problem})
    try:
        return _grade(desk, read_work(desk.job, student))
    except Exception as error:
        reason = printable(f"{type(error).__name__}: {error}", 300)
        return StudentResult(student, "failed", reasons={"grading": reason})


def _grade(desk: _Desk, work: Work) -> StudentResult:
    """Score and store one student's work."""
    record, found, student = desk.record, work.found, work.student
    executed: dict[str, dict[str, Any]] = {}
    not_run, before_run = "", None
    if record.others and found.notebooks:
        before_run = _stands(desk, student)
        # Before the transaction below: nbgrader writes what it runs in one of its own.
        bases = {name: dict(made.frame) for name, made in desk.job.templates.items()}
        executed, not_run = run_student(desk.places, record, student, found, bases)
    folder = desk.places.path("autograded", student, record.name)
    # Before the rows are read: a person may have entered a score since the run began.
    with (reading if desk.dry_run else writing)(desk.connection):
        stored = read_stored(desk.connection, desk.master, student).get(student)
        now = records.submission(desk.master, stored) if stored else None
        old = before_run if record.others and found.notebooks else now
        verdict = _verdict(desk, work, old, folder, executed, not_run)
        if not desk.dry_run:
            rows = verdict.rows
            write_student(
                desk.connection, desk.master, student, stored, verdict.timestamp, rows, desk.penalty
            )
    if not desk.dry_run:
        write_folder(folder, verdict.copies, None if verdict.kept else found)
    return _result(desk, work, old, now, verdict)


def _stands(desk: _Desk, student: str) -> SubmissionRecord | None:
    """Return a student's rows as they stand at this moment."""
    with reading(desk.connection):
        stored = read_stored(desk.connection, desk.master, student).get(student)
    return records.submission(desk.master, stored) if stored else None


@dataclass(frozen=True)
class _Verdict:
    """What one student's work comes to: gradebook rows, graded copies, and what to say about them.

    Where `kept`, earlier scores stand because nothing could be read; so does their time, and nbgrader then
    shows that something newer is waiting.
    """

    rows: Mapping[str, NotebookRows]
    copies: Mapping[str, str]
    outcomes: Mapping[str, str]
    reasons: Mapping[str, str]
    kept: bool
    timestamp: datetime | None


def _verdict(
    desk: _Desk,
    work: Work,
    old: SubmissionRecord | None,
    folder: Path,
    executed: Mapping[str, dict[str, Any]],
    not_run: str,
) -> _Verdict:
    """Return what a student's work comes to, given what an earlier run and graders have left."""
    found = work.found
    rows: dict[str, NotebookRows] = {}
    copies: dict[str, str] = {}
    outcomes: dict[str, str] = {}
    reasons: dict[str, str] = {f"{name}.ipynb": reason for name, reason in found.reasons.items()}
    reasons |= {"running": not_run} if not_run else {}
    kept = not found.notebooks
    for name, released in desk.record.notebooks.items():
        before, earlier = earlier_run(old, name, folder)
        made = desk.job.templates[name]
        if name in work.readings:
            readings = work.readings[name]
            rows[name] = decide(released, readings, before)
            if released.others and name not in executed:
                rows[name] = with_others_failed(released, rows[name], not_run)
            copy = graded_copy(template(executed[name], released) if name in executed else made, readings)
            outcomes |= {item.id: item.outcome(readings.items[item.id]) for item in released.items}
            outcomes |= {id_: text.state for id_, text in readings.texts.items()}
            reasons |= readings.reasons
        else:
            reason = found.reasons[name]
            rows[name] = decide_unreadable(released, reason, before)
            kept = kept and before.read
            copy = copy_with_reason(made, earlier, reason, before)
        copies[name] = dumps(marked(copy, Marks(key_digest(released), work.digest)))
    return _Verdict(rows, copies, outcomes, reasons, kept, None if kept else found.timestamp)


def _result(
    desk: _Desk, work: Work, old: SubmissionRecord | None, now: SubmissionRecord | None, verdict: _Verdict
) -> StudentResult:
    """Return what to tell about one student: score, points and seconds late as they stand now.

    `old` are the rows before this run; `now` those before the verdict, with what nbgrader ran in between.
    """
    record = desk.record
    earlier = {cell.name: cell for cell in now.cells} if now else {}
    score = 0.0
    for name, released in record.notebooks.items():
        new = verdict.rows[name].cells
        for cell in (one.name for one in released.sources.values() if one.points is not None):
            was = earlier.get(cell)
            automatic = new[cell].auto_score if cell in new else was.auto_score if was else None
            counted = was.manual_score if was and was.manual_score is not None else automatic
            if counted is not None:
                score += counted + ((was.extra_credit or 0.0) if was else 0.0)
    handed_in = verdict.timestamp or (old.timestamp if old else None)
    manual = any(cell.needs_manual for rows in verdict.rows.values() for cell in rows.cells.values())
    unread = not work.found.notebooks
    return StudentResult(
        work.student,
        "kept" if verdict.kept else "unreadable" if unread else "graded",
        score=score,
        points=record.points,
        before=old.score + old.penalty if old else None,
        outcomes=verdict.outcomes,
        reasons=verdict.reasons,
        remarks=work.found.remarks,
        needs_manual=manual or bool(verdict.kept and old and old.needs_manual),
        late=seconds_late(handed_in, record.due, old.extension if old else None),
    )
