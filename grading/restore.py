"""Going back to a backup of the gradebook: the present one is kept first, and the change is one step."""

import shutil
import sqlite3
import time
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from grading import backups, gradebook
from grading.bookfile import BookFile, Standing, look_at, standings
from grading.gradebook import BUSY_SECONDS, GradebookError, first_line
from grading.places import Places, private_folder
from grading.progress import Tell, silent
from grading.untrusted import printable

BESIDE = ("-journal", "-wal", "-shm")
"""What SQLite keeps beside a database while it writes; it belongs to that very file."""


@dataclass(frozen=True)
class Change:
    """One assignment before and after: graded submissions, scores given by hand, and totals that differ."""

    graded: tuple[int, int]
    by_hand: tuple[int, int]
    differ: int


@dataclass(frozen=True)
class Restored:
    """What a restore did; `kept` is where the gradebook of before is now, None where there was none."""

    backup: Path
    gradebook: Path
    kept: Path | None
    damaged: bool
    """Whether the gradebook of before was damaged; then no numbers can be compared."""
    changes: Mapping[str, Change]

    @property
    def behind(self) -> list[str]:
        """Return the assignments whose scores are others now than before."""
        return [name for name, one in self.changes.items() if one.differ or one.graded[0] != one.graded[1]]


def file_of(places: Places) -> Path:
    """Return the gradebook file.

    Raises
    ------
    GradebookError : the gradebook is on a database server.
    """
    if places.gradebook is None:
        raise GradebookError(
            "the gradebook is on a database server, whose own programs make and restore backups: "
            "pg_dump --format=custom and pg_restore --clean"
        )
    return places.gradebook


def looked_through(places: Places, progress: Tell = silent) -> list[BookFile]:
    """Return every backup with what is in it, newest first, each looked through by SQLite."""
    file_of(places)
    found = []
    kept = backups.all_backups(places)
    for done, path in enumerate(reversed(kept)):
        progress(path.name, done, len(kept))
        found.append(look_at(path))
    return found


def find_backup(places: Places, name: str) -> Path:
    """Return the backup of a name, of a part of a name that only one has, or the file of that path.

    Raises
    ------
    GradebookError : there is none, or there are several.
    """
    known = backups.all_backups(places)
    folder = places.work / "backups"
    if Path(name).name == name and (folder / name).is_file():
        return folder / name
    if Path(name).is_file():
        return Path(name).resolve()
    found = [path for path in known if name and name in path.name]
    if len(found) == 1:
        return found[0]
    several = f"{len(found)} backups have this in their name" if found else "there is no such backup"
    raise GradebookError(f"{printable(name)}: {several} - see the list: grading restore")


def restore(places: Places, name: str, wait: float = 10.0) -> Restored:
    """Put a backup in place of the gradebook, which is kept as a backup itself.

    Raises
    ------
    GradebookError : the backup is no use, or the gradebook is in use; nothing was changed.
    """
    path = file_of(places)
    with gradebook.locked(places, wait):
        chosen = find_backup(places, name)
        if path.exists() and chosen.samefile(path):
            raise GradebookError(f"{path}: this is the gradebook itself - see the list: grading restore")
        problem = look_at(chosen).problem
        if problem:
            raise GradebookError(
                f"{chosen}: {problem}; nothing was changed - choose another from the list: grading restore"
            )
        private_folder(path.parent)
        draft = path.with_name(f".{path.name}.restored.part")
        draft.unlink(missing_ok=True)
        try:
            # A copy first: keeping the present one may clear out the very backup that was chosen.
            backups.copy_whole(chosen, draft)
            kept, damaged = _keep(places, path)
            before = standings(kept) if kept and not damaged else {}
            if kept and not damaged:
                _write_into(path, draft)
            else:
                _put(path, draft)
        except sqlite3.Error as error:
            raise GradebookError(
                f"{chosen}: cannot be copied ({first_line(error)}); nothing was changed - run it again"
            ) from error
        finally:
            draft.unlink(missing_ok=True)
        after = standings(path)
    return Restored(chosen, path, kept, damaged, _compared(before, after))


def _keep(places: Places, path: Path) -> tuple[Path | None, bool]:
    """Keep the present gradebook; return where, and whether it is damaged."""
    if not path.exists():
        return None, False
    # Opening it may already change what a killed program left, so that is copied before.
    left = any(path.with_name(path.name + ending).exists() for ending in BESIDE)
    aside = _copied_aside(places, path) if left else []
    try:
        kept = backups.back_up(places)
    except GradebookError:
        kept = None
    if kept is not None and not look_at(kept).problem:
        for part in aside:
            part.unlink()
        return kept, False
    if kept is not None:
        kept.unlink()  # whole, but no gradebook: it would only mislead among the backups
    return (aside or _copied_aside(places, path))[0], True


def _copied_aside(places: Places, path: Path) -> list[Path]:
    """Copy a gradebook as it stands, with what SQLite has beside it; return the copies."""
    folder = private_folder(places.work / "backups")
    name = f"damaged-{datetime.now(UTC):%Y%m%dT%H%M%S.%f}.db"
    copies = []
    for ending in ("", *BESIDE):
        part = path.with_name(path.name + ending)
        if part.is_file():
            copies.append(folder / (name + ending))
            shutil.copyfile(part, copies[-1])
    return copies


def _write_into(path: Path, draft: Path) -> None:
    """Replace what the gradebook holds in one transaction of SQLite's, so that open programs see the new.

    Raises
    ------
    GradebookError : another program keeps the gradebook in use.
    """
    until = time.monotonic() + BUSY_SECONDS

    def give_up(status: int, remaining: int, total: int) -> None:
        if time.monotonic() > until:
            raise GradebookError(
                f"{path}: another program is using the gradebook; nothing was changed - "
                "stop JupyterLab and run it again"
            )

    with closing(sqlite3.connect(draft)) as old, closing(sqlite3.connect(path, timeout=1)) as new:
        old.backup(new, progress=give_up)


def _put(path: Path, draft: Path) -> None:
    """Put a file in the place of a gradebook that is damaged or gone.

    Raises
    ------
    GradebookError : a program has the damaged one open, as only Windows minds.
    """
    try:
        for ending in BESIDE:  # of the damaged file; SQLite would apply it to the new one
            path.with_name(path.name + ending).unlink(missing_ok=True)
        draft.replace(path)
    except OSError as error:
        raise GradebookError(
            f"{path}: cannot be replaced ({error.strerror or error}) - stop JupyterLab and run it again"
        ) from error


def _compared(
    before: Mapping[str, Mapping[str, Standing]], after: Mapping[str, Mapping[str, Standing]]
) -> dict[str, Change]:
    """Return what differs, by assignment."""
    found = {}
    for name in sorted({*before, *after}):
        was, is_ = before.get(name, {}), after.get(name, {})
        found[name] = Change(
            (len(was), len(is_)),
            (_by_hand(list(was.values())), _by_hand(list(is_.values()))),
            sum(abs(was[student].points - is_[student].points) > 1e-9 for student in was.keys() & is_.keys()),
        )
    return found


def _by_hand(listed: Sequence[Standing]) -> int:
    """Return how many scores were given by hand."""
    return sum(one.by_hand for one in listed)
