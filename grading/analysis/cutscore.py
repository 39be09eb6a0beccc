"""The cut score of a modified Angoff procedure, with its standard error over judges."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import special

from grading.analysis.inputs import Table, confidence_of, max_marks_of, table
from grading.analysis.intervals import Interval, undefined_interval
from grading.analysis.moments import variance

FULL_PANEL = 15
"""About so many judges of mixed expertise give the best precision (Shulruf et al. 2016)."""


@dataclass(frozen=True)
class CutScore:
    """A cut score in marks, and as a share of the max mark; NaN, with the reason, where undefined.

    judges: those who rated every item; their cut scores are in by_judge. sd: of these, with n − 1.
    standard_error: sd / √judges, how far another panel might differ. interval: of t on judges − 1 degrees
        of freedom, kept within 0 and the max. items: the mean over judges for each item, 0..1.
    provisional: the panel has fewer than 15 judges.
    """

    cut: float
    share: float
    sd: float
    standard_error: float
    interval: Interval
    judges: int
    by_judge: tuple[float, ...]
    items: tuple[float, ...]
    provisional: bool
    reason: str = ""


def angoff_cut_score(ratings: Table, max_marks: Any = 1.0, confidence: float = 0.95) -> CutScore:
    """The cut score: the mean over judges of the sum over items of the rating times the max mark.

    ratings: judges x items; each the chance, 0..1, that a barely competent person gets the item right (or
        the share of its marks). A judge with a missing rating is left out.
    max_marks: one number for all items, or one for each.
    Source: Angoff 1971; standard error as in Brennan & Lockwood 1980 for judges as the only facet.
    Undefined without a judge or an item; the standard error needs 2 judges.
    Raises ValueError for ratings outside 0..1 and wrong max marks.

    >>> result = angoff_cut_score([[0.5, 0.7, 0.9], [0.6, 0.8, 1.0]])
    >>> f"{result.cut:.2f} of 3, give or take {result.standard_error:.2f}"
    '2.25 of 3, give or take 0.15'
    """
    level = confidence_of(confidence)
    chances = table(ratings, "ratings")
    given = chances[~np.isnan(chances)]
    if given.size and (given.min() < 0 or given.max() > 1):
        raise ValueError("ratings must be chances in 0..1; divide per cents by 100")
    full = max_marks_of(1.0 if max_marks is None else max_marks, np.empty((0, chances.shape[1])))
    rows = chances[~np.isnan(chances).any(axis=1)]
    judges, k = rows.shape
    if not judges or not k:
        reason = "there are no items" if len(chances) and not k else "no judge rated every item"
        nothing = undefined_interval(level, reason)
        return CutScore(math.nan, math.nan, math.nan, math.nan, nothing, 0, (), (math.nan,) * k, True, reason)
    cuts, most = rows @ full, float(full.sum())
    cut, sd = float(cuts.mean()), math.sqrt(variance(cuts))
    error = sd / math.sqrt(judges)
    interval = undefined_interval(level, "a standard error needs at least 2 judges")
    if judges >= 2:
        half = float(special.stdtrit(judges - 1, (1 + level) / 2)) * error
        interval = Interval(max(cut - half, 0.0), min(cut + half, most), level)
    return CutScore(
        cut=cut,
        share=cut / (most or math.nan),
        sd=sd,
        standard_error=error,
        interval=interval,
        judges=judges,
        by_judge=tuple(cuts.tolist()),
        items=tuple(rows.mean(axis=0).tolist()),
        provisional=judges < FULL_PANEL,
        reason="" if judges >= 2 else "one judge alone: no standard error",
    )
