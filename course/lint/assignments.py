"""A-01 to A-05: assignments that ask nothing, questions that none asks, and the anchors asked twice."""

from collections.abc import Iterator

from course.lint.rules import Finding, about
from course.model import ANCHOR, SETTINGS, Assignment, Course, Item, Place, Prompt

ANCHORS = 8
"""Anchor items in each half: enough to show a class's growth, and few enough to ask before the course."""
SPREAD = 5
"""Lessons that the anchors of a half are taken from at least, where there are as many."""


def assignment_findings(course: Course) -> Iterator[Finding]:
    """Yield what would be left out of the built assignments without a word."""
    for assignment in course.assignments:
        if not course.assigned_items(assignment) and not course.assigned_prompts(assignment):
            what = f"'{assignment.id}' asks nothing, so no notebook is made for it"
            yield Finding(assignment.place, "A-01", "W", what, _remedy(course, assignment))
    counted = [one for one in course.assignments if not one.anchors]
    asked = {item.id for one in counted for item in course.assigned_items(one)}
    asked |= {prompt.id for one in course.assignments for prompt in course.assigned_prompts(one)}
    for lesson in course.lessons:
        questions: list[Item | Prompt] = [*lesson.items, *lesson.prompts]
        left = [question for question in questions if question.pool == "graded" and question.id not in asked]
        if left:
            place = Place(f"course/lessons/{lesson.slug}/graded.toml", left[0].place.line)
            count = "1 graded question is" if len(left) == 1 else f"{len(left)} graded questions are"
            what = f"{count} in no assignment under form {course.form}, first '{left[0].id}'"
            missing = (
                "one without a lesson, the final," if _has_check(course, lesson.slug) else _entry(lesson.slug)
            )
            yield Finding(place, "A-02", "W", what, f"add {missing} to course/course.toml")
    yield from _anchor_items(course)
    yield from _anchor_spread(course)
    yield from _asked_twice(course)


def _anchor_items(course: Course) -> Iterator[Finding]:
    """A-03: an anchor compares a class with itself, so it is graded and has one answer."""
    for item in course.items():
        if item.anchor and item.pool == "practice":
            what = "is tagged as an anchor and is a practice question, whose key students see"
            yield about(item, "A-03", "E", what, f'take "{ANCHOR}" out of its tags')
        elif item.anchor and item.kind != "single":
            what = "is tagged as an anchor and takes several answers"
            yield about(item, "A-03", "E", what, "tag a question with one right answer in its place")


def _anchor_spread(course: Course) -> Iterator[Finding]:
    """A-04: the same number in both halves, each spread over the lessons."""
    anchors = [item for item in course.items("graded") if item.anchor]
    asking = [one for one in course.assignments if one.anchors]
    if not anchors and not asking:
        return
    place = asking[0].place if asking else anchors[0].place
    for half in (1, 2):
        asked = {item.lesson for item in course.items("graded") if item.half == half}
        tagged = [item.lesson for item in anchors if item.half == half]
        if len(tagged) != ANCHORS:
            what = f"half {half} of the graded items has {len(tagged)} anchors, not {ANCHORS}"
            remedy = f'write tags = ["{ANCHOR}"] in {ANCHORS} questions of each half'
            yield Finding(place, "A-04", "W", what, remedy)
        if len(set(tagged)) < min(SPREAD, len(asked)):
            bare = ", ".join(lesson.slug for lesson in course.lessons if lesson.slug in asked - set(tagged))
            what = f"the anchors of half {half} are of {len(set(tagged))} of {len(asked)} lessons"
            yield Finding(place, "A-04", "W", what, f"choose some of another lesson: {bare}")


def _asked_twice(course: Course) -> Iterator[Finding]:
    """A-05: anchors are asked before the course, by themselves, and again in the final."""
    asking = [one for one in course.assignments if one.anchors]
    tagged = [item for item in course.items("graded") if item.anchor]
    if tagged and not asking:
        what = f"is the first of {len(tagged)} anchors, and no assignment asks them before the course"
        remedy = f"add an [[assignment]] with anchors = true to {SETTINGS.path}"
        yield about(tagged[0], "A-05", "W", what, remedy)
    for assignment in asking:
        if not any(one.lesson is None and not one.anchors for one in course.assignments):
            what = f"'{assignment.id}' asks what the final would ask again, and there is no final"
            yield Finding(assignment.place, "A-05", "W", what, "add an [[assignment]] without a lesson")
        if assignment != course.assignments[0]:
            what = f"'{assignment.id}' is for before the course and does not stand first"
            yield Finding(assignment.place, "A-05", "W", what, "move it above the other assignments")
        for prompt in course.assigned_prompts(assignment):
            what = f"{prompt.id}: '{assignment.id}' does not count, so nobody should have to write for it"
            yield Finding(prompt.place, "A-05", "W", what, "name another assignment, or none")


def _remedy(course: Course, assignment: Assignment) -> str:
    """Return what to do about an assignment that asks nothing."""
    if assignment.anchors:
        return f'write tags = ["{ANCHOR}"] in {ANCHORS} graded questions of each half, or remove it'
    half = 1 if (course.form == "A") == (assignment.lesson is not None) else 2
    if assignment.lesson is None:
        return f"form {course.form} puts graded questions with half = {half} here: write some, or remove it"
    path = f"course/lessons/{assignment.lesson}/graded.toml"
    if any(item.pool == "graded" for item in course.lesson(assignment.lesson).items):
        return f"form {course.form} asks what has half = {half}: give that to half of the questions in {path}"
    return f"write questions with half = {half} in {path}, or remove the assignment"


def _has_check(course: Course, slug: str) -> bool:
    """Return whether a lesson has an assignment of its own."""
    return any(assignment.lesson == slug for assignment in course.assignments)


def _entry(slug: str) -> str:
    """Return the entry that a lesson's check needs."""
    return f'an [[assignment]] with lesson = "{slug}"'
