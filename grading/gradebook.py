"""nbgrader's gradebook: the lock that writers hold, and nbgrader's own way into it, for nbgrader's steps."""

import errno
import os
import sys
import sysconfig
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from grading.places import Places, private_folder

BUSY_SECONDS = 30
"""How long a write waits for another program, such as the formgrader, to let go of the file."""


class GradebookError(Exception):
    """The gradebook cannot be used; the message says what to do."""


class NoGradebookError(GradebookError):
    """There is no gradebook yet: no file, or an empty database on a server."""


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
        raise no_gradebook(path)
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
        raise missing_driver(error) from error
    except SQLAlchemyError as error:
        raise GradebookError(
            f"{path or 'the gradebook'}: cannot be opened ({first_line(error)}) - "
            "see the backups with: grading restore; or run: nbgrader db upgrade"
        ) from error
    try:
        yield book
    except SQLAlchemyError as error:
        raise GradebookError(f"{path or 'the gradebook'}: {first_line(error)} - {advice(error)}") from error
    finally:
        book.close()


def no_gradebook(path: Path | None) -> NoGradebookError:
    """Return the error for a gradebook that is not there; without a path, on a database server."""
    if path is None:
        return NoGradebookError(
            "the gradebook's database is empty - run: grading release ASSIGNMENT "
            "(if it was lost, bring back your own backup with pg_restore)"
        )
    return NoGradebookError(
        f"{path}: there is no gradebook yet - run: grading release ASSIGNMENT "
        "(if it was lost, see the backups with: grading restore)"
    )


def missing_driver(error: ImportError) -> GradebookError:
    """Return the error for a database whose driver is not installed."""
    return GradebookError(
        f"the gradebook's database driver is missing ({error}) - "
        'in the course folder run: python -m pip install -e ".[postgres]"; '
        "and begin the address with postgresql+psycopg://"
    )


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


def late_plugin(places: Places) -> Any:
    """Return nbgrader's late-submission plug-in as it is configured; None for its default, no penalty."""
    chosen = places.config.AssignLatePenalties.get("plugin_class")
    if not chosen and places.config.LateSubmissionPlugin.get("penalty_method", "none") == "none":
        return None  # asking nbgrader would mean importing it
    from nbgrader.preprocessors import AssignLatePenalties

    step = AssignLatePenalties(config=places.config)
    step.init_plugin()
    return step.plugin_inst


def advice(error: Exception, otherwise: str = "run the command again") -> str:
    """Return what to do about an error of a database or file; what was written before it stays as it is."""
    told = str(error)
    if "locked" in told or "lock timeout" in told:
        return "another program keeps it open for writing; close it, and run the command again"
    if "disk is full" in told or "disk I/O error" in told or getattr(error, "errno", None) == errno.ENOSPC:
        return "make room on the disk and run the command again"
    return otherwise


def first_line(error: Exception) -> str:
    """Return the first line of a database error, which alone says what happened."""
    return (str(error).splitlines() or [type(error).__name__])[0]
