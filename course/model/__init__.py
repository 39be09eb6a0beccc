"""The course as values: frozen records without any reading, writing or widgets."""

from course.model.background import CLAIM_ID, Claim, Misconception, Term
from course.model.course import SETTINGS, Assignment, Course
from course.model.lesson import Box, Lesson, Part, Prose, Slot
from course.model.questions import ANCHOR, BLOOM, Criterion, Item, Kind, Option, Place, Pool, Prompt, Rubric
from course.model.scenario import Choice, Ending, Model, Node, Scenario

__all__ = [
    "ANCHOR",
    "BLOOM",
    "CLAIM_ID",
    "SETTINGS",
    "Assignment",
    "Box",
    "Choice",
    "Claim",
    "Course",
    "Criterion",
    "Ending",
    "Item",
    "Kind",
    "Lesson",
    "Misconception",
    "Model",
    "Node",
    "Option",
    "Part",
    "Place",
    "Pool",
    "Prompt",
    "Prose",
    "Rubric",
    "Scenario",
    "Slot",
    "Term",
]
