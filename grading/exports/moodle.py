"""The file for Moodle's grade import (Grades > Import > CSV file).

Followed from grade/import/csv/classes/load_data.php: one column names the user, and a value that nobody bears
stops the whole import; a row in which that cell is blank is given to the student of the row before it, so no
such row is written. An empty grade can become 0 for a new grade item, so a missing one is written as ``-``.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from html import escape

from grading.exports import ExportError
from grading.exports.marks import Column, Mark
from grading.exports.sheet import is_formula, sheet
from grading.records import StudentRecord
from grading.reports import number
from grading.untrusted import visible

KEYS = {"email": "Email address", "idnumber": "ID number", "username": "Username"}
"""What may name the user, and the column's name as Moodle's own exports write it."""
MOST = 100
"""Moodle refuses higher grades unless its site setting "unlimited grades" is on."""


def moodle_csv(
    people: Mapping[str, StudentRecord],
    columns: Sequence[Column],
    *,
    by: str = "email",
    anyway: bool = False,
    zero: bool = False,
) -> tuple[bytes, list[tuple[str, str]], list[str]]:
    """Return the file, (student, why) for those who are not in it, and sentences about the import.

    `by` is what the teacher maps to the user: email, idnumber or username. A student's id in the gradebook
    is written as the username, the id of the learning platform as the ID number.

    Raises
    ------
    ExportError : two columns would have the same name.
    """
    head = [*KEYS.values()]
    for column in columns:
        head += [f"{column.title} (max {number(column.points)})", f"{column.title} feedback"]
    if len({name.strip().casefold() for name in head}) < len(head):
        raise ExportError(
            "two assignments have the same title, so that Moodle cannot tell them apart - export one by one"
        )
    named = Counter(_keys(student)[by].casefold() for student in people.values())
    rows: list[list[object]] = [list(head)]
    left: list[tuple[str, str]] = []
    for student in people.values():
        marks = [column.marks[student.id] for column in columns]
        given = [mark.given(anyway=anyway, zero=zero) for mark in marks]
        if all(points is None for points in given):
            continue  # a row of missing grades would take away what Moodle has
        keys = _keys(student)
        why = _problem(keys[by], KEYS[by], named[keys[by].casefold()])
        if why:
            left.append((student.id, why))
            continue
        # Moodle reads the mapped column alone, so the others may be blank.
        row: list[object] = ["" if is_formula(value) else value for value in keys.values()]
        for column, mark, points in zip(columns, marks, given, strict=True):
            row += ["-" if points is None else points, _feedback(column, mark, points)]
        rows.append(row)
    told = _told(columns, by)
    if any(cell == "-" for row in rows for cell in row):
        told.append('A "-" means no grade: it takes away the one that Moodle has for this student.')
    return sheet(rows), left, told


def _keys(student: StudentRecord) -> dict[str, str]:
    """Return what may name a student in Moodle, in the order of the columns."""
    return {
        "email": (student.email or "").strip(),
        "idnumber": (student.lms_id or "").strip(),
        "username": student.id.strip(),
    }


def _problem(value: str, column: str, bearers: int) -> str:
    """Return why a student cannot be named by a value; empty where that is fine."""
    if value in ("", "0"):  # PHP takes both for blank
        return f"has no {column}"
    if is_formula(value) or visible(value) != value:
        return f"has the {column} {visible(value)!r}, which cannot be written safely"
    return f"shares the {column} {value} with another student" if bearers > 1 else ""


def _feedback(column: Column, mark: Mark, points: float | None) -> str:
    """Return the feedback, which Moodle shows as HTML; it begins with a word, so that it is no formula."""
    if points is None:
        return ""
    told = f"Points: {number(points)} of {number(column.points)}."
    return escape(visible(f"{told}\n\n{mark.comment}" if mark.comment else told), quote=False)


def _told(columns: Sequence[Column], by: str) -> list[str]:
    """Return what the teacher has to know for the import."""
    told = [
        f'In Moodle, map from "{KEYS[by]}" to the user field of the same meaning; map each grade with its '
        "feedback in one import.",
        "Make the grade items first, with the maximum named in the column; one that the import makes has "
        "a maximum of 100.",
        "Everyone in the file must be in the Moodle course: one who is not stops the whole import.",
    ]
    high = [column.title for column in columns if column.points > MOST]
    if high:
        told.append(
            f"More than {MOST} points: {', '.join(high)}. Moodle refuses that unless it is set to allow it."
        )
    return told
