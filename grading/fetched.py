"""Who has fetched an assignment: nbgrader keeps no trace, so our fetch plug-in leaves a mark in the exchange.

A mark is an empty file beside the submissions, where students may write and not look. nbgrader takes no
notice of a name without ``+``. Its random part keeps one student from guessing, and so removing, another's.
"""

import os
import re
import secrets
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from grading.inbound import MOST_WAITING, believed_owner
from grading.places import Places
from grading.untrusted import Entry, RefusedError, list_folder, name_problem, utc

_MARK = re.compile(r"fetched=(?P<assignment>[^=]+)=(?P<student>.+)=[A-Za-z0-9_-]+", re.DOTALL)


def leave_mark(inbound: Path, assignment: str, student: str) -> None:
    """Leave a mark that a student has fetched an assignment; a place that takes none is no reason to fail."""
    path = inbound / f"fetched={assignment}={student}={secrets.token_urlsafe(9)}"
    with suppress(OSError):
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))


def fetched(places: Places, inbound: Path) -> dict[str, dict[str, datetime]]:
    """Return assignment -> student -> when it was first fetched, UTC; empty where nothing can be listed.

    A mark that another account left than the one it names is not believed.
    """
    try:
        entries = list_folder(inbound, most=MOST_WAITING)
    except RefusedError:
        return {}
    found: dict[str, dict[str, datetime]] = {}
    for entry in entries:
        match = _MARK.fullmatch(entry.name)
        time = utc(entry.arrived or entry.changed)
        if match is None or time is None or not _is_believed(places, entry, match["student"]):
            continue
        marks = found.setdefault(match["assignment"], {})
        marks[match["student"]] = min(time, marks.get(match["student"], time))
    return found


def _is_believed(places: Places, entry: Entry, student: str) -> bool:
    """Return whether a mark is a file that this student may have left."""
    owner = believed_owner(places, entry)
    return entry.kind == "file" and not name_problem(student) and owner in (None, student)


def forget_marks(inbound: Path, student: str) -> int:
    """Remove a student's marks; return how many there were."""
    try:
        names = [entry.name for entry in list_folder(inbound, most=MOST_WAITING)]
    except RefusedError:
        return 0
    matches = ((name, _MARK.fullmatch(name)) for name in names)
    own = [name for name, match in matches if match and match["student"] == student]
    for name in own:
        with suppress(OSError):
            (inbound / name).unlink()
    return len(own)
