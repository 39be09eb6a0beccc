"""The table for people: one row for each student, four columns for each assignment."""

from collections.abc import Mapping, Sequence

from grading.exports.marks import Column
from grading.exports.sheet import sheet
from grading.records import StudentRecord


def wide_csv(
    people: Mapping[str, StudentRecord],
    columns: Sequence[Column],
    *,
    anyway: bool = False,
    zero: bool = False,
) -> bytes:
    """Return the table as CSV that Excel opens with its letters right.

    For each assignment: points with any late penalty taken off, the most there are, minutes late, and the
    state in words. Points that are not final are left empty unless `anyway`.
    """
    head = ["student", "last name", "first name", "e-mail"]
    for column in columns:
        head += [f"{column.name} {part}" for part in ("points", "of", "minutes late", "state")]
    rows: list[list[object]] = [[*head]]
    for student in people.values():
        row: list[object] = [student.id, student.last_name, student.first_name, student.email]
        for column in columns:
            mark = column.marks[student.id]
            late = round(mark.late / 60) if mark.late else None
            row += [mark.given(anyway=anyway, zero=zero), column.points, late, mark.state]
        rows.append(row)
    return sheet(rows, bom=True)
