"""What `grading doctor` looks at in the course folder: who may read what, the exchange, disk and clock."""

import os
import re
import shlex
import shutil
import stat
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from grading import backups
from grading.finding import LOOK, OK, WRONG, Finding, chmod
from grading.places import Places
from grading.restore_console import file_size
from grading.untrusted import printable

WINDOWS = sys.platform == "win32"
LEAST_FREE, ENOUGH_FREE = 200_000_000, 2_000_000_000
"""Bytes on the disk: below the first nothing should be graded any more, below the second one should know."""
SECONDS = 3.0
"""No longer than this is looked for left-overs, or waited for `course build --check`."""
MINUTES_AHEAD = 5
"""Files may be that much newer than the clock says, since network disks have clocks of their own."""


def student_data(places: Places) -> Iterator[Finding]:
    """Check that nobody else on this machine can read student data, and that we can write it."""
    if not places.work.exists() or not any(places.work.iterdir()):
        yield Finding("student data", OK, f"none yet; it will stand in {places.work}")
        return
    book = places.gradebook
    outside = [book] if book and book.is_file() and places.work not in book.parents else []
    wrong = False
    for path in (places.work, *outside):
        mode = stat.S_IMODE(path.stat().st_mode)
        if mode & 0o077 and not WINDOWS and not (path / "nbgrader_config.py").exists():
            wrong = True
            said = f"{path}: other accounts on this machine can get in (mode {mode:o})"
            yield Finding("student data", WRONG, said, chmod("700" if path.is_dir() else "600", path))
    folders = [places.work / name for name in ("", "submitted", "autograded", "feedback", "backups")]
    for path in [*folders, *([book] if book else [])]:
        if path.exists() and not os.access(path, os.W_OK):
            wrong = True
            yield Finding("student data", WRONG, f"{path}: you may not write here", chmod("u+w", path))
    if not wrong and WINDOWS:
        said = f"{places.work} can be written; its properties, under Security, say who else may read it"
        yield Finding("student data", OK, said)
    elif not wrong:
        yield Finding("student data", OK, f"{places.work} is yours alone")


def exchange(places: Places) -> Iterator[Finding]:
    """Check the folder through which files go to students and back."""
    root = places.exchange
    if WINDOWS:
        said = "nbgrader's exchange does not run on Windows: collect with --from"
        yield Finding("exchange", OK, said)
    elif root is None:
        said = "none is set: hand out the folders in release/, and collect with --from"
        yield Finding("exchange", OK, said)
    elif places.work in root.parents:
        yield Finding("exchange", OK, f"{root}: for one person on one machine; COURSE_EXCHANGE names another")
    elif not root.is_dir():
        there = os.path.lexists(root)
        make = f"mkdir -p {shlex.quote(str(root))} && {chmod('1777', root)}, or correct COURSE_EXCHANGE"
        todo = "correct COURSE_EXCHANGE, or move what is there to another place" if there else make
        yield Finding("exchange", WRONG, f"{root}: {'is no folder' if there else 'is not there'}", todo)
    else:
        yield from _shared_exchange(places, root)


def _shared_exchange(places: Places, root: Path) -> Iterator[Finding]:
    """Check an exchange for several accounts."""
    mode = stat.S_IMODE(root.stat().st_mode)
    wrong = False
    if not os.access(root, os.W_OK | os.X_OK):
        wrong = True
        yield Finding(
            "exchange", WRONG, f"{root}: you may not write here (mode {mode:o})", chmod("1777", root)
        )
    elif mode & 0o002 and not mode & stat.S_ISVTX:
        wrong = True
        said = f"{root}: any student can move a whole course away (mode {mode:o}, without the sticky bit)"
        yield Finding("exchange", WRONG, said, chmod("1777", root))
    elif not mode & 0o002:
        wrong = True
        said = f"{root}: students with accounts of their own cannot hand in (mode {mode:o})"
        yield Finding("exchange", LOOK, said, f"if they have such accounts: {chmod('1777', root)}")
    if not wrong:
        yield Finding("exchange", OK, f"{root} (mode {mode:o})")
    if _others_can_read(places.step("source")):
        said = f"{places.step('source')}: students with accounts on this machine can read the keys"
        yield Finding("keys", WRONG, said, chmod("700", places.root))


def _others_can_read(folder: Path) -> bool:
    """Return whether another account can list a folder, through all folders above it."""
    if not folder.is_dir() or not folder.stat().st_mode & 0o004:
        return False
    return all(one.stat().st_mode & 0o001 for one in (folder, *folder.parents))


def disk(places: Places) -> Iterator[Finding]:
    """Check the free space."""
    folder = next(one for one in (places.work, *places.work.parents) if one.exists())
    free = shutil.disk_usage(folder).free
    book = places.gradebook
    size = book.stat().st_size if book and book.is_file() else 0
    said = f"{file_size(free)} free for {folder}"
    if free < max(LEAST_FREE, 3 * size):
        yield Finding("disk", WRONG, said, "make room before you grade: a full disk stops every command")
    elif free < max(ENOUGH_FREE, 100 * size):
        yield Finding("disk", LOOK, said, "make room soon")
    else:
        yield Finding("disk", OK, said)


def clock(places: Places) -> Iterator[Finding]:
    """Check that the time and its zone can be right: due dates and lateness rest on both."""
    now = time.time()
    local = datetime.now().astimezone()
    zone = os.environ.get("TZ", "").lstrip(":")
    exchange_zone = str(places.config.Exchange.get("timezone", "UTC"))
    newest = [*backups.all_backups(places)[-1:], places.root / "nbgrader_config.py", Path(__file__)]
    ahead = max((path.stat().st_mtime - now for path in newest if path.exists()), default=0.0)
    said = f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {local:%H:%M} here ({local.tzname()})"
    if ahead > MINUTES_AHEAD * 60:
        said = f"{said}, but there are files that are {round(ahead / 60)} minutes newer than that"
        yield Finding("clock", WRONG, said, "set the clock: late work is told by it")
    elif re.fullmatch(r"[A-Za-z_]+/[A-Za-z_/+-]+", zone) and not _is_zone(zone):
        said = f"{said}; TZ names {printable(zone)}, which nobody knows, so UTC is used"
        yield Finding("clock", WRONG, said, "correct the variable TZ, or unset it")
    elif not _is_zone(exchange_zone):
        said = f"Exchange.timezone is {exchange_zone!r}, which nobody knows, so students cannot hand in"
        yield Finding("clock", WRONG, said, f"correct it in {places.root / 'nbgrader_config.py'}")
    else:
        yield Finding("clock", OK, f"{said}; due dates are kept in UTC")


def _is_zone(name: str) -> bool:
    """Return whether a time zone is known."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return name in ("UTC", "GMT")
    return True
