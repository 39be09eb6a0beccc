"""A small course in memory that breaks no rule, to be broken by the tests of `course check`."""

from dataclasses import replace

from course.lint import lint
from course.model import Assignment, Claim, Course, Item, Lesson, Misconception, Option, Place

WHY = {
    "a": "Waiting may feel like less work. But a lost visitor takes more of your time later in the day.",
    "b": "A greeting and an offer tell him that he was seen, and he gets where he wants to go soon.",
    "c": "These words are about control before there is a reason for it, so he will ask less of you.",
    "d": "A note in a log helps no one who stands in front of you and does not know where to turn.",
}
CLEAN = Item(
    id="greeting-desk",
    kind="single",
    stem="What should the officer do first?",
    options=(
        Option("a", "Wait until he asks a clear question.", WHY["a"], "MIS-01"),
        Option("b", "Greet him and offer to show the way.", WHY["b"]),
        Option("c", "Ask him what business he has here.", WHY["c"], "MIS-02"),
    ),
    key=("b",),
    credit="all-or-nothing",
    points=1,
    objective="greeting-first",
    claims=("S0-01",),
    bloom="apply",
    pool="practice",
    version=1,
    lesson="greeting",
    place=Place("course/lessons/greeting/practice.toml", 4),
    vignette="A man stops inside the library door. He looks at the wall map and scratches his head.",
    reviewed=tuple(f"L-{n} A. Reader 2026-11-22" for n in (25, 32, 34, 36)),
)
SECOND = replace(
    CLEAN,
    id="greeting-rain",
    vignette="Rain falls on a line of people at a stadium gate. A woman with a stroller calls to you.",
    place=Place("course/lessons/greeting/practice.toml", 40),
)
FOURTH = Option("d", "Note in the log that he stands here.", WHY["d"], "MIS-03")
TICKS = replace(
    CLEAN,
    kind="multiple",
    stem="Which two acts should come first?",
    options=(*CLEAN.options, replace(FOURTH, text="Give him a nod and a short hello.", misconception=None)),
    key=("b", "d"),
    credit="right-minus-wrong",
)


def lesson(items=(), slug="greeting", **changes):
    goals = {f"{slug}-first": "Greet a visitor first."}
    place = Place(f"course/lessons/{slug}/lesson.md")
    plain = Lesson(slug, slug.title(), 10, None, goals, (), tuple(items), (), None, {}, place)
    return replace(plain, **changes)


def course(*items, lessons=None, **changes):
    lessons = lessons or (lesson(items), lesson(slug="handover"))
    graded = [item for one in lessons for item in one.items if item.pool == "graded"]
    checked = dict.fromkeys(item.lesson for item in graded if item.half == 1)
    checks = [Assignment(f"check-{slug}", "Check", slug) for slug in checked]
    final = [Assignment("final", "Final", None)] if any(item.half != 1 for item in graded) else []
    plain = Course(
        title="A course",
        contact="the office",
        language="en",
        form="A",
        seed=1,
        lessons=lessons,
        assignments=(*checks, *final),
        misconceptions=tuple(Misconception(f"MIS-{n:02}", "wrong", "true", ("S0-01",)) for n in range(1, 11)),
        glossary=(),
        claims=(
            Claim("S0-01", "S0", "claim", "K01", "greeting", None, "A greeting is noticed."),
            Claim("S1-01", "S1", "skill", "K01", "handover", None, "Write down what is needed."),
        ),
        rubrics=(),
    )
    return replace(plain, **changes)


def fired(*items, **more):
    """The rules that fire, with their level, each as often as it fires."""
    return sorted((finding.rule, finding.level) for finding in lint(course(*items, **more)).findings)


def reworded(item, **texts):
    """The item with other texts in the options named."""
    return replace(
        item, options=tuple(replace(o, text=texts[o.id]) if o.id in texts else o for o in item.options)
    )


def changed(item, id_, **changes):
    """The item with one option changed."""
    return replace(item, options=tuple(replace(o, **changes) if o.id == id_ else o for o in item.options))
