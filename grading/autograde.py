"""Grading by reading: every submission of an assignment into the gradebook, each whole or not at all."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import sqlalchemy as sa

from grading import backups, gradebook, records
from grading.copies import base_notebook, copy_with_reason, earlier_run, students_with_work, write_folder
from grading.crew import Crew, Unread, read_here
from grading.execution import Ran, Running
from grading.gradedcopy import template
from grading.keys import KeyChange, corrected_keys
from grading.places import Places
from grading.progress import Tell, silent
from grading.records import AssignmentRecord, SubmissionRecord
from grading.released import ReleasedNotebook
from grading.results import GradingError, NeedsExecutionError, Run, StudentResult
from grading.rows import NotebookRows, Penalty, replace_sources, write_student
from grading.stored_rows import read_stored, seconds_late, students_of
from grading.student_work import Job, Work, copy_text
from grading.tables import Master, connected, definitions, read_master, reading, writing
from grading.untrusted import name_problem, printable
from grading.verdict import decide, decide_unreadable, with_others, with_others_failed

TOGETHER = 16
"""Students in one transaction, most of whose cost is its end; few enough that others wait milliseconds."""
MOST_TEXT = 2_000_000
"""Characters from which on work does not wait for others: sixteen of the longest texts would take 0.6 GB."""


def autograde(
    places: Places,
    assignment: str,
    *,
    only: Collection[str] = (),
    corrected: bool = False,
    dry_run: bool = False,
    execute: bool = False,
    crew: Crew = read_here,
    wait: float = 10.0,
    backup_every: timedelta = timedelta(),
    progress: Tell = silent,
) -> Run:
    """Grade all submissions of an assignment, or of the students in `only`, by reading them.

    Parameters
    ----------
    corrected : grade with the keys in source/ from now on.
    dry_run : write nothing; the result says what would change.
    execute : run cells that only running can grade, too.
    crew : who reads the work (see `grading.crew`); scores are the same whoever does.
    wait : seconds to wait for another run.
    backup_every : make no backup where the newest is younger.

    Raises
    ------
    GradingError, GradebookError : nothing was graded; the message says what to do.
    """
    how = _How(corrected, dry_run, execute, crew)
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
    crew: Crew


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
    progress: Tell,
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
    refused = {student: problem for student in chosen if (problem := name_problem(student))}
    running = None
    if record.others:
        with reading(connection):
            running = Running(places.root, definitions(connection, master))
    job = Job(places.step("submitted"), assignment, record.notebooks, templates, running)
    desk = _Desk(places, connection, master, record, job, gradebook.late_plugin(places), how.dry_run)
    results = [
        StudentResult(student, "refused", reasons={"the folder's name": problem})
        for student, problem in refused.items()
    ]
    waiting_works: list[Work] = []
    for work in how.crew(job, [student for student in chosen if student not in refused]):
        progress(work.student, len(results) + len(waiting_works), len(chosen))
        if isinstance(work, Unread):
            results.append(_failed(work))
            continue
        waiting_works.append(work)
        # What took a kernel seconds is kept at once.
        if running or len(waiting_works) == TOGETHER or sum(map(_length, waiting_works)) > MOST_TEXT:
            results += _grade(desk, waiting_works)
            waiting_works = []
    results += _grade(desk, waiting_works)
    progress("", len(chosen), len(chosen))
    results.sort(key=lambda one: one.student)
    with reading(connection):
        known = students_of(connection, master)
    gone = () if only else tuple(sorted(known - set(waiting)))
    return Run(assignment, tuple(results), changes, gone)


def _length(work: Work) -> int:
    """Return how many characters of a student's work are held until it is stored."""
    texts = (text.text for readings in work.readings.values() for text in readings.texts.values())
    return sum(map(len, (*texts, *work.copies.values())))


def _grade(desk: _Desk, works: Sequence[Work]) -> list[StudentResult]:
    """Score and store the work of several students; one student's trouble must not stop the others."""
    try:
        return _grade_together(desk, works) if works else []
    except sa.exc.OperationalError:
        raise  # a locked database or a full disk is everybody's: stop, and say so once
    except Exception as error:
        if len(works) > 1:
            return [result for work in works for result in _grade(desk, [work])]
        return [_failed(Unread(works[0].student, f"{type(error).__name__}: {error}"))]


def _grade_together(desk: _Desk, works: Sequence[Work]) -> list[StudentResult]:
    """Score and store the work of several students: all their rows, or on an error none."""
    name = desk.record.name
    folders = {work.student: desk.places.path("autograded", work.student, name) for work in works}
    told: list[tuple[Work, SubmissionRecord | None, _Verdict]] = []
    # Inside one transaction: a person may have entered a score since the run began.
    with (reading if desk.dry_run else writing)(desk.connection):
        standing = read_stored(desk.connection, desk.master, list(folders))
        for work in works:
            stored = standing.get(work.student)
            old = records.submission(desk.master, stored) if stored and stored.notebooks else None
            verdict = _verdict(desk, work, old, folders[work.student])
            told.append((work, old, verdict))
            if not desk.dry_run:
                rows, time = verdict.rows, verdict.timestamp
                write_student(desk.connection, desk.master, work.student, stored, time, rows, desk.penalty)
    results: list[StudentResult] = []
    for work, old, verdict in told:
        try:
            if not desk.dry_run:
                write_folder(folders[work.student], verdict.copies, None if verdict.kept else work.found)
        except Exception as error:
            # Not raised: the others' rows stand, and a second turn would take them for an earlier run's.
            results.append(_failed(Unread(work.student, f"{type(error).__name__}: {error}")))
        else:
            results.append(_result(desk, work, old, verdict))
    return results


def _failed(unread: Unread) -> StudentResult:
    """Return the result for a student whom an error of ours kept from being graded."""
    return StudentResult(unread.student, "failed", reasons={"grading": printable(unread.error, 300)})


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


def _verdict(desk: _Desk, work: Work, old: SubmissionRecord | None, folder: Path) -> _Verdict:
    """Return what a student's work comes to, given what an earlier run and graders have left."""
    found = work.found
    ran = work.ran or Ran()
    rows: dict[str, NotebookRows] = {}
    copies = dict(work.copies)
    outcomes: dict[str, str] = {}
    reasons: dict[str, str] = {f"{name}.ipynb": reason for name, reason in found.reasons.items()}
    reasons |= {"running": ran.problem} if ran.problem else {}
    kept = not work.readings
    for name, released in desk.record.notebooks.items():
        before, earlier = earlier_run(old, name, folder)
        if name in work.readings:
            readings = work.readings[name]
            rows[name] = decide(released, readings, before)
            if released.others and name in ran.scores:
                rows[name] = with_others(released, rows[name], ran.scores[name], before)
            elif released.others:
                rows[name] = with_others_failed(released, rows[name], ran.problem)
            outcomes |= {item.id: item.outcome(readings.items[item.id]) for item in released.items}
            outcomes |= {one.id: one.outcome(readings.texts[one.id]) for one in released.prompts}
            reasons |= _unsettled(released, readings.reasons, rows[name])
        else:
            reason = found.reasons[name]
            rows[name] = decide_unreadable(released, reason, before)
            if rows[name].cells and not any(cell.needs_manual for cell in rows[name].cells.values()):
                del reasons[f"{name}.ipynb"]
            kept = kept and before.read
            copy = copy_with_reason(desk.job.templates[name], earlier, reason, before)
            copies[name] = copy_text(copy, released, work.found.digest)
    return _Verdict(rows, copies, outcomes, reasons, kept, None if kept else found.timestamp)


def _unsettled(released: ReleasedNotebook, reasons: Mapping[str, str], rows: NotebookRows) -> dict[str, str]:
    """Return the reasons of those questions that a person still has to look at."""
    cell_of = {item.id: item.cell for item in released.items}
    cell_of |= {prompt.id: prompt.cell for prompt in released.prompts}
    return {id_: why for id_, why in reasons.items() if rows.cells[cell_of[id_]].needs_manual}


def _result(desk: _Desk, work: Work, old: SubmissionRecord | None, verdict: _Verdict) -> StudentResult:
    """Return what to tell about one student, with score, points and seconds late as they stand now."""
    record = desk.record
    earlier = {cell.name: cell for cell in old.cells} if old else {}
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
    unread = not work.readings
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
