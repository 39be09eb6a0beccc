"""Backups of the gradebook: made with SQLite's own copy, looked through, and thinned out with age."""

import re
import sqlite3
import time
from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

from grading.gradebook import BUSY_SECONDS, GradebookError, advice, first_line
from grading.places import Places, private_folder

NEWEST_KEPT, HOURS_KEPT, DAYS_KEPT = 10, 24, 30
_STAMP = "%Y%m%dT%H%M%S.%f"
_BACKUP = re.compile(r"gradebook-\d{8}T\d{6}\.\d{6}\.db")


def refuse_lost(places: Places) -> None:
    """Refuse to begin a new gradebook where there was one before.

    Raises
    ------
    GradebookError : the gradebook is gone and backups of it are there; the message names the newest.
    """
    path = places.gradebook
    kept = all_backups(places)
    if path is not None and kept and not path.is_file():
        raise GradebookError(
            f"{path}: the gradebook is gone, with all scores given by hand - "
            f"run: grading restore {kept[-1].name}; to begin anew instead, move {kept[-1].parent} away"
        )


def all_backups(places: Places) -> list[Path]:
    """Return the backups that were made, oldest first."""
    found = (places.work / "backups").glob("gradebook-*.db")
    return sorted(path for path in found if _BACKUP.fullmatch(path.name))


def made_at(name: str) -> datetime:
    """Return when a backup of this name was made, UTC."""
    return datetime.strptime(name, f"gradebook-{_STAMP}.db").replace(tzinfo=UTC)


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
    names = [one.name for one in all_backups(places)]
    copy = folder / f"gradebook-{now:{_STAMP}}.db"
    # A name from the future is from before the clock was set back, and is no backup of today.
    if any(f"gradebook-{now - unless_within:{_STAMP}}.db" < name < copy.name for name in names):
        return None
    draft = folder / "gradebook.part"
    draft.unlink(missing_ok=True)
    try:
        copy_whole(path, draft)
        draft.replace(copy)
    except sqlite3.Error as error:
        raise GradebookError(
            f"{path}: cannot be copied ({error}), and nothing was changed - "
            + advice(error, "see the backups with: grading restore")
        ) from error
    finally:
        draft.unlink(missing_ok=True)
    names.append(copy.name)
    for name in set(names) - kept_backups(names) - {copy.name}:
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


def copy_whole(source: Path, target: Path) -> None:
    """Copy a database and have SQLite look it through.

    Raises
    ------
    sqlite3.Error : it is damaged, it cannot be copied, or another program keeps it locked for too long.
    """
    until = time.monotonic() + BUSY_SECONDS

    def give_up(status: int, remaining: int, total: int) -> None:
        # Left alone, Python tries for ever.
        if status in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED) and time.monotonic() > until:
            raise sqlite3.OperationalError("database is locked")

    with (
        closing(sqlite3.connect(source, timeout=BUSY_SECONDS)) as old,
        closing(sqlite3.connect(target)) as new,
    ):
        old.backup(new, progress=give_up)
        ((found,),) = new.execute("PRAGMA quick_check(1)").fetchall()
    if found != "ok":
        raise sqlite3.DatabaseError(f"it is damaged: {first_line(Exception(found))}")
