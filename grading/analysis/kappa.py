"""Cohen's kappa of two raters: unweighted, linear, quadratic, or with weights of one's own."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from grading.analysis.inputs import Numbers, confidence_of
from grading.analysis.intervals import Interval, normal_quantile, undefined_interval
from grading.analysis.labels import Label
from grading.analysis.ratings import Weights, agreement_weights, read_ratings


@dataclass(frozen=True)
class Agreement:
    """A chance-corrected coefficient of agreement; NaN, with the reason, where it is undefined.

    observed and expected: the (weighted) shares of agreement it is made of, 0..1. n: units rated by two
    raters at least. categories: all that count, in order. `float()` gives the value.
    """

    value: float
    observed: float
    expected: float
    standard_error: float
    interval: Interval
    n: int
    categories: tuple[Label, ...]
    reason: str = ""

    def __float__(self) -> float:
        """The value."""
        return self.value


def cohen_kappa(
    first: Any,
    second: Any = None,
    weights: Weights = None,
    categories: Sequence[Any] | None = None,
    confidence: float = 0.95,
) -> Agreement:
    """Cohen's kappa, 1 − Σ v_ab o_ab / Σ v_ab e_ab with v the disagreement weights; -1..1.

    first, second: the ratings of n units by two raters, or one table of n x 2 (never a table of counts).
        Units that lack a rating of either are left out.
    weights: None (unweighted), "linear" (|a − b|), "quadratic" ((a − b)²), "ordinal", or a q x q matrix of
        agreement weights; `agreement_weights` has the formulas. Numeric categories stand at their values,
        so a level of the scale that nobody used does not shrink the distances.
    categories: all of them in order; left out, those seen. Texts with weights must be listed in order.
    The standard error is that of large samples (Fleiss, Cohen & Everitt 1969), the interval normal and cut
    at ±1. Undefined where chance alone would make all agree: one category for both raters, or no pairs.
    Sources: Cohen 1960, 1968. Raises ValueError for unequal lengths, strange categories, wrong weights.

    >>> result = cohen_kappa([1, 2, 3, 3], [1, 2, 3, 2], weights="quadratic")
    >>> f"{result.value:.3f}"
    '0.800'
    """
    level = confidence_of(confidence)
    table = read_ratings(first, second, categories)
    if table.codes.shape[1] != 2 and table.codes.size:
        raise ValueError(
            f"kappa compares 2 raters, not {table.codes.shape[1]}; a table of counts must be written out,"
            " one line for each unit"
        )
    w = agreement_weights(table, weights)
    pairs = table.codes[(table.codes >= 0).all(axis=1)] if table.codes.size else table.codes.reshape(0, 2)
    n, q = len(pairs), len(table.categories)
    if not n:
        return _undefined(level, 0, table.categories, "no unit has a rating of both")
    shares = np.zeros((q, q))
    np.add.at(shares, (pairs[:, 0], pairs[:, 1]), 1 / n)
    rows, columns = shares.sum(axis=1), shares.sum(axis=0)
    # Disagreement is added up, not taken from 1: with one category for all it is 0 to the last digit.
    apart, apart_by_chance = float(((1 - w) * shares).sum()), float(rows @ (1 - w) @ columns)
    if apart_by_chance <= 1e-15:
        return _undefined(level, n, table.categories, "both gave every unit one and the same rating")
    value = 1 - apart / apart_by_chance
    error = _standard_error(shares, w, 1 - apart, 1 - apart_by_chance, n)
    half = normal_quantile(level) * error
    interval = Interval(max(value - half, -1.0), min(value + half, 1.0), level)
    return Agreement(value, 1 - apart, 1 - apart_by_chance, error, interval, n, table.categories)


def _undefined(level: float, n: int, categories: tuple[Label, ...], reason: str) -> Agreement:
    nothing = undefined_interval(level, reason)
    return Agreement(math.nan, math.nan, math.nan, math.nan, nothing, n, categories, reason)


def _standard_error(shares: Numbers, w: Numbers, observed: float, expected: float, n: int) -> float:
    rows, columns = shares.sum(axis=1), shares.sum(axis=0)
    by_row, by_column = w @ columns, rows @ w
    terms = w * (1 - expected) - (by_row[:, None] + by_column[None, :]) * (1 - observed)
    spread = float((shares * terms**2).sum()) - (observed * expected - 2 * expected + observed) ** 2
    return math.sqrt(max(spread, 0.0) / n) / (1 - expected) ** 2
