"""One export from the gradebook to a file: what is written, and who is not in it and why."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grading import records
from grading.bankkeys import read_bank
from grading.exports import ExportError
from grading.exports.canvas import canvas_csv, fill
from grading.exports.longtable import dictionary, long_csv, long_parquet, long_rows, read_codes
from grading.exports.marks import Column, left_over, read_marks, strangers
from grading.exports.moodle import moodle_csv
from grading.exports.rawcsv import LARGEST
from grading.exports.sheet import write_private
from grading.exports.wide import wide_csv
from grading.places import Places, private_folder
from grading.progress import Tell, silent
from grading.records import StudentRecord
from grading.reports import counted
from grading.responses import Responses, read_responses
from grading.tables import connected

_WORKBOOKS = (".xlsx", ".xls", ".ods", ".numbers")
_KINDS = {"csv": "scores", "long": "answers"}
"""What a file's name ends with where that is not its format's name."""


@dataclass(frozen=True)
class Wish:
    """What is to be written. See the options of ``grading export`` for each."""

    format: str = "csv"
    to: Path | None = None
    into: Path | None = None
    columns: Mapping[str, str] | None = None
    by: str = "email"
    anyway: bool = False
    zero: bool = False
    scale: bool = False
    anonymous: bool = False


@dataclass(frozen=True)
class Left:
    """Somebody whose score is not in the file, or not final; `assignment` is empty for all of them."""

    student: str
    assignment: str
    why: str


@dataclass(frozen=True)
class Exported:
    """The files that were made, what they hold in sentences, and everyone whom somebody has to look at."""

    files: tuple[Path, ...]
    told: tuple[str, ...]
    left: tuple[Left, ...]

    def as_json(self) -> dict[str, Any]:
        """Return it for ``--json``."""
        return {
            "files": [str(path) for path in self.files],
            "told": list(self.told),
            "left": [one.__dict__ for one in self.left],
        }


def export(
    places: Places,
    assignments: Sequence[str],
    wish: Wish,
    progress: Tell = silent,
) -> Exported:
    """Write what `wish` says of these assignments, or of all with graded work where none is named.

    The gradebook is only read. Every file is made so that nobody else can read it.

    Raises
    ------
    ExportError, GradingError, GradebookError : nothing was written; the message says what to do.
    """
    if wish.format == "long":
        return _export_long(places, assignments, wish, progress)
    people, columns = read_marks(places, assignments, progress)
    found = _MAKERS[wish.format](people, columns, wish)
    open_ = [
        Left(*told) for student in people for told in left_over(columns, student, anyway=wish.anyway)
    ] + [Left(*told) for told in strangers(places, columns, people)]
    nothing = sum(
        all(column.marks[student].handed_in is None and not column.marks[student].waits for column in columns)
        for student in people
    )
    told = [*found.told]
    if nothing:
        how = "0" if wish.zero else "left empty; --missing-zero writes 0"
        told.append(f"{counted(nothing, 'student has', 'students have')} handed in nothing: {how}.")
    path = _target(places, columns, wish, ".csv")
    write_private(path, found.data)
    return Exported((path,), tuple(told), (*found.left, *open_))


@dataclass(frozen=True)
class _Made:
    """A file's bytes with what there is to say."""

    data: bytes
    told: Sequence[str]
    left: Sequence[Left]


def _wide(people: Mapping[str, StudentRecord], columns: Sequence[Column], wish: Wish) -> _Made:
    """Return the table for people."""
    data = wide_csv(people, columns, anyway=wish.anyway, zero=wish.zero)
    return _Made(data, [f"{counted(len(people), 'student')}, {counted(len(columns), 'assignment')}."], [])


def _moodle(people: Mapping[str, StudentRecord], columns: Sequence[Column], wish: Wish) -> _Made:
    """Return the file for Moodle."""
    data, left, told = moodle_csv(people, columns, by=wish.by, anyway=wish.anyway, zero=wish.zero)
    return _Made(data, told, [Left(student, "", f"{why}: not in the file") for student, why in left])


def _canvas(people: Mapping[str, StudentRecord], columns: Sequence[Column], wish: Wish) -> _Made:
    """Return the file for Canvas."""
    titled = [
        Column(one.name, (wish.columns or {}).get(one.name, one.title), one.points, one.marks)
        for one in columns
    ]
    if wish.into is None:
        data, missing = canvas_csv(people, titled, anyway=wish.anyway, zero=wish.zero)
        told = [
            "Canvas will offer to make a new assignment unless one has exactly this title. To fill one that "
            "is there, export the gradebook in Canvas and name that file with --into.",
            "Canvas looks for each student by its own number, then by the login, which is taken to be the id "
            "here, then by name.",
        ]
        return _Made(data, told, [Left(student, "", f"{why}: not in the file") for student, why in missing])
    done = fill(
        _read(wish.into),
        str(wish.into),
        people,
        columns,
        wanted=wish.columns,
        anyway=wish.anyway,
        zero=wish.zero,
        scale=wish.scale,
    )
    told = [
        f"{counted(done.written, 'score was', 'scores were')} written, {done.same} stood there already, "
        f"{done.replaced} took the place of another score."
    ]
    left = [Left(who, "", why) for who, why in done.left]
    left += [Left(who, assignment, f"{why}: left as it is") for who, assignment, why in done.kept]
    return _Made(done.data, told, left)


_MAKERS: Mapping[str, Callable[[Mapping[str, StudentRecord], Sequence[Column], Wish], _Made]] = {
    "csv": _wide,
    "moodle": _moodle,
    "canvas": _canvas,
}


def _read(path: Path) -> bytes:
    """Return the teacher's file."""
    try:
        with path.open("rb") as file:
            return file.read(LARGEST + 1)
    except OSError as error:
        raise ExportError(
            f"{path}: cannot be read ({error.strerror or error}) - is it there, and may you read it?"
        ) from error


def _target(places: Places, columns: Sequence[Column], wish: Wish, suffix: str) -> Path:
    """Return where the file goes; never onto the teacher's own."""
    if wish.to is None:
        name = columns[0].name if len(columns) == 1 else "course"
        folder = private_folder(private_folder(places.work) / "exports")
        return folder / f"{name}-{_KINDS.get(wish.format, wish.format)}{suffix}"
    if wish.to.suffix.lower() in _WORKBOOKS:
        raise ExportError(
            f"{wish.to}: this writes CSV, which a program does not open under {wish.to.suffix} - "
            f"name it {wish.to.with_suffix('.csv').name}; Excel opens that with a double click"
        )
    if wish.into is not None and wish.to.resolve() == wish.into.resolve():
        raise ExportError(f"{wish.to}: is the teacher's own file - name another one with --to")
    return wish.to.resolve()


def _export_long(places: Places, assignments: Sequence[str], wish: Wish, progress: Tell) -> Exported:
    """Write the table with one row for each answer, and its dictionary."""
    suffix = wish.to.suffix.lower() if wish.to else ".csv"
    if suffix not in (".csv", ".parquet"):
        raise ExportError(f"{wish.to}: say by the ending which kind: .csv or .parquet")
    found = _responses(places, assignments, progress)
    codes, kept = read_codes(places, _answering(found)) if wish.anonymous else (None, None)
    rows = long_rows(found, codes)
    columns = [Column(one.record.name, one.title, one.record.points, {}) for one in found]
    data = long_csv(rows) if suffix == ".csv" else long_parquet(rows)
    path = _target(places, columns, wish, suffix)
    meanings = path.with_name(f"{path.stem}-columns.csv")
    write_private(path, data)
    write_private(meanings, dictionary())
    told = [
        f"{counted(len(rows), 'row')} of {counted(len(_answering(found)), 'student')}; the columns are "
        f"explained in {meanings.name}."
    ]
    if kept is not None:
        told.append(f"Who is behind which code stands in {kept}: keep that file to yourself.")
    waiting = sum(row["score"] is None for row in rows)
    if waiting:
        told.append(
            f"{counted(waiting, 'reflection waits', 'reflections wait')} for a person; the score is empty."
        )
    unread = [Left(student, one.record.name, why) for one in found for student, why in one.unread.items()]
    return Exported((path, meanings), tuple(told), (*unread, *_ungraded(places, found)))


def _responses(places: Places, assignments: Sequence[str], progress: Tell) -> list[Responses]:
    """Return the answers of these assignments, or of all with graded work."""
    bank = read_bank(places.root)
    with connected(places) as connection:
        known = places.in_order(assignments or records.assignment_names(connection))
        found = [read_responses(places, connection, name, bank, progress) for name in known]
    if not assignments:
        found = [one for one in found if one.submissions]
    if not any(one.submissions for one in found):
        raise ExportError("there are no scores yet - run: grading autograde ASSIGNMENT")
    return found


def _answering(found: Sequence[Responses]) -> list[str]:
    """Return the students who stand in the table."""
    return list(dict.fromkeys(student for one in found for student in one.answers))


def _ungraded(places: Places, found: Sequence[Responses]) -> list[Left]:
    """Return those who handed in and have no scores, so that no row is theirs."""
    columns = [Column(one.record.name, one.title, one.record.points, {}) for one in found]
    return [
        Left(*told)
        for one, column in zip(found, columns, strict=True)
        for told in strangers(places, [column], one.submissions)
    ]
