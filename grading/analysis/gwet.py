"""Gwet's AC1 and AC2: agreement of two raters or more that stands when nearly all ratings are alike."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy import special

from grading.analysis.inputs import Numbers, confidence_of
from grading.analysis.intervals import Interval, undefined_interval
from grading.analysis.kappa import Agreement
from grading.analysis.ratings import Units, Weights, agreement_weights, read_ratings


def gwet_ac(
    ratings: Any,
    second: Any = None,
    weights: Weights = None,
    categories: Sequence[Any] | None = None,
    confidence: float = 0.95,
    units: Units = "rows",
) -> Agreement:
    """Gwet's AC1 (no weights) or AC2 (weights): (p_a − p_e) / (1 − p_e), at most 1.

    p_a is the mean, over units with two ratings or more, of the weighted share of agreeing pairs of raters;
    p_e = T_w / (q(q − 1)) · Σ π_c(1 − π_c), with T_w the sum of the weights and π_c the mean share of
    category c over units with any rating (Gwet 2008 for AC1; Gwet 2014, chapters 4 and 5).

    ratings: units x raters, or the ratings of one rater with `second` those of another. Missing ratings may
        be anywhere; units without one count nowhere. units: "columns" for a table of raters x units.
    weights: None for AC1; "linear", "quadratic", "ordinal" or a q x q matrix for AC2 (`agreement_weights`).
    categories: all of them. Give them: p_e depends on their number q, also on those nobody used. Left out,
        those seen.
    The standard error is Gwet's, for these raters and a sample of units; the interval is that of t with one
    degree of freedom less than units, cut at ±1; NaN for one unit alone.
    Undefined where no unit has two ratings, or there is only one category.
    Raises ValueError for wrong tables, strange categories and wrong weights.

    >>> result = gwet_ac([[1, 1], [1, 1], [1, 2], [1, 1]], categories=[1, 2])
    >>> f"{result.value:.3f}"
    '0.680'
    """
    level = confidence_of(confidence)
    table = read_ratings(ratings, second, categories, units)
    w, counts = agreement_weights(table, weights), table.counts()
    raters = counts.sum(axis=1)
    counts, raters = counts[raters > 0], raters[raters > 0]
    q, pairable = len(table.categories), raters >= 2
    n = int(pairable.sum())
    reason = "no unit has two ratings" if not n else "there is only one category" if q < 2 else ""
    if reason:
        nothing = undefined_interval(level, reason)
        return Agreement(math.nan, math.nan, math.nan, math.nan, nothing, n, table.categories, reason)
    agreeing = (counts * (counts @ w - 1)).sum(axis=1)
    by_unit = np.zeros(len(counts))
    by_unit[pairable] = agreeing[pairable] / (raters[pairable] * (raters[pairable] - 1))
    observed = float(by_unit.sum()) / n
    shares = counts / raters[:, None]
    prevalence, spread = shares.mean(axis=0), float(w.sum()) / (q * (q - 1))
    expected = spread * float((prevalence * (1 - prevalence)).sum())
    if not 1 - expected > 1e-15:
        reason = "the weights make all agree by chance"
        nothing = undefined_interval(level, reason)
        return Agreement(math.nan, observed, expected, math.nan, nothing, n, table.categories, reason)
    value = (observed - expected) / (1 - expected)
    chance = spread * (shares @ (1 - prevalence))
    error = _standard_error(by_unit, chance, pairable, expected, value)
    if math.isnan(error):
        interval = undefined_interval(level, "an interval needs at least 2 units")
    else:
        half = float(special.stdtrit(len(counts) - 1, (1 + level) / 2)) * error
        interval = Interval(max(value - half, -1.0), min(value + half, 1.0), level)
    return Agreement(value, observed, expected, error, interval, n, table.categories)


def _standard_error(
    by_unit: Numbers,
    chance: Numbers,
    pairable: np.ndarray[Any, np.dtype[np.bool_]],
    expected: float,
    value: float,
) -> float:
    """The variance over units of each unit's part in the coefficient, its part in p_e included."""
    units = len(by_unit)
    if units < 2:
        return math.nan
    own = units / int(pairable.sum()) * (by_unit - expected) * pairable / (1 - expected)
    own = own - 2 * (1 - value) * (chance - expected) / (1 - expected)
    return math.sqrt(float(((own - value) ** 2).sum()) / (units * (units - 1)))
