"""The bank's own words about the items of an assignment: rationales and keys, read only for instructors."""

from pathlib import Path

from course.bank import load_course
from course.model import Item
from course.reading import CourseError


def bank_items(root: Path) -> dict[str, Item]:
    """Return the graded items of the course in `root` by id; empty where there is no readable course.

    A hand-made assignment, or a course text with an error, must not keep anyone from grading.
    """
    if not (root / "course" / "course.toml").is_file():
        return {}
    try:
        course = load_course(root)
    except CourseError:
        return {}
    return {item.id: item for item in course.items("graded")}
