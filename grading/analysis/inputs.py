"""What callers hand in, as arrays: marks, max marks, confidence levels; wrong use is a ValueError."""

import math
from collections.abc import Iterator, Sequence
from decimal import Decimal
from numbers import Real
from typing import Any, Literal, TypeAlias

import numpy as np
import numpy.typing as npt

Numbers: TypeAlias = npt.NDArray[np.float64]
Table: TypeAlias = npt.ArrayLike | Sequence[Sequence[float | None]]
"""Anything that numpy can read as a table of numbers; NaN or None where a value is missing."""
LARGEST = 1e50
"""Larger numbers are no marks; their squares and sums would leave the range of floats."""
Missing: TypeAlias = Literal["listwise", "pairwise"]


def is_missing(value: object) -> bool:
    """Whether a single value stands for nothing: None, NaN, or the NA and NaT of table libraries."""
    if value is None or type(value).__name__ in {"NAType", "NaTType"}:
        return True
    return isinstance(value, float | np.floating) and math.isnan(value)


def _number(value: object, name: str) -> float:
    if is_missing(value):
        return math.nan
    if not isinstance(value, Real | Decimal | np.bool_):
        raise ValueError(f"{name} must be numbers, not {value!r}")
    return float(value)


def numbers(values: Any, name: str) -> Numbers:
    """A float array of any shape from anything array-like; None becomes NaN.

    Raises ValueError for text, dates, complex numbers, infinite or enormous numbers (above 1e50), and rows
    of different lengths.
    """
    if isinstance(values, np.ma.MaskedArray):
        values = values.tolist()
    elif isinstance(values, Iterator):
        values = [list(row) if isinstance(row, Iterator) else row for row in values]
    try:
        array = np.asarray(values)
    except ValueError:
        raise ValueError(f"{name} must have rows of one length") from None
    if array.dtype.kind == "O":
        flat = [_number(value, name) for value in array.ravel().tolist()]
        array = np.asarray(flat, dtype=float).reshape(array.shape)
    elif array.dtype.kind not in "biuf":
        raise ValueError(f"{name} must be numbers, not {array.dtype}")
    result = np.array(array, dtype=float)
    if (np.abs(result) > LARGEST).any():
        raise ValueError(f"{name} must be finite numbers, none above {LARGEST:g}, or NaN")
    return result


def real(value: object, name: str) -> float:
    """One number, or NaN; else ValueError (also for True, False and infinity)."""
    if isinstance(value, bool | np.bool_) or not isinstance(value, Real) or math.isinf(value):
        raise ValueError(f"{name} must be a number, not {value!r}")
    return float(value)


def table(values: Any, name: str = "scores") -> Numbers:
    """A float array of shape n x k (persons x items, or units x raters); an empty list is 0 x 0.

    Raises ValueError for what `numbers` refuses and for any other number of dimensions.
    """
    array = numbers(values, name)
    if array.ndim == 1 and array.size == 0:
        return array.reshape(0, 0)
    if array.ndim != 2:
        raise ValueError(f"{name} must be a table with rows and columns, not of shape {array.shape}")
    return array


def max_marks_of(max_marks: Any, scores: Numbers) -> Numbers:
    """The max mark of each of k items, shape (k,).

    `max_marks` is one number for all items, or one for each. Left out it is 1, unless a mark lies outside
    0..1: then the max marks are not known, and all are NaN.
    0 is for what is worth nothing, such as a survey question: it has no facility.
    Raises ValueError when a max mark is below 0, or a mark is above the max mark given.
    """
    k = scores.shape[1]
    given = scores[~np.isnan(scores)]
    if max_marks is None:
        known = given.size == 0 or (given.min() >= 0 and given.max() <= 1)
        return np.full(k, 1.0 if known else math.nan)
    marks = numbers(max_marks, "max_marks")
    if marks.ndim == 0:
        marks = np.full(k, float(marks))
    if marks.shape != (k,):
        raise ValueError(f"max_marks must be one number or {k}, one for each item; got shape {marks.shape}")
    if np.isnan(marks).any() or (marks < 0).any():
        raise ValueError("max_marks must be numbers from 0 up")
    if (scores > marks * (1 + 1e-9)).any():
        raise ValueError("a mark is above its item's max mark")
    return marks


def confidence_of(confidence: float) -> float:
    """The confidence level, a number between 0 and 1 without its ends; else ValueError."""
    level = real(confidence, "confidence")
    if not 0 < level < 1:
        raise ValueError(f"confidence must be between 0 and 1, such as 0.95, not {confidence!r}")
    return level


def one_of(value: object, allowed: tuple[str, ...], name: str) -> None:
    """Raise ValueError when a setting is none of the words allowed."""
    if value not in allowed:
        raise ValueError(f"{name} must be one of {', '.join(map(repr, allowed))}, not {value!r}")
