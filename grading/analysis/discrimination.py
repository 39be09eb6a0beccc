"""Upper-lower discrimination: the share of the best group less the share of the weakest, item by item."""

import math
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np

from grading.analysis.inputs import Numbers, Table, max_marks_of, one_of, real, table
from grading.analysis.moments import given_items

Ties: TypeAlias = Literal["share", "include"]


@dataclass(frozen=True)
class Discrimination:
    """D of each item and what it rests on; NaN, with the reason, where it is undefined.

    values, upper, lower: one number for each item: D = upper − lower in -1..1, and the mean share of the
    max mark in the two groups. upper_size, lower_size: persons in them. n: persons ranked.
    """

    values: tuple[float, ...]
    upper: tuple[float, ...]
    lower: tuple[float, ...]
    upper_size: float
    lower_size: float
    n: int
    share: float
    reason: str = ""


def discrimination_index(
    scores: Table, share: float = 0.27, max_marks: Any = None, ties: Ties = "share"
) -> Discrimination:
    """D of each item: its mean share of marks in the top group less that in the bottom group.

    The groups are the best and the weakest `share` of the persons by total mark (27 %: Kelley 1939), rounded
    to whole persons, half up, at least one and never more than half. Persons with a missing mark in an item
    that others answered are not ranked.

    scores: n persons x k items. max_marks: one number or k; 1 if left out and all marks are in 0..1.
    ties: where several persons with one total stand at a group's edge and not all fit,
        "share" lets each count for the same part of the places left, so the order of persons never matters;
        "include" takes all of them in, and the groups grow (shown in upper_size and lower_size).
    Undefined for fewer than 2 persons, equal totals, groups that would overlap, unknown max marks.
    Raises ValueError for a share outside 0..0.5 (0 excluded) and for wrong tables and max marks.

    >>> result = discrimination_index([[1, 1], [1, 0], [0, 1], [0, 0]], share=0.25)
    >>> result.values, result.upper_size, result.lower_size
    ((1.0, 1.0), 1.0, 1.0)
    """
    if not 0 < real(share, "share") <= 0.5:
        raise ValueError(f"share must be above 0 and at most 0.5, not {share!r}")
    one_of(ties, ("share", "include"), "ties")
    marks = table(scores)
    full = max_marks_of(max_marks, marks)
    parts = marks / np.where(full > 0, full, math.nan)
    k = marks.shape[1]
    given = given_items(marks)
    ranked = ~np.isnan(marks[:, given]).any(axis=1) if given else np.zeros(len(marks), dtype=bool)
    n = int(ranked.sum())
    # Totals of decimal marks differ in the last digits by the order of the items; they are ties all the same.
    totals = np.round(marks[ranked][:, given].sum(axis=1), 9)
    if n < 2 or np.ptp(totals) == 0:
        nothing = (math.nan,) * k
        reason = "D needs at least 2 persons with all marks" if n < 2 else "all totals are equal"
        return Discrimination(nothing, nothing, nothing, math.nan, math.nan, n, float(share), reason)
    size = min(max(math.floor(share * n + 0.5), 1), n // 2)
    upper, lower = _weights(totals, size, ties), _weights(-totals, size, ties)
    high = _means(parts[ranked], upper)
    low = _means(parts[ranked], lower)
    values = high - low
    reason = "the max marks are not known" if np.isnan(full[given]).any() else ""
    if not reason and (full[given] == 0).any():
        reason = "an item worth no marks has no D"
    if ties == "include" and ((upper > 0) & (lower > 0)).any():
        values = np.full(k, math.nan)
        reason = "so many share one total that the groups would overlap"
    return Discrimination(
        tuple(values.tolist()),
        tuple(high.tolist()),
        tuple(low.tolist()),
        round(float(upper.sum()), 9),
        round(float(lower.sum()), 9),
        n,
        float(share),
        reason,
    )


def _weights(totals: Numbers, size: int, ties: Ties) -> Numbers:
    """How far each person belongs to the group of the `size` highest totals, 0..1."""
    edge = np.sort(totals)[::-1][size - 1]
    above, at = totals > edge, totals == edge
    part = 1.0 if ties == "include" else (size - above.sum()) / at.sum()
    return np.asarray(above + part * at, dtype=float)


def _means(parts: Numbers, weights: Numbers) -> Numbers:
    return np.asarray(weights @ parts / weights.sum(), dtype=float)
