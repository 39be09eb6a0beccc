"""From a long table (one line for each mark or rating) to the wide one that all functions take."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from grading.analysis.inputs import is_missing
from grading.analysis.labels import Label, label, listed, ordered


@dataclass(frozen=True)
class WideTable:
    """cells: one row for each of `rows`, one cell for each of `columns`; None where there was no line.

    It goes as it is into every function that takes a table: `cronbach_alpha(wide_table(...))`.
    """

    cells: tuple[tuple[Any, ...], ...]
    rows: tuple[Label, ...]
    columns: tuple[Label, ...]

    def __array__(self, dtype: npt.DTypeLike | None = None, copy: bool | None = None) -> npt.NDArray[Any]:
        """The cells as an array of objects, or of another type asked for."""
        array = np.empty((len(self.rows), len(self.columns)), dtype=object)
        for place, row in enumerate(self.cells):
            array[place, :] = row
        return array if dtype is None else array.astype(dtype)


def wide_table(rows: Any, columns: Any, values: Any) -> WideTable:
    """A wide table from three lists of one length: who, what, and the mark, rating or option chosen.

    rows: the person (or unit) of each line. columns: its item (or rater). values: its mark (or rating).
    Persons and items come out in order: numbers by value, then texts.
    Raises ValueError for lists of different lengths, a line without a row or column, and a second line for
    the same row and column.

    >>> wide_table(["ann", "ann", "bob"], ["q1", "q2", "q2"], [1, 0, 1]).cells
    ((1, 0), (None, 1))
    """
    who = [label(value, "rows") for value in listed(rows, "rows")]
    what = [label(value, "columns") for value in listed(columns, "columns")]
    given = listed(values, "values")
    if not len(who) == len(what) == len(given):
        raise ValueError(f"rows, columns and values differ in length: {len(who)}, {len(what)}, {len(given)}")
    found: dict[tuple[Label, Label], Any] = {}
    for place, value in zip(zip(who, what, strict=True), given, strict=True):
        if None in place:
            raise ValueError(f"a line has no row or no column: {place!r}")
        if place in found:
            raise ValueError(f"there are two values for row {place[0]!r} and column {place[1]!r}")
        found[place] = None if is_missing(value) else value
    people, items = ordered(set(who)), ordered(set(what))
    cells = tuple(tuple(found.get((person, item)) for item in items) for person in people)
    return WideTable(cells, tuple(people), tuple(items))
