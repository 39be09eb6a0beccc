"""A-01 and A-02: assignments that ask nothing, and graded questions that no assignment asks."""

from collections.abc import Iterator

from course.lint.rules import Finding
from course.model import Assignment, Course, Item, Place, Prompt


def assignment_findings(course: Course) -> Iterator[Finding]:
    """Yield what would be left out of the built assignments without a word."""
    for assignment in course.assignments:
        if not course.assigned_items(assignment) and not course.assigned_prompts(assignment):
            what = f"'{assignment.id}' asks nothing, so no notebook is made for it"
            yield Finding(assignment.place, "A-01", "W", what, _remedy(course, assignment))
    asked = {item.id for one in course.assignments for item in course.assigned_items(one)}
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


def _remedy(course: Course, assignment: Assignment) -> str:
    """Return what to do about an assignment that asks nothing."""
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
