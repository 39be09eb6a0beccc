"""A small table as a spreadsheet saves it: commas, semicolons or tabs, in the letters of its maker."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

MOST_BYTES = 10_000_000
_WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")


class TableError(Exception):
    """The file cannot be read as a table; the message says why and what to do."""


@dataclass(frozen=True)
class SavedTable:
    """The rows of a table with the numbers of their lines, from the first one that has an entry."""

    rows: Sequence[tuple[int, list[str]]]
    doubtful: bool = False
    """Whether letters were read as Windows-1252, which nothing in the file says."""


def read_saved_table(path: Path) -> SavedTable:
    """Return the rows of a table that Excel, Calc or a platform saved.

    The letters may be UTF-8, UTF-16 or Windows-1252. Of commas, semicolons and tabs, what the first line
    with an entry has most of parts the columns. A line `sep=` above, written for Excel alone, is passed over.

    Raises
    ------
    TableError : it cannot be opened, is a workbook, or is too large.
    """
    text, doubtful = _text(path)
    lines = text.splitlines()
    skipped = 1 if lines and lines[0].lower().startswith("sep=") else 0
    return SavedTable([(number + skipped, row) for number, row in _rows(lines[skipped:])], doubtful)


def _text(path: Path) -> tuple[str, bool]:
    """Return a file's text, and whether its letters had to be guessed."""
    try:
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise TableError(
            f"{path}: cannot be read ({error.strerror or error}) - is it there, and may you read it?"
        ) from error
    if data.startswith(_WORKBOOKS):
        raise TableError(
            f"{path}: is a workbook and no CSV file - in Excel choose File > Save as, type CSV UTF-8"
        )
    if len(data) > MOST_BYTES:
        raise TableError(f"{path}: is larger than {MOST_BYTES} bytes - is it the right file?")
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", errors="replace"), False
    try:
        return data.decode("utf-8-sig"), False
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace"), True


def _rows(lines: Sequence[str]) -> list[tuple[int, list[str]]]:
    """Return the rows from the first one that has an entry, each with the number of its line."""
    first = next((line for line in lines if line.strip()), "")
    counts = {sign: first.count(sign) for sign in "\t;,"}  # of as many, not the comma: names hold some
    delimiter = max(counts, key=lambda sign: counts[sign])
    reader = csv.reader([f"{line}\n" for line in lines], delimiter=delimiter)
    rows: list[tuple[int, list[str]]] = []
    before = 0
    for row in reader:
        rows.append((before + 1, row))
        before = reader.line_num
    at = next((place for place, (_, row) in enumerate(rows) if any(cell.strip() for cell in row)), None)
    return [] if at is None else rows[at:]
