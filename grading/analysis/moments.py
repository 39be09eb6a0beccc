"""Variances, covariances and correlations that know when they are undefined.

All use n - 1. Undefined is NaN: fewer than two values, or a correlation with something constant.
"""

import math

import numpy as np

from grading.analysis.inputs import Missing, Numbers

_ROUNDING, _NOTHING = 1e-12, 1e-50
"""Sums of decimal marks differ in their last binary digits by the order of adding (relative to their size);
and differences so small that their squares vanish are none."""


def is_constant(values: Numbers) -> bool:
    """Whether all values are the same number, but for rounding; also True for none or one."""
    if values.size < 2:
        return True
    size = max(abs(float(values.max())), abs(float(values.min())))
    return float(np.ptp(values)) <= max(_ROUNDING * size, _NOTHING)


def variance(values: Numbers) -> float:
    """Variance with n - 1 of a vector without NaN; 0 for a constant; NaN for fewer than two values."""
    if values.size < 2:
        return math.nan
    return 0.0 if is_constant(values) else float(np.var(values, ddof=1))


def covariance(x: Numbers, y: Numbers) -> float:
    """Covariance with n - 1 of two vectors without NaN; NaN for fewer than two values."""
    if x.size < 2:
        return math.nan
    if is_constant(x) or is_constant(y):
        return 0.0
    return float((x - x.mean()) @ (y - y.mean())) / (x.size - 1)


def correlation(x: Numbers, y: Numbers) -> float:
    """Pearson's r in -1..1 of two vectors without NaN; NaN when one is constant."""
    if is_constant(x) or is_constant(y):
        return math.nan
    # Deviations in units of the largest one: marks of 1e-200 or 1e200 neither vanish nor overflow.
    dx, dy = x - x.mean(), y - y.mean()
    dx, dy = dx / np.abs(dx).max(), dy / np.abs(dy).max()
    return float(np.clip((dx @ dy) / math.sqrt(float(dx @ dx) * float(dy @ dy)), -1.0, 1.0))


def given_items(scores: Numbers) -> list[int]:
    """The columns in which there is any mark at all: an item that was given to nobody counts nowhere."""
    return [j for j in range(scores.shape[1]) if not np.isnan(scores[:, j]).all()]


def complete(scores: Numbers) -> Numbers:
    """The rows without NaN."""
    return scores[~np.isnan(scores).any(axis=1)]


def covariance_matrix(scores: Numbers, missing: Missing) -> Numbers:
    """Covariances (n - 1) of k items, shape k x k.

    `listwise` uses the persons with a mark in every item; `pairwise` takes each pair of items from the
    persons who have both. NaN where fewer than two persons are left.
    """
    rows = complete(scores) if missing == "listwise" else scores
    k = scores.shape[1]
    if len(rows) >= 2 and not np.isnan(rows).any():
        return _covariances(rows)
    matrix = np.full((k, k), math.nan)
    for a in range(k):
        for b in range(a, k):
            both = ~(np.isnan(rows[:, a]) | np.isnan(rows[:, b]))
            matrix[a, b] = matrix[b, a] = covariance(rows[both, a], rows[both, b])
    return matrix


def _covariances(rows: Numbers) -> Numbers:
    """The same of a table without NaN, at once: 100,000 persons are no trouble."""
    apart = rows - rows.mean(axis=0)
    # A constant has no deviations, not even those of rounding.
    apart[:, [is_constant(column) for column in rows.T]] = 0.0
    return np.asarray(apart.T @ apart / (len(rows) - 1))
