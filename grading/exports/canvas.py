"""Canvas's gradebook CSV: the teacher's own export filled in place, or a file made from nothing.

Followed from Canvas's lib/gradebook_importer.rb and gradebook_exporter.rb: the first columns name the student
up to "Section"; a line "Points Possible" gives each assignment's most points and "(read only)"; an assignment
is known by the number in parentheses after its title. An empty cell changes nothing in Canvas.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from grading.exports import ExportError
from grading.exports.canvas_people import Naming, name_rows
from grading.exports.marks import Column
from grading.exports.rawcsv import RawCell, RawTable, parse
from grading.exports.sheet import is_formula, sheet, sorted_name
from grading.names import tidy
from grading.records import StudentRecord
from grading.reports import number
from grading.untrusted import plain, visible

POINTS = "Points Possible"
_NUMBERED = re.compile(r"(.*?)\s*\((\d+)\)\s*", re.DOTALL)
_TOTALS = re.compile(r"(Current|Final|Override) (Score|Points|Grade|Status)")
"""Columns with such a name are totals to Canvas, and are never read."""


@dataclass(frozen=True)
class Filled:
    """The teacher's file with scores in it, and what became of each person.

    `left` is (who, why) for rows and students without a partner; `kept` for cells that were not touched;
    `written` and `replaced` count cells.
    """

    data: bytes
    written: int
    replaced: int
    same: int
    left: Sequence[tuple[str, str]]
    kept: Sequence[tuple[str, str, str]]


def canvas_csv(
    people: Mapping[str, StudentRecord],
    columns: Sequence[Column],
    *,
    anyway: bool = False,
    zero: bool = False,
) -> tuple[bytes, list[tuple[str, str]]]:
    """Return a gradebook made from nothing, and (student, why) for those who are not in it.

    Canvas looks for a student by its own number, where the gradebook has it, then by the login, which is
    taken to be the student's id here, then by name.

    Raises
    ------
    ExportError : a title that Canvas would take for something else.
    """
    for column in columns:
        if _NUMBERED.fullmatch(column.title) or _TOTALS.search(column.title):
            raise ExportError(
                f"Canvas would take the title {column.title!r} for another column: fill the teacher's own "
                "export, with --into"
            )
    blanks = [None] * 4
    rows: list[list[object]] = [
        ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", *(column.title for column in columns)],
        [f"    {POINTS}", *blanks, *(column.points for column in columns)],
    ]
    left: list[tuple[str, str]] = []
    for student in people.values():
        name, number_ = visible(sorted_name(student)), (student.lms_id or "").strip()
        marks = [column.marks[student.id].given(anyway=anyway, zero=zero) for column in columns]
        if POINTS in name:
            left.append((student.id, "has a name that Canvas takes for a line of its own"))
        elif is_formula(student.id) or visible(student.id) != student.id:
            left.append((student.id, "has an id that cannot be written safely"))
        elif any(points is not None for points in marks):
            known = number_ if number_.isascii() and number_.isdigit() else None
            rows.append([name, known, None, student.id, None, *marks])
    return sheet(rows), left


def fill(
    data: bytes,
    name: str,
    people: Mapping[str, StudentRecord],
    columns: Sequence[Column],
    *,
    wanted: Mapping[str, str] | None = None,
    anyway: bool = False,
    zero: bool = False,
    scale: bool = False,
) -> Filled:
    """Return the teacher's exported gradebook with scores in the columns of these assignments.

    Parameters
    ----------
    name : the file's name, for messages.
    wanted : assignment id -> the column's title in Canvas, where it is another one than ours.
    scale : where Canvas has other most points, write the same share of those.

    Raises
    ------
    ExportError : it is no gradebook of Canvas's, or a column is missing, read only or of other points.
    """
    table = parse(data, name)
    naming = Naming.of([cell.value for cell in table.rows[0]] if table.rows else [], name)
    points_row = next((row for row in table.rows[1:] if POINTS in row[0].value), None)
    if points_row is None:
        raise ExportError(f"{name}: has no line '{POINTS}' - download the gradebook from Canvas again")
    comma = _has_comma(table)
    places: dict[str, tuple[int, float]] = {}
    for column in columns:
        place = _place(table, naming, points_row, column, (wanted or {}).get(column.name, ""), name)
        places[column.name] = place, _factor(points_row, place, column, scale=scale, name=name)
    if len({place for place, _ in places.values()}) < len(places):
        raise ExportError(f"{name}: two assignments would go into one column: name the columns with --column")
    rows = [row for row in table.rows[1:] if not _is_ours(row)]
    partners, left = name_rows([[cell.value for cell in row] for row in rows], naming, people)
    counts = {"written": 0, "replaced": 0, "same": 0}
    kept: list[tuple[str, str, str]] = []
    for row, student in zip(rows, partners, strict=True):
        if student is None:
            continue
        for column in columns:
            place, factor = places[column.name]
            points = column.marks[student].given(anyway=anyway, zero=zero)
            if points is None:
                continue
            if place >= len(row):
                kept.append((student, column.name, "the line in Canvas's file is too short"))
                continue
            outcome = _put(row[place], points * factor, table.separator, comma=comma)
            if outcome in counts:
                counts[outcome] += 1
            else:
                kept.append((student, column.name, outcome))
    return Filled(table.data(), **counts, left=left, kept=kept)


def _is_ours(row: Sequence[RawCell]) -> bool:
    """Return whether a row describes the assignments and names no student."""
    said = [cell.value.strip() for cell in row]
    return POINTS in said[0] or all(
        not one or one == "Muted" or one.startswith("Manual Posting") for one in said
    )


def _place(
    table: RawTable,
    naming: Naming,
    points_row: Sequence[RawCell],
    column: Column,
    wanted: str,
    name: str,
) -> int:
    """Return where an assignment's column is, counted from 0."""
    heads = [tidy(cell.value) for cell in table.rows[0]]
    said = [cell.value for cell in points_row] + [""] * len(heads)
    ours = {tidy(one).casefold() for one in ([wanted] if wanted else [column.title, column.name])}
    choices = [
        place
        for place in range(naming.width, len(heads))
        if not _TOTALS.search(heads[place]) and "(read only)" not in said[place]
    ]
    whole = [place for place in choices if heads[place].casefold() in ours]
    titled = [
        place
        for place in choices
        if (parts := _NUMBERED.fullmatch(heads[place])) and tidy(parts[1]).casefold() in ours
    ]
    # A column without a number may be a teacher's note with the same name.
    found = (whole if wanted else titled) or titled or whole
    if len(found) == 1:
        return found[0]
    listed = ", ".join(repr(visible(heads[place])) for place in choices) or "none"
    why = "several columns could be" if found else "no column is"
    raise ExportError(
        f"{name}: {why} {column.name} ({wanted or column.title}) - say which with --column "
        f'"{column.name}=TITLE"; there are: {listed}'
    )


def _factor(points_row: Sequence[RawCell], place: int, column: Column, *, scale: bool, name: str) -> float:
    """Return what our points are multiplied with to be Canvas's."""
    said = points_row[place].value.strip() if place < len(points_row) else ""
    theirs = _as_number(said)
    if theirs is None or abs(theirs - column.points) < 0.005:
        return 1.0
    if not scale or not column.points:
        raise ExportError(
            f"{name}: {column.name} has {number(column.points)} points here and {plain(said)} in Canvas - "
            f"set it to {number(column.points)} there and export again, or add --scale to convert"
        )
    return theirs / column.points


def _put(cell: RawCell, points: float, separator: str, *, comma: bool) -> str:
    """Write points into a cell; return written, replaced or same, or why it was left alone."""
    said = cell.value.strip()
    if said.upper() == "EX":
        return "excused in Canvas"
    if said.upper() == "N/A":
        return "not assigned to them in Canvas"
    theirs = _as_number(said)
    if theirs is not None and abs(theirs - points) < 0.005:
        return "same"
    told = number(points)
    cell.put(told.replace(".", ",") if comma else told, separator)
    return "replaced" if said not in ("", "-") else "written"


def _as_number(said: str) -> float | None:
    """Return a number as Canvas reads it, in which the last comma or point is the decimal one."""
    if not re.fullmatch(r"-?[0-9.,]*[0-9]", said):
        return None
    *whole, last = re.split("[.,]", said)
    return float(f"{''.join(whole) or '0'}.{last}" if whole else last)


def _has_comma(table: RawTable) -> bool:
    """Return whether the file writes 7,5: a point there would become a date in that teacher's Excel."""
    said = [cell.value.strip() for row in table.rows[1:] for cell in row]
    return table.separator == ";" and (
        any(re.fullmatch(r"-?\d+,\d+", one) for one in said)
        and not any(re.fullmatch(r"-?\d+\.\d+", one) for one in said)
    )
