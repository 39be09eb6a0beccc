"""The only credit formulas: how many points an answer earns."""

import re
import unicodedata
from collections.abc import Callable, Collection, Mapping, Sequence

Answer = str | Sequence[str] | None
"""One option id, several option ids, or None where nothing was chosen."""


def chosen_ids(answer: Answer) -> frozenset[str]:
    """Return the set of option ids in an answer; empty where nothing was chosen."""
    if answer is None:
        return frozenset()
    if isinstance(answer, str):
        return frozenset([answer])
    return frozenset(answer)


def all_or_nothing(chosen: Collection[str], key: Collection[str], distractors: Collection[str]) -> float:
    """Return 1.0 where exactly the keyed options were chosen, else 0.0 (dichotomous scoring)."""
    return float(set(chosen) == set(key))


def right_minus_wrong(chosen: Collection[str], key: Collection[str], distractors: Collection[str]) -> float:
    """Return the share of keys chosen less the share of distractors chosen, never below 0.0.

    This is Youden's index J = sensitivity + specificity - 1 (Youden 1950, Cancer 3:32-35) of the ticks, cut
    at zero; it equals Moodle's multiple-response marking when right options share +100 % and wrong options
    share -100 %. Ticking every option and ticking none both earn 0.
    """
    hits = len(set(chosen) & set(key)) / len(set(key))
    misses = len(set(chosen) & set(distractors)) / len(set(distractors)) if distractors else 0.0
    return max(0.0, hits - misses)


MODES: dict[str, Callable[[Collection[str], Collection[str], Collection[str]], float]] = {
    "all-or-nothing": all_or_nothing,
    "right-minus-wrong": right_minus_wrong,
}
"""Credit modes by the name used in item files."""

RULES: dict[str, str] = {
    "all-or-nothing": "Points only for exactly the right choice.",
    "right-minus-wrong": "Right ticks earn points, wrong ticks take them back, never below 0.",
}
"""Each credit mode in the words a student reads."""


def score(mode: str, *, points: float, options: Sequence[str], key: Sequence[str], answer: Answer) -> float:
    """Return the points that an answer earns, from 0.0 to `points`.

    Parameters
    ----------
    mode : a name in `MODES`.
    points : the most the item can earn, > 0.
    options : all option ids of the item; `key` : the ids to choose, a part of `options`.
    answer : an option id, several, or None. Blank earns 0.0 in every mode.

    Raises
    ------
    ValueError : unknown mode, empty key, a key that is not an option, or an answer that is not an option.

    Examples
    --------
    >>> score("right-minus-wrong", points=2, options=["a", "b", "c", "d"], key=["a", "c"], answer=["a"])
    1.0
    """
    if mode not in MODES:
        raise ValueError(f"unknown credit mode {mode!r}: use one of {', '.join(sorted(MODES))}")
    unknown = (set(key) | chosen_ids(answer)) - set(options)
    if unknown:
        raise ValueError(f"not among the options {list(options)}: {sorted(unknown)}")
    if not key:
        raise ValueError("an item needs at least one keyed option")
    chosen = chosen_ids(answer)
    if not chosen:
        return 0.0
    distractors = [option for option in options if option not in set(key)]
    return points * MODES[mode](chosen, key, distractors)


def rubric_points(levels: Mapping[str, int], *, highest: Mapping[str, int], points: float) -> float:
    """Return the points of a scored reflection: the sum of its levels over the highest sum, times `points`.

    Parameters
    ----------
    levels : criterion id -> level given, from 0; every criterion of `highest`.
    highest : criterion id -> highest level of that criterion, >= 1.
    points : the most the reflection can earn, > 0.

    Raises
    ------
    ValueError : a criterion is missing or unknown, or a level is out of range.

    Examples
    --------
    >>> rubric_points({"encounter": 3, "plan": 1}, highest={"encounter": 3, "plan": 3}, points=6)
    4.0
    """
    if set(levels) != set(highest):
        raise ValueError(f"give one level for each of: {', '.join(highest)}")
    for criterion, level in levels.items():
        if not 0 <= level <= highest[criterion]:
            raise ValueError(f"the level of {criterion} is {level}: use 0 to {highest[criterion]}")
    return points * sum(levels.values()) / sum(highest.values())


_SPACES = re.compile("[\t\n\v\f\r \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff]+")
"""What JavaScript's \\s matches, so that the text box counts the same words (see widgets/reflection.js)."""


def count_words(text: str) -> int:
    """Return the number of words: what stands between spaces and holds a letter or a number.

    Examples
    --------
    >>> count_words("It's 9 a.m. - hello!")
    4
    """
    return sum(any(unicodedata.category(sign)[0] in "LN" for sign in part) for part in _SPACES.split(text))


def completion(words: int, *, least: int, points: float) -> float:
    """Return `points` where at least `least` words were written, else 0.0; what they say earns nothing.

    Examples
    --------
    >>> completion(30, least=30, points=1), completion(29, least=30, points=1)
    (1, 0.0)
    """
    return points if words >= least else 0.0
