"""Signs that a question needs a look, in words; the rules are those of `grading.analysis.flags`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from grading.analysis import Flag as Raised
from grading.analysis import flags
from grading.analysis.flags import LIMITS
from grading.reports.class_values import Flag
from grading.responses import ItemInfo

RELATIONS = 30
"""Fewer students than this tell nothing about how a question goes with the rest."""
MEANINGS: Mapping[str, str] = {
    "key check": "Those who choose a wrong answer do better in the rest than those who choose the right one. "
    "Is the key right?",
    "negative item": "Strong students miss it as often as weak ones, or more. Read it again, and its key.",
    "weak item": "It tells strong from weak students only a little. It may still be worth asking.",
    "hard after teaching": f"Surely fewer than {LIMITS['hard after teaching']:.0%} would have it right. "
    "Teach it again, or reword it.",
    "no news": "Nearly all knew it before the course, so it shows no growth.",
    "unused wrong answer": "Hardly anybody chooses it. Write one that tempts more.",
}
"""Flag -> what it means, the gravest first."""
_NAMES = {"dead distractor": "unused wrong answer"}
"""Rules that people would not know by their name."""


@dataclass(frozen=True)
class Signs:
    """Flags by column of a question, codes of the wrong ideas that are alive, and what stays silent.

    `silent` maps each rule that the class is too small for to the students it needs.
    """

    items: Mapping[int, Sequence[Flag]]
    alive: frozenset[str]
    silent: Mapping[str, int]


def signs(
    items: Sequence[ItemInfo],
    choices: Sequence[Sequence[Sequence[str] | None]],
    credit: NDArray[np.float64],
    pretest: NDArray[np.float64] | None,
) -> Signs:
    """Return what to look at.

    Parameters
    ----------
    choices, credit : students x questions.
    pretest : credit for the same questions before the course, NaN for those not asked then.
    """
    found = flags(
        credit,
        choices,
        [item.key for item in items],
        [item.options for item in items],
        pretest,
        [item.misconceptions for item in items],
        max_marks=1.0,
    )
    told: dict[int, list[Flag]] = {}
    # Where the report does not tell a correlation, no flag may rest on it either.
    silent = {_NAMES.get(rule, rule): needed for rule, needed in found.too_few.items()} | (
        {"weak item": RELATIONS} if len(credit) < RELATIONS else {}
    )
    negative = {one.item for one in found.raised if one.rule == "negative item"}
    for one in found.raised:
        if one.rule == "weak item" and (one.n < RELATIONS or one.item in negative):
            continue
        if one.item is not None:
            told.setdefault(one.item, []).append(
                Flag(
                    name=_NAMES.get(one.rule, one.rule),
                    meaning=_meaning(one),
                    surely=one.verdict == "flag",
                    minor=one.rule == "dead distractor",
                )
            )
    order = list(MEANINGS)
    for rows in told.values():
        rows.sort(key=lambda flag: order.index(flag.name))
    return Signs(
        items=told,
        alive=frozenset(one.code for one in found.raised if one.code),
        silent={rule: silent[rule] for rule in MEANINGS if rule in silent},
    )


def _meaning(one: Raised) -> str:
    """Return what a flag means for its question."""
    value, limit = _signed(one.value), _signed(one.limit)
    return {
        "key check": f"choosing {one.option} goes with the rest at {value}, the right answer at {limit}. "
        "Is the key right?",
        "negative item": f"its correlation with the rest is surely below {one.limit:.2f}: at most {value}.",
        "weak item": f"its correlation with the rest is {value}; {one.limit:.2f} would be enough.",
        "hard after teaching": f"at most {one.value:.0%} would have it right in the long run.",
        "no news": f"at least {one.value:.0%} knew it before the course.",
        "dead distractor": f"surely fewer than {one.limit:.0%} choose {one.option}.",
    }[one.rule]


def _signed(value: float) -> str:
    """Return a correlation with two decimals and a true minus sign."""
    return f"{value:.2f}".replace("-", "−")
