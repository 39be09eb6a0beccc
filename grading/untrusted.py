"""Files and names from strangers: links are never followed, sizes are limited, names are made printable."""

import errno
import os
import re
import stat
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

MEGABYTE = 1024 * 1024
MOST_ENTRIES = 2000
"""More names than this in a student's folder are refused."""
MOST_STUDENTS = 200_000
"""The same for folders that hold one entry per student or submission."""

NOT_A_FILE = {
    "folder": "is a folder, not a file",
    "link": "is a link, and links are not followed",
    "special": "is not a regular file",
}
"""Why something of another kind than file (see `Entry`) is not read."""

# Windows has none of the three; there the checks before opening stand alone.
_FILE = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
_FOLDER = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_DIRECTORY", 0)
_ANCHORED = os.open in os.supports_dir_fd and os.scandir in os.supports_fd


class RefusedError(Exception):
    """A file that is not opened, with the reason in words."""


@dataclass(frozen=True)
class Entry:
    """A name in a folder; `kind` is file, folder, link or special, `size` is in bytes."""

    name: str
    kind: str
    size: int
    changed: float
    """Seconds since 1970 of the last change of the contents."""
    owner: int
    """Numeric user id; 0 on Windows."""
    arrived: float = 0.0
    """Seconds since 1970 of the last change of anything about it; on Linux its owner cannot set it back."""


def read_file(root: Path, parts: Sequence[str], limit: int, owner: int | None = None) -> bytes:
    """Return the bytes of the regular file ``root/parts...``, at most `limit` of them.

    `root` is trusted; no part below it may be a link, so that a link put in place at the last moment is
    refused too. With `owner`, a numeric user id, so is a file of another account, such as a hard link to it.

    Raises
    ------
    RefusedError : missing, a link, not a regular file, too large, somebody else's, just being written, or not
        readable.
    """
    *folders, name = parts
    with _opened(root, folders) as place:
        try:
            handle = os.open(name, _FILE, dir_fd=place) if _ANCHORED else _open_checked(root, parts, _FILE)
        except OSError as error:
            raise RefusedError(_why(error)) from None
        try:
            status = os.fstat(handle)
            if not stat.S_ISREG(status.st_mode):
                raise RefusedError(NOT_A_FILE["special"])
            if owner is not None and status.st_uid != owner:
                raise RefusedError("belongs to another account than its folder")
            if status.st_size > limit:
                raise RefusedError(too_large(status.st_size, limit))
            with os.fdopen(handle, "rb", closefd=False) as file:
                data = file.read(status.st_size + 1)
        except OSError as error:
            raise RefusedError(_why(error)) from None
        finally:
            os.close(handle)
    if len(data) != status.st_size:
        raise RefusedError("was being changed while it was read")
    return data


def list_folder(root: Path, parts: Sequence[str] = (), most: int = MOST_ENTRIES) -> list[Entry]:
    """Return what stands in the folder ``root/parts...``, by name, without following links.

    Raises
    ------
    RefusedError : no such folder, a link on the way, more than `most` names, or not readable.
    """
    found: list[Entry] = []
    with _opened(root, parts) as place:
        try:
            with os.scandir(place if _ANCHORED else root.joinpath(*parts)) as names:
                for entry in names:
                    if len(found) >= most:
                        raise RefusedError(f"holds more than {most} files")
                    one = _entry(entry)
                    if one is not None:
                        found.append(one)
        except OSError as error:
            raise RefusedError(_why(error)) from None
    return sorted(found, key=lambda entry: entry.name)


def _entry(found: os.DirEntry[str]) -> Entry | None:
    """Return what stands under a name; None where it vanished since the folder was listed."""
    try:
        status = found.stat(follow_symlinks=False)
    except FileNotFoundError:
        return None
    except OSError:
        return Entry(found.name, "special", 0, 0.0, 0, 0.0)
    return Entry(found.name, _kind(status), status.st_size, status.st_mtime, status.st_uid, status.st_ctime)


def utc(seconds: float) -> datetime | None:
    """Return seconds since 1970 as UTC without zone; None for what no calendar holds (anybody can set it)."""
    try:
        return datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None)
    except (ValueError, OverflowError, OSError):
        return None


@contextmanager
def _opened(root: Path, folders: Sequence[str]) -> Iterator[int | None]:
    """Yield a handle on ``root/folders...`` opened step by step, so that no step can be a link."""
    if not _ANCHORED:
        _check_steps(root, folders)
        yield None
        return
    try:
        place = os.open(root, os.O_RDONLY | os.O_DIRECTORY)
    except OSError as error:
        raise RefusedError(_why(error)) from None
    try:
        for folder in folders:
            try:
                inner = os.open(folder, _FOLDER, dir_fd=place)
            except OSError as error:
                raise RefusedError(f"the folder {plain(folder)} {_why(error)}") from None
            os.close(place)
            place = inner
        yield place
    finally:
        os.close(place)


def _open_checked(root: Path, parts: Sequence[str], flags: int) -> int:
    """Open a file where the system cannot open relative to a folder (Windows): look first, then open."""
    path = root.joinpath(*parts)
    kind = _kind(path.lstat())
    if kind != "file":
        # As the other systems say it, which open a folder and then see that it is none.
        raise RefusedError(NOT_A_FILE["link" if kind == "link" else "special"])
    return os.open(path, flags)


def _check_steps(root: Path, folders: Sequence[str]) -> None:
    """Refuse where a step below `root` is missing or not a plain folder."""
    path = root
    for folder in folders:
        path = path / folder
        try:
            kind = _kind(path.lstat())
        except OSError as error:
            raise RefusedError(f"the folder {plain(folder)} {_why(error)}") from None
        if kind != "folder":
            raise RefusedError(f"the folder {plain(folder)} is a link or not a folder")


def _kind(status: os.stat_result) -> str:
    """Return file, folder, link or special; a Windows junction counts as a link.

    Files that OneDrive keeps in the cloud, or that a Windows server stores without their repeats, are reparse
    points too, but do not stand for another name: they are files.
    """
    if stat.S_ISLNK(status.st_mode) or getattr(status, "st_reparse_tag", 0) & _OTHER_NAME:
        return "link"
    if stat.S_ISDIR(status.st_mode):
        return "folder"
    return "file" if stat.S_ISREG(status.st_mode) else "special"


def _why(error: OSError) -> str:
    """Return an operating-system error in words."""
    if isinstance(error, FileNotFoundError):
        return "is missing"
    if isinstance(error, PermissionError):
        return "may not be read by you"
    if isinstance(error, IsADirectoryError):
        return NOT_A_FILE["folder"]
    if isinstance(error, NotADirectoryError):
        return "is a link or not a folder"
    if error.errno in _LINK_ERRORS:
        return NOT_A_FILE["link"]
    return f"cannot be opened ({os.strerror(error.errno or 0)})"


_OTHER_NAME = 0x20000000
"""The bit of a reparse tag that says that the name stands for another one (IsReparseTagNameSurrogate)."""
_LINK_ERRORS = {getattr(errno, name, -1) for name in ("ELOOP", "EMLINK")}


def too_large(size: int, limit: int) -> str:
    """Return the reason for refusing a file of `size` bytes."""
    return f"is too large ({size / MEGABYTE:.1f} MB; the limit is {limit / MEGABYTE:.0f} MB)"


def printable(text: str, most: int = 100) -> str:
    r"""Return text that a terminal, a table and a log line show as it is, cut to `most` characters.

    Control and direction-changing characters become ``\xNN``-like escapes.

    Examples
    --------
    >>> printable("ana\x1b[2J")
    'ana\\x1b[2J'
    """
    shown = "".join(_escaped(letter) for letter in text[: most + 1])
    return shown if len(text) <= most else shown[:most] + "…"


def visible(text: str) -> str:
    """Return text with control and direction-changing characters replaced by a visible sign."""
    return _UNSEEN.sub("\N{REPLACEMENT CHARACTER}", text)


def shown_name(text: str) -> str:
    """Return a person's name as a page shows it: `visible`, in one line, at most 4 marks on a letter.

    It is empty where nothing of the name would be seen.

    Examples
    --------
    >>> shown_name(" Ana  Lopes ")
    'Ana Lopes'
    """
    name = _STACKED.sub(r"\1", visible(" ".join(text.split())))
    seen = (letter for letter in name if letter != "\N{REPLACEMENT CHARACTER}")
    return name if any(unicodedata.category(letter)[0] in "LNPS" for letter in seen) else ""


# More marks than any language piles on a Latin, Greek or Cyrillic letter would run into other lines.
_MARKS = "[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]"
_STACKED = re.compile(f"({_MARKS}{{4}}){_MARKS}+")
# Control characters, halves of surrogate pairs, and those that reorder the text around them, so that a
# grader would read something else than what was typed.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u2028\u2029]"
)


def plain(text: str, most: int = 40) -> str:
    """Return a name for use inside a sentence that Markdown or HTML may show: any other sign becomes ``?``.

    Examples
    --------
    >>> plain("<img src=x>.ipynb")
    '?img src?x?.ipynb'
    """
    shown = "".join(letter if letter.isalnum() or letter in " ._-@+:,()" else "?" for letter in text[:most])
    return shown if len(text) <= most else shown + "…"


def _escaped(letter: str) -> str:
    """Return a letter, or its escape where it would not show."""
    if unicodedata.category(letter) in {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"} or letter in _BLANK:
        return letter.encode("unicode_escape").decode("ascii")
    return letter


_BLANK = "\u034f\u115f\u1160\u2800\u3164\uffa0"
"""Letters and marks that look like nothing at all, so that two ids with and without them look the same."""
_RESERVED = {"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(1, 10))}


def name_problem(name: str, most: int = 64) -> str | None:
    """Return why a name cannot be a student id, or None where it can.

    An id becomes a folder name on any system, a file-name pattern for nbgrader, and a cell in a table.
    """
    if not name or name != name.strip():
        return "is empty or has blanks at its ends"
    if len(name) > most:
        return f"is longer than {most} characters"
    if any(_escaped(letter) != letter for letter in name):
        return "has invisible or control characters"
    bad = sorted(set(name) & set('/\\<>:"|?*[]{}'))
    if bad:
        return f"has characters that no id may have: {' '.join(bad)}"
    if name.startswith((".", "-", "=", "@", "+")) or name.endswith("."):
        return "starts or ends with a sign that folders and spreadsheets treat specially"
    if name.split(".")[0].lower() in _RESERVED:
        return "is a name that Windows keeps for itself"
    return None
