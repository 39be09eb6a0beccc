"""Points and comments from ratings into nbgrader's gradebook, never over what a person has put there since.

Each booking leaves two lines in the record, one before and one after nbgrader's tables are written. What
stands in the gradebook is ours to replace if the record says that we put it there; everything else was
entered by a person, such as in the formgrader, and is replaced only where somebody says so.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from course.model import Rubric
from course.scoring import rubric_points
from grading.backups import back_up
from grading.gradebook import late_plugin, locked
from grading.journal import add_line, read_lines
from grading.places import Places
from grading.rating_rules import Standing
from grading.ratings import bookings_file
from grading.rows import write_student
from grading.shown import is_number
from grading.stored_rows import Stored, read_stored
from grading.tables import SOLUTION, Master, comment, connected, grade, new_id, read_master, writing

WAIT_SECONDS = 5.0
"""How long a booking waits for another run of grading; the page tries again by itself."""
BACKUP_EVERY = timedelta(minutes=10)
_EQUAL = 1e-6


@dataclass(frozen=True)
class Entry:
    """What stands, or is to stand, in the gradebook for one reflection; `points` None where nothing does.

    `open` says that a person still has to look: a third reader is awaited.
    """

    points: float | None
    comment: str = ""
    open: bool = False

    def same(self, other: "Entry") -> bool:
        """Return whether points and comment are the same; spaces at the ends of the comment do not count."""
        if self.points is None or other.points is None:
            equal = self.points is other.points
        else:
            equal = abs(self.points - other.points) < _EQUAL
        return equal and _plain(self.comment) == _plain(other.comment)


@dataclass(frozen=True)
class Slot:
    """One reflection's place in the gradebook: assignment, notebook, cell, prompt and student."""

    assignment: str
    notebook: str
    cell: str
    prompt: str
    student: str


@dataclass(frozen=True)
class Booked:
    """What became of a booking: "same", "written", "kept" (a person's entry, as decided), "asks" or "gone".

    Where it asks, `found` is what a person has entered in the meantime.
    """

    state: str
    found: Entry | None = None


def entry_for(where: Standing, rubric: Rubric, points: float) -> Entry | None:
    """Return what a text's ratings make; None before its first reader has finished.

    The comment begins with a line for each level, as `rubric.read_rubric` reads them.

    Parameters
    ----------
    points : the most that the reflection can earn; the result is rounded to two decimals.
    """
    highest = rubric.highest
    if set(where.levels) != set(highest) or any(where.levels[name] > most for name, most in highest.items()):
        return None
    made = rubric_points(where.levels, highest=highest, points=points)
    lines = "\n".join(f"{one.id}: {where.levels[one.id]}" for one in rubric.criteria)
    words = where.comment.strip()
    return Entry(round(made, 2), f"{lines}\n\n{words}" if words else lines, where.needs == "third")


def book(places: Places, slot: Slot, wanted: Entry, decided: Mapping[str, Any] | None = None) -> Booked:
    """Put points and comment into the gradebook as a person's, unless another person's stand there.

    Parameters
    ----------
    decided : what a grader answered who was asked: "use" is "ours" or "theirs", "points" and "comment" are
        what the page had shown as entered by a person. If that has changed since, it asks again.

    Raises
    ------
    GradebookError : the gradebook is busy or cannot be written; the rating itself is safe in the record.
    """
    path = bookings_file(places, slot.assignment)
    penalty = late_plugin(places)
    with locked(places, WAIT_SECONDS), connected(places) as connection:
        back_up(places, BACKUP_EVERY)
        with writing(connection):
            master = read_master(connection, slot.assignment)
            stored = read_stored(connection, master, [slot.student]).get(slot.student) if master else None
            there = standing_entry(stored, master, slot) if master else None
            if master is None or stored is None or there is None:
                return Booked("gone")
            if there.same(wanted) and there.open == wanted.open:
                return Booked("same")
            lines = [line for line in read_lines(path, "booking") if _is_of(line, slot)]
            if not (there.same(wanted) or _is_ours(there, lines)):
                told = decided is not None and _entry(decided).same(there)
                if told and decided and decided.get("use") == "theirs":
                    add_line(path, _line(slot, "left", there, wanted))
                    if there.points is not None and there.open:
                        _write(connection, slot, master, stored, replace(there, open=False))
                    return Booked("kept", there)
                if not told:
                    return Booked("kept" if _is_left(there, wanted, lines) else "asks", there)
            add_line(path, _line(slot, "begun", wanted))
            _write(connection, slot, master, stored, wanted)
            now = read_stored(connection, master, [slot.student])[slot.student]
            write_student(connection, master, slot.student, now, None, {}, penalty)
        add_line(path, _line(slot, "done", wanted))
    return Booked("written")


def standing_entry(stored: Stored | None, master: Master, slot: Slot) -> Entry | None:
    """Return what stands in the gradebook for a reflection; None where it has no row."""
    rows = stored.notebooks.get(slot.notebook) if stored else None
    if rows is None:
        return None
    ids = [cell.id for cell in master.notebooks[slot.notebook][1] if cell.name == slot.cell]
    scores = [rows.grades[id_] for id_ in ids if id_ in rows.grades]
    said = [rows.comments[id_].manual for id_ in ids if id_ in rows.comments]
    if not scores:
        return None
    return Entry(scores[0].manual_score, "\n".join(one for one in said if one), scores[0].needs_manual)


def _write(connection: sa.Connection, slot: Slot, master: Master, stored: Stored, wanted: Entry) -> None:
    """Write one reflection's score and comment, as the formgrader does."""
    rows = stored.notebooks[slot.notebook]
    for cell in master.notebooks[slot.notebook][1]:
        if cell.name != slot.cell:
            continue
        if cell.id in rows.grades:
            score = {"manual_score": wanted.points, "needs_manual_grade": wanted.open}
            connection.execute(grade.update().where(grade.c.id == rows.grades[cell.id].id), score)
        if cell.id in rows.comments:
            where = comment.c.id == rows.comments[cell.id].id
            connection.execute(comment.update().where(where), {"manual_comment": wanted.comment})
        elif cell.type == SOLUTION:
            key = {"id": new_id(), "notebook_id": rows.id, "cell_id": cell.id}
            connection.execute(comment.insert(), {**key, "manual_comment": wanted.comment})


def _is_ours(there: Entry, lines: Sequence[Mapping[str, Any]]) -> bool:
    """Return whether nobody has entered anything, or the record says that we did.

    A crash between the two lines of a booking leaves it open whether it was written, so whatever was begun
    since the last one that was done may stand there.
    """
    if there.points is None and not _plain(there.comment):
        return True
    last = max((place for place, line in enumerate(lines) if line.get("state") == "done"), default=0)
    return any(_entry(line).same(there) for line in lines[last:] if line.get("state") in ("begun", "done"))


def _is_left(there: Entry, wanted: Entry, lines: Sequence[Mapping[str, Any]]) -> bool:
    """Return whether a grader has decided before that a person's entry stays, against the same ratings."""
    left = [line for line in lines if line.get("state") == "left"]
    instead = left[-1].get("instead_of") if left else None
    return isinstance(instead, dict) and _entry(left[-1]).same(there) and _entry(instead).same(wanted)


def _line(slot: Slot, state: str, entry: Entry, instead_of: Entry | None = None) -> dict[str, Any]:
    """Return a line of the record about a booking."""
    made: dict[str, Any] = {"kind": "booking", "prompt": slot.prompt, "student": slot.student, "state": state}
    made |= {"points": entry.points, "comment": entry.comment, "time": datetime.now(UTC).isoformat()}
    if instead_of is not None:
        made["instead_of"] = {"points": instead_of.points, "comment": instead_of.comment}
    return made


def _is_of(line: Mapping[str, Any], slot: Slot) -> bool:
    """Return whether a line is about a reflection."""
    return line.get("prompt") == slot.prompt and line.get("student") == slot.student


def _entry(line: Mapping[str, Any]) -> Entry:
    """Return points and comment of a line, or of a page's decision."""
    points, said = line.get("points"), line.get("comment")
    score = float(points) if points is not None and is_number(points) else None
    return Entry(score, said if isinstance(said, str) else "")


def _plain(said: str) -> str:
    """Return a comment for comparing; a browser may have changed its line ends."""
    return said.replace("\r\n", "\n").strip()
