"""Problems with a place, and reading a text file of the course so that a wrong kind of file is named."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from course.model import Place


@dataclass(frozen=True, order=True)
class Problem:
    """One thing wrong: where, what, and what to do next."""

    place: Place
    what: str
    remedy: str

    def __str__(self) -> str:
        """Return ``path:line: what - remedy``."""
        return f"{self.place}: {self.what} - {self.remedy}"


class CourseError(Exception):
    """The course text is not usable; `problems` lists everything found, in order of place, each once."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(set(problems)))
        super().__init__("\n".join(map(str, self.problems)))


def suggestion(word: str, known: Iterable[str]) -> str:
    """Return ``did you mean 'x'?`` for the nearest known word, else the list of known words."""
    known = list(known)
    near = get_close_matches(word, known, n=1, cutoff=0.6)
    if near:
        return f"did you mean '{near[0]}'?"
    return f"use one of: {', '.join(known)}" if known else "remove it"


_FOREIGN = (
    (b"PK\x03\x04", "an office document (Word, Excel or like)"),
    (b"\xd0\xcf\x11\xe0", "an old office document (Word, Excel or like)"),
    (b"{\\rtf", "a rich text document"),
    (b"%PDF", "a PDF document"),
    (b"<!doctype html", "a web page"),
    (b"<html", "a web page"),
)
"""How files start that are no plain text, whatever their name says."""
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")


def read_text(
    root: Path,
    path: str,
    problems: list[Problem],
    missing: str = "create it; course/README.md says what it holds",
) -> str | None:
    """Return a file's text with line feeds only, or None with a problem added where it is no plain text.

    `missing` is the remedy for a file that is not there.
    """
    place = Place(path)
    try:
        raw = (root / path).read_bytes()
    except FileNotFoundError:
        double = look_alikes(root / path)
        if double:
            missing = f"rename {double[0]} to {Path(path).name}"
        problems.append(Problem(place, "the file is missing", missing))
        return None
    except OSError as error:
        remedy = "check the file and its permissions"
        problems.append(Problem(place, f"cannot be read ({error.strerror})", remedy))
        return None
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        problems.append(Problem(Place(path, line), *_said_of_bytes(raw, path)))
        return None
    if raw.lower().startswith(tuple(start.lower() for start, _ in _FOREIGN)):
        problems.append(Problem(place, *_said_of_bytes(raw, path)))
        return None
    if not text.strip("\ufeff \t\r\n"):
        remedy = "write its content; course/README.md says what it holds"
        problems.append(Problem(place, "the file is empty", remedy))
        return None
    return text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def _said_of_bytes(raw: bytes, path: str) -> tuple[str, str]:
    """Return what a file is that should be plain text, and what to do."""
    if path.endswith(".csv"):
        remedy = "save it in Excel as CSV UTF-8 (comma delimited), or in an editor with the encoding UTF-8"
    else:
        remedy = "save it as plain text with the encoding UTF-8, in an editor such as Notepad"
    for start, kind in _FOREIGN:
        if raw.lower().startswith(start.lower()):
            return f"is {kind}, not plain text", remedy
    if raw.startswith(_UTF_16):
        return "is saved as UTF-16, which Notepad calls Unicode", remedy
    return "is not UTF-8 text", remedy


def look_alikes(path: Path) -> list[str]:
    """Return the names beside a path that were likely meant to be it, such as lesson.md.txt for lesson.md."""
    beside: Sequence[str] = []
    if path.parent.is_dir():
        beside = sorted(found.name for found in path.parent.iterdir() if found.is_file())
    low = path.name.lower()
    return [
        name
        for name in beside
        if name != path.name
        and not (path.exists() and (path.parent / name).samefile(path))
        and (name.lower() in {low, f"{low}.txt", f"{path.stem.lower()}.txt"} or _misspelt(name.lower(), low))
    ]


def _misspelt(name: str, wanted: str) -> bool:
    """Return whether a file name differs from the wanted one by a slip, with the same ending."""
    same_ending = name.rpartition(".")[2] == wanted.rpartition(".")[2]
    return same_ending and bool(get_close_matches(name, [wanted], n=1, cutoff=0.85))
