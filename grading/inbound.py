"""What waits in nbgrader's exchange: whose each folder is, and when it came, as far as it can be believed."""

import os
import re
import sys
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from grading.collecting import ARRIVED, Collected, CollectError
from grading.handedin import parse_time
from grading.places import Places
from grading.records import AssignmentRecord
from grading.untrusted import Entry, RefusedError, list_folder, name_problem, plain, utc

MOST_WAITING = 1_000_000
"""More folders than this in the exchange are not listed."""
MOST_LISTED = 20
"""No more refused folders of one account are listed one by one."""
APART = timedelta(minutes=10)
"""How far the time in a folder's name may be from its arrival and count: clocks differ, copying lasts."""


@dataclass(frozen=True)
class Waiting:
    """A folder in the exchange that says it is a student's submission.

    `time` is when it counts as handed in, `said` the time in its name, both UTC; `owner` is a numeric user id
    that its files must have too, or None where accounts say nothing.
    """

    folder: str
    student: str
    time: datetime
    said: datetime
    owner: int | None = None
    remark: str = ""


@dataclass(frozen=True)
class How:
    """How to collect from the exchange."""

    before_due: bool = False
    """Prefer the newest submission that is not late, where there is one."""
    with_files: bool = False
    """Take other files beside the notebooks too."""
    times_in_names: bool = False
    """Believe the times that students' programs wrote, for an exchange that was moved or restored."""
    update: bool = True
    """Take what is newer than the submission in place."""
    only: Collection[str] = ()
    """Only these students."""


NEWEST = How()


def inbound_folder(places: Places) -> Path:
    """Return the exchange's folder for submissions.

    Raises
    ------
    CollectError : no exchange runs here, none is set, or nothing was released to it.
    """
    if sys.platform == "win32":
        raise CollectError(
            "nbgrader's exchange does not run on Windows - use: grading collect ASSIGNMENT --from FOLDER"
        )
    if places.exchange is None or not places.course_id:
        raise CollectError(
            f"{places.root / 'nbgrader_config.py'}: sets no Exchange.root or course_id - "
            "set them, or use --from"
        )
    inbound = places.exchange / places.course_id / "inbound"
    if not inbound.is_dir():
        raise CollectError(
            f"{inbound}: there is no such folder - run: grading release ASSIGNMENT; "
            "or, with a learning platform, collect with --from"
        )
    return inbound


def find_waiting(
    places: Places, inbound: Path, record: AssignmentRecord, how: How
) -> tuple[list[Waiting], list[Collected]]:
    """Return the submissions that may be taken, and the folders that are refused, each with its reason.

    Raises
    ------
    CollectError : the exchange's folder cannot be listed.
    """
    try:
        entries = list_folder(inbound, most=MOST_WAITING)
    except RefusedError as refused:
        raise CollectError(
            f"{inbound}: {refused} - the exchange must be a folder that you own; see nbgrader_config.py"
        ) from None
    check = _checks_owner(places)
    waiting: list[Waiting] = []
    refused_ones: list[Collected] = []
    of_account: Counter[int] = Counter()
    for entry in entries:
        if f"+{record.name}+" not in entry.name:
            continue
        try:
            waiting.append(_claim(entry, record, check, how))
        except RefusedError as reason:
            of_account[entry.owner] += 1
            if of_account[entry.owner] <= MOST_LISTED:
                claimed = plain(entry.name.split(f"+{record.name}+")[0])
                refused_ones.append(Collected(plain(entry.name, 80), claimed, "refused", str(reason)))
    for number, count in of_account.items():
        if count > MOST_LISTED:
            why = f"and {count - MOST_LISTED} more that {plain(_account(number))} put there"
            refused_ones.append(Collected("", None, "refused", why))
    return waiting, refused_ones


def _claim(entry: Entry, record: AssignmentRecord, check_owner: bool, how: How) -> Waiting:
    """Return what a folder says it is.

    Raises
    ------
    RefusedError : that is not believed.
    """
    match = re.fullmatch(
        rf"(?P<student>.+)\+{re.escape(record.name)}\+(?P<time>[^+]+)(?:\+[A-Za-z0-9_=-]+)?",
        entry.name,
        re.DOTALL,
    )
    if match is None:
        raise RefusedError("its name is not STUDENT+ASSIGNMENT+TIME")
    if entry.kind != "folder":
        kind = "special file" if entry.kind == "special" else entry.kind
        raise RefusedError(f"it is a {kind}, not a folder")
    student = match["student"]
    problem = name_problem(student)
    if problem:
        raise RefusedError(f"its student id {problem}")
    said = parse_time(match["time"])
    if said is None:
        raise RefusedError("its name holds no time that can be understood")
    owner = _owner(entry.owner) if check_owner else None
    if owner is not None and owner != student:
        raise RefusedError(f"it says it is from {plain(student)}, but {plain(owner)} put it there")
    time, remark = _counted(entry, said, record.due, how)
    return Waiting(entry.name, student, time, said, entry.owner if check_owner else None, remark)


def _counted(entry: Entry, said: datetime, due: datetime | None, how: How) -> tuple[datetime, str]:
    """Return when a folder counts as handed in, and a remark where that is not what its name says.

    Its name and its time file are the student's to choose. When the system last changed anything about the
    folder is not: on Linux and macOS nobody can set that back.
    """
    now = datetime.now(UTC).replace(tzinfo=None)
    came = utc(entry.arrived) if entry.arrived > 0 else None
    if said > now + APART:
        return min(
            came or utc(entry.changed) or now, now
        ), f"it says {said:%Y-%m-%d %H:%M}, which is in the future"
    if came is None or abs(came - said) <= APART:
        return said, ""
    told = f"{ARRIVED}{came:%Y-%m-%d %H:%M}, says {said:%Y-%m-%d %H:%M}"
    if how.times_in_names:
        return said, told if due is not None and said <= due < came else ""
    return came, told


def believed_owner(places: Places, entry: Entry) -> str | None:
    """Return the account that something in the exchange belongs to; None where accounts say nothing."""
    return _owner(entry.owner) if _checks_owner(places) else None


def _checks_owner(places: Places) -> bool:
    """Return whether the account that owns something is compared with the student that its name tells."""
    return bool(places.config.ExchangeCollect.get("check_owner", True))


def _owner(number: int) -> str | None:
    """Return the account that owns a folder; None where it is our own or the system has no such accounts.

    A folder of our own says nothing: on a machine with one account everything is ours.
    """
    return None if sys.platform == "win32" or number == os.getuid() else _account(number)


def _account(number: int) -> str:
    """Return the name of an account."""
    if sys.platform == "win32":
        return f"account {number}"
    import pwd

    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return f"account {number}"
