"""L-37 and L-38: whether the graded pool asks for all that is taught, and at which levels."""

from collections import Counter
from collections.abc import Iterator

from course.lint.rules import Finding
from course.model import BLOOM, SETTINGS, Course, Item

PER_OBJECTIVE, PER_CLUSTER, PER_MISCONCEPTION = 2, 2, 3
"""How many graded items each needs at least."""
LARGEST_MISCONCEPTION = 0.15
"""The largest share of all wrong options that may rest on one misconception."""
THINKING, RECALL = 0.50, 0.25
"""Shares of the graded pool: apply or above at least, remember at most."""


def blueprint_findings(course: Course) -> Iterator[Finding]:
    """Yield what the graded pool lacks, each kind once, at course.toml."""
    items = list(course.items("graded"))
    lacking = {
        f"objectives with fewer than {PER_OBJECTIVE} items": _objectives(course),
        f"clusters with fewer than {PER_CLUSTER} items": _clusters(course, items),
        f"misconceptions used fewer than {PER_MISCONCEPTION} times": _rare(course, items),
    }
    for what, named in lacking.items():
        if named:
            remedy = "write items for them, or take them out of the plan"
            yield Finding(SETTINGS, "L-37", "E", f"graded items: {what}: {', '.join(named)}", remedy)
    used = misconception_use(items)
    total = sum(used.values())
    for code, count in used.items():
        if count > LARGEST_MISCONCEPTION * total:
            share = f"more than {LARGEST_MISCONCEPTION:.0%}"
            what = f"{code} stands behind {count} of {total} wrong options, {share}"
            yield Finding(
                SETTINGS, "L-37", "E", f"graded items: {what}", "let some rest on another wrong idea"
            )
    levels = level_mix(items)
    thinking = sum(levels[level] for level in BLOOM[BLOOM.index("apply") :])
    if thinking < THINKING * len(items):
        what = f"{thinking} of {len(items)} ask to apply or more, fewer than {THINKING:.0%}"
        yield Finding(SETTINGS, "L-38", "W", f"graded items: {what}", "turn some into cases to act on")
    if levels["remember"] > RECALL * len(items):
        what = f"{levels['remember']} of {len(items)} ask to remember only, more than {RECALL:.0%}"
        yield Finding(SETTINGS, "L-38", "W", f"graded items: {what}", "turn some into cases to act on")


def misconception_use(items: list[Item]) -> Counter[str]:
    """Return misconception -> number of wrong options that rest on it."""
    return Counter(o.misconception for item in items for o in item.distractors if o.misconception)


def level_mix(items: list[Item]) -> Counter[str]:
    """Return Bloom level -> number of items."""
    return Counter(item.bloom for item in items)


def is_stated(code: str) -> bool:
    """Return whether a source states a misconception outright; ids of implied ones end in i."""
    return not code.endswith("i")


def taught_clusters(course: Course) -> list[str]:
    """Return the clusters that items must ask for, in order.

    A cluster that holds the name of an exam or a question of a source is about the articles, not the job.
    """
    sources = {claim.cluster for claim in course.claims if claim.type in {"exam", "question"}}
    return sorted({claim.cluster for claim in course.claims} - sources)


def _objectives(course: Course) -> list[str]:
    """Return objectives with too few items, of lessons that have graded items."""
    found = []
    for lesson in course.lessons:
        counts = Counter(item.objective for item in lesson.items if item.pool == "graded")
        if counts:
            found += [
                f"{goal} ({counts[goal]})" for goal in lesson.objectives if counts[goal] < PER_OBJECTIVE
            ]
    return found


def _clusters(course: Course, items: list[Item]) -> list[str]:
    """Return clusters with too few items."""
    cluster = {claim.id: claim.cluster for claim in course.claims}
    counts = Counter(name for item in items for name in {cluster.get(claim, "") for claim in item.claims})
    return [f"{name} ({counts[name]})" for name in taught_clusters(course) if counts[name] < PER_CLUSTER]


def _rare(course: Course, items: list[Item]) -> list[str]:
    """Return stated misconceptions that too few wrong options rest on."""
    used = misconception_use(items)
    stated = [m.id for m in course.misconceptions if is_stated(m.id)]
    return [f"{code} ({used[code]})" for code in stated if used[code] < PER_MISCONCEPTION]
