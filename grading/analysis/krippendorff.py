"""Krippendorff's alpha: any number of raters, any level of measurement, ratings may be missing."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np

from grading.analysis.inputs import Numbers, one_of
from grading.analysis.ratings import RatingTable, Units, read_ratings

Level: TypeAlias = Literal["nominal", "ordinal", "interval", "ratio"]


@dataclass(frozen=True)
class KrippendorffAlpha:
    """Alpha = 1 − D_o / D_e; NaN, with the reason, where it is undefined. `float()` gives the value.

    observed and expected: the disagreements D_o and D_e, from 0 up. units: those with two ratings or more;
    ratings: all ratings in them (the pairable values).
    """

    value: float
    level: str
    observed: float
    expected: float
    units: int
    ratings: int
    reason: str = ""

    def __float__(self) -> float:
        """The value."""
        return self.value


def krippendorff_alpha(
    ratings: Any,
    second: Any = None,
    level: Level = "nominal",
    categories: Sequence[Any] | None = None,
    units: Units = "rows",
) -> KrippendorffAlpha:
    """Krippendorff's alpha, at most 1, from the coincidences of values within units.

    D_o = Σ o_ck δ²_ck / n, D_e = Σ n_c n_k δ²_ck / (n(n − 1)); a unit with m ratings gives each of its pairs
    the weight 1/(m − 1), and a unit with a single rating counts nowhere (Krippendorff 2011, Computing
    Krippendorff's alpha-reliability).

    ratings: units x raters (a text in each row), or the ratings of one rater with `second` those of
        another. units: "columns" for a table of raters x units, as printed in most papers.
    level: δ² is "nominal" 0 or 1, "ordinal" (the ratings from c to k, the ends counted half)²,
        "interval" (c − k)², "ratio" ((c − k)/(c + k))².
    categories: only needed for "ordinal" with texts: all of them, from lowest to highest.
    Undefined where no unit has two ratings, and where all pairable ratings are the same.
    Raises ValueError for wrong tables, texts at the interval or ratio level, negative numbers at the ratio
    level, or another level.

    >>> result = krippendorff_alpha([[1, 1], [2, 2], [3, 3], [3, 4]], level="interval")
    >>> f"{result.value:.3f}"
    '0.889'
    """
    one_of(level, ("nominal", "ordinal", "interval", "ratio"), "level")
    table = read_ratings(ratings, second, categories, units)
    counts = table.counts()
    counts = counts[counts.sum(axis=1) >= 2]
    raters, totals = counts.sum(axis=1), counts.sum(axis=0)
    n = int(totals.sum())
    distance = _distances(table, level, totals)
    if not n:
        return KrippendorffAlpha(math.nan, level, math.nan, math.nan, 0, 0, "no unit has two ratings")
    shared = counts / (raters - 1)[:, None]
    coincidences = counts.T @ shared - np.diag(shared.sum(axis=0))
    observed = float((coincidences * distance).sum()) / n
    expected = float(totals @ distance @ totals) / (n * (n - 1))
    if not expected > 0:
        reason = "all ratings are the same"
        return KrippendorffAlpha(math.nan, level, observed, expected, len(counts), n, reason)
    return KrippendorffAlpha(1 - observed / expected, level, observed, expected, len(counts), n)


def _distances(table: RatingTable, level: str, totals: Numbers) -> Numbers:
    """δ² between categories, q x q."""
    q, values = len(table.categories), table.values
    if level == "nominal":
        return 1 - np.eye(q)
    if level == "ordinal":
        if values is None and not table.given:
            raise ValueError("ordinal ratings need an order: list the categories from lowest to highest")
        order = np.arange(q) if values is None else np.argsort(values)
        result = np.zeros((q, q))
        # Ratings below the middle of each category: their differences are the δ of the ordinal metric.
        middles = np.cumsum(totals[order]) - totals[order] / 2
        result[np.ix_(order, order)] = (middles[:, None] - middles[None, :]) ** 2
        return result
    if values is None:
        raise ValueError(f"{level} ratings must be numbers")
    difference = values[:, None] - values[None, :]
    if level == "interval":
        return np.asarray(difference**2)
    if (values < 0).any():
        raise ValueError("ratio ratings must be numbers from 0 up")
    total = values[:, None] + values[None, :]
    return np.asarray((difference / np.where(total == 0, 1.0, total)) ** 2)
