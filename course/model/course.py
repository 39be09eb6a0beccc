"""The whole course as a value: lessons in teaching order, and who is asked what in which assignment."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from course.model.background import Claim, Misconception, Term
from course.model.lesson import Lesson
from course.model.questions import Item, Place, Pool, Prompt, Rubric

SETTINGS = Place("course/course.toml")
"""Where what concerns the whole course is listed."""


@dataclass(frozen=True)
class Assignment:
    """What is released, collected and graded; `lesson` is None for the final, and where `anchors` is set.

    One with `anchors` is given before the course. It asks the anchor items of the final and nothing else,
    and it does not count: beside the final, it shows how far the class has come. `pass_mark` is in questions
    right, `pass_mark_set` says who set it, how and when.
    """

    id: str
    title: str
    lesson: str | None
    place: Place = SETTINGS
    anchors: bool = False
    pass_mark: float | None = None
    pass_mark_set: str = ""


@dataclass(frozen=True)
class Course:
    """The whole course, in teaching order."""

    title: str
    contact: str
    language: str
    form: Literal["A", "B"]
    seed: int
    lessons: tuple[Lesson, ...]
    assignments: tuple[Assignment, ...]
    misconceptions: tuple[Misconception, ...]
    glossary: tuple[Term, ...]
    claims: tuple[Claim, ...]
    rubrics: tuple[Rubric, ...]

    def items(self, pool: Pool | None = None) -> Iterator[Item]:
        """Yield the items of all lessons in order, of one pool if it is named."""
        for lesson in self.lessons:
            for item in lesson.items:
                if pool in (None, item.pool):
                    yield item

    def lesson(self, slug: str) -> Lesson:
        """Return the lesson with that slug; KeyError where there is none."""
        for lesson in self.lessons:
            if lesson.slug == slug:
                return lesson
        raise KeyError(slug)

    def assigned_items(self, assignment: Assignment) -> tuple[Item, ...]:
        """Return the graded items of an assignment under the class's form.

        Form A puts half 1 of each lesson into its check and half 2 into the final; form B the reverse. One
        with `anchors` asks what the final asks and is tagged as an anchor.
        """
        in_check = 1 if self.form == "A" else 2
        return tuple(
            item
            for item in self.items("graded")
            if (item.half == in_check and item.lesson == assignment.lesson)
            or (
                item.half != in_check
                and assignment.lesson is None
                and (item.anchor or not assignment.anchors)
            )
        )

    def assigned_prompts(self, assignment: Assignment) -> tuple[Prompt, ...]:
        """Return the graded prompts of an assignment: those naming it, else those of its lesson."""
        return tuple(
            prompt
            for lesson in self.lessons
            for prompt in lesson.prompts
            if prompt.pool == "graded"
            and (
                prompt.assignment == assignment.id
                or (not prompt.assignment and lesson.slug == assignment.lesson)
            )
        )
