"""Reliability of a test: coefficient alpha, KR-20, the standard error of measurement, Spearman-Brown."""

import math
from dataclasses import dataclass
from numbers import Real

import numpy as np

from grading.analysis.inputs import Missing, Numbers, Table, confidence_of, one_of, real, table
from grading.analysis.intervals import Interval, feldt_interval
from grading.analysis.moments import complete, covariance_matrix, given_items, is_constant, variance

_EQUAL = "all totals are equal"
_UNFIT = "the covariances of pairs, each from other persons, leave the total no variance"


@dataclass(frozen=True)
class Reliability:
    """A reliability coefficient; NaN with the reason where it is undefined. `float()` gives the value.

    `n` counts the persons it rests on and `k` the items that were given to anybody.
    """

    value: float
    interval: Interval
    n: int
    k: int
    reason: str = ""

    def __float__(self) -> float:
        """The value."""
        return self.value


def alpha_of(covariances: Numbers) -> float:
    """Alpha from a k x k matrix of covariances; NaN for k < 2 or a total that does not vary."""
    k = covariances.shape[0]
    total, own = float(covariances.sum()), float(np.trace(covariances))
    if k < 2 or math.isnan(total) or total <= 1e-12 * own or own == 0:
        return math.nan
    return float(min(k / (k - 1) * (1 - own / total), 1.0))


def cronbach_alpha(scores: Table, confidence: float = 0.95, missing: Missing = "listwise") -> Reliability:
    """Coefficient alpha with Feldt's interval; at most 1, and it may be negative.

    k/(k − 1) · (1 − Σ s²_j / s²_X) with n − 1 in all variances (Cronbach 1951). Any max marks.

    scores: n persons x k items; NaN where a mark is missing. An item with no mark at all is left out.
    missing: "listwise" rests on the persons with a mark in every item. "pairwise" takes each covariance
        from the persons who have both marks; n is then the number of persons with any mark.
    Undefined below 2 persons or 2 items, when all totals are equal, and where pairs give no covariance.
    Raises ValueError for what is no table of numbers, a wrong confidence or another word for `missing`.

    >>> result = cronbach_alpha([[1, 1, 1], [1, 1, 0], [1, 0, 0], [0, 0, 0]])
    >>> f"{result.value:.2f}"
    '0.75'
    """
    level = confidence_of(confidence)
    one_of(missing, ("listwise", "pairwise"), "missing")
    marks = table(scores)
    marks = marks[:, given_items(marks)]
    k = marks.shape[1]
    n = len(complete(marks)) if missing == "listwise" else int((~np.isnan(marks)).any(axis=1).sum())
    if k == 0:
        n = 0
    covariances = covariance_matrix(marks, missing)
    value = alpha_of(covariances) if n >= 2 and k >= 2 else math.nan
    if missing == "listwise" and is_constant(complete(marks).sum(axis=1)):
        value = math.nan
    reason = _why_undefined(marks, n, k) if math.isnan(value) else ""
    if reason == _EQUAL and np.isnan(marks).any() and missing == "pairwise":
        apart = np.isnan(covariances).any()
        reason = "fewer than 2 persons have both marks of some pair of items" if apart else _UNFIT
    return Reliability(value, feldt_interval(value, n, k, level), n, k, reason)


def _why_undefined(marks: Numbers, n: int, k: int) -> str:
    if k < 2:
        return "reliability needs at least 2 items"
    if n < 2:
        left_out = len(marks) - n
        return "reliability needs at least 2 persons" + (" with a mark in every item" if left_out else "")
    return _EQUAL


def kr20(scores: Table, confidence: float = 0.95) -> Reliability:
    """Kuder and Richardson's formula 20 with Feldt's interval, for marks of 0 and 1 alone.

    k/(k − 1) · (1 − Σ p_j q_j / σ²_X), with n in the variance of the total (Kuder & Richardson 1937). This is
    coefficient alpha, whatever the denominator, and is worked out as such: undefined where alpha is.
    Persons with a missing mark are left out. Raises ValueError for any mark but 0 and 1.
    """
    marks = table(scores)
    if not np.isin(marks[~np.isnan(marks)], (0.0, 1.0)).all():
        raise ValueError("kr20 takes marks of 0 and 1 alone; use cronbach_alpha for other marks")
    return cronbach_alpha(marks, confidence)


def standard_error_of_measurement(scores: Table | float, reliability: float | None = None) -> float:
    """The standard error of measurement in marks: s_X · √(1 − reliability), with n − 1 in s_X.

    scores: n persons x k items (persons with a missing mark are left out), or the standard deviation of
        the totals as one number, with its reliability.
    reliability: at most 1; left out it is coefficient alpha. A negative one gives more than s_X.
    NaN where the reliability or s_X is undefined.
    Raises ValueError for a reliability above 1, a negative deviation, or a deviation alone.
    Source: Gulliksen 1950, Theory of mental tests; Moodle's quiz statistics use the same.

    >>> f"{standard_error_of_measurement(10.0, 0.91):.2f}"
    '3.00'
    """
    if isinstance(scores, Real):
        deviation = real(scores, "the standard deviation")
        if deviation < 0 or reliability is None:
            raise ValueError("give a table of marks, or a standard deviation from 0 up and its reliability")
    else:
        marks = table(scores)
        rows = complete(marks[:, given_items(marks)])
        deviation = math.sqrt(variance(rows.sum(axis=1)))
        if reliability is None:
            reliability = cronbach_alpha(marks).value
    return deviation * math.sqrt(1 - _at_most_one(reliability))


def _at_most_one(reliability: float) -> float:
    value = real(reliability, "reliability")
    if value > 1:
        raise ValueError(f"reliability must be at most 1, not {reliability!r}")
    return value


def spearman_brown(reliability: float, factor: float = 2.0) -> float:
    """The reliability of a test made `factor` times as long with like items; 2 also steps up split halves.

    f·r / (1 + (f − 1)·r) (Spearman 1910, Brown 1910). NaN for r = NaN, and where a negative r leaves
    nothing to divide by. Raises ValueError for r above 1 or a factor not above 0.

    >>> f"{spearman_brown(0.295, 6):.2f}"
    '0.72'
    """
    r, times = _at_most_one(reliability), real(factor, "factor")
    if not times > 0:
        raise ValueError(f"factor must be above 0, not {factor!r}")
    below = 1 + (times - 1) * r
    return times * r / below if below > 1e-12 else math.nan


def items_needed(reliability: float, items: float, target: float) -> float:
    """How many like items reach the `target` reliability, when `items` items have `reliability`.

    items · t(1 − r) / (r(1 − t)), Spearman-Brown solved for the length; with the mean correlation between
    items as r and items = 1 it is t(1 − r̄) / (r̄(1 − t)). Round up. NaN for r = NaN or r <= 0: no length
    will do. Infinite for a target of 1. Raises ValueError for r above 1, a target outside 0..1 or items not
    above 0.

    >>> f"{items_needed(0.05, items=1, target=0.70):.1f}"
    '44.3'
    """
    r, length, goal = _at_most_one(reliability), real(items, "items"), real(target, "target")
    if not 0 <= goal <= 1:
        raise ValueError(f"target must be in 0..1, not {target!r}")
    if not length > 0:
        raise ValueError(f"items must be above 0, not {items!r}")
    if not r > 0:
        return math.nan
    if goal == 1:
        return length if r == 1 else math.inf
    return length * goal * (1 - r) / (r * (1 - goal))
