"""The course text behind an assignment, read only for instructors: rationales, rubrics, titles."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from course.bank import load_course
from course.model import Item, Prompt, Rubric
from course.reading import CourseError


@dataclass(frozen=True)
class Bank:
    """What feedback may say beyond the released notebook, by id; all empty without a readable course."""

    items: Mapping[str, Item] = field(default_factory=dict)
    prompts: Mapping[str, Prompt] = field(default_factory=dict)
    rubrics: Mapping[str, Rubric] = field(default_factory=dict)
    titles: Mapping[str, str] = field(default_factory=dict)
    course: str = ""
    contact: str = "your instructor"
    language: str = "en"


def read_bank(root: Path) -> Bank:
    """Return the graded bank of the course in `root`.

    A hand-made assignment, or a course text with an error, must not keep anyone from grading: then the bank
    is empty.
    """
    if not (root / "course" / "course.toml").is_file():
        return Bank()
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
    )
