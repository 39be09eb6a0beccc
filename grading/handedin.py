"""What one student handed in: the folder in submitted/, found and read without trusting any of it."""

import hashlib
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import MAXYEAR, MINYEAR, UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from grading.notebook_json import FILE_LIMIT, UnreadableError, cells, parse_notebook
from grading.released import ReleasedNotebook
from grading.submission import asked_ids, notebook_names
from grading.untrusted import RefusedError, list_folder, plain, read_file

TIMESTAMP = "timestamp.txt"
SECRET = "submission_secret.txt"  # noqa: S105 - nbgrader's file name, not a password

MOST_RENAMED = 10
"""No more notebooks than this are looked into where none has the right name."""


@dataclass(frozen=True)
class HandedIn:
    """A submission folder: parsed notebooks by name, or the reason why there is none."""

    notebooks: Mapping[str, dict[str, Any]] = field(default_factory=dict)
    reasons: Mapping[str, str] = field(default_factory=dict)
    timestamp: datetime | None = None
    secret: str | None = None
    remarks: Sequence[str] = ()


def read_handed_in(folder: Path, parts: Sequence[str], released: Sequence[ReleasedNotebook]) -> HandedIn:
    """Return what stands in ``folder/parts...``; never raises on anything a student can put there."""
    try:
        names = [entry.name for entry in list_folder(folder, parts)]
    except RefusedError as refused:
        return HandedIn(reasons={one.name: _sentence("the submission", refused) for one in released})
    notebooks: dict[str, dict[str, Any]] = {}
    reasons: dict[str, str] = {}
    remarks: list[str] = []
    for one in released:
        wanted = f"{one.name}.ipynb"
        try:
            if wanted in names:
                notebooks[one.name] = parse_notebook(read_file(folder, [*parts, wanted], FILE_LIMIT))
            else:
                name, notebooks[one.name] = _renamed(folder, parts, names, one)
                remarks.append(f"took {plain(name)} for {wanted}: it holds these questions")
        except (UnreadableError, RefusedError) as error:
            reasons[one.name] = _sentence("the file", error)
    timestamp, problem = _timestamp(folder, parts, names)
    if problem:
        remarks.append(problem)
    return HandedIn(notebooks, reasons, timestamp, read_secret(folder, parts), remarks)


def _sentence(subject: str, reason: Exception) -> str:
    """Return a reason that names what it is about."""
    text = str(reason)
    return text if text.startswith(("the ", "there ")) else f"{subject} {text}"


def handed_in_digest(folder: Path, parts: Sequence[str], names: Collection[str]) -> str:
    """Return a short text that is another one as soon as anything is that grading reads of a submission.

    `names` are the released notebooks, without their ending.
    """
    told = hashlib.sha256()
    try:
        present = [entry.name for entry in list_folder(folder, parts)]
    except RefusedError as refused:
        return hashlib.sha256(str(refused).encode("utf-8", "replace")).hexdigest()
    read = {name for name in present if name.lower().endswith(".ipynb")}
    wanted = {TIMESTAMP, *(f"{name}.ipynb" for name in names)}
    for name in sorted({*sorted(read)[:MOST_RENAMED], *(wanted & set(present))}):
        try:
            data = read_file(folder, [*parts, name], FILE_LIMIT)
        except RefusedError as refused:
            data = str(refused).encode("utf-8", "replace")
        for part in (name.encode("utf-8", "surrogateescape"), data):
            told.update(hashlib.sha256(part).digest())
    return told.hexdigest()


def belongs_to(notebook: Mapping[str, Any], released: ReleasedNotebook) -> bool:
    """Return whether a notebook is this assignment's: by its set-up data, else by its questions."""
    names = notebook_names(notebook)
    if names:
        return released.name in names
    asked = {id_ for cell in cells(notebook) for id_ in asked_ids(cell)}
    return bool(asked & {question.id for question in released.questions})


def read_secret(folder: Path, parts: Sequence[str]) -> str | None:
    """Return the random text that names a student's feedback file in nbgrader's exchange, if it is one."""
    try:
        text = read_file(folder, [*parts, SECRET], 1024).decode("ascii").strip()
    except (RefusedError, UnicodeDecodeError):
        return None
    return text if re.fullmatch(r"[0-9A-Za-z_=-]{16,512}", text) else None


def handed_in_time(folder: Path, parts: Sequence[str]) -> datetime | None:
    """Return when ``folder/parts...`` says it was handed in, UTC without zone; None where it does not say."""
    return _timestamp(folder, parts, [TIMESTAMP])[0]


def _renamed(
    folder: Path, parts: Sequence[str], names: Sequence[str], released: ReleasedNotebook
) -> tuple[str, dict[str, Any]]:
    """Return the one other notebook in the folder that holds the questions, with its name."""
    found: list[tuple[str, dict[str, Any]]] = []
    others = [name for name in names if name.lower().endswith(".ipynb")]
    missing = f"there is no {released.name}.ipynb in the submission"
    left = FILE_LIMIT
    for name in others:
        try:
            data = read_file(folder, [*parts, name], FILE_LIMIT)
        except RefusedError:
            continue
        left -= len(data)
        if left < 0 or len(others) > MOST_RENAMED:
            # One that is not looked at may hold the questions, too.
            raise UnreadableError(f"{missing}, and the others are too many or too large to look into")
        try:
            notebook = parse_notebook(data)
        except UnreadableError:
            continue
        if belongs_to(notebook, released):
            found.append((name, notebook))
    if len(found) == 1:
        return found[0]
    if found:
        raise UnreadableError(
            f"there are {len(found)} notebooks with these questions, none named {released.name}.ipynb"
        )
    listed = ", ".join(plain(name) for name in others[:5]) or "no notebook at all"
    raise UnreadableError(f"{missing} (it holds {listed})")


def _timestamp(folder: Path, parts: Sequence[str], names: Sequence[str]) -> tuple[datetime | None, str]:
    """Return when it was handed in, and a remark where the file does not say."""
    if TIMESTAMP not in names:
        return None, "no time of handing in is recorded"
    try:
        text = read_file(folder, [*parts, TIMESTAMP], 1024).decode("utf-8", "replace").strip()
    except RefusedError as refused:
        return None, f"the time of handing in {refused}"
    time = parse_time(text)
    return time, "" if time else f"the time of handing in is not understood: {plain(text)}"


_TIME = re.compile(
    r"(\d{4}-\d{2}-\d{2})[ T](\d{2}:\d{2}:\d{2}(?:\.\d{1,6})?)\s*([A-Za-z][\w/+-]*|[+-]\d{2}:?\d{2})?",
    re.ASCII,
)


def parse_time(text: str) -> datetime | None:
    """Return a time as nbgrader writes it, in UTC without zone, or None where it is none.

    Without a zone it is UTC. nbgrader's own parser takes ``PDT`` for UTC and ``+0200`` for 200 seconds.

    Examples
    --------
    >>> parse_time("2026-11-01 10:00:00.5 +0200")
    datetime.datetime(2026, 11, 1, 8, 0, 0, 500000)
    """
    match = _TIME.fullmatch(text.strip())
    if match is None:
        return None
    day, clock, zone = match.groups()
    try:
        time = datetime.fromisoformat(f"{day} {clock}" if "." not in clock else f"{day} {clock:0<15}")
        if zone not in (None, "UTC", "GMT", "Z"):
            if zone[0] in "+-":
                hours, minutes = int(zone[:3]), int(zone[0] + zone[-2:])
                shift: Any = timezone(timedelta(hours=hours, minutes=minutes))
            else:
                shift = ZoneInfo(zone)
            time = time.replace(tzinfo=shift).astimezone(UTC).replace(tzinfo=None)
        # The first and the last year have hours that another zone cannot write, and pages show local times.
        return time if MINYEAR < time.year < MAXYEAR else None
    except (ValueError, OverflowError, OSError, KeyError):
        return None


def written_time(time: datetime) -> str:
    """Return a UTC time as nbgrader writes it into timestamp.txt."""
    return f"{time.isoformat(' ', 'microseconds')} UTC"  # strftime writes the year 1 as 1 on some systems
