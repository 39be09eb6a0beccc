"""Collecting from nbgrader's exchange, where students write: one bad folder never stops another's work.

nbgrader's own ``collect`` follows links, stops for everybody at one odd name, and lets one student's folder
replace another's (nbgrader issues 919 and 1097).
"""

import os
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from grading.collecting import Collected, CollectError, collected_time, place
from grading.handedin import SECRET, TIMESTAMP, parse_time, read_secret
from grading.notebook_json import FILE_LIMIT
from grading.places import Places
from grading.records import AssignmentRecord
from grading.untrusted import (
    MEGABYTE,
    MOST_STUDENTS,
    Entry,
    RefusedError,
    list_folder,
    name_problem,
    plain,
    read_file,
    utc,
)

TOTAL_LIMIT = 100 * MEGABYTE
MOST_FILES = 500
"""More files than this in one submission are refused."""
DEEPEST = 4
AHEAD = timedelta(minutes=10)
"""How far a clock may be ahead of ours before its time is not believed."""


@dataclass(frozen=True)
class Waiting:
    """A folder in the exchange that says it is a student's submission."""

    folder: str
    student: str
    time: datetime
    remark: str = ""


def collect_exchange(
    places: Places, record: AssignmentRecord, *, before_due: bool = False, with_files: bool = False
) -> list[Collected]:
    """Take each student's newest acceptable submission from the exchange.

    Parameters
    ----------
    before_due : prefer the newest one that is not late, where there is one.
    with_files : take other files beside the notebooks too.

    Raises
    ------
    CollectError : there is no exchange to collect from.
    """
    inbound = _inbound(places)
    assignment = record.name
    due = record.due if before_due else None
    wanted = {f"{name}.ipynb" for name in record.notebooks}
    waiting, results = find_waiting(places, inbound, assignment, record.due)
    for student in sorted({one.student for one in waiting}):
        own = sorted(
            (one for one in waiting if one.student == student), key=lambda one: one.time, reverse=True
        )
        if due is not None:
            own.sort(key=lambda one: one.time > due)
        results += _take_first(places, inbound, assignment, own, wanted, before_due, with_files)
    return sorted(results, key=lambda one: (one.student or "", one.found))


def find_waiting(
    places: Places, inbound: Path, assignment: str, due: datetime | None
) -> tuple[list[Waiting], list[Collected]]:
    """Return the submissions that may be taken, and the folders that are refused, each with its reason.

    Where a folder came after `due` (UTC without zone) but its name says before, that is remarked.
    """
    try:
        entries = list_folder(inbound, most=MOST_STUDENTS)
    except RefusedError as refused:
        raise CollectError(
            f"{inbound}: {refused} - the exchange must be a folder that you own; see nbgrader_config.py"
        ) from None
    check = bool(places.config.ExchangeCollect.get("check_owner", True))
    waiting, refused_ones = [], []
    for entry in entries:
        if f"+{assignment}+" not in entry.name:
            continue
        found = _claim(entry, assignment, check, due)
        if isinstance(found, Waiting):
            waiting.append(found)
        else:
            refused_ones.append(Collected(plain(entry.name, 80), None, "refused", found))
    return waiting, refused_ones


def _claim(entry: Entry, assignment: str, check_owner: bool, due: datetime | None) -> Waiting | str:
    """Return what a folder says it is, or why that is not believed."""
    match = re.fullmatch(
        rf"(?P<student>.+)\+{re.escape(assignment)}\+(?P<time>[^+]+)(?:\+[A-Za-z0-9_=-]+)?",
        entry.name,
        re.DOTALL,
    )
    if match is None:
        return "its name is not STUDENT+ASSIGNMENT+TIME"
    if entry.kind != "folder":
        return f"it is a {entry.kind}, not a folder"
    student = match["student"]
    problem = name_problem(student)
    if problem:
        return f"its student id {problem}"
    said = parse_time(match["time"])
    if said is None:
        return "its name holds no time that can be understood"
    owner = _owner(entry.owner) if check_owner else None
    if owner is not None and owner != student:
        return f"it says it is from {plain(student)}, but {plain(owner)} put it there"
    now = datetime.now(UTC).replace(tzinfo=None)
    if said > now + AHEAD:
        arrived = min(utc(entry.changed) or now, now)
        return Waiting(entry.name, student, arrived, f"it says {said:%Y-%m-%d %H:%M}, which is in the future")
    came = utc(entry.arrived)
    # What was sent at the last minute may arrive a little after it.
    if due is not None and came is not None and said <= due < came and came - said > AHEAD:
        remark = f"arrived {came:%Y-%m-%d %H:%M}, says {said:%Y-%m-%d %H:%M}"
        return Waiting(entry.name, student, said, remark)
    return Waiting(entry.name, student, said)


def _owner(number: int) -> str | None:
    """Return the account that owns a folder; None where it is our own or the system has no such accounts.

    A folder of our own says nothing: on a machine with one account everything is ours.
    """
    if sys.platform == "win32" or number == os.getuid():
        return None
    import pwd

    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return f"account {number}"


def _take_first(
    places: Places,
    inbound: Path,
    assignment: str,
    own: Sequence[Waiting],
    wanted: set[str],
    before_due: bool,
    with_files: bool,
) -> list[Collected]:
    """Take the first submission that can be taken; report those before it that cannot."""
    results: list[Collected] = []
    for one in own:
        shown = plain(one.folder, 80)
        present = collected_time(places, assignment, one.student)
        if present is not None and (present == one.time or (present > one.time and not before_due)):
            why = "" if present == one.time else f"a newer one of {present:%Y-%m-%d %H:%M} is in place"
            return [*results, Collected(shown, one.student, "unchanged", why, one.time)]
        secret = read_secret(inbound, [one.folder])
        try:
            files, left_out = _files(inbound, one.folder, wanted, with_files)
            state = place(places, assignment, one.student, files, one.time, secret)
        except RefusedError as refused:
            results.append(Collected(shown, one.student, "refused", str(refused), one.time))
            continue
        remarks = [one.remark, left_out, "" if secret else "feedback cannot go back through the exchange"]
        remarks.append(_other_time(inbound, one))
        why = "; ".join(remark for remark in remarks if remark)
        return [*results, Collected(shown, one.student, state, why, one.time)]
    return results


def _files(inbound: Path, folder: str, wanted: set[str], with_files: bool) -> tuple[dict[str, bytes], str]:
    """Return the files of a submission that are taken, and a remark about those that are not.

    Raises
    ------
    RefusedError : a notebook of the assignment cannot be taken, or there is no notebook.
    """
    files: dict[str, bytes] = {}
    left: list[str] = []
    total = 0
    for parts, entry in _walk(inbound, [folder], DEEPEST if with_files else 1):
        name = "/".join(parts[1:])
        own = name in wanted
        if name in (TIMESTAMP, SECRET):
            continue
        if not (own or with_files or name.lower().endswith(".ipynb")):
            left.append(name)
            continue
        try:
            if name_problem(entry.name, 255) and not own:
                raise RefusedError("has a name that not every system can hold")
            if total > TOTAL_LIMIT:
                raise RefusedError("comes after too many others")
            files[name] = read_file(inbound, parts, FILE_LIMIT)
            total += len(files[name])
        except RefusedError as refused:
            if own:
                raise RefusedError(f"{name} {refused}") from None
            left.append(name)
    if not any(name.lower().endswith(".ipynb") for name in files):
        raise RefusedError("it holds no notebook")
    shown = ", ".join(plain(name) for name in left[:3])
    return files, f"left out: {shown}{' and more' if len(left) > 3 else ''}" if left else ""


def _walk(root: Path, top: list[str], depth: int) -> list[tuple[list[str], Entry]]:
    """Return everything but folders below a folder, `depth` folders deep, never through a link.

    Raises
    ------
    RefusedError : there are more than `MOST_FILES`.
    """
    found: list[tuple[list[str], Entry]] = []
    waiting = [top]
    seen = 0
    while waiting:
        parts = waiting.pop(0)
        for entry in list_folder(root, parts):
            seen += 1
            if seen > MOST_FILES:
                raise RefusedError(f"it holds more than {MOST_FILES} files")
            inner = [*parts, entry.name]
            if entry.kind != "folder":
                found.append((inner, entry))
            elif len(parts) < depth and not entry.name.startswith((".", "__pycache__")):
                waiting.append(inner)
    return found


def _other_time(inbound: Path, one: Waiting) -> str:
    """Return a remark where the folder's own time file says another time than its name."""
    try:
        text = read_file(inbound, [one.folder, TIMESTAMP], 1024).decode("utf-8", "replace")
    except RefusedError:
        return "its time file is missing; the time in its name counts" if not one.remark else ""
    inside = parse_time(text)
    return "" if inside == one.time or one.remark else "its time file says another time; the name counts"


def _inbound(places: Places) -> Path:
    """Return the exchange's folder for submissions."""
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
        raise CollectError(f"{inbound}: there is no such folder - run: grading release ASSIGNMENT")
    return inbound
