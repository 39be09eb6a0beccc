"""Bootstrap intervals for any statistic of a table: rows are drawn again and again, with a seed."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, SupportsFloat, TypeAlias

import numpy as np

from grading.analysis.inputs import Numbers, confidence_of, numbers
from grading.analysis.intervals import Interval, undefined_interval
from grading.analysis.labels import rows_of

Chosen: TypeAlias = np.ndarray[Any, np.dtype[np.int64]]


@dataclass(frozen=True)
class Bootstrap:
    """A statistic with its bootstrap interval and standard error; NaN, with the reason, where undefined.

    samples: how many were drawn; undefined: in how many of them the statistic was undefined (left out).
    """

    value: float
    interval: Interval
    standard_error: float
    samples: int
    undefined: int
    reason: str = ""

    def __float__(self) -> float:
        """The value."""
        return self.value


def bootstrap_interval(
    ratings: Any,
    statistic: Callable[[Any], SupportsFloat],
    confidence: float = 0.95,
    samples: int = 1000,
    seed: int = 0,
) -> Bootstrap:
    """The percentile interval of a statistic over the rows of a table (Efron & Tibshirani 1993, chapter 13).

    ratings: units x raters, or persons x items: whole rows are drawn with replacement, as many as there are.
    statistic: takes such a table (an array if all are numbers, else a list of rows) and gives a number, or a
        result that `float()` turns into one, such as `krippendorff_alpha`; NaN where it is undefined.
    seed: the same seed gives the same interval.
    Undefined for fewer than 2 rows, an undefined statistic, or more than a tenth of the samples undefined:
    the interval would then describe only the easy ones. Raises ValueError for wrong settings.
    """
    level = confidence_of(confidence)
    for name, number, least in (("samples", samples, 2), ("seed", seed, 0)):
        if isinstance(number, bool) or not isinstance(number, int) or number < least:
            raise ValueError(f"{name} must be a whole number from {least} up, not {number!r}")
    rows: Any = rows_of(ratings, "ratings")
    draws: Callable[[Any, Chosen], Any] = _array_drawn
    try:
        rows = numbers(rows, "ratings")
    except ValueError:
        draws = _rows_drawn
    value = float(statistic(rows))
    if len(rows) < 2 or math.isnan(value):
        reason = "a bootstrap needs at least 2 rows" if len(rows) < 2 else "the statistic is undefined"
        return Bootstrap(value, undefined_interval(level, reason), math.nan, 0, 0, reason)
    draw = np.random.default_rng(seed)
    n = len(rows)
    drawn = [float(statistic(draws(rows, draw.integers(0, n, n)))) for _ in range(samples)]
    found = np.array([x for x in drawn if not math.isnan(x)])
    undefined = samples - found.size
    if undefined > samples / 10 or found.size < 2:
        reason = f"the statistic is undefined in {undefined} of {samples} samples"
        return Bootstrap(value, undefined_interval(level, reason), math.nan, samples, undefined, reason)
    low, high = np.quantile(found, [(1 - level) / 2, (1 + level) / 2]).tolist()
    error = float(found.std(ddof=1))
    return Bootstrap(value, Interval(low, high, level), error, samples, undefined)


def _array_drawn(rows: Numbers, chosen: Chosen) -> Numbers:
    return rows[chosen]


def _rows_drawn(rows: list[list[Any]], chosen: Chosen) -> list[list[Any]]:
    return [rows[i] for i in chosen.tolist()]
