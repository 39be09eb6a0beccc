"""Looking at a class again and again: what files and the gradebook's rows say is kept until they change.

One look at 500 students costs some hundred stat calls a second time, not 500 notebooks: a student is looked
at anew only where a file of theirs has another size or time, or where a row in the gradebook differs.
"""

import os
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

import sqlalchemy as sa

from grading import backups, records
from grading.bankkeys import Bank, read_bank
from grading.collecting import CollectError
from grading.copies import students_with_work
from grading.exchange_view import given_folder, is_collected, is_given, newest_waiting
from grading.exports.marks import read_titles
from grading.fetched import fetched
from grading.gradebook import NoGradebookError
from grading.inbound import Waiting, inbound_folder
from grading.live import Cell, ClassNow, Column, column
from grading.places import Places
from grading.records import AssignmentRecord, StudentRecord
from grading.row_marks import Mark, definition_mark, row_marks
from grading.standing import Standing, has_comments, standing
from grading.status import AssignmentStatus, assignment_status
from grading.stored_rows import read_stored
from grading.tables import connected, read_master, reading
from grading.untrusted import MOST_ENTRIES, MOST_STUDENTS, name_problem

FEW = 20
"""Up to so many submissions are read one by one; where more have changed, all are read at once."""

MOST_NAMED = 5
"""So many people outside the class list are named."""
STEPS = ("submitted", "autograded", "feedback")


@dataclass
class _Seen:
    """What is known of one assignment, with the marks under which it is still true."""

    record: AssignmentRecord | None = None
    definition: Mark = ()
    rows: dict[str, Mark] = field(default_factory=dict)
    standings: dict[str, tuple[Mark, Standing]] = field(default_factory=dict)
    cells: dict[str, tuple[Mark, Cell]] = field(default_factory=dict)
    waiting: tuple[Mark, dict[str, Waiting], str] = ((), {}, "")
    status: tuple[Mark, AssignmentStatus] | None = None


class Watch:
    """One course, looked at with `look`; each look does only what has changed since the one before."""

    def __init__(self, places: Places) -> None:
        """Take the course; nothing is read yet."""
        self.places = places
        self._seen: dict[str, _Seen] = {}
        self._people: dict[str, StudentRecord] = {}
        self._book: Mark = ("never",)
        self._bank: tuple[Mark, Bank] = ((), Bank())
        self._work: dict[str, tuple[Mark, set[str]]] = {}
        self._fetched: tuple[Mark, dict[str, dict[str, datetime]]] = ((), {})

    def look(self) -> ClassNow:
        """Return the class as it is now.

        Raises
        ------
        GradebookError : the gradebook cannot be read at the moment, or is lost; a later look may succeed.
        """
        self._read_book()
        present = self._present()
        bank = self._read_bank()
        given = _file_mark(given_folder(self.places))
        self._read_fetched()
        names = self.places.in_order(dict.fromkeys([*self.places.assignments(), *self._seen]))
        for name in names:
            self._look_at(name, present.get(name, set()), bank, given)
        people = dict(self._people)
        for name in names:
            for student in self._seen[name].cells:
                people.setdefault(student, StudentRecord(student))
        titles = read_titles(self.places)
        columns: list[Column] = []
        cells: dict[str, dict[str, Cell]] = {}
        for name in names:
            seen = self._seen[name]
            mine = {student: cell for student, (_, cell) in seen.cells.items()}
            for student, cell in mine.items():
                cells.setdefault(student, {})[name] = cell
            status = self._status(name)
            title = titles.get(name, name)
            columns.append(column(name, title, status, mine, len(people), not self._remark()))
        when = datetime.now(UTC).replace(tzinfo=None)
        remarks = [self._remark(), self._strangers(people)]
        return ClassNow(when, columns, people, cells, [remark for remark in remarks if remark])

    def _remark(self) -> str:
        """Return why nothing can be seen of the exchange; empty where it can."""
        return next((seen.waiting[2] for seen in self._seen.values() if seen.waiting[2]), "")

    def _strangers(self, people: Collection[str]) -> str:
        """Return who has fetched without being in the class, as an instructor may; empty for nobody."""
        names = sorted({name for marks in self._fetched[1].values() for name in marks} - set(people))
        if not names:
            return ""
        more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
        return f"Also fetched by, and not in the class list: {', '.join(names[:MOST_NAMED])}{more}."

    def _read_book(self) -> None:
        """Read what has changed in the gradebook."""
        path = self.places.gradebook
        backups.refuse_lost(self.places)
        if path is not None and not path.is_file():
            self._seen, self._people = {name: _Seen() for name in self.places.assignments()}, {}
            return
        mark = _file_mark(path) if path else ("server", datetime.now(UTC))
        if mark == self._book:
            return
        try:
            self._read_rows()
        except NoGradebookError:
            if path is not None:
                raise  # it was there a moment ago
            self._seen, self._people = {name: _Seen() for name in self.places.assignments()}, {}
        # As it was before it was read: what came meanwhile is read the next time.
        self._book = mark

    def _read_rows(self) -> None:
        """Read the class and its assignments."""
        with connected(self.places) as connection:
            self._people = records.students(connection)
            names = records.assignment_names(connection)
            for name in [one for one in self._seen if one not in names]:
                self._seen[name].record = None
            for name in names:
                _update(connection, name, self._seen.setdefault(name, _Seen()))

    def _read_bank(self) -> Bank:
        """Return the course text, which only comments are compared with."""
        if not has_comments([seen.record for seen in self._seen.values()]):
            return self._bank[1]
        files = sorted((self.places.root / "course").rglob("*.*"))
        mark = tuple(_file_mark(path) for path in files if path.suffix in (".toml", ".md", ".csv"))
        if mark != self._bank[0]:
            self._bank = mark, read_bank(self.places.root)
        return self._bank[1]

    def _present(self) -> dict[str, set[str]]:
        """Return assignment -> students whose folder in submitted/ holds something for it."""
        names = list(dict.fromkeys([*self.places.assignments(), *self._seen]))
        folder = self.places.step("submitted")
        mark: Mark = tuple((name, time) for name, _, time in _listed(folder, MOST_STUDENTS))
        found: dict[str, set[str]] = {}
        for name in names:
            old = self._work.get(name)
            if old is None or old[0] != mark:
                students = {one for one in students_with_work(self.places, name) if not name_problem(one)}
                self._work[name] = mark, students
            found[name] = self._work[name][1]
            self._seen.setdefault(name, _Seen())
        return found

    def _look_at(self, name: str, collected: set[str], bank: Bank, given: Mark) -> None:
        """Look at everybody's work of one assignment, anew where something differs.

        `collected` are those whose work is in submitted/, `given` marks the pages in the exchange.
        """
        seen = self._seen[name]
        self._read_waiting(seen)
        waiting, taken = seen.waiting[1], self._fetched[1].get(name, {})
        if self._people:
            # Whoever is not in a class list is a student by handing in, not by looking.
            taken = {student: time for student, time in taken.items() if student in self._people}
        graded = seen.record.submissions if seen.record else {}
        standings: dict[str, tuple[Mark, Standing]] = {}
        cells: dict[str, tuple[Mark, Cell]] = {}
        for student in dict.fromkeys([*graded, *sorted(collected), *sorted(waiting), *sorted(taken)]):
            files = tuple(_folder_mark(self.places.path(step, student, name)) for step in STEPS)
            mark: Mark = (files, seen.definition, seen.rows.get(student), student in collected, id(bank))
            old = seen.standings.get(student)
            known = old is not None and old[0] == mark
            if old is None or not known:
                here = student in collected
                old = mark, standing(self.places, seen.record, student, bank, collected=here)
            standings[student] = old
            outside: Mark = (waiting.get(student), given, taken.get(student))
            cell = seen.cells.get(student)
            if cell is None or not known or cell[0] != outside:
                cell = outside, self._cell(seen, old[1], waiting.get(student), taken.get(student))
            cells[student] = cell
        seen.standings, seen.cells = standings, cells

    def _cell(self, seen: _Seen, one: Standing, waiting: Waiting | None, taken: datetime | None) -> Cell:
        """Return a student's cell, with what the exchange says of the work and of the page."""
        if seen.record is None:
            return Cell(one, fetched=taken)
        sent = waiting.time if waiting and not is_collected(self.places, seen.record, waiting) else None
        return Cell(one, sent, one.page and is_given(self.places, seen.record, one.student), taken)

    def _read_fetched(self) -> None:
        """List who has fetched what, where the exchange's folder has changed."""
        try:
            inbound = inbound_folder(self.places)
        except CollectError:
            self._fetched = (), {}  # what is wrong with the exchange is told with what waits there
            return
        mark = _file_mark(inbound)
        if mark != self._fetched[0]:
            self._fetched = mark, fetched(self.places, inbound)

    def _read_waiting(self, seen: _Seen) -> None:
        """List what waits in the exchange, where its folder has changed."""
        if seen.record is None:
            seen.waiting = (), {}, ""
            return
        try:
            mark: Mark = (_file_mark(inbound_folder(self.places)), seen.definition)
            if seen.waiting[0] != mark:
                seen.waiting = mark, newest_waiting(self.places, seen.record), ""
        except CollectError as error:
            seen.waiting = (), {}, f"What waits in the exchange cannot be seen: {error}"

    def _status(self, name: str) -> AssignmentStatus:
        """Return an assignment's status, which also compares its keys with those in source/."""
        seen = self._seen[name]
        class_ = tuple(one for _, one in seen.standings.values())
        folders = [self.places.path(step, ".", name) for step in ("source", "release")]
        folders.append(self.places.work / "regrades")
        mark: Mark = (class_, seen.definition, tuple(map(_folder_mark, folders)))
        if seen.status is None or seen.status[0] != mark:
            known = [one for one in class_ if one.collected or one.graded]
            seen.status = mark, assignment_status(self.places, name, seen.record, known)
        return seen.status[1]


def _update(connection: sa.Connection, name: str, seen: _Seen) -> None:
    """Read an assignment's definition and the submissions whose rows have changed."""
    with reading(connection):
        master = read_master(connection, name)
        if master is None:
            return
        definition, rows = definition_mark(connection, master), row_marks(connection, master)
    if seen.record is None or definition != seen.definition:
        seen.record, seen.definition, seen.rows = records.assignment(connection, name), definition, rows
        return
    changed = [student for student, mark in rows.items() if seen.rows.get(student) != mark]
    gone = [student for student in seen.rows if student not in rows]
    if len(changed) > FEW or gone:
        seen.record = records.assignment(connection, name)
    elif changed:
        with reading(connection):
            stored = read_stored(connection, master, changed)
        fresh = {student: records.submission(master, one) for student, one in stored.items()}
        submissions = dict(sorted({**seen.record.submissions, **fresh}.items()))
        seen.record = AssignmentRecord(name, master.due, seen.record.notebooks, submissions)
    seen.rows = rows


def _file_mark(path: Path) -> Mark:
    """Return a mark of one file or folder; empty where there is none."""
    with suppress(OSError):
        status = path.stat()
        return status.st_mtime_ns, status.st_size, status.st_ino
    return ()


def _folder_mark(path: Path) -> Mark:
    """Return a mark of what stands in a folder; empty where there is none."""
    return tuple(_listed(path, MOST_ENTRIES))


def _listed(path: Path, most: int) -> list[Mark]:
    """Return name, size and time of what stands in a folder, links not followed; none where it is none."""
    found: list[Mark] = []
    with suppress(OSError), os.scandir(path) as entries:
        for entry in islice(entries, most):
            with suppress(OSError):
                status = entry.stat(follow_symlinks=False)
                found.append((entry.name, status.st_size, status.st_mtime_ns))
    return sorted(found)
