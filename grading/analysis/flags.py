"""Flags after use: what a table of item statistics has to say aloud, and what it must not say yet.

Each rule speaks only where the class is large enough for it; below that it is silent, and listed as too few.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from grading.analysis.inputs import Table, confidence_of, table
from grading.analysis.items import ItemStatistics, item_statistics
from grading.analysis.labels import Label, label, labels_in, rows_of
from grading.analysis.options import FUNCTIONING_SHARE, ItemOptions, OptionStatistics, option_statistics

SPEAKS_FROM = {
    "key check": 30,
    "negative item": 30,
    "weak item": 1,
    "hard after teaching": 1,
    "no news": 1,
    "dead distractor": 75,
    "misconception alive": 1,
}
"""Persons from which each rule speaks. "weak item" says "watch" below 100."""
FIRM_FROM = 100
LIMITS = {
    "negative item": 0.10,
    "weak item": 0.20,
    "hard after teaching": 0.60,
    "no news": 0.85,
    "dead distractor": FUNCTIONING_SHARE,
    "misconception alive": 0.25,
}
"""What each rule compares with: a correlation, or a share; "key check" compares two options."""


@dataclass(frozen=True)
class Flag:
    """One thing to look at. verdict: "flag", or "watch" where the class is too small to be sure.

    item: its column (None for a misconception); option: a label, or None; code: of a misconception, or "".
    value: what the rule looks at (an r, a share, an upper limit); limit: what it is compared with; n:
    persons (of a misconception: chances to show it).
    """

    rule: str
    verdict: str
    item: int | None
    option: Label
    code: str
    value: float
    limit: float
    n: int


@dataclass(frozen=True)
class Flags:
    """Flags in the order of rules and items, and for each rule silenced by numbers the persons it needs."""

    raised: tuple[Flag, ...]
    too_few: Mapping[str, int]


def flags(
    scores: Table,
    choices: Any = None,
    key: Sequence[Any] | None = None,
    options: Sequence[Sequence[Any]] | None = None,
    pretest: Table | None = None,
    misconceptions: Sequence[Mapping[Any, str]] | None = None,
    max_marks: Any = None,
    confidence: float = 0.95,
) -> Flags:
    """What to look at after a test was used.

    scores: n persons x k items. choices, key, options: as in `option_statistics`; needed for the rules on
        options. pretest: marks of the same k items before teaching, persons x k (NaN where an item was not
        asked). misconceptions: for each item, its options' codes. max_marks: as in `item_statistics`.

    key check: a distractor's r is above the key's, and more than 5 % chose it (n >= 30).
    negative item: the upper limit of the item-rest r's interval is below .10 (n >= 30).
    weak item: item-rest r below .20 (n >= 100; below that it says "watch").
    hard after teaching: the upper limit of the facility is below .60 (any n).
    no news: the lower limit of the facility before teaching is above .85 (any n).
    dead distractor: the upper limit of its share is below .05 (n >= 75).
    misconception alive: a code was chosen in more than 25 % of all answers to items that offer it (any n).
    An item is never flagged for being easy after teaching. n is that of the item: all who have a mark in
    it, and for rules on r those with a mark in every item.
    Raises ValueError when shapes do not match, or for choices without a key.
    """
    level = confidence_of(confidence)
    marks = table(scores)
    statistics = item_statistics(marks, max_marks, level)
    found: list[Flag] = []
    too_few: dict[str, int] = {}

    def speaks(rule: str, n: int) -> bool:
        if n < SPEAKS_FROM[rule]:
            too_few[rule] = SPEAKS_FROM[rule]
        return n >= SPEAKS_FROM[rule]

    analysed: tuple[ItemOptions, ...] = ()
    if choices is not None:
        if key is None:
            raise ValueError("choices need a key")
        analysed = option_statistics(choices, key, marks, options, level)
    for item in analysed:
        if speaks("key check", item.n):
            found += _key_check(item)
    for one in statistics:
        if speaks("negative item", one.rest_n):
            found += _negative(one)
    for one in statistics:
        found += _weak(one)
    for one in statistics:
        high = one.facility_interval.high
        if high < LIMITS["hard after teaching"]:
            found.append(_of_item("hard after teaching", one.item, high, one.n))
    if pretest is not None:
        found += _no_news(table(pretest, "pretest"), marks.shape[1], max_marks, level)
    unused = LIMITS["dead distractor"]
    for item in analysed:
        if speaks("dead distractor", item.n):
            found += [
                Flag("dead distractor", "flag", item.item, o.option, "", high, unused, item.n)
                for o in item.options
                if not o.key and (high := o.share_interval.high) < unused
            ]
    if misconceptions is not None:
        if choices is None:
            raise ValueError("misconceptions need the choices they are read from")
        found += _alive(choices, marks, misconceptions)
    return Flags(tuple(found), too_few)


def _of_item(rule: str, item: int, value: float, n: int, verdict: str = "flag") -> Flag:
    return Flag(rule, verdict, item, None, "", value, LIMITS[rule], n)


def _key_check(item: ItemOptions) -> list[Flag]:
    """Of several right options the weakest counts: each of them should draw those who do well."""
    keys = [o.r for o in item.options if o.key and not math.isnan(o.r)]
    if not keys:
        return []

    def beats(o: OptionStatistics) -> bool:
        return not o.key and o.share > FUNCTIONING_SHARE and o.r > min(keys)

    return [
        Flag("key check", "flag", item.item, o.option, "", o.r, min(keys), item.n)
        for o in item.options
        if beats(o)
    ]


def _negative(one: ItemStatistics) -> list[Flag]:
    high = one.item_rest_interval.high
    return [_of_item("negative item", one.item, high, one.rest_n)] if high < LIMITS["negative item"] else []


def _weak(one: ItemStatistics) -> list[Flag]:
    verdict = "flag" if one.rest_n >= FIRM_FROM else "watch"
    if one.item_rest < LIMITS["weak item"]:
        return [_of_item("weak item", one.item, one.item_rest, one.rest_n, verdict)]
    return []


def _no_news(before: Any, k: int, max_marks: Any, level: float) -> list[Flag]:
    if before.shape[1] != k and before.size:
        raise ValueError(f"the pretest has {before.shape[1]} items and the test {k}")
    return [
        _of_item("no news", one.item, one.facility_interval.low, one.n)
        for one in item_statistics(before, max_marks, level)
        if one.facility_interval.low > LIMITS["no news"]
    ]


def _alive(choices: Any, marks: Any, misconceptions: Sequence[Mapping[Any, str]]) -> list[Flag]:
    rows = rows_of(choices, "choices")
    codes_of = [{label(o, "options"): code for o, code in dict(one).items()} for one in misconceptions]
    if len(codes_of) != marks.shape[1]:
        raise ValueError(f"misconceptions are given for {len(codes_of)} items of {marks.shape[1]}")
    chances: dict[str, int] = {}
    shown: dict[str, int] = {}
    for row, answered in zip(rows, ~np.isnan(marks), strict=True):
        for cell, codes, asked in zip(row, codes_of, answered, strict=True):
            if not asked:
                continue
            chosen = labels_in(cell, "choices")
            taken = {code for option, code in codes.items() if option in chosen}
            for code in set(codes.values()):
                chances[code] = chances.get(code, 0) + 1
                shown[code] = shown.get(code, 0) + (code in taken)
    limit = LIMITS["misconception alive"]
    return [
        Flag("misconception alive", "flag", None, None, code, shown[code] / n, limit, n)
        for code, n in sorted(chances.items())
        if shown[code] > limit * n
    ]
