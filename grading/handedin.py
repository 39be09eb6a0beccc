"""What one student handed in: the folder in submitted/, found and read without trusting any of it."""

import hashlib
import re
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
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

TIME_LIMIT = 1024
"""Most bytes of a file that says when it was handed in."""
MOST_RENAMED = 10
"""No more notebooks than this are looked into where none has the right name."""


@dataclass(frozen=True)
class HandedIn:
    """A submission folder: parsed notebooks by name, or the reason why there is none.

    `digest` is what `handed_in_digest` returns for the very files that were read. `beside` are the names of
    notebooks in the folder whose answers do not count.
    """

    notebooks: Mapping[str, dict[str, Any]] = field(default_factory=dict)
    reasons: Mapping[str, str] = field(default_factory=dict)
    timestamp: datetime | None = None
    secret: str | None = None
    remarks: Sequence[str] = ()
    digest: str = ""
    beside: Sequence[str] = ()


class _Folder:
    """A submission's folder: what stands in it, and a digest of each file from the time it was read."""

    def __init__(self, root: Path, parts: Sequence[str]) -> None:
        self._root, self._parts = root, parts
        self._digests: dict[str, bytes] = {}
        self.names = [entry.name for entry in list_folder(root, parts)]
        self.notebooks = sorted(name for name in self.names if name.lower().endswith(".ipynb"))

    def read(self, name: str, limit: int = FILE_LIMIT) -> bytes:
        """Return the bytes of a file; RefusedError as `untrusted.read_file` raises it."""
        try:
            data = read_file(self._root, [*self._parts, name], limit)
        except RefusedError as refused:
            self._digests[name] = hashlib.sha256(str(refused).encode("utf-8", "replace")).digest()
            raise
        self._digests[name] = hashlib.sha256(data).digest()
        return data

    def digest(self, wanted: Collection[str]) -> str:
        """Return a digest of the files that grading reads where it looks for the notebooks in `wanted`."""
        told = hashlib.sha256()
        files = {TIMESTAMP, *(f"{name}.ipynb" for name in wanted)} & set(self.names)
        for name in sorted({*self.notebooks[:MOST_RENAMED], *files}):
            if name not in self._digests:
                with suppress(RefusedError):
                    self.read(name, TIME_LIMIT if name == TIMESTAMP else FILE_LIMIT)
            # A name need not be text: Windows allows any half of a surrogate pair in it.
            told.update(hashlib.sha256(name.encode("utf-8", "surrogatepass")).digest())
            told.update(self._digests[name])
        return told.hexdigest()


def read_handed_in(root: Path, parts: Sequence[str], released: Sequence[ReleasedNotebook]) -> HandedIn:
    """Return what stands in ``root/parts...``; never raises on anything a student can put there."""
    try:
        folder = _Folder(root, parts)
    except RefusedError as refused:
        reasons = {one.name: _sentence("the submission", refused) for one in released}
        return HandedIn(reasons=reasons, digest=_refused_digest(refused))
    notebooks: dict[str, dict[str, Any]] = {}
    reasons = {}
    remarks: list[str] = []
    taken: set[str] = set()
    for one in released:
        wanted = f"{one.name}.ipynb"
        try:
            if wanted in folder.names:
                taken.add(wanted)
                notebooks[one.name] = parse_notebook(folder.read(wanted))
            else:
                name, notebooks[one.name] = _renamed(folder, one)
                taken.add(name)
                remarks.append(f"took {plain(name)} for {wanted}: it holds these questions")
        except (UnreadableError, RefusedError) as error:
            reasons[one.name] = _sentence("the file", error)
    timestamp, problem = _timestamp(folder)
    if problem:
        remarks.append(problem)
    secret = read_secret(root, parts) if SECRET in folder.names else None
    digest = folder.digest([one.name for one in released])
    beside = [name for name in folder.notebooks if name not in taken and not name.startswith(".")]
    return HandedIn(notebooks, reasons, timestamp, secret, remarks, digest, beside)


def _sentence(subject: str, reason: Exception) -> str:
    """Return a reason that names what it is about."""
    text = str(reason)
    return text if text.startswith(("the ", "there ")) else f"{subject} {text}"


def handed_in_digest(root: Path, parts: Sequence[str], names: Collection[str]) -> str:
    """Return a short text that is another one as soon as anything is that grading reads of a submission.

    `names` are the released notebooks, without their ending.
    """
    try:
        return _Folder(root, parts).digest(names)
    except RefusedError as refused:
        return _refused_digest(refused)


def _refused_digest(refused: RefusedError) -> str:
    """Return the digest of a folder that cannot be listed."""
    return hashlib.sha256(str(refused).encode("utf-8", "replace")).hexdigest()


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


def handed_in_time(root: Path, parts: Sequence[str]) -> datetime | None:
    """Return when ``root/parts...`` says it was handed in, UTC without zone; None where it does not say."""
    try:
        return _timestamp(_Folder(root, parts))[0]
    except RefusedError:
        return None


def _renamed(folder: _Folder, released: ReleasedNotebook) -> tuple[str, dict[str, Any]]:
    """Return the one other notebook in the folder that holds the questions, with its name."""
    found: list[tuple[str, dict[str, Any]]] = []
    others = folder.notebooks
    missing = f"there is no {released.name}.ipynb in the submission"
    left = FILE_LIMIT
    for name in others:
        try:
            data = folder.read(name)
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
    rest = others or [name for name in folder.names if name not in (TIMESTAMP, SECRET)]
    listed = ", ".join(plain(name) for name in rest[:5])
    held = listed if others else f"no notebook, but {listed}" if rest else "no notebook at all"
    raise UnreadableError(f"{missing} (it holds {held})")


def _timestamp(folder: _Folder) -> tuple[datetime | None, str]:
    """Return when it was handed in, and a remark where the file does not say."""
    if TIMESTAMP not in folder.names:
        return None, "no time of handing in is recorded"
    try:
        text = folder.read(TIMESTAMP, TIME_LIMIT).decode("utf-8", "replace").strip()
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
