"""Rules that only many items together can break: cues that a test-wise learner finds across a pool."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from itertools import groupby

from course.arrangement import key_position
from course.lint import words as lists
from course.lint.items import is_negative
from course.lint.rules import Finding, Level, about
from course.model import SETTINGS, Course, Item, Option, Pool

CONFIDENCE = Fraction(95, 100)
"""How sure a limit is that chance alone would not pass it."""
NEGATIVE_SHARE, WORD_GAP, OPPOSITE_SHARE = 0.05, 0.10, 0.20
"""Shares of a pool, from 0 to 1."""
SIMILAR_ACROSS, SIMILAR_WITHIN = 0.50, 0.65
"""Jaccard shares of three-word runs from which two questions are near-duplicates."""
GIVEN_AWAY = 4
"""Content words a key must hold before another stem can give it away."""
LONGEST_RUN = 3
EXPECTED = 5
"""Keys expected at each place before a chi-square test means anything (Cochran 1954)."""
POSITION_SHARES = (0.25, 0.42)
"""Least and largest share of keys at each place, for three options, from 0 to 1."""
CRITICAL = {3: 5.991, 4: 7.815}
"""Number of options m -> the chi-square value (m - 1 degrees of freedom) that chance passes at p = .05."""


def pool_findings(course: Course, pool: Pool) -> Iterator[Finding]:
    """Yield what a pool as a whole breaks, each rule once, at course.toml."""
    items = list(course.items(pool))
    single = [item for item in items if item.kind == "single"]
    yield from _negative_share(items, pool)
    yield from _marked_words(items, pool)
    yield from _lengths(single, pool)
    yield from _convergence(single, pool)
    yield from _opposites(single, pool)
    yield from _positions(single, pool, course.seed)
    yield from _runs(course, pool)


def pair_findings(course: Course) -> Iterator[Finding]:
    """Yield L-28 and L-30: items that repeat an earlier one, or give one away."""
    items = list(course.items())
    runs = [lists.runs(lists.lowered(item.question), 3) for item in items]
    for n, item in enumerate(items):
        for m in range(n):
            other = items[m]
            limit = SIMILAR_WITHIN if item.pool == other.pool else SIMILAR_ACROSS
            share = lists.jaccard(runs[n], runs[m])
            if share >= limit:
                what = (
                    f"asks nearly what {other.id} asks ({share:.0%} of three-word runs shared, {other.place})"
                )
                yield about(item, "L-28", "E", what, f"reword one of them to stay below {limit:.0%}")
    graded = [item for item in items if item.pool == "graded"]
    questions = {item.id: lists.content(item.question) for item in graded}
    for item in graded:
        for option in item.keys:
            key = lists.content(option.text)
            for other in graded:
                if other is not item and len(key) >= GIVEN_AWAY and key <= questions[other.id]:
                    what = f"its key {option.id} stands in the question {other.id} ({other.place})"
                    yield about(item, "L-30", "W", what, "reword the key or that question")


def chance_limit(options: Iterable[int]) -> int:
    """Return the largest count that chance stays at or below with 95 %.

    `options` holds the number of options of each item; one option of each is picked at random, and a pick
    is a hit with 1/m. The counts of hits are binomial where all m agree, else Poisson-binomial; computed
    exactly. For m = 3: 28 of 66, 21 of 46, 17 of 36, 14 of 30, 7 of 12.
    """
    chances = [Fraction(1)]
    for m in options:
        hit = Fraction(1, m)
        chances = [
            (chances[k] * (1 - hit) if k < len(chances) else Fraction(0))
            + (chances[k - 1] * hit if k else Fraction(0))
            for k in range(len(chances) + 1)
        ]
    total = Fraction(0)
    for count, chance in enumerate(chances):
        total += chance
        if total >= CONFIDENCE:
            return count
    return len(chances) - 1


def _bank(rule: str, level: Level, pool: Pool, what: str, remedy: str) -> Finding:
    """Return a finding about a whole pool."""
    return Finding(SETTINGS, rule, level, f"{pool} items: {what}", remedy)


def _named(items: Sequence[Item]) -> str:
    """Return the ids of the first items, and how many more there are."""
    ids = ", ".join(item.id for item in items[:6])
    return f"{ids} and {len(items) - 6} more" if len(items) > 6 else ids


def _negative_share(items: Sequence[Item], pool: Pool) -> Iterator[Finding]:
    """L-12, second half: negative stems stay rare."""
    negative = [item for item in items if is_negative(item)]
    if len(negative) > NEGATIVE_SHARE * len(items):
        what = f"{len(negative)} of {len(items)} stems are negative, more than {NEGATIVE_SHARE:.0%}"
        yield _bank("L-12", "W", pool, what, f"turn some around: {_named(negative)}")


def _marked_words(items: Sequence[Item], pool: Pool) -> Iterator[Finding]:
    """L-14, L-15: absolute words and hedges are spread over keys and wrong options alike."""
    keys = [option for item in items for option in item.keys]
    wrong = [option for item in items for option in item.distractors]
    if not keys or not wrong:
        return
    for rule, name, listed, more, less in (
        ("L-14", "absolute words", lists.ABSOLUTE, (wrong, "wrong options"), (keys, "keys")),
        ("L-15", "hedges", lists.HEDGES, (keys, "keys"), (wrong, "wrong options")),
    ):
        high, low = _share(more[0], listed), _share(less[0], listed)
        if high - low > WORD_GAP:
            what = f"{high:.0%} of the {more[1]} hold {name}, {low:.0%} of the {less[1]}"
            yield _bank(rule, "W", pool, what, f"reword until the gap is at most {WORD_GAP:.0%}")


def _share(options: Sequence[Option], listed: frozenset[str]) -> float:
    """Return the share of options that hold a listed word, 0 to 1."""
    return sum(lists.has_any(option.text, listed) for option in options) / len(options)


def _lengths(items: Sequence[Item], pool: Pool) -> Iterator[Finding]:
    """L-17: how often the key alone is the longest, and the shortest."""
    limit = chance_limit(len(item.options) for item in items)
    for name, sign in (("longest", 1), ("shortest", -1)):
        cued = [item for item in items if _stands_out(item, [sign * len(o.text) for o in item.options])]
        if len(cued) > limit:
            count = f"{len(cued)} of {len(items)}, chance gives {limit} at most"
            what = f"the key alone is the {name} option in {count}"
            yield _bank("L-17", "E", pool, what, f"change lengths, for instance in {_named(cued)}")


def _convergence(items: Sequence[Item], pool: Pool) -> Iterator[Finding]:
    """L-20: how often the key shares more words with the other options than any wrong option does."""
    cued = []
    for item in items:
        held = [lists.content(option.text) for option in item.options]
        shared = [sum(len(a & b) for m, b in enumerate(held) if m != n) for n, a in enumerate(held)]
        if _stands_out(item, shared):
            cued.append(item)
    limit = chance_limit(len(item.options) for item in items)
    if len(cued) > limit:
        count = f"{len(cued)} of {len(items)}, chance gives {limit} at most"
        what = f"the key shares most words with the other options in {count}"
        yield _bank(
            "L-20", "W", pool, what, f"let wrong options share words too, for instance in {_named(cued)}"
        )


def _stands_out(item: Item, sizes: Sequence[int]) -> bool:
    """Return whether the key of a single item alone has the largest size."""
    key = next(n for n, option in enumerate(item.options) if option.id in item.key)
    return all(sizes[key] > size for n, size in enumerate(sizes) if n != key)


def _opposites(items: Sequence[Item], pool: Pool) -> Iterator[Finding]:
    """L-21: how often the key and a wrong option say the opposite of each other."""
    cued = []
    for item in items:
        keys = [frozenset(lists.lowered(option.text)) for option in item.keys]
        wrong = [frozenset(lists.lowered(option.text)) for option in item.distractors]
        if any(_opposed(a, b) for a in keys for b in wrong):
            cued.append(item)
    if len(cued) > OPPOSITE_SHARE * len(items):
        count = f"{len(cued)} of {len(items)}, more than {OPPOSITE_SHARE:.0%}"
        what = f"key and a wrong option are opposites in {count}"
        yield _bank("L-21", "W", pool, what, f"reword some: {_named(cued)}")


def _opposed(one: frozenset[str], other: frozenset[str]) -> bool:
    """Return whether one text holds a word and the other text its opposite."""
    return any(len(pair & one) == 1 and pair & other == pair - one for pair in lists.OPPOSITES)


def _positions(items: Sequence[Item], pool: Pool, seed: int) -> Iterator[Finding]:
    """L-22: printed keys stand evenly; items with three and with four options are judged apart."""
    for m, critical in CRITICAL.items():
        group = [item for item in items if len(item.options) == m]
        if len(group) < EXPECTED * m:
            continue
        places = Counter(key_position(item, seed) for item in group)
        counts = [places[n] for n in range(m)]
        expected = len(group) / m
        chi_square = sum((count - expected) ** 2 / expected for count in counts)
        shown = ", ".join(f"{letter} {count}" for letter, count in zip("ABCD", counts, strict=False))
        remedy = "write another number for seed in course.toml; never order options by hand"
        low, high = POSITION_SHARES
        if chi_square > critical:
            what = f"printed keys stand unevenly ({shown}; chi-square {chi_square:.2f}, at most {critical})"
            yield _bank("L-22", "E", pool, what, remedy)
        elif m == 3 and any(not low <= count / len(group) <= high for count in counts):
            # Chance alone passes these shares often in a small pool, so they only warn.
            what = f"printed keys stand unevenly ({shown}; each place should have {low:.0%} to {high:.0%})"
            yield _bank("L-22", "W", pool, what, remedy)


def positions_can_be_judged(course: Course, pool: Pool) -> bool:
    """Return whether a pool holds enough single items of one size for L-22."""
    sizes = Counter(len(item.options) for item in course.items(pool) if item.kind == "single")
    return any(sizes[m] >= EXPECTED * m for m in CRITICAL)


def _runs(course: Course, pool: Pool) -> Iterator[Finding]:
    """L-23: one letter in a row, in each printed check or lesson."""
    long = []
    for name, items in _printed_rows(course, pool):
        letters = ["ABCD"[key_position(item, course.seed)] for item in items if item.kind == "single"]
        for letter, group in groupby(letters):
            length = len(list(group))
            if length > LONGEST_RUN:
                long.append(f"{length} times {letter} in {name}")
    if long:
        remedy = "let it be, or write another number for seed in course.toml; never order options by hand"
        yield _bank(
            "L-23", "W", pool, f"the key has one letter many times in a row ({', '.join(long)})", remedy
        )


def _printed_rows(course: Course, pool: Pool) -> Iterator[tuple[str, Sequence[Item]]]:
    """Yield the name and items of each page on which items of a pool are printed together."""
    if pool == "graded":
        yield from ((assignment.id, course.assigned_items(assignment)) for assignment in course.assignments)
    else:
        for lesson in course.lessons:
            yield lesson.slug, [item for item in lesson.items if item.pool == pool]
