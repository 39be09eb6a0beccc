"""nbgrader's gradebook: opened safely, backed up, locked, and written one student at a time."""

import os
import re
import sqlite3
import sys
import sysconfig
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from grading.places import Places, private_folder

NEWEST_KEPT, HOURS_KEPT, DAYS_KEPT = 10, 24, 30
_STAMP = "%Y%m%dT%H%M%S.%f"
_BACKUP = re.compile(r"gradebook-\d{8}T\d{6}\.\d{6}\.db")
BUSY_SECONDS = 30
"""How long a write waits for another program, such as the formgrader, to let go of the file."""


class GradebookError(Exception):
    """The gradebook cannot be used; the message says what to do."""


@dataclass(frozen=True)
class CellRows:
    """What one graded cell gets; `auto_score` None leaves it to a person, `comment` is the automatic one."""

    auto_score: float | None
    needs_manual: bool
    comment: str | None


@dataclass(frozen=True)
class NotebookRows:
    """What one submitted notebook gets; `flagged` None leaves the flag as it is."""

    cells: Mapping[str, CellRows] = field(default_factory=dict)
    flagged: bool | None = None


@contextmanager
def locked(places: Places, wait: float = 10.0) -> Iterator[None]:
    """Hold the one lock for writing grades; a second run waits up to `wait` seconds.

    Raises
    ------
    GradebookError : another run still holds it.
    """
    path = private_folder(places.work) / "writing.lock"
    try:
        with FileLock(path, timeout=wait):
            yield
    except Timeout:
        raise GradebookError(
            f"{path}: another run of grading is writing and did not finish within {wait:g} s - "
            "wait for it, or raise --wait"
        ) from None


@contextmanager
def opened(places: Places, *, create: bool = False) -> Iterator[Any]:
    """Yield nbgrader's Gradebook for this course.

    Raises
    ------
    GradebookError : there is no gradebook yet and `create` is not set, or the database cannot be opened.
    """
    path = places.gradebook
    if path is not None and not create and not path.is_file():
        raise GradebookError(
            f"{path}: there is no gradebook yet - run: grading release ASSIGNMENT "
            "(or copy the newest file from grading/work/backups/ here if it was lost)"
        )
    if path is not None and create and not path.parent.is_dir():
        private_folder(path.parent)
    with_programs()
    from nbgrader.api import Gradebook
    from sqlalchemy.exc import SQLAlchemyError

    url = places.db_url
    if path is not None:
        url += f"{'&' if '?' in url else '?'}timeout={BUSY_SECONDS}"
    try:
        book = Gradebook(url, places.course_id or "default_course")
    except ImportError as error:
        raise GradebookError(
            f"the gradebook's database driver is missing ({error}) - "
            "pip install 'safe-and-welcome[postgres]' and begin the address with postgresql+psycopg://"
        ) from error
    except SQLAlchemyError as error:
        raise GradebookError(
            f"{path or 'the gradebook'}: cannot be opened ({_first_line(error)}) - "
            "put the newest file from grading/work/backups/ in its place, or run: nbgrader db upgrade"
        ) from error
    try:
        yield book
    except SQLAlchemyError as error:
        raise GradebookError(
            f"{path or 'the gradebook'}: {_first_line(error)} - run the command again"
        ) from error
    finally:
        book.close()


def at_address(url: str) -> Any:
    """Return nbgrader's Gradebook at a database address, for steps inside nbgrader that are given one."""
    from nbgrader.api import Gradebook

    return Gradebook(url)


def with_programs() -> None:
    """Put the folder of this Python's programs on PATH: nbgrader starts ``alembic`` by its bare name."""
    scripts = sysconfig.get_path("scripts")
    folders = os.environ.get("PATH", "").split(os.pathsep)
    if scripts not in folders:
        os.environ["PATH"] = os.pathsep.join([scripts, str(Path(sys.executable).parent), *folders])
    # nbgrader's relations warn about every new student; the rows are right (see its api.py, add_submission).
    warnings.filterwarnings("ignore", message="Object of type .* not in session", category=Warning)


def refuse_lost(places: Places) -> None:
    """Refuse to begin a new gradebook where there was one before.

    Raises
    ------
    GradebookError : the gradebook is gone and backups of it are there; the message names the newest.
    """
    path = places.gradebook
    kept = sorted((places.work / "backups").glob("gradebook-*.db"))
    if path is not None and kept and not path.is_file():
        raise GradebookError(
            f"{path}: the gradebook is gone, with all scores given by hand - copy {kept[-1]} to {path}; "
            f"to begin anew instead, move {kept[-1].parent} away"
        )


def back_up(places: Places, unless_within: timedelta = timedelta()) -> Path | None:
    """Copy the gradebook to work/backups/ with SQLite's own backup, check the copy, and clear out old ones.

    Returns the copy, or None where none is made: there is no gradebook yet, it is on a database server, or
    the newest copy is younger than `unless_within`.

    Raises
    ------
    GradebookError : the gradebook cannot be copied, or the copy is damaged; earlier copies are untouched.
    """
    path = places.gradebook
    if path is None or not path.is_file():
        return None
    folder = private_folder(places.work / "backups")
    now = datetime.now(UTC)
    names = sorted(one.name for one in folder.glob("gradebook-*.db") if _BACKUP.fullmatch(one.name))
    if any(name > f"gradebook-{now - unless_within:{_STAMP}}.db" for name in names):
        return None
    copy = folder / f"gradebook-{now:{_STAMP}}.db"
    draft = folder / "gradebook.part"
    draft.unlink(missing_ok=True)
    try:
        _copy_whole(path, draft)
        draft.replace(copy)
    except sqlite3.Error as error:
        raise GradebookError(
            f"{path}: cannot be copied ({error}) - nothing was changed; "
            "put the newest good file from grading/work/backups/ in its place"
        ) from error
    finally:
        draft.unlink(missing_ok=True)
    names.append(copy.name)
    for name in set(names) - kept_backups(names):
        (folder / name).unlink(missing_ok=True)
    return copy


def kept_backups(names: Sequence[str]) -> set[str]:
    """Return the backups to keep: the newest ten, and the first of each hour and of each day there are.

    Hours and days are those with a backup, the last 24 and the last 30 of them. The first of an hour stays
    however many follow, so that a hundred runs in a minute leave the gradebook from before them.
    """
    ordered = sorted(names)
    kept = set(ordered[-NEWEST_KEPT:])
    for letters, most in ((len("gradebook-20260302T09"), HOURS_KEPT), (len("gradebook-20260302"), DAYS_KEPT)):
        first = {name[:letters]: name for name in reversed(ordered)}
        kept |= set(sorted(first.values())[-most:])
    return kept


def _copy_whole(source: Path, target: Path) -> None:
    """Copy a database and have SQLite look it through."""
    with (
        closing(sqlite3.connect(source, timeout=BUSY_SECONDS)) as old,
        closing(sqlite3.connect(target)) as new,
    ):
        old.backup(new)
        ((found,),) = new.execute("PRAGMA quick_check(1)").fetchall()
    if found != "ok":
        raise sqlite3.DatabaseError(f"it is damaged: {_first_line(Exception(found))}")


def write_student(
    book: Any,
    assignment: str,
    student: str,
    timestamp: datetime | None,
    notebooks: Mapping[str, NotebookRows],
    penalty: Any = None,
) -> None:
    """Write everything about one student's submission in one commit; on an error, nothing of it stays.

    Parameters
    ----------
    timestamp : when it was handed in, UTC without zone; None leaves the stored one.
    notebooks : notebook name -> its rows; cells that are not named keep theirs.
    penalty : nbgrader's late-submission plug-in, or None for no penalty.
    """
    from nbgrader import api

    session = book.db
    try:
        with session.no_autoflush:
            owner = session.get(api.Student, student)
            if owner is None:
                owner = api.Student(id=student)
                session.add(owner)
            master = session.query(api.Assignment).filter_by(name=assignment).one()
            submission = (
                session.query(api.SubmittedAssignment)
                .filter_by(assignment_id=master.id, student_id=student)
                .one_or_none()
            )
            if submission is None:
                submission = api.SubmittedAssignment(assignment_id=master.id, student_id=student)
                session.add(submission)
            if timestamp is not None:
                submission.timestamp = timestamp
            session.flush()
            for notebook in master.notebooks:
                rows = notebooks.get(notebook.name, NotebookRows())
                _write_notebook(session, notebook, submission.id, rows)
        session.flush()
        if penalty is not None:
            _write_penalty(session, submission, student, penalty)
        session.commit()
    except BaseException:
        session.rollback()
        raise


def _write_notebook(session: Any, notebook: Any, submission_id: str, rows: NotebookRows) -> None:
    """Write the grade and comment rows of one submitted notebook, making those that nbgrader would make."""
    from nbgrader import api

    submitted = (
        session.query(api.SubmittedNotebook)
        .filter_by(notebook_id=notebook.id, assignment_id=submission_id)
        .one_or_none()
    )
    if submitted is None:
        submitted = api.SubmittedNotebook(notebook_id=notebook.id, assignment_id=submission_id, flagged=False)
        session.add(submitted)
        session.flush()
    if rows.flagged is not None:
        submitted.flagged = rows.flagged
    grades = {grade.cell_id: grade for grade in session.query(api.Grade).filter_by(notebook_id=submitted.id)}
    comments = {one.cell_id: one for one in session.query(api.Comment).filter_by(notebook_id=submitted.id)}
    for cell in [*notebook.grade_cells, *notebook.task_cells]:
        grade = grades.get(cell.id)
        if grade is None:
            grade = api.Grade(cell_id=cell.id, notebook_id=submitted.id)
            session.add(grade)
        if cell.name in rows.cells:
            grade.auto_score = rows.cells[cell.name].auto_score
            grade.needs_manual_grade = rows.cells[cell.name].needs_manual
    commented = {cell.name: cell for cell in [*notebook.solution_cells, *notebook.task_cells]}
    # nbgrader keeps no comment on a test cell; ours has one only as long as its answer is unreadable.
    for cell in notebook.grade_cells:
        if cell.name not in commented:
            given = rows.cells.get(cell.name)
            if given is not None and given.comment is not None:
                commented[cell.name] = cell
            elif given is not None and cell.id in comments and comments[cell.id].manual_comment is None:
                session.delete(comments[cell.id])
    for name, cell in commented.items():
        comment = comments.get(cell.id)
        if comment is None:
            comment = api.Comment(cell_id=cell.id, notebook_id=submitted.id)
            session.add(comment)
        if name in rows.cells:
            comment.auto_comment = rows.cells[name].comment


def _write_penalty(session: Any, submission: Any, student: str, penalty: Any) -> None:
    """Set each notebook's late penalty as nbgrader's AssignLatePenalties does."""
    late = seconds_late(submission.timestamp, submission.assignment.duedate, submission.extension)
    session.refresh(submission)
    for submitted in submission.notebooks:
        session.refresh(submitted)
        points = None
        if late > 0:
            points = penalty.late_submission_penalty(student, submitted.score, late)
        submitted.late_submission_penalty = None if points is None else min(max(points, 0), submitted.score)


def seconds_late(handed_in: datetime | None, due: datetime | None, extension: timedelta | None) -> float:
    """Return the seconds past the due date with its extension; 0.0 where there is no date to compare."""
    if handed_in is None or due is None:
        return 0.0
    return max(0.0, (handed_in - due - (extension or timedelta())).total_seconds())


def replace_sources(book: Any, assignment: str, sources: Mapping[tuple[str, str], tuple[str, str]]) -> None:
    """Store corrected grade cells, in one commit: (notebook, cell) -> (source, checksum)."""
    from nbgrader import api

    session = book.db
    try:
        master = session.query(api.Assignment).filter_by(name=assignment).one()
        for notebook in master.notebooks:
            for cell in notebook.source_cells:
                if (notebook.name, cell.name) in sources:
                    cell.source, cell.checksum = sources[notebook.name, cell.name]
        session.commit()
    except BaseException:
        session.rollback()
        raise


def late_plugin(places: Places) -> Any:
    """Return nbgrader's late-submission plug-in as it is configured."""
    from nbgrader.preprocessors import AssignLatePenalties

    step = AssignLatePenalties(config=places.config)
    step.init_plugin()
    return step.plugin_inst


def _first_line(error: Exception) -> str:
    """Return the first line of a database error, which alone says what happened."""
    return (str(error).splitlines() or [type(error).__name__])[0]
