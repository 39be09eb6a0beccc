"""Exact and adjacent agreement: how often raters gave the same level, or levels next to each other."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from grading.analysis.inputs import Numbers, confidence_of, real
from grading.analysis.intervals import Interval, wilson_interval
from grading.analysis.ratings import RatingTable, Units, read_ratings


@dataclass(frozen=True)
class AgreementShare:
    """The share of pairs of raters who agree, 0..1; NaN, with the reason, where no unit has two ratings.

    The mean over `n` units with two ratings or more, so each unit counts once. Wilson's interval takes the
    units as n (exact for two raters, on the safe side for more). `float()` gives the value.
    """

    value: float
    interval: Interval
    n: int
    reason: str = ""

    def __float__(self) -> float:
        """The value."""
        return self.value


def exact_agreement(
    ratings: Any, second: Any = None, confidence: float = 0.95, units: Units = "rows"
) -> AgreementShare:
    """How often two raters gave the very same rating.

    ratings: units x raters, or the ratings of one rater with `second` those of another; numbers or texts,
    None or NaN where missing. units: "columns" for a table of raters x units.
    Raises ValueError for wrong tables.

    >>> exact_agreement([3, 2, 1, 0], [3, 1, 1, 2]).value
    0.5
    """
    level = confidence_of(confidence)
    table = read_ratings(ratings, second, None, units)
    return _share(table, np.eye(len(table.categories)), level)


def adjacent_agreement(
    ratings: Any,
    second: Any = None,
    within: float = 1,
    confidence: float = 0.95,
    units: Units = "rows",
    categories: Sequence[Any] | None = None,
) -> AgreementShare:
    """How often two ratings differ by no more than `within`; the same ones are counted too.

    As `exact_agreement`; ratings are numbers, or texts with their `categories` listed from lowest to
    highest, whose places are then compared. Raises ValueError for texts without an order, or within < 0.

    >>> adjacent_agreement([3, 2, 1, 0], [3, 1, 1, 2]).value
    0.75
    """
    level = confidence_of(confidence)
    if not real(within, "within") >= 0:
        raise ValueError(f"within must be a number from 0 up, not {within!r}")
    table = read_ratings(ratings, second, categories, units)
    values = table.values
    if values is None and not table.given:
        raise ValueError("adjacent agreement needs an order: list the categories from lowest to highest")
    scale = np.arange(len(table.categories), dtype=float) if values is None else values
    apart = np.abs(scale[:, None] - scale[None, :])
    return _share(table, (apart <= within + 1e-9).astype(float), level)


def _share(table: RatingTable, close: Numbers, level: float) -> AgreementShare:
    counts = table.counts()
    counts = counts[counts.sum(axis=1) >= 2]
    n, raters = len(counts), counts.sum(axis=1)
    if not n:
        return AgreementShare(math.nan, wilson_interval(0, 0, level), 0, "no unit has two ratings")
    agreeing = (counts * (counts @ close - 1)).sum(axis=1) / (raters * (raters - 1))
    return AgreementShare(float(agreeing.mean()), wilson_interval(float(agreeing.sum()), n, level), n)
