"""Tables of ratings, read once for all coefficients of agreement: units, raters, categories, distances."""

from collections.abc import Sequence
from dataclasses import dataclass
from numbers import Real
from typing import Any, Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from grading.analysis.inputs import Numbers, numbers, one_of
from grading.analysis.labels import Label, categories_of, label, listed, rows_of

Units: TypeAlias = Literal["rows", "columns"]
Weights: TypeAlias = str | npt.ArrayLike | None
"""None (or "unweighted", "identity"), "linear", "quadratic", "ordinal", or a matrix of agreement weights."""


@dataclass(frozen=True)
class RatingTable:
    """Ratings as numbers of categories.

    codes: units x raters, the position of each rating in `categories`, -1 where it is missing.
    categories: all of them, in order. given: whether the caller listed them, and so gave them an order.
    """

    codes: npt.NDArray[np.int64]
    categories: tuple[Label, ...]
    given: bool

    @property
    def values(self) -> Numbers | None:
        """The categories as numbers, or None where some are no numbers."""
        if all(isinstance(c, Real) for c in self.categories):
            return numbers(list(self.categories), "categories")
        return None

    def counts(self) -> Numbers:
        """How many raters put each unit into each category, units x q."""
        q = len(self.categories)
        result = np.zeros((len(self.codes), q))
        for rater in self.codes.T:
            there = rater >= 0
            result[np.flatnonzero(there), rater[there]] += 1
        return result


def read_ratings(
    ratings: Any, second: Any = None, categories: Sequence[Any] | None = None, units: Units = "rows"
) -> RatingTable:
    """A table of units x raters, or two lists of ratings of the same units, read and checked.

    Ratings are numbers or texts; None, NaN and "" are missing. Raises ValueError for other shapes, lists of
    different lengths, infinite numbers, and ratings that are none of the categories given.
    """
    one_of(units, ("rows", "columns"), "units")
    if second is None and type(ratings) is np.ndarray and ratings.ndim == 2 and ratings.dtype.kind in "biuf":
        return _read_numbers(ratings if units == "rows" else ratings.T, categories)
    if second is None:
        rows = rows_of(ratings, "ratings")
        if units == "columns":
            rows = [list(column) for column in zip(*rows, strict=True)]
    else:
        if isinstance(second, str):
            raise ValueError(
                f"the second ratings must be a list; say what {second!r} is by its name, as level="
            )
        first, other = listed(ratings, "the first ratings"), listed(second, "the second ratings")
        if len(first) != len(other):
            raise ValueError(f"two raters must rate the same units: {len(first)} and {len(other)} ratings")
        rows = [[a, b] for a, b in zip(first, other, strict=True)]
    cells = [[label(cell, "ratings") for cell in row] for row in rows]
    seen = {cell for row in cells for cell in row if cell is not None}
    if any(isinstance(c, Real) and not np.isfinite(float(c)) for c in seen):
        raise ValueError("ratings must be finite")
    order = categories_of(seen, categories, "ratings")
    position = {category: i for i, category in enumerate(order)}
    codes = [[-1 if cell is None else position[cell] for cell in row] for row in cells]
    raters = len(cells[0]) if cells else 0
    return RatingTable(
        np.array(codes, dtype=np.int64).reshape(len(cells), raters), tuple(order), categories is not None
    )


def _read_numbers(ratings: npt.NDArray[Any], categories: Sequence[Any] | None) -> RatingTable:
    """The same for an array of numbers, all at once: a bootstrap reads thousands of tables."""
    array = numbers(ratings, "ratings")
    there = ~np.isnan(array)
    seen, places = np.unique(array[there], return_inverse=True)
    order = categories_of(set(seen.tolist()), categories, "ratings")
    position = {category: i for i, category in enumerate(order)}
    codes = np.full(array.shape, -1, dtype=np.int64)
    codes[there] = np.array([position[value] for value in seen.tolist()], dtype=np.int64)[places]
    return RatingTable(codes, tuple(order), categories is not None)


def agreement_weights(table: RatingTable, weights: Weights) -> Numbers:
    """How far two categories agree, q x q: 1 on the diagonal, 0 for the worst disagreement.

    None, "unweighted" or "identity": 0 off the diagonal. "linear" and "quadratic": 1 − d/d_max with
    d = |a − b| and (a − b)², a and b the values of numeric categories, else their places in the list given
    (Cohen 1968; Cicchetti & Allison 1971; Fleiss & Cohen 1973). "ordinal": 1 − C(m, 2)/C(q, 2), m the
    number of categories from a to b, both counted (Gwet 2014, chapter 3).
    Raises ValueError for another word, for texts without an order, or a matrix that is not q x q, symmetric,
    in 0..1 and 1 on the diagonal.
    """
    q = len(table.categories)
    if weights is None or (isinstance(weights, str) and weights in {"unweighted", "identity"}):
        return np.eye(q)
    if not isinstance(weights, str):
        return _given_weights(weights, q)
    one_of(weights, ("unweighted", "identity", "linear", "quadratic", "ordinal"), "weights")
    values = table.values
    if values is None and not table.given:
        raise ValueError(f"{weights} weights need an order: list the categories from lowest to highest")
    places = np.arange(q, dtype=float)
    if weights == "ordinal":
        if values is not None:
            places = np.argsort(np.argsort(values)).astype(float)
        between = np.abs(places[:, None] - places[None, :]) + 1
        distance = between * (between - 1) / 2
    else:
        scale = places if values is None else values
        distance = np.abs(scale[:, None] - scale[None, :]) ** (1 if weights == "linear" else 2)
    worst = distance.max(initial=0.0)
    return np.ones((q, q)) if worst == 0 else np.asarray(1 - distance / worst)


def _given_weights(weights: npt.ArrayLike, q: int) -> Numbers:
    matrix = numbers(weights, "weights")
    if matrix.shape != (q, q):
        raise ValueError(f"weights must be {q} x {q}, one row for each category, not {matrix.shape}")
    fits = (matrix >= 0).all() and (matrix <= 1).all() and (np.diag(matrix) == 1).all()
    if not fits or not np.allclose(matrix, matrix.T):
        raise ValueError(
            "weights of agreement must be symmetric, in 0..1, and 1 on the diagonal; of disagreement, v, take"
            " 1 - v / its largest"
        )
    return matrix
