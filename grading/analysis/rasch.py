"""Rasch difficulties and abilities with standard errors, and a verdict on whether n carries them."""

import math
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from grading.analysis.conditional import fit_conditional, strongly_connected
from grading.analysis.inputs import Numbers, Table, table

Positions: TypeAlias = np.ndarray[tuple[int], np.dtype[np.intp]]
LEAST, ENOUGH = 30, 100
"""Persons below which nothing is estimated, and from which a map of items and persons is of use."""
MOST_ITEMS = 150
"""Memory grows with the third power of the items, time with the fourth."""


@dataclass(frozen=True)
class RaschItem:
    """One item: its difficulty in logits (the mean of all items is 0) and the standard error of it.

    n: persons with an answer to it. NaN, with the reason, for an item that all got right, or all wrong.
    """

    item: int
    n: int
    difficulty: float
    standard_error: float
    reason: str = ""


@dataclass(frozen=True)
class RaschPerson:
    """One person: ability in logits by Warm's weighted likelihood, finite for all right and all wrong too.

    score: right answers to the `items` items that have a difficulty. extreme: all of them right, or none;
    the ability is then little more than a bound. NaN, with the reason, for a person without answers.
    """

    person: int
    score: int
    items: int
    ability: float
    standard_error: float
    extreme: bool
    reason: str = ""


@dataclass(frozen=True)
class Rasch:
    """A Rasch analysis. verdict: "useful" (n >= 100), "ordering aid" (30 to 99), "too few" or "undefined".

    n: persons with any answer; informative: those of them who had neither all right nor all wrong.
    Where the verdict is "too few" or "undefined", all estimates are NaN and `reason` says why.
    """

    verdict: str
    items: tuple[RaschItem, ...]
    persons: tuple[RaschPerson, ...]
    n: int
    informative: int
    log_likelihood: float
    reason: str = ""


def rasch(scores: Table, least: int = LEAST) -> Rasch:
    """The Rasch model: P(right) = 1 / (1 + exp(b − θ)), difficulty b by conditional maximum likelihood.

    scores: n persons x k items of 0 and 1; NaN where a person was not asked (an omitted answer is a 0).
    least: persons below which nothing is estimated. Persons with all right or all wrong tell nothing about
        items and are left out of their estimates, and so are items that all the others got right, or wrong.
    Standard errors of b come from the conditional information, under Σ b = 0; those of θ are 1/√I(θ), with
    b taken as known. Sources: Rasch 1960; Andersen 1972; Fischer 1981 (when estimates exist); Warm 1989.
    At n = 30 to 99 standard errors are .37 to .67: the order of the items, not their place, is what to read.
    More than 150 items are too many. Raises ValueError for marks other than 0 and 1, or least < 2.
    """
    marks = table(scores)
    if not np.isin(marks[~np.isnan(marks)], (0.0, 1.0)).all():
        raise ValueError("rasch takes marks of 0 and 1 alone; turn partial credit into right or wrong first")
    if isinstance(least, bool) or not isinstance(least, int) or least < 2:
        raise ValueError(f"least must be a whole number from 2 up, not {least!r}")
    n = int((~np.isnan(marks)).any(axis=1).sum()) if marks.shape[1] else 0
    persons, items = _informative(marks)
    core = marks[np.ix_(persons, items)]
    if n < least:
        return _nothing(marks, n, len(core), "too few", f"{n} persons; the model needs at least {least}")
    if core.shape[1] < 2:
        reason = "fewer than 2 items were right for some and wrong for others"
        return _nothing(marks, n, len(core), "undefined", reason)
    if core.shape[1] > MOST_ITEMS:
        reason = f"more than {MOST_ITEMS} items: analyse them in parts"
        return _nothing(marks, n, len(core), "undefined", reason)
    if not strongly_connected(core):
        reason = "some items were never wrong for anyone who had the others right: no finite distance between"
        return _nothing(marks, n, len(core), "undefined", reason)
    fit = fit_conditional(core)
    if not fit.converged:
        return _nothing(marks, n, len(core), "undefined", "the estimates did not settle")
    b, error = np.full(marks.shape[1], math.nan), np.full(marks.shape[1], math.nan)
    b[items], error[items] = fit.difficulties, fit.standard_errors
    return Rasch(
        verdict="useful" if n >= ENOUGH else "ordering aid",
        items=tuple(_item(j, marks[:, j], float(b[j]), float(error[j])) for j in range(marks.shape[1])),
        persons=_persons(marks, b),
        n=n,
        informative=len(core),
        log_likelihood=fit.log_likelihood,
    )


def _informative(marks: Numbers) -> tuple[Positions, Positions]:
    """Persons and items that are left when all right and all wrong are taken out, until nothing changes."""
    persons, items = np.arange(marks.shape[0]), np.arange(marks.shape[1])
    while True:
        core = marks[np.ix_(persons, items)]
        mixed = (core == 1).any(axis=1) & (core == 0).any(axis=1)
        kept = persons[mixed]
        core = marks[np.ix_(kept, items)]
        varied = items[(core == 1).any(axis=0) & (core == 0).any(axis=0)]
        if kept.size == persons.size and varied.size == items.size:
            return persons, items
        persons, items = kept, varied


def _nothing(marks: Numbers, n: int, informative: int, verdict: str, reason: str) -> Rasch:
    b = np.full(marks.shape[1], math.nan)
    items = tuple(RaschItem(j, _asked(marks[:, j]), math.nan, math.nan, reason) for j in range(b.size))
    people = tuple(
        RaschPerson(i, int(np.nansum(row)), _asked(row), math.nan, math.nan, False, reason)
        for i, row in enumerate(marks)
    )
    return Rasch(verdict, items, people, n, informative, math.nan, reason)


def _asked(answers: Numbers) -> int:
    return int((~np.isnan(answers)).sum())


def _item(j: int, answers: Numbers, difficulty: float, error: float) -> RaschItem:
    n, reason = _asked(answers), ""
    if not n:
        reason = "nobody was asked this item"
    elif math.isnan(difficulty):
        which = "right" if np.nanmean(answers) > 0.5 else "wrong"
        reason = f"all who tell anything got it {which}: it has no finite difficulty"
    return RaschItem(j, n, difficulty, error, reason)


def _persons(marks: Numbers, b: Numbers) -> tuple[RaschPerson, ...]:
    known = ~np.isnan(b)
    found: dict[tuple[bytes, int], tuple[float, float]] = {}
    result = []
    for i, row in enumerate(marks):
        asked = known & ~np.isnan(row)
        m, score = int(asked.sum()), int(row[asked].sum())
        if not m:
            reason = "no answer to an item with a difficulty"
            result.append(RaschPerson(i, 0, 0, math.nan, math.nan, False, reason))
            continue
        pattern = (asked.tobytes(), score)
        if pattern not in found:
            found[pattern] = _ability(b[asked], score)
        ability, error = found[pattern]
        result.append(RaschPerson(i, score, m, ability, error, score in {0, m}))
    return tuple(result)


def _ability(b: Numbers, score: int) -> tuple[float, float]:
    """Warm's estimate: score − Σ p + Σ pq(1 − 2p) / (2 Σ pq) = 0, which falls with θ; and 1/√Σ pq."""
    low, high = float(b.min()) - 20.0, float(b.max()) + 20.0
    for _ in range(100):
        theta = (low + high) / 2
        p = 1 / (1 + np.exp(b - theta))
        information = float((p * (1 - p)).sum())
        excess = score - float(p.sum()) + float((p * (1 - p) * (1 - 2 * p)).sum()) / (2 * information)
        low, high = (theta, high) if excess > 0 else (low, theta)
    return theta, 1 / math.sqrt(information)
