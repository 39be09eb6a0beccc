"""Classical item analysis: facility, item-rest correlation and what goes with them, for each item."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from grading.analysis.discrimination import discrimination_index
from grading.analysis.inputs import Missing, Numbers, Table, confidence_of, max_marks_of, one_of, table
from grading.analysis.intervals import Interval, correlation_interval, undefined_interval, wilson_interval
from grading.analysis.moments import complete, correlation, covariance_matrix, given_items, variance
from grading.analysis.reliability import alpha_of


@dataclass(frozen=True)
class ItemStatistics:
    """One item. What is undefined is NaN, and `reason` says why in words ("" when nothing is).

    item: its column, from 0. n: persons with a mark in it. mean: in marks.
    facility: mean share of the max mark, 0..1, with Wilson's interval.
    variance, sd: of the marks, with n − 1.
    item_rest: Pearson's r of the item with the sum of the others (the corrected point-biserial), with
        Fisher's interval; item_total: r with the sum of all, the item itself included.
    rest_n: persons behind these two.
    alpha_if_deleted: coefficient alpha of the other items.
    discrimination: D, upper less lower 27 %, -1..1; group sizes are in `discrimination_index`.
    """

    item: int
    n: int
    mean: float
    max_mark: float
    facility: float
    facility_interval: Interval
    variance: float
    sd: float
    item_rest: float
    item_rest_interval: Interval
    item_total: float
    rest_n: int
    alpha_if_deleted: float
    discrimination: float
    reason: str = ""


def item_statistics(
    scores: Table,
    max_marks: Any = None,
    confidence: float = 0.95,
    missing: Missing = "listwise",
    share: float = 0.27,
) -> tuple[ItemStatistics, ...]:
    """Classical statistics of each item of a test, in the order of the columns.

    scores: n persons x k items; NaN where a mark is missing (an omitted answer is a 0, not a NaN).
    max_marks: one number or one for each item; 1 if left out and all marks are in 0..1, else unknown, and
        what needs it (facility, D) is undefined, as it is for an item worth 0.
    missing: facility, mean and variance always rest on all who have a mark in the item. Correlations and
        alpha rest on the persons with a mark in every item that was given ("listwise"), or on covariances
        of each pair of items from all who have both marks ("pairwise").
    share: the part of the persons in each group of D, 0..0.5.
    variance and sd have n − 1; correlations and alpha are the same with either denominator.
    Sources: Lord & Novick 1968; Henrysson 1963 for the item-rest correlation; Wilson 1927; Fisher 1921.
    Raises ValueError for wrong tables, max marks, a confidence outside 0..1, or another word for `missing`.

    >>> first = item_statistics([[1, 1, 1], [1, 1, 0], [1, 0, 0], [0, 0, 0]])[0]
    >>> first.facility, f"{first.item_rest:.4f}"
    (0.75, '0.5222')
    """
    level = confidence_of(confidence)
    one_of(missing, ("listwise", "pairwise"), "missing")
    marks = table(scores)
    full = max_marks_of(max_marks, marks)
    groups = discrimination_index(marks, share, max_marks)
    given = given_items(marks)
    covariances = covariance_matrix(marks[:, given], missing)
    rows = complete(marks[:, given])
    result = []
    for j in range(marks.shape[1]):
        own = marks[~np.isnan(marks[:, j]), j]
        n, spread = own.size, variance(own)
        mean = float(own.mean()) if n else math.nan
        facility = mean / (float(full[j]) or math.nan)
        if missing == "listwise" and n:
            rest, whole, rest_n = _relations(rows, given.index(j))
        else:
            rest, whole, rest_n = _pairwise_relations(covariances, given.index(j) if n else -1, n)
        deleted = math.nan
        if n:
            others = [position for position, item in enumerate(given) if item != j]
            deleted = alpha_of(covariances[np.ix_(others, others)])
        no_groups = groups.reason if math.isnan(groups.values[j]) else ""
        result.append(
            ItemStatistics(
                item=j,
                n=n,
                mean=mean,
                max_mark=float(full[j]),
                facility=facility,
                facility_interval=_share_interval(facility, n, level),
                variance=spread,
                sd=math.sqrt(spread),
                item_rest=rest,
                item_rest_interval=correlation_interval(rest, rest_n, level),
                item_total=whole,
                rest_n=rest_n,
                alpha_if_deleted=deleted,
                discrimination=groups.values[j],
                reason=_why_undefined(
                    facility, spread, rest, deleted, n, rest_n, len(given), full[j] == 0, no_groups
                ),
            )
        )
    return tuple(result)


def _share_interval(facility: float, n: int, level: float) -> Interval:
    if not 0 <= facility <= 1:
        return undefined_interval(level, "the facility is undefined" if math.isnan(facility) else "below 0")
    return wilson_interval(min(facility * n, n), n, level)


def _relations(rows: Numbers, item: int) -> tuple[float, float, int]:
    """r with the rest, r with the total, and the number of persons behind them."""
    own, total = rows[:, item], rows.sum(axis=1)
    rest = np.delete(rows, item, axis=1).sum(axis=1)
    return correlation(own, rest), correlation(own, total), len(rows)


def _pairwise_relations(covariances: Numbers, item: int, n: int) -> tuple[float, float, int]:
    """The same from covariances of pairs; n persons have a mark in the item (-1 for one without)."""
    if item < 0:
        return math.nan, math.nan, 0
    own_variance, with_total = covariances[item, item], covariances[item].sum()
    total_variance = covariances.sum()
    rest_variance = total_variance - 2 * with_total + own_variance
    return (
        _ratio(with_total - own_variance, own_variance, rest_variance, total_variance),
        _ratio(with_total, own_variance, total_variance, total_variance),
        n,
    )


def _ratio(covariance: float, one: float, other: float, size: float) -> float:
    """A correlation from pairwise covariances, which need not fit together: NaN where they give none."""
    if not (one > 0 and other > 1e-12 * abs(size)):
        return math.nan
    r = covariance / math.sqrt(one) / math.sqrt(other)
    return float(np.clip(r, -1, 1)) if abs(r) <= 1 + 1e-9 else math.nan


def _why_undefined(
    facility: float,
    spread: float,
    rest: float,
    deleted: float,
    n: int,
    rest_n: int,
    k: int,
    worthless: bool,
    groups: str,
) -> str:
    if n == 0:
        return "nobody has a mark in this item"
    if worthless:
        return "this item is worth no marks"
    if n == 1:
        return "one person alone has a mark in this item"
    if spread == 0:
        return "everyone has the same mark in this item"
    if k == 1:
        return "there is no other item"
    if math.isnan(rest):
        if rest_n < 2:
            return "fewer than 2 persons have a mark in every item"
        return "among those with a mark in every item, this item or the sum of the others does not vary"
    if math.isnan(facility):
        return "the max marks are not known"
    if math.isnan(deleted):
        return "alpha of the others needs 2 of them, and totals that vary"
    return groups
