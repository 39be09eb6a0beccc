"""Intraclass correlations of total scores: the six forms of Shrout and Fleiss, with their intervals."""

import math
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from scipy import special

from grading.analysis.inputs import Numbers, Table, confidence_of, one_of, table
from grading.analysis.intervals import Interval, undefined_interval
from grading.analysis.moments import complete, given_items, is_constant
from grading.analysis.reliability import spearman_brown

Form: TypeAlias = Literal["1,1", "2,1", "3,1", "1,k", "2,k", "3,k"]


@dataclass(frozen=True)
class IntraclassCorrelation:
    """An intraclass correlation; NaN, with the reason, where it is undefined. `float()` gives the value.

    n: units with a rating of every rater; raters: their number k.
    """

    value: float
    form: str
    interval: Interval
    n: int
    raters: int
    reason: str = ""

    def __float__(self) -> float:
        """The value."""
        return self.value


def icc(ratings: Table, form: Form = "2,1", confidence: float = 0.95) -> IntraclassCorrelation:
    """ICC in the forms of Shrout & Fleiss (1979, Psychological Bulletin 86:420), with their F intervals.

    ratings: n units x k raters, numbers; units that lack a rating are left out, and so is a rater who rated
        nothing.
    form: "1,1" each unit has raters of its own; "2,1" the same raters, a sample of all who might rate
        (absolute agreement); "3,1" these raters alone (consistency); "1,k", "2,k", "3,k" the same for the
        mean of the k ratings.
    (2,1) is (MSR − MSE) / (MSR + (k − 1) MSE + k(MSC − MSE)/n), (2,k) (MSR − MSE) / (MSR + (MSC − MSE)/n).
    At most 1; negative where units differ less than chance would have it, and the forms with k then have
    no lower end.
    Undefined below 2 units or 2 raters, and where all ratings are equal.
    Raises ValueError for what is no table of numbers, another form, or a wrong confidence.
    """
    level = confidence_of(confidence)
    one_of(form, ("1,1", "2,1", "3,1", "1,k", "2,k", "3,k"), "form")
    marks = table(ratings, "ratings")
    rows = complete(marks[:, given_items(marks)])
    n, k = rows.shape if rows.shape[1] else (0, 0)
    reason = ""
    if k < 2:
        reason = "agreement needs at least 2 raters"
    elif n < 2:
        reason = "agreement needs at least 2 units with a rating of every rater"
    elif is_constant(rows.ravel()):
        reason = "all ratings are the same"
    if reason:
        return IntraclassCorrelation(math.nan, form, undefined_interval(level, reason), n, k, reason)
    # Marks in units of the largest deviation: neither tiny nor huge marks leave the range of floats.
    rows = rows - rows.mean()
    squares = _mean_squares(rows / np.abs(rows).max())
    value = _single(form, squares, n, k)
    low, high = _limits(form, value, squares, n, k, level)
    if form.endswith("k"):
        value, low, high = (spearman_brown(one, k) for one in (value, low, high))
    if math.isnan(value):
        reason = "the units do not differ beyond what their raters do"
        return IntraclassCorrelation(math.nan, form, undefined_interval(level, reason), n, k, reason)
    if math.isnan(low) or math.isnan(high):
        return IntraclassCorrelation(value, form, undefined_interval(level, "no F interval exists"), n, k)
    return IntraclassCorrelation(value, form, Interval(low, high, level), n, k)


def _mean_squares(rows: Numbers) -> tuple[float, float, float, float]:
    """Of units, raters, within units, and error; exact zeros where only rounding is left."""
    n, k = rows.shape
    unit_means, rater_means = rows.mean(axis=1), rows.mean(axis=0)
    within = float(((rows - unit_means[:, None]) ** 2).sum())
    rest = float(((rows - unit_means[:, None] - rater_means[None, :] + rows.mean()) ** 2).sum())
    squares = (
        k * float(np.var(unit_means)) * n / (n - 1),
        n * float(np.var(rater_means)) * k / (k - 1),
        within / (n * (k - 1)),
        rest / ((n - 1) * (k - 1)),
    )
    between, raters, inside, error = (0.0 if square < 1e-20 else square for square in squares)
    return between, raters, inside, error


def _single(form: Form, squares: tuple[float, float, float, float], n: int, k: int) -> float:
    """The form for a single rating; NaN where there is nothing to divide by."""
    between, raters, within, error = squares
    if form[0] == "1":
        above, below = between - within, between + (k - 1) * within
    elif form[0] == "2":
        # (k - 1) MSE + k(MSC - MSE)/n, put so that no two large numbers are subtracted.
        above, below = between - error, between + (k - 1 - k / n) * error + k * raters / n
    else:
        above, below = between - error, between + (k - 1) * error
    return above / below if below > 1e-20 else math.nan


def _limits(
    form: Form, value: float, squares: tuple[float, float, float, float], n: int, k: int, level: float
) -> tuple[float, float]:
    """The limits for a single rating (Shrout & Fleiss 1979, p. 424; McGraw & Wong 1996 for v)."""
    between, raters, within, error = squares
    tail = (1 + level) / 2
    if form[0] != "2":
        noise, free = (within, n * (k - 1)) if form[0] == "1" else (error, (n - 1) * (k - 1))
        if noise == 0:
            return (1.0, 1.0) if between > 0 else (math.nan, math.nan)
        low = between / noise / float(special.fdtri(n - 1, free, tail))
        high = between / noise * float(special.fdtri(free, n - 1, tail))
        return (low - 1) / (low + k - 1), (high - 1) / (high + k - 1)
    if math.isnan(value):
        return math.nan, math.nan
    if raters == 0 and error == 0:
        return 1.0, 1.0
    a, b = k * value * raters, (n * (1 - value) + k * value * (n - 1)) * error
    below = a**2 / (k - 1) + b**2 / ((n - 1) * (k - 1))
    v = (a + b) ** 2 / below if below > 0 else 0.0
    if not v > 1e-6:
        return math.nan, math.nan
    noise = k * raters + (k * n - k - n) * error
    f_low = float(special.fdtri(n - 1, v, tail))
    f_high = float(special.fdtri(v, n - 1, tail))
    low = n * (between - f_low * error) / (f_low * noise + n * between)
    high = n * (f_high * between - error) / (noise + n * f_high * between)
    return low, high
