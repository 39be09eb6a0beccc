"""Tables as files that nobody else may read, in which a text stays in its cell and is no formula."""

import csv
import io
import os
from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from grading.exports import ExportError
from grading.gradebook import advice
from grading.names import tidy
from grading.records import StudentRecord
from grading.reports import number
from grading.untrusted import visible

BOM = "\ufeff"
"""Excel takes a CSV file without it for one in the system's old code page, and spoils every accent."""


def safe_cell(value: Any) -> str:
    """Return a value as a spreadsheet shows it: a text that would be a formula gets an apostrophe in front.

    Examples
    --------
    >>> safe_cell("=1+1"), safe_cell(-1.5), safe_cell(None)
    ("'=1+1", '-1.5', '')
    """
    if not isinstance(value, str) or value == "-":
        return "" if value is None else str(value)
    # A spreadsheet takes the wide forms of these signs for the signs themselves.
    return f"'{value}" if value.lstrip(" ").startswith(tuple("=+-@\t\r\n|＝＋－＠")) else value


def sheet(rows: Iterable[Sequence[Any]], *, bom: bool = False) -> bytes:
    """Return rows as CSV in UTF-8; numbers are written without needless zeros, None is an empty cell.

    A text that a spreadsheet would run gets an apostrophe in front; one without a visible form gets a sign.
    """
    made = io.StringIO(newline="")
    writer = csv.writer(made, lineterminator="\n")
    for row in rows:
        writer.writerow([_cell(value) for value in row])
    return ((BOM if bom else "") + made.getvalue()).encode("utf-8")


@lru_cache(maxsize=4096, typed=True)
def _cell(value: Any) -> str:
    """Return one value as it is written; a long table says the same again and again."""
    if isinstance(value, bool):
        return "yes" if value else ""
    if isinstance(value, float):
        return number(value)
    return safe_cell(visible(value) if isinstance(value, str) else value)


def is_formula(text: str) -> bool:
    """Return whether a spreadsheet would run a text, so that it cannot be written as it is."""
    return safe_cell(text) != text


def sorted_name(student: StudentRecord) -> str:
    """Return a student's name with the last name first, on one line; the id where half of it is unknown."""
    last, first = tidy(student.last_name or ""), tidy(student.first_name or "")
    return f"{last}, {first}" if first and last else student.id


def write_private(path: Path, data: bytes) -> None:
    """Write a file that only its owner can read, whole or not at all; what was there before is replaced.

    Raises
    ------
    ExportError : it cannot be written there.
    """
    draft = path.with_name(f".{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        draft.unlink(missing_ok=True)
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        draft.replace(path)
    except OSError as error:
        raise ExportError(
            f"{path}: cannot be written ({error.strerror or error}) - "
            + advice(error, "close it in other programs, or name another file with --to")
        ) from error
