"""The course text behind an assignment, read only for instructors: rationales, rubrics, goals, lessons."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from course.model import Box, Item, Lesson, Misconception, Prompt, Prose, Rubric, Slot


@dataclass(frozen=True)
class LessonGuide:
    """Where to look in a lesson; `objectives` go by id, `sections` are headings by the claim taught there.

    `minutes` is how long the lesson is planned for, `practice` counts practice questions by objective.
    """

    title: str
    objectives: Mapping[str, str] = field(default_factory=dict)
    sections: Mapping[str, str] = field(default_factory=dict)
    minutes: int = 0
    practice: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Bank:
    """What feedback may say beyond the released notebook, by id; all empty without a readable course.

    `lesson_of` holds the lesson of each assignment that is about one, `anchors` the assignments that are
    given before the course and ask what the final asks again, `pass_marks` the pass mark of an assignment in
    questions right with the words on how it was set, `review` the title of the lesson for spaced
    review.
    """

    items: Mapping[str, Item] = field(default_factory=dict)
    prompts: Mapping[str, Prompt] = field(default_factory=dict)
    rubrics: Mapping[str, Rubric] = field(default_factory=dict)
    titles: Mapping[str, str] = field(default_factory=dict)
    course: str = ""
    contact: str = "your instructor"
    language: str = "en"
    form: str = ""
    misconceptions: Mapping[str, Misconception] = field(default_factory=dict)
    lessons: Mapping[str, LessonGuide] = field(default_factory=dict)
    lesson_of: Mapping[str, str] = field(default_factory=dict)
    anchors: frozenset[str] = frozenset()
    pass_marks: Mapping[str, tuple[float, str]] = field(default_factory=dict)
    review: str = ""

    def goals(self, assignment: str) -> dict[str, str]:
        """Return the goals that an assignment may ask for, by id: its lesson's, or those of all lessons."""
        lesson = self.lesson_of.get(assignment, "")
        guides = [self.lessons[lesson]] if lesson in self.lessons else list(self.lessons.values())
        return {id_: text for guide in guides for id_, text in guide.objectives.items()}


def read_bank(root: Path) -> Bank:
    """Return the graded bank of the course in `root`.

    A hand-made assignment, or a course text with an error, must not keep anyone from grading: then the bank
    is empty.
    """
    if not (root / "course" / "course.toml").is_file():
        return Bank()
    # Reading course text takes a library that is slow to start, and most commands read none.
    from course.bank import load_course
    from course.reading import CourseError

    try:
        course = load_course(root)
    except CourseError:
        return Bank()
    return Bank(
        items={item.id: item for item in course.items("graded")},
        prompts={prompt.id: prompt for lesson in course.lessons for prompt in lesson.prompts},
        rubrics={rubric.id: rubric for rubric in course.rubrics},
        titles={assignment.id: assignment.title for assignment in course.assignments},
        course=course.title,
        contact=course.contact,
        language=course.language,
        form=course.form,
        misconceptions={one.id: one for one in course.misconceptions},
        lessons={lesson.slug: _guide(lesson) for lesson in course.lessons},
        lesson_of={one.id: one.lesson for one in course.assignments if one.lesson},
        anchors=frozenset(one.id for one in course.assignments if one.anchors),
        pass_marks={
            one.id: (one.pass_mark, one.pass_mark_set)
            for one in course.assignments
            if one.pass_mark is not None
        },
        review=next((lesson.title for lesson in course.lessons if _is_review(lesson)), ""),
    )


def _guide(lesson: Lesson) -> LessonGuide:
    """Return where to look in a lesson for what."""
    # A heading always begins a part, so that its line is known.
    headings = [
        (part.line, part.text.partition("\n")[0].removeprefix("## ").strip())
        for part in lesson.parts
        if isinstance(part, Prose) and part.text.startswith("## ")
    ]
    repeated = [part.line for part in lesson.parts if isinstance(part, Box) and part.name == "key-points"]
    begins = [part.line for part in lesson.parts]
    sections = {}
    for claim, line in lesson.tagged.items():
        above = [heading for at, heading in headings if at <= line]
        # What first stands among the key points is repeated there, not taught.
        if above and max((at for at in begins if at <= line), default=0) not in repeated:
            sections[claim] = above[-1]
    practice = Counter(item.objective for item in lesson.items if item.pool == "practice")
    return LessonGuide(lesson.title, lesson.objectives, sections, lesson.minutes, practice)


def _is_review(lesson: Lesson) -> bool:
    """Return whether a lesson draws questions for spaced review."""
    return any(isinstance(part, Slot) and part.verb == "review" for part in lesson.parts)
