"""The rules of rating reflections: order, second and third readers, what counts, and agreement. Pure."""

import hashlib
import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from grading.ratings import Rating

ALL_TWICE = 20
"""Up to so many texts, each one is scored twice."""
SHARE = 5
"""Of more texts, one in so many is: rounded up that is 20 to 25 %."""
GAP = 2
"""From so many levels apart on, a third grader decides a criterion."""
BUSY = timedelta(minutes=45)
"""How long a text that a grader has begun is left to that grader."""
CAPPED = "next-time"
"""The criterion that an unsafe or unlawful plan puts at 0."""


@dataclass(frozen=True)
class Standing:
    """Where one text stands.

    Attributes
    ----------
    readers : finished ratings of the text as it is now, in the order in which they were first finished.
    begun : raters who have begun it and not finished.
    busy : those of them who did something on it lately.
    outdated : ratings of an earlier text of the same student.
    gaps : criteria on which the first two differ by `GAP` or more.
    needs : "first", "second" or "third", the reader who is still missing; empty where none is.
    levels : the levels that count, each criterion's; empty before the first has finished.
    comment : the words that count.
    unsafe : whether any reader of this text marks the plan as unsafe.
    """

    readers: Sequence[Rating] = ()
    begun: Collection[str] = ()
    busy: Collection[str] = ()
    outdated: Sequence[Rating] = ()
    gaps: Sequence[str] = ()
    needs: str = "first"
    levels: Mapping[str, int] = field(default_factory=dict)
    comment: str = ""
    unsafe: bool = False


@dataclass(frozen=True)
class Agreement:
    """How often two sets of levels agree on a criterion: counts, of `scores` in all."""

    criterion: str
    scores: int
    exact: int
    adjacent: int

    @property
    def passed(self) -> bool:
        """Return whether at least 70 % are exact and at least 95 % the same or one apart."""
        return (
            self.scores > 0 and 10 * self.exact >= 7 * self.scores and 20 * self.adjacent >= 19 * self.scores
        )


def in_order(students: Iterable[str], seed: str, prompt: str, rater: str) -> list[str]:
    """Return students in a rater's own pseudo-random order.

    A student who hands in later is put somewhere between the others, who stay in their order. Each rater has
    another order: two at once meet late, and nobody's last texts are always the tired ones.
    """
    return sorted(students, key=lambda student: _drawn(seed, "order", prompt, rater, student))


def scored_twice(students: Collection[str], seed: str, prompt: str) -> set[str]:
    """Return the students whose text gets a second reader: all of up to `ALL_TWICE`, else 20 to 25 %."""
    many = len(students)
    share = many if many <= ALL_TWICE else math.ceil(many / SHARE)
    return set(sorted(students, key=lambda student: _drawn(seed, "sample", prompt, student))[:share])


def text_name(seed: str, prompt: str, student: str) -> str:
    """Return the name under which a page knows a text, which does not tell whose it is."""
    return _drawn(seed, "name", prompt, student)[:20]


def capped(levels: Mapping[str, int], *, unsafe: bool, criteria: Collection[str]) -> dict[str, int]:
    """Return the levels with that of the plan at 0 where the plan is unsafe."""
    return {**levels, CAPPED: 0} if unsafe and CAPPED in criteria else dict(levels)


def apart(one: Mapping[str, int], other: Mapping[str, int]) -> list[str]:
    """Return the criteria on which two ratings differ by `GAP` or more."""
    return [name for name in one if name in other and abs(one[name] - other[name]) >= GAP]


def standing(ratings: Iterable[Rating], mark: str, *, twice: bool, now: datetime) -> Standing:
    """Return where one text stands.

    The first reader's levels count. Where the second differs by 1, the first stands; by 2 or more, a third
    reader decides that criterion, and the first stands until then. Ratings of an earlier text do not count.

    Parameters
    ----------
    ratings : all ratings of one prompt and student.
    mark : the digest of the text as it is now.
    twice : whether it gets a second reader.
    """
    given = list(ratings)
    current = [one for one in given if one.text == mark]
    readers = sorted(
        (one for one in current if one.done and one.finished), key=lambda one: (str(one.finished), one.rater)
    )
    begun = {one.rater for one in current if not one.done}
    busy = {one.rater for one in current if not one.done and now - one.time < BUSY}
    outdated = [one for one in given if one.text != mark]
    unsafe = any(one.unsafe for one in current)
    if not readers:
        return Standing((), begun, busy, outdated, unsafe=unsafe)
    first = readers[0]
    levels, comment = dict(first.levels), first.comment
    gaps = apart(first.levels, readers[1].levels) if len(readers) > 1 else []
    if gaps and len(readers) > 2:
        third = readers[2]
        levels |= {name: third.levels[name] for name in gaps if name in third.levels}
        comment = third.comment if third.comment.strip() else comment
    missing = "third" if gaps and len(readers) < 3 else "second" if twice and len(readers) < 2 else ""
    return Standing(readers, begun, busy, outdated, gaps, missing, levels, comment, unsafe)


def role(where: Standing, rater: str) -> str:
    """Return what a text is to a rater.

    Returns
    -------
    str
        "changed" (rated by them, and changed since), "begun", "first", "second", "third" (theirs to rate),
        "done" (rated by them), "busy" (another grader is at it) or "others" (rated; they are not needed).
    """
    if any(one.rater == rater for one in where.readers):
        return "done"
    if not where.needs:
        return "others"
    if rater in where.begun:
        return "begun"
    if any(one.rater == rater for one in where.outdated):
        return "changed"
    return "busy" if where.busy else where.needs


def agreements(pairs: Iterable[tuple[Mapping[str, int], Mapping[str, int]]]) -> list[Agreement]:
    """Return how two raters, or a rater and a key, agree on each criterion that both have scored."""
    counts: dict[str, list[int]] = {}
    for one, other in pairs:
        for name, level in one.items():
            if name in other:
                gap = abs(level - other[name])
                count = counts.setdefault(name, [0, 0, 0])
                count[0] += 1
                count[1] += gap == 0
                count[2] += gap <= 1
    return [Agreement(name, *count) for name, count in counts.items()]


def _drawn(*parts: str) -> str:
    """Return 64 hexadecimal digits that look drawn by chance, the same for the same parts."""
    data = "\0".join(parts).encode("utf-8", "surrogatepass")
    return hashlib.sha256(data).hexdigest()
