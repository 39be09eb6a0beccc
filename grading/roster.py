"""Whom a path or a name on a learning platform means: matched with the students of the gradebook."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from grading.collecting import CollectError
from grading.names import canvas_name, compared, folded, tidy
from grading.records import StudentRecord
from grading.saved_table import TableError, read_saved_table
from grading.untrusted import RefusedError, name_problem, plain

LIKENESS = 0.72
"""How much alike, from 0 to 1, an unknown name and a known one must be for asking whether it was meant."""
MOST_HINTS = 100
"""No more names than this are compared so: where all are unknown, the hints would say nothing."""


@dataclass(frozen=True)
class Label:
    """Whom a path names: `number` is the learning platform's own user number, if it gives one."""

    name: str
    kind: str
    """moodle, canvas, folder or file."""
    number: str = ""
    late: bool = False


@dataclass(frozen=True)
class Match:
    """The student id that a label stands for; `remark` says where the match was not exact."""

    student: str
    remark: str = ""
    known: bool = False
    """Whether the gradebook has this student."""


def parse_label(
    parts: Sequence[str], assignment: str, known: Callable[[str], bool] = lambda folder: False
) -> Label | None:
    """Return whom a path names, or None where it names nobody.

    The outermost folder of a `known` student counts, else the outermost: those inside are the student's.

    Examples
    --------
    >>> parse_label(["Ana Lopez_12345_assignsubmission_file_", "x.ipynb"], "check")
    Label(name='Ana Lopez', kind='moodle', number='12345', late=False)
    >>> parse_label(["lopezana_LATE_77_901_check.ipynb"], "check")
    Label(name='lopezana', kind='canvas', number='77', late=True)
    """
    *folders, file = parts
    for folder in folders:
        moodle = re.fullmatch(r"(.+)_(\d+)_assignsubmission_(?:file|onlinetext)_?", folder)
        if moodle:
            return Label(moodle[1], "moodle", moodle[2])
        if folder != assignment and known(folder):
            return Label(folder, "folder")
    stem = file[: -len(".ipynb")]
    flat = re.fullmatch(r"(.+)_(\d+)_assignsubmission_file_?.*", stem)
    if flat:
        return Label(flat[1], "moodle", flat[2])
    canvas = re.fullmatch(r"([^_]+)(_LATE)?_(\d+)_(\d+)_.+", stem)
    if canvas:
        return Label(canvas[1], "canvas", canvas[3], bool(canvas[2]))
    named = [folder for folder in folders if folder != assignment]
    if named:
        return Label(named[0], "folder")
    return None if stem == assignment else Label(stem, "file")


class Roster:
    """Who is who: the instructor's own table, which goes first, and the students of the gradebook."""

    def __init__(self, students: Mapping[str, StudentRecord], ids: Mapping[str, str]) -> None:
        """Take students by id, and the table: name as the platform writes it -> student id."""
        self.students = students
        self._table, self._people = _Index(), _Index()
        self._hints: dict[str, str] = {}
        self._hinted = 0
        for name, id_ in ids.items():
            self._table.file("same", tidy(name), id_, name)
            self._table.file_name(name, id_, name)
        for one in students.values():
            self._people.file("number", one.lms_id or "", one.id, one.id)
            self._people.file("same", tidy(one.id), one.id, one.id)
            self._people.file("id", folded(one.id), one.id, one.id)
            self._hints.setdefault(folded(one.id), one.id)
            names = _full_names(one)
            for name in names:
                self._people.file("same", name, one.id, one.id)
                self._people.file("canvas", canvas_name(name), one.id, one.id)
                self._people.file_name(name, one.id, names[0])
                self._hints.setdefault(compared(name), one.id)

    def names(self, folder: str) -> bool:
        """Return whether a folder's name is a student's, exactly or nearly."""
        return any(self._matches(Label(folder, "folder")))

    def known(self, label: Label) -> str | None:
        """Return the one student of the gradebook that a label stands for; None where it is not one."""
        exact, near = self._matches(label)
        found = exact or near
        return next(iter(found)) if len(found) == 1 else None

    def student(self, label: Label) -> Match:
        """Return the student that a label stands for; a new id where nobody is known by it.

        Raises
        ------
        RefusedError : it could be several students, or the id cannot be one.
        """
        exact, near = self._matches(label)
        found = exact or near
        if len(found) > 1:
            raise RefusedError(
                f"{plain(tidy(label.name))} could be {', '.join(map(plain, sorted(found)))}: "
                "say which with --ids"
            )
        chosen, shown = next(iter(found.items())) if found else (_as_id(label), "")
        problem = name_problem(chosen)
        if problem:
            raise RefusedError(f"the student id {plain(chosen)} {problem}: give another with --ids")
        remark = f"taken for {plain(shown)}" if found and not exact else ""
        return Match(chosen, remark, chosen in self.students)

    def nearest(self, name: str) -> StudentRecord | None:
        """Return the student whose id or name is most like a name that nobody bears; None where none is."""
        self._hinted += 1
        if self._hinted > MOST_HINTS:
            return None
        for asked in (folded(name), compared(name)):
            near = get_close_matches(asked, self._hints, n=1, cutoff=LIKENESS)
            if near:
                return self.students[self._hints[near[0]]]
        return None

    def _matches(self, label: Label) -> tuple[dict[str, str], dict[str, str]]:
        """Return who is named exactly and who nearly, student id -> the name to show."""
        name, canvas = tidy(label.name), label.kind == "canvas"
        exact, near = self._table.get("same", name), self._table.near(name, canvas)
        if exact or near:
            return exact, near
        if canvas and (exact := self._people.get("number", label.number)):
            return exact, {}
        exact = self._people.get("same", name) | (self._people.get("canvas", name) if canvas else {})
        return exact, self._people.near(name, canvas) | self._people.get("id", folded(name))


class _Index:
    """Student ids by everything they may be called, so that nobody is looked for one by one."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, str], dict[str, str]] = defaultdict(dict)

    def file(self, how: str, key: str, student: str, shown: str) -> None:
        """File a student under a key; an empty key names nobody."""
        if key:
            self._found[how, key].setdefault(student, shown)

    def file_name(self, name: str, student: str, shown: str) -> None:
        """File a student under a name as `near` looks for it."""
        self.file("alike", compared(name), student, shown)
        self.file("squashed", compared(name).replace(" ", ""), student, shown)

    def get(self, how: str, key: str) -> dict[str, str]:
        """Return the students filed under a key, id -> the name to show."""
        return dict(self._found.get((how, key), {}))

    def near(self, name: str, squashed: bool) -> dict[str, str]:
        """Return those with the same name but for case, accents, punctuation (and blanks, if squashed)."""
        key = compared(name)
        return self.get("squashed", key.replace(" ", "")) if squashed else self.get("alike", key)


def read_ids(path: Path) -> dict[str, str]:
    """Return the instructor's table of names and student ids: two columns, as a spreadsheet saves them.

    Raises
    ------
    CollectError : a line has not two columns, or names that are (almost) the same have two ids.
    """
    try:
        table = read_saved_table(path)
    except TableError as error:
        raise CollectError(str(error)) from error
    found: dict[str, str] = {}
    known: dict[str, tuple[str, str]] = {}
    for number, row in table.rows:
        if not any(cell.strip() for cell in row):
            continue
        if len(row) != 2 or not row[0].strip() or not row[1].strip():
            raise CollectError(
                f"{path}:{number}: has not two columns - write: name on the platform,student id"
            )
        name, id_ = row[0].strip(), row[1].strip()
        if found.setdefault(name, id_) != id_:
            raise CollectError(f"{path}:{number}: {plain(name)} stands there twice - keep one line")
        other, theirs = known.setdefault(compared(name) or name, (name, id_))
        if theirs != id_:
            raise CollectError(
                f"{path}:{number}: {plain(name)} and {plain(other)} differ only in accents, case or signs"
                " but have two ids - put the files of each into a folder named by the id, and use no line"
            )
    return found


def _full_names(student: StudentRecord) -> list[str]:
    """Return a student's name in the orders that platforms write; none where half of it is unknown."""
    first, last = tidy(student.first_name or ""), tidy(student.last_name or "")
    return [f"{first} {last}", f"{last} {first}", f"{last}, {first}"] if first and last else []


def _as_id(label: Label) -> str:
    """Return the id of a student whom the gradebook does not know: the name itself, fit for a folder."""
    name = tidy(label.name)
    if label.kind in ("folder", "file"):
        return name
    # Vowel signs of many scripts are marks, which \w leaves out; two names must not become one without them.
    kept = "".join(
        sign if sign.isalnum() or sign in "_.@" or unicodedata.category(sign)[0] == "M" else " "
        for sign in name
    )
    return "-".join(kept.split()).strip("-.").lower()
