"""A CSV file in which single cells are replaced and every other byte stays as it was."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from grading.exports import ExportError
from grading.exports.sheet import BOM

LARGEST = 20 * 1024 * 1024
"""Bytes of a file that are read; a gradebook of some thousand students has a tenth of it."""


@dataclass
class RawCell:
    """One cell as it stands in the file, with what follows it: a separator, a line's end, or nothing."""

    raw: str
    end: str

    @property
    def value(self) -> str:
        """Return what the cell says."""
        return self.raw[1:-1].replace('""', '"') if self.raw.startswith('"') else self.raw

    def put(self, value: str, separator: str) -> None:
        """Replace what the cell says, quoted only where it must be."""
        needs = any(sign in value for sign in ('"', separator, "\r", "\n"))
        self.raw = '"' + value.replace('"', '""') + '"' if needs else value


@dataclass(frozen=True)
class RawTable:
    """All rows of a file; `mark` is its byte-order mark, if it has one."""

    rows: Sequence[list[RawCell]]
    separator: str
    mark: str

    def data(self) -> bytes:
        """Return the file."""
        text = "".join(cell.raw + cell.end for row in self.rows for cell in row)
        return (self.mark + text).encode("utf-8")


def parse(data: bytes, name: str) -> RawTable:
    """Return a CSV file separated by commas or semicolons, by which of them its first line has more of.

    Raises
    ------
    ExportError : too large, not UTF-8, or a quotation mark stands where none can; `name` is for the message.
    """
    if len(data) > LARGEST:
        raise ExportError(f"{name}: is larger than any gradebook - is it the right file?")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ExportError(f"{name}: is not UTF-8 - save it as 'CSV UTF-8', or download it again") from error
    mark = BOM if text.startswith(BOM) else ""
    text = text[len(mark) :]
    first = text.splitlines()[0] if text else ""
    separator = ";" if first.count(";") > first.count(",") else ","
    cell = re.compile(rf'("(?:[^"]|"")*"|[^"\r\n{separator}]*)({separator}|\r\n|\r|\n|\Z)')
    rows: list[list[RawCell]] = [[]]
    place = 0
    while place < len(text) or (rows[-1] and rows[-1][-1].end == separator):
        found = cell.match(text, place)
        if found is None:
            line = text.count("\n", 0, place) + 1
            raise ExportError(f"{name}:{line}: a quotation mark is out of place - download the file again")
        rows[-1].append(RawCell(found[1], found[2]))
        if found[2] != separator:
            rows.append([])
        place = found.end()
    return RawTable([row for row in rows if row], separator, mark)
