"""The statistics of Moodle's quiz report, by its definitions and in its units (per cent)."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from grading.analysis.inputs import Numbers, Table, max_marks_of, table
from grading.analysis.moments import (
    complete,
    correlation,
    covariance,
    covariance_matrix,
    given_items,
    is_constant,
    variance,
)
from grading.analysis.reliability import alpha_of


@dataclass(frozen=True)
class MoodleItem:
    """One question, in per cent; NaN where Moodle shows nothing.

    facility: 100 · mean mark / max mark. sd: of the marks, n − 1, as 100 · s / max mark.
    intended_weight: 100 · max mark / sum of the max marks.
    effective_weight: 100 · √C(x_j, X) / Σ √C(x_m, X), the sum over covariances not below 0; NaN for a
        negative covariance.
    discrimination_index: 100 · C(x_j, R_j) / √(V(x_j) V(R_j)), the item-rest correlation, -100..100.
    discriminative_efficiency: 100 · C(x_j, R_j) / C_max, C_max from both sorted: at most 100.
    """

    item: int
    n: int
    facility: float
    sd: float
    intended_weight: float
    effective_weight: float
    discrimination_index: float
    discriminative_efficiency: float
    reason: str = ""


@dataclass(frozen=True)
class MoodleStatistics:
    """A quiz. mean, median, sd, standard_error are in marks; cic and error_ratio in per cent.

    skewness and kurtosis are k₃/k₂^1.5 and k₄/k₂² of the totals (unbiased cumulants).
    cic: the coefficient of internal consistency, 100 · k/(k − 1) · (1 − Σ V(x_j) / V(X)), with n − 1.
    error_ratio: 100 · √(1 − cic/100). standard_error: error_ratio · sd / 100.
    Moodle's guidance: cic above 75 is satisfactory, below 64 unsatisfactory.
    """

    items: tuple[MoodleItem, ...]
    n: int
    mean: float
    median: float
    sd: float
    skewness: float
    kurtosis: float
    cic: float
    error_ratio: float
    standard_error: float
    reason: str = ""


def moodle_statistics(scores: Table, max_marks: Any = None) -> MoodleStatistics:
    """The statistics that Moodle's quiz report shows of a quiz and of each question.

    scores: n attempts x k questions, in marks; variances and covariances have n − 1. An unanswered question
        is a 0 in Moodle; attempts with a NaN are left out, and so is a question that is NaN in all.
    max_marks: one number or k; 1 if left out and all marks are in 0..1, else unknown. Facility and sd are
        undefined where it is unknown, or 0.
    As in Moodle, cic, error ratio, standard error and skewness need 3 attempts, kurtosis 4.
    Source: docs.moodle.org, "Quiz statistics calculations"; question and quiz_statistics calculators.
    Raises ValueError for wrong tables and max marks.
    """
    marks = table(scores)
    full = max_marks_of(max_marks, marks)
    given = given_items(marks)
    rows = complete(marks[:, given]) if given else np.empty((0, 0))
    n, total = len(rows), rows.sum(axis=1)
    roots = [math.sqrt(c) if (c := covariance(column, total)) >= 0 else math.nan for column in rows.T]
    known = sum(root for root in roots if not math.isnan(root))
    worth = float(full[given].sum()) or math.nan
    items = []
    for j in range(marks.shape[1]):
        weight = 100 * float(full[j]) / worth if j in given else math.nan
        if j not in given or not n:
            nothing = (math.nan,) * 2
            items.append(MoodleItem(j, n, *nothing, weight, *nothing, math.nan, "no attempt has a mark"))
            continue
        own = rows[:, given.index(j)]
        effective = 100 * roots[given.index(j)] / known if known > 0 else math.nan
        items.append(_item(j, own, total - own, float(full[j]), weight, effective))
    sd = math.sqrt(variance(total))
    cic = _consistency(rows, total)
    error_ratio = 100 * math.sqrt(1 - cic / 100)
    return MoodleStatistics(
        items=tuple(items),
        n=n,
        mean=float(total.mean()) if n else math.nan,
        median=float(np.median(total)) if n else math.nan,
        sd=sd,
        skewness=_skewness(total),
        kurtosis=_kurtosis(total),
        cic=cic,
        error_ratio=error_ratio,
        standard_error=error_ratio * sd / 100,
        reason=_why_undefined(rows, total),
    )


def _item(j: int, own: Numbers, rest: Numbers, full: float, weight: float, effective: float) -> MoodleItem:
    n = own.size
    most = covariance(np.sort(own), np.sort(rest))
    reason = ""
    nonzero = full or math.nan
    if n < 2:
        reason = "statistics need at least 2 attempts"
    elif full == 0:
        reason = "this question is worth no marks"
    elif is_constant(own):
        reason = "all attempts have the same mark in this question"
    elif is_constant(rest):
        reason = "all attempts have the same mark in the rest of the quiz"
    elif math.isnan(effective):
        reason = "the covariance with the total is negative"
    elif math.isnan(full):
        reason = "the max marks are not known"
    return MoodleItem(
        item=j,
        n=n,
        facility=100 * float(own.mean()) / nonzero,
        sd=100 * math.sqrt(variance(own)) / nonzero,
        intended_weight=weight,
        effective_weight=effective,
        discrimination_index=100 * correlation(own, rest),
        discriminative_efficiency=100 * covariance(own, rest) / most if most > 0 else math.nan,
        reason=reason,
    )


def _consistency(rows: Numbers, total: Numbers) -> float:
    """100 times coefficient alpha."""
    if len(rows) < 3 or is_constant(total):
        return math.nan
    return 100 * alpha_of(covariance_matrix(rows, "listwise"))


def _skewness(total: Numbers) -> float:
    n = total.size
    if n < 3 or is_constant(total):
        return math.nan
    deviations = (total - total.mean()) / math.sqrt(variance(total))
    return n / ((n - 1) * (n - 2)) * float((deviations**3).sum())


def _kurtosis(total: Numbers) -> float:
    n = total.size
    if n < 4 or is_constant(total):
        return math.nan
    deviations = (total - total.mean()) / math.sqrt(variance(total))
    fourth = n * (n + 1) / ((n - 1) * (n - 2) * (n - 3)) * float((deviations**4).sum())
    return fourth - 3 * (n - 1) ** 2 / ((n - 2) * (n - 3))


def _why_undefined(rows: Numbers, total: Numbers) -> str:
    n, k = rows.shape
    if n < 3:
        return "the statistics of a quiz need at least 3 attempts with a mark in every question"
    if k < 2:
        return "internal consistency needs at least 2 questions"
    return "all totals are equal" if is_constant(total) else ""
