"""The files in a folder or ZIP file that somebody hands over; nothing is unpacked, no link is followed."""

import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from grading.collecting import CollectError
from grading.notebook_json import FILE_LIMIT
from grading.untrusted import NOT_A_FILE, RefusedError, list_folder, plain, read_file, too_large, utc

MOST_FILES = 200_000
"""More entries than this in one folder, or in a ZIP file, are not listed."""
DEEPEST = 6
MOST_OUTSIDE = 20
"""No more paths that lead out of a ZIP file are listed one by one."""
_BEGIN = b"PK\x03\x04"
# Python unpacks only these two in small steps; the others (bzip2, LZMA) fill the memory at one read.
_BOUNDED = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
# What damaged bytes make zipfile raise; RuntimeError and ValueError with their subclasses.
_DAMAGE = (
    OSError,
    EOFError,
    OverflowError,
    RuntimeError,
    ValueError,
    struct.error,
    zipfile.BadZipFile,
    zlib.error,
)


@dataclass(frozen=True)
class Candidate:
    """A file found; `parts` is its path inside the folder or ZIP file, `time` its own time in UTC."""

    parts: tuple[str, ...]
    read: Callable[[], bytes]
    time: datetime | None

    @property
    def shown(self) -> str:
        """Return the path in a form that any terminal and table can show."""
        return plain(" ".join(self.parts), 90)


@dataclass(frozen=True)
class Found:
    """What a folder or ZIP file holds: files to read, and what cannot be looked into, with the reason."""

    files: list[Candidate]
    closed: list[tuple[str, str]]


@contextmanager
def candidates(source: Path) -> Iterator[Found]:
    """Give every file in a folder or ZIP file, to be read while the context is open.

    Raises
    ------
    CollectError : the source is no folder and no ZIP file, damaged, not readable, or holds too many files.
    """
    if source.is_dir():
        yield _in_folder(source)
        return
    try:
        packed = zipfile.is_zipfile(source)
        with source.open("rb") as file:
            begun = file.read(len(_BEGIN)) == _BEGIN
    except OSError as error:
        raise CollectError(
            f"{source}: cannot be read ({error.strerror or error}) - is it there, and may you read it?"
        ) from error
    if not packed and begun:
        raise CollectError(f"{source}: is a ZIP file without its end - download it again")
    if not packed:
        raise CollectError(
            f"{source}: is neither a folder nor a ZIP file - name the file the platform gave you"
        )
    try:
        archive = zipfile.ZipFile(source)
    except _DAMAGE as error:
        raise CollectError(f"{source}: is a damaged ZIP file - download it again") from error
    with archive:
        yield _in_zip(source, archive)


def _in_folder(root: Path) -> Found:
    """Return the files below a folder, never through a link; a closed inner folder hides no other."""
    found = Found([], [])
    waiting: list[tuple[str, ...]] = [()]
    while waiting:
        parts = waiting.pop()
        try:
            entries = list_folder(root, parts, most=MOST_FILES)
        except RefusedError as refused:
            if not parts:
                raise CollectError(f"{root}: {refused} - name a folder that you may read") from None
            found.closed.append((plain(" ".join(parts), 90), str(refused)))
            continue
        for entry in entries:
            inner = (*parts, entry.name)
            if _is_litter(entry.name):
                continue
            if entry.kind != "folder":
                found.files.append(Candidate(inner, _reader(root, inner, entry.kind), utc(entry.changed)))
            elif len(inner) < DEEPEST:
                waiting.append(inner)
            else:
                found.closed.append((plain(" ".join(inner), 90), f"stands more than {DEEPEST} folders deep"))
    return found


def _is_litter(name: str) -> bool:
    """Return whether a name is one that systems and editors leave behind, such as .ipynb_checkpoints.

    What iCloud leaves in place of a file that is not on this machine is work, and has to be asked for.
    """
    return name.startswith((".", "__")) and not name.endswith(".icloud")


def _reader(root: Path, parts: Sequence[str], kind: str) -> Callable[[], bytes]:
    """Return how to read a file of a folder; what is no file, such as a device, is not even opened."""

    def read() -> bytes:
        if kind != "file":
            raise RefusedError(NOT_A_FILE[kind])
        return read_file(root, parts, FILE_LIMIT)

    return read


def _in_zip(path: Path, archive: zipfile.ZipFile) -> Found:
    """Return the files of a ZIP file; nothing is unpacked, so no name in it can lead anywhere.

    No platform writes an absolute path or one that climbs; whom such a file is from is not guessed.
    """
    entries = archive.infolist()
    if len(entries) > MOST_FILES:
        raise CollectError(f"{path}: holds more than {MOST_FILES} files - split it")
    found, outside = Found([], []), 0
    for info in entries:
        steps = re.split(r"[/\\]", info.filename)
        parts = tuple(part for part in steps if part not in ("", ".", ".."))
        if info.is_dir() or not parts or any(map(_is_litter, parts)):
            continue
        if ".." in steps or not steps[0] or re.fullmatch("[A-Za-z]:", steps[0]):
            outside += 1
            if outside <= MOST_OUTSIDE:
                why = "has an absolute path or one with .. in it: pack the ZIP file again"
                found.closed.append((plain(" ".join(steps).strip(), 90), why))
        else:
            found.files.append(Candidate(parts, _zip_reader(archive, info), _zip_time(info)))
    if outside > MOST_OUTSIDE:
        found.closed.append((f"and {outside - MOST_OUTSIDE} more", "the same is wrong with their paths"))
    return found


def _zip_reader(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Callable[[], bytes]:
    """Return how to read one file of a ZIP file, at most up to the limit whatever its header says."""

    def read() -> bytes:
        if stat.S_ISLNK(info.external_attr >> 16):
            raise RefusedError(NOT_A_FILE["link"])
        if info.flag_bits & 1:
            raise RefusedError("is encrypted")
        if info.compress_type not in _BOUNDED:
            raise RefusedError("is packed in an unusual way: download it again as a usual ZIP file")
        if info.file_size > FILE_LIMIT:
            raise RefusedError(too_large(info.file_size, FILE_LIMIT))
        try:
            with archive.open(info) as file:
                data = file.read(FILE_LIMIT + 1)
        except _DAMAGE:
            raise RefusedError("is damaged: download or pack the ZIP file again") from None
        if len(data) > FILE_LIMIT:
            raise RefusedError(too_large(len(data), FILE_LIMIT))
        return data

    return read


def _zip_time(info: zipfile.ZipInfo) -> datetime | None:
    """Return a file's time in UTC; ZIP files hold local time, and 1980 where they hold none."""
    if info.date_time[0] <= 1980:
        return None
    try:
        return datetime(*info.date_time).astimezone(UTC).replace(tzinfo=None)
    except (ValueError, OverflowError, OSError):
        return None


def without_wrapper(found: list[Candidate], known: Callable[[str], bool]) -> list[Candidate]:
    """Return the files without a folder that wraps them all, unless that folder names the student.

    A folder wraps where several folders, or the platform's files, stand in it and it names nobody `known`.
    """
    tops = {one.parts[0] for one in found}
    if len(tops) != 1 or known(min(tops)) or _platform(min(tops)):
        return found
    inner = {one.parts[1] for one in found if len(one.parts) > 1}
    alone = [one for one in found if len(one.parts) < 3]
    if any(len(one.parts) == 1 or not _platform(one.parts[1]) for one in alone):
        return found
    if len(inner) < 2 and not any(map(_platform, inner)):
        return found
    return without_wrapper([Candidate(one.parts[1:], one.read, one.time) for one in found], known)


def _platform(name: str) -> bool:
    """Return whether a name is one that Moodle or Canvas makes."""
    return "_assignsubmission_" in name or bool(re.match(r"[^_]+(_LATE)?_\d+_\d+_", name))
