"""Krippendorff's alpha: any number of raters, any level of measurement, ratings may be missing."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np
import numpy.typing as npt

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
    rated = (table.codes >= 0).sum(axis=1)
    codes = table.codes[rated >= 2]
    n, units_used = int(rated[rated >= 2].sum()), len(codes)
    totals = np.bincount(codes[codes >= 0], minlength=len(table.categories)).astype(float)
    if level in ("ordinal", "interval"):
        observed, expected = _along_a_line(codes, _scale(table, level, totals), totals, n)
    else:
        observed, expected = _between_categories(table, _distances(table, level), totals, n)
    if not n:
        return KrippendorffAlpha(math.nan, level, math.nan, math.nan, 0, 0, "no unit has two ratings")
    if not expected > 0:
        reason = "all ratings are the same"
        return KrippendorffAlpha(math.nan, level, observed, expected, units_used, n, reason)
    return KrippendorffAlpha(1 - observed / expected, level, observed, expected, units_used, n)


def _along_a_line(
    codes: npt.NDArray[np.int64], scale: Numbers, totals: Numbers, n: int
) -> tuple[float, float]:
    """D_o and D_e for δ² = (a − b)², a and b the places of two categories on a line.

    Half the squared differences of all pairs are sums of squares about the mean, so measurements that are
    all different take no table of categories x categories.
    """
    if not n or (totals > 0).sum() < 2:
        return 0.0, 0.0
    there = codes >= 0
    places = np.where(there, scale[codes], 0.0)
    raters = there.sum(axis=1)
    apart = np.where(there, places - (places.sum(axis=1) / raters)[:, None], 0.0)
    observed = 2 * float((raters / (raters - 1) * (apart**2).sum(axis=1)).sum()) / n
    given = places[there]
    return observed, 2 * float(((given - given.mean()) ** 2).sum()) / (n - 1)


def _scale(table: RatingTable, level: str, totals: Numbers) -> Numbers:
    """The place of each category on the line: its value, or the ratings below its middle."""
    values = table.values
    if level == "interval":
        if values is None:
            raise ValueError("interval ratings must be numbers")
        return values
    if values is None and not table.given:
        raise ValueError("ordinal ratings need an order: list the categories from lowest to highest")
    order = np.arange(totals.size) if values is None else np.argsort(values)
    result = np.zeros(totals.size)
    result[order] = np.cumsum(totals[order]) - totals[order] / 2
    return result


def _between_categories(
    table: RatingTable, distance: Numbers, totals: Numbers, n: int
) -> tuple[float, float]:
    """D_o and D_e from the coincidences of categories, for any δ² (q x q)."""
    if not n:
        return 0.0, 0.0
    counts = table.counts()
    counts = counts[counts.sum(axis=1) >= 2]
    shared = counts / (counts.sum(axis=1) - 1)[:, None]
    coincidences = counts.T @ shared - np.diag(shared.sum(axis=0))
    observed = float((coincidences * distance).sum()) / n
    return observed, float(totals @ distance @ totals) / (n * (n - 1))


def _distances(table: RatingTable, level: str) -> Numbers:
    """δ² between categories, q x q, at the nominal or the ratio level."""
    if level == "nominal":
        return 1 - np.eye(len(table.categories))
    values = table.values
    if values is None:
        raise ValueError("ratio ratings must be numbers")
    if (values < 0).any():
        raise ValueError("ratio ratings must be numbers from 0 up")
    difference, total = values[:, None] - values[None, :], values[:, None] + values[None, :]
    return np.asarray((difference / np.where(total == 0, 1.0, total)) ** 2)
