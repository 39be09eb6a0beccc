"""Conditional maximum likelihood for the Rasch model: the numbers, without any handling of persons.

The likelihood of a pattern of answers, given its score r, is Π ε_j^x_j / γ_r with ε_j = exp(−b_j) and γ_r the
elementary symmetric function of order r: persons drop out of it (Rasch 1960; Andersen 1972; Fischer 1981).
The functions are summed up item by item, with positive terms only, so nothing is lost to rounding.
"""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from grading.analysis.inputs import Numbers


@dataclass(frozen=True)
class ConditionalFit:
    """Difficulties in logits (mean 0), their standard errors, and the conditional log-likelihood."""

    difficulties: Numbers
    standard_errors: Numbers
    log_likelihood: float
    converged: bool


@dataclass(frozen=True)
class _Group:
    """Persons who answered the same items: those items, and how many persons have each score 0..m."""

    items: np.ndarray[tuple[int], np.dtype[np.intp]]
    persons_by_score: Numbers


def strongly_connected(right: Numbers) -> bool:
    """Whether a finite maximum exists: for any two items somebody, directly or by way of other items, got
    the one right and the other wrong (Fischer 1981). right: persons x items of 0, 1, NaN.
    """
    yes, no = np.nan_to_num(right), np.nan_to_num(1 - right)
    reach = ((yes.T @ no) > 0) | np.eye(right.shape[1], dtype=bool)
    for _ in range(max(1, math.ceil(math.log2(max(right.shape[1], 2))))):
        reach = (reach.astype(float) @ reach.astype(float)) > 0
    return bool(reach.all())


def fit_conditional(right: Numbers, steps: int = 200) -> ConditionalFit:
    """Newton's method on the conditional likelihood, which has one peak.

    right: persons x k items of 0, 1 and NaN (not asked), k >= 2, strongly connected; every person has an
    item right and one wrong. `converged` is False where no maximum was reached.
    The difficulties add up to 0; the standard errors are those under that sum (inverse information).
    """
    k = right.shape[1]
    # Items hundreds of logits apart leave the range of floats: no answer is then better than a wrong one.
    with np.errstate(all="ignore"):
        try:
            return _climb(right, steps)
        except np.linalg.LinAlgError:
            return ConditionalFit(np.full(k, math.nan), np.full(k, math.nan), math.nan, False)


def _climb(right: Numbers, steps: int) -> ConditionalFit:
    groups = _groups(right)
    k, won = right.shape[1], np.nansum(right, axis=0)
    asked = (~np.isnan(right)).sum(axis=0)
    b = np.log((asked - won + 0.5) / (won + 0.5))
    b -= b.mean()
    value, slope = _likelihood(b, won, groups)
    converged = False
    for count in range(steps):
        # The curvature takes k times as long as all the rest and changes little: it serves several steps.
        if count % 5 == 0:
            curvature = _information(b, groups) + 1 / k
        step = np.linalg.solve(curvature, slope)
        step -= step.mean()
        size, (new, new_slope) = 1.0, _likelihood(b + step, won, groups)
        while new < value - 1e-12 * abs(value) and size > 1e-6:
            size /= 2
            new, new_slope = _likelihood(b + size * step, won, groups)
        b, value, slope = b + size * step, new, new_slope
        if not np.isfinite(value):
            break
        if np.abs(size * step).max() < 1e-9:
            converged = True
            break
    covariance = np.linalg.inv(_information(b, groups) + 1 / k) - 1 / k
    return ConditionalFit(b, np.sqrt(np.maximum(np.diag(covariance), 0.0)), value, converged)


def _groups(right: Numbers) -> list[_Group]:
    patterns: dict[bytes, list[int]] = {}
    there = ~np.isnan(right)
    for person in range(len(right)):
        patterns.setdefault(there[person].tobytes(), []).append(person)
    groups = []
    for persons in patterns.values():
        items = np.flatnonzero(there[persons[0]])
        scores = right[persons][:, items].sum(axis=1).astype(int)
        groups.append(_Group(items, np.bincount(scores, minlength=items.size + 1).astype(float)))
    return groups


def _likelihood(b: Numbers, won: Numbers, groups: list[_Group]) -> tuple[float, Numbers]:
    """The log-likelihood and its slope in b."""
    value, slope = -float(b @ won), -won.astype(float)
    for group in groups:
        eps = np.exp(-b[group.items])
        scores = np.flatnonzero(group.persons_by_score)
        persons, gamma = group.persons_by_score[scores], _symmetric(eps)[scores]
        value -= float(persons @ np.log(gamma))
        slope[group.items] += persons @ _chances(eps, scores, gamma)
    return value, slope


def _information(b: Numbers, groups: list[_Group]) -> Numbers:
    """Minus the curvature of the log-likelihood in b, k x k: covariances of answers, given the scores."""
    information = np.zeros((b.size, b.size))
    for group in groups:
        eps = np.exp(-b[group.items])
        m, scores = eps.size, np.flatnonzero(group.persons_by_score)
        persons, gamma = group.persons_by_score[scores], _symmetric(eps)[scores]
        single = _chances(eps, scores, gamma)
        both = np.zeros((scores.size, m, m))
        deep = scores >= 2
        pairs = np.moveaxis(_without_pairs(eps)[:, :, scores[deep] - 2], 2, 0)
        both[deep] = eps[:, None] * eps[None, :] * pairs / gamma[deep][:, None, None]
        both[:, np.arange(m), np.arange(m)] = single
        joint = both - single[:, :, None] * single[:, None, :]
        information[np.ix_(group.items, group.items)] += np.tensordot(persons, joint, axes=1)
    return information


def _chances(eps: Numbers, scores: np.ndarray[Any, np.dtype[np.intp]], gamma: Numbers) -> Numbers:
    """The chance of a right answer to each item, given each score: scores x m."""
    m = eps.size
    one = np.zeros((m, m + 1))
    one[:, 0] = 1.0
    for item, e in enumerate(eps):
        kept = np.full((m, 1), e)
        kept[item] = 0.0
        one[:, 1:] = one[:, 1:] + kept * one[:, :-1]
    return np.asarray(eps * one[:, scores - 1].T / gamma[:, None])


def _symmetric(eps: Numbers) -> Numbers:
    """γ_0 ... γ_m of m numbers."""
    gamma = np.zeros(eps.size + 1)
    gamma[0] = 1.0
    for e in eps:
        gamma[1:] = gamma[1:] + e * gamma[:-1]
    return gamma


def _without_pairs(eps: Numbers) -> Numbers:
    """γ of all numbers but the i-th and the j-th, m x m x (m + 1)."""
    m = eps.size
    gamma = np.zeros((m, m, m + 1))
    gamma[:, :, 0] = 1.0
    for item, e in enumerate(eps):
        kept = np.full((m, m, 1), e)
        kept[item, :] = kept[:, item] = 0.0
        gamma[:, :, 1:] = gamma[:, :, 1:] + kept * gamma[:, :, :-1]
    return gamma
