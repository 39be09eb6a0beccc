"""Option analysis: how many chose each option of each item, and how they did on the rest of the test."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from grading.analysis.inputs import Numbers, Table, confidence_of, table
from grading.analysis.intervals import Interval, correlation_interval, wilson_interval
from grading.analysis.labels import Label, label, labels_in, listed, ordered, rows_of
from grading.analysis.moments import correlation, given_items

FUNCTIONING_SHARE = 0.05
"""A distractor that fewer choose does not function (Tarrant, Ware & Mohammed 2009)."""


@dataclass(frozen=True)
class OptionStatistics:
    """One option of an item.

    count, share: those who chose it, and their share of all who were asked, those who omitted the item
        included; with Wilson's interval. r: Pearson's r of choosing it (0 or 1) with the total less the
        item's own score, with Fisher's interval; NaN where either does not vary.
    functioning: of a distractor, whether at least 5 % chose it and r is negative; None for a key, and
        where r or the share is undefined and the other does not settle it.
    """

    option: Label
    key: bool
    count: int
    share: float
    share_interval: Interval
    r: float
    r_interval: Interval
    functioning: bool | None


@dataclass(frozen=True)
class ItemOptions:
    """The options of one item. n: all who were asked; omits: those of them who chose nothing."""

    item: int
    n: int
    omits: int
    options: tuple[OptionStatistics, ...]
    reason: str = ""


def option_statistics(
    choices: Any,
    key: Sequence[Any],
    scores: Table | None = None,
    options: Sequence[Sequence[Any]] | None = None,
    confidence: float = 0.95,
) -> tuple[ItemOptions, ...]:
    """Counts, shares and option-rest correlations of each item, in the order of the columns.

    choices: n persons x k items. A cell is the label of the option chosen (text or number), a list, tuple or
        set of labels where several may be chosen, or None, NaN or "" for an omitted answer.
    key: the right label of each item, or a list, tuple or set of labels.
    scores: n x k marks; left out, an answer scores 1 if it is exactly the key and else 0. A NaN in an item
        means that the person was not asked: outside its n and counts, and outside every r.
    options: all labels of each item, so that an option nobody chose is shown with 0; left out, the labels of
        the key and those chosen.
    The option r follows R = total − item score, so right and wrong options are on one scale.
    Raises ValueError when shapes differ or a label chosen is not among the options given.

    >>> b = option_statistics([["b"], ["b"], ["a"], [None]], key=["b"])[0].options[1]
    >>> b.option, b.key, b.count, b.share
    ('b', True, 2, 0.5)
    """
    level = confidence_of(confidence)
    keys = [labels_in(value, "key") for value in listed(key, "key")]
    known: dict[str, frozenset[Label]] = {}
    rows = [[_known(cell, known) for cell in row] for row in rows_of(choices, "choices")]
    k = len(keys)
    if any(len(row) != k for row in rows):
        raise ValueError(f"choices have {len(rows[0])} items and the key has {k}")
    if not all(keys):
        raise ValueError(f"item {keys.index(frozenset())} has no key")
    if scores is None:
        marks = np.array([[float(c == right) for c, right in zip(row, keys, strict=True)] for row in rows])
        marks = marks.reshape(len(rows), k)
    else:
        marks = table(scores)
        if not rows and marks.size == 0:
            marks = marks.reshape(0, k)
        if marks.shape != (len(rows), k):
            raise ValueError(f"scores have shape {marks.shape}, choices {(len(rows), k)}")
    if options is None:
        shown = [ordered(keys[j].union(*(row[j] for row in rows))) for j in range(k)]
    else:
        shown = _options_given(options, keys, rows)
    return tuple(_item(j, [row[j] for row in rows], keys[j], shown[j], marks, level) for j in range(k))


def _known(cell: Any, known: dict[str, frozenset[Label]]) -> frozenset[Label]:
    """The labels of a cell of `choices`; texts are read once, however many persons chose them."""
    if type(cell) is not str:
        return labels_in(cell, "choices")
    if cell not in known:
        known[cell] = labels_in(cell, "choices")
    return known[cell]


def _options_given(
    options: Sequence[Sequence[Any]], keys: list[frozenset[Label]], rows: list[list[frozenset[Label]]]
) -> list[list[Label]]:
    given = [
        [label(v, "options") for v in listed(labels, "options")] for labels in listed(options, "options")
    ]
    if len(given) != len(keys):
        raise ValueError(f"options are given for {len(given)} items, and the key has {len(keys)}")
    for j, labels in enumerate(given):
        strange = ordered(keys[j].union(*(row[j] for row in rows)) - set(labels))
        if strange:
            raise ValueError(f"item {j}: {strange[0]!r} is none of its options")
        if len(set(labels)) != len(labels):
            raise ValueError(f"item {j}: an option is given twice")
    return given


def _item(
    j: int,
    chosen: list[frozenset[Label]],
    key: frozenset[Label],
    options: list[Label],
    marks: Numbers,
    level: float,
) -> ItemOptions:
    asked = ~np.isnan(marks[:, j])
    n = int(asked.sum())
    others = [item for item in given_items(marks) if item != j]
    rest = marks[:, others].sum(axis=1)
    whole = asked & ~np.isnan(rest)
    answers: dict[frozenset[Label], int] = {}
    codes = np.array([answers.setdefault(answer, len(answers)) for answer in chosen], dtype=np.intp)
    omits = int((codes[asked] == answers.get(frozenset(), -1)).sum())
    result = []
    for option in options:
        took = np.array([option in answer for answer in answers], dtype=float)[codes]
        count = int(took[asked].sum())
        share = count / n if n else math.nan
        r = correlation(took[whole], rest[whole])
        result.append(
            OptionStatistics(
                option=option,
                key=option in key,
                count=count,
                share=share,
                share_interval=wilson_interval(count, n, level),
                r=r,
                r_interval=correlation_interval(r, int(whole.sum()), level),
                functioning=None if option in key else _functions(share, r),
            )
        )
    reason = "nobody was asked this item" if not n else "" if others else "there is no other item"
    return ItemOptions(j, n, omits, tuple(result), reason)


def _functions(share: float, r: float) -> bool | None:
    if share < FUNCTIONING_SHARE or r >= 0:
        return False
    return None if math.isnan(share) or math.isnan(r) else True
