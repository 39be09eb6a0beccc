"""Tables of labels: options chosen, or levels given by raters, where any hashable value may stand."""

import math
from collections.abc import Hashable, Iterable, Sequence
from decimal import Decimal
from numbers import Real
from typing import Any

import numpy as np

from grading.analysis.inputs import is_missing

Label = Hashable


def label(value: Any, name: str) -> Label:
    """A label as plain Python, None where it is missing or an empty text; ValueError if it is a list."""
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, Decimal):
        value = float(value)
    if is_missing(value) or (isinstance(value, str) and not value.strip()):
        return None
    if not isinstance(value, Hashable):
        raise ValueError(f"{name} must be single values such as 'b' or 2, not {value!r}")
    return value


def labels_in(cell: Any, name: str) -> frozenset[Label]:
    """The labels of one answer: one, several in a list, tuple, set or array, or none where it is missing."""
    several = isinstance(cell, list | tuple | set | frozenset | np.ndarray)
    labels = {label(value, name) for value in (cell if several else [cell])}
    return frozenset(labels - {None})


def rows_of(values: Any, name: str) -> list[list[Any]]:
    """The rows of anything like a table, cells as they are; ValueError for rows of different lengths.

    A text is never taken apart into letters, nor a mapping into its names.
    """
    if isinstance(values, np.ma.MaskedArray):
        values = values.tolist()
    if hasattr(values, "__array__"):
        array = np.asarray(values, dtype=object)
        if array.ndim != 2 and array.size:
            raise ValueError(f"{name} must be a table with rows and columns, not of shape {array.shape}")
        return [list(row) for row in array.tolist()] if array.ndim == 2 else []
    rows = []
    for row in listed(values, name):
        if isinstance(row, np.ndarray):
            row = row.tolist()
        if isinstance(row, set | frozenset):
            raise ValueError(f"the rows of {name} must have an order, not {row!r}")
        rows.append(listed(row, f"the rows of {name}"))
    if len({len(row) for row in rows}) > 1:
        raise ValueError(f"{name} must have rows of one length")
    return rows


def listed(values: Any, name: str) -> list[Any]:
    """The members of a sequence; ValueError for a text, a mapping, or no sequence at all."""
    if isinstance(values, np.ma.MaskedArray):
        values = values.tolist()
    elif hasattr(values, "__array__"):
        values = np.asarray(values, dtype=object).tolist()
    if isinstance(values, str | bytes | dict) or not isinstance(values, Iterable):
        raise ValueError(f"{name} must be a list, not {values!r}")
    return list(values)


def ordered(values: Iterable[Label]) -> list[Label]:
    """Labels in a stable order: numbers by value, then all others by kind and text."""

    def place(value: Label) -> tuple[float, str, str]:
        if isinstance(value, Real):
            return float(value), "", ""
        return math.inf, type(value).__name__, str(value)

    return sorted(values, key=place)


def categories_of(seen: set[Label], categories: Sequence[Any] | None, name: str) -> list[Label]:
    """All categories in order: those given, or the labels seen.

    Raises ValueError when one is given twice, or a label seen is not among those given.
    """
    if categories is None:
        return ordered(seen)
    given = [label(value, "categories") for value in listed(categories, "categories")]
    if None in given or len(set(given)) != len(given):
        raise ValueError("categories must be different values, none of them missing")
    strange = ordered(seen - set(given))
    if strange:
        raise ValueError(f"{name} holds {strange[0]!r}, which is none of the categories")
    return given
