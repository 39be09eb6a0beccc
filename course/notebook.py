"""The course model to notebooks: plain nbformat 4.5 dictionaries, the same bytes each time."""

import hashlib
import json
from collections.abc import Sequence
from typing import Any

from course.cells import (
    LOCKED,
    Cell,
    CellIds,
    box_text,
    grade_cell,
    length_cell,
    markdown_cell,
    question_cells,
    reflection_cells,
    review_cells,
    scenario_cells,
    setup_cell,
)
from course.model import Assignment, Box, Course, Item, Lesson, Prompt, Prose, Slot
from course.setup_data import STARTING_POINT, review_data, scenario_data, setup_data

Notebook = dict[str, Any]

HOW_TO_START = (
    "**Start here:** in the menu at the top, choose **Run ▸ Run All Cells**. "
    "The page then jumps to its end: scroll back up and begin. "
    "Your answers are saved in this notebook as you give them."
)
HAND_IN = (
    "## Hand it in\n\n"
    "1. Choose **Validate** at the top. It names every question that has no answer yet.\n"
    "2. Choose **File ▸ Save Notebook**.\n"
    "3. Choose **Nbgrader ▸ Assignment List** and press **Submit**. In a class with a learning platform, "
    "choose **File ▸ Download** and upload the file there. Do not change its name."
)

# JupyterLab marks a notebook as changed when these differ from the kernel's own, so all keys are given.
METADATA = {
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
    "language_info": {
        "codemirror_mode": {"name": "ipython", "version": 3},
        "file_extension": ".py",
        "mimetype": "text/x-python",
        "name": "python",
        "nbconvert_exporter": "python",
        "pygments_lexer": "ipython3",
        "version": "3.11.7",
    },
}


def lesson_notebook(course: Course, lesson: Lesson) -> Notebook:
    """Return the instructional notebook of a lesson: prose with practice questions in place."""
    questions: dict[str, Item | Prompt] = {}
    for one in course.lessons:
        questions.update({item.id: item for item in one.items})
        questions.update({prompt.id: prompt for prompt in one.prompts})
    placed: list[Item | Prompt] = [
        questions[part.target] for part in lesson.parts if isinstance(part, Slot) and part.target in questions
    ]
    items = [question for question in placed if isinstance(question, Item)]
    prompts = [question for question in placed if isinstance(question, Prompt)]
    more: dict[str, Any] = {}
    for part in lesson.parts:
        if isinstance(part, Slot) and part.verb == "scenario" and lesson.scenario:
            more["scenarios"] = [scenario_data(lesson.scenario)]
        elif isinstance(part, Slot) and part.verb == "review":
            more["reviews"] = [review_data(course, lesson, int(part.target))]
    cells = [
        markdown_cell("title", _opening(lesson)),
        setup_cell(lesson.slug, {**setup_data(course, lesson.slug, items, prompts, graded=False), **more}),
    ]
    names = CellIds()
    number = 0
    for part in lesson.parts:
        if isinstance(part, Prose):
            cells.append(markdown_cell(names.take(part.text), part.text, LOCKED))
        elif isinstance(part, Box):
            if part.name != "instructor":
                cells.append(markdown_cell(names.take(f"{part.name} {part.title}"), box_text(part), LOCKED))
        elif part.verb == "ask":
            number += 1
            cells.extend(question_cells(questions[part.target], f"Question {number}"))
        elif part.verb == "reflect":
            cells.extend(reflection_cells(questions[part.target], graded=False))
        elif part.verb == "scenario" and lesson.scenario:
            cells.extend(scenario_cells(lesson.scenario))
        elif part.verb == "review":
            cells.extend(review_cells(lesson))
    words = [term for term in course.glossary if term.lesson == lesson.slug]
    if words:
        listed = "\n".join(
            f"- **{term.term}**: {term.meaning}" for term in sorted(words, key=lambda t: t.term.lower())
        )
        cells.append(markdown_cell("words-to-know", f"## Words to know\n\n{listed}", LOCKED))
    return _notebook(cells, f"course/lessons/{lesson.slug}")


def assignment_notebook(course: Course, assignment: Assignment) -> Notebook:
    """Return the instructor's source notebook of an assignment, with keys in hidden tests."""
    items, prompts = course.assigned_items(assignment), course.assigned_prompts(assignment)
    data = setup_data(course, assignment.id, items, prompts, graded=True, anchors=assignment.anchors)
    cells = [
        markdown_cell("title", _assignment_opening(course, assignment, items, prompts)),
        setup_cell(assignment.id, data, graded=True),
    ]
    for number, item in enumerate(items, 1):
        cells.extend(question_cells(item, f"Question {number}"))
    for prompt in prompts:
        cells.extend(reflection_cells(prompt, graded=True))
    cells.append(
        markdown_cell(
            "for-the-grader",
            "## For grading\n\nYou have nothing to do here. When your work is graded, the cells folded away "
            f"below count your {'right answers' if assignment.anchors else 'points'}.",
            {**LOCKED, "jp-MarkdownHeadingCollapsed": True},
        )
    )
    cells.extend(grade_cell(number, item) for number, item in enumerate(items, 1))
    cells.extend(length_cell(prompt) for prompt in prompts if prompt.by_length)
    # Run All ends at the last cell and unfolds what it is in, so a cell of its own keeps the fold closed.
    cells.append(markdown_cell("hand-in", HAND_IN, LOCKED))
    return _notebook(cells, f"course/lessons, assignment {assignment.id}, form {course.form}")


def dumps(notebook: Notebook) -> str:
    """Return the notebook's file text: sorted keys, one-space indent, final line feed, as nbformat does."""
    return json.dumps(notebook, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def stamped(notebook: Notebook, path: str) -> Notebook:
    """Return the notebook with its own path and a digest of its content in the stamp.

    They tell a file that `course build` wrote from a copy of it, or from one that somebody went on to edit.
    """
    stamp = {**notebook["metadata"]["course"], "path": path}
    marked = {**notebook, "metadata": {**notebook["metadata"], "course": stamp}}
    return {**marked, "metadata": {**marked["metadata"], "course": {**stamp, "sha256": _digest(marked)}}}


def is_generated(notebook: Any) -> bool:
    """Return whether a parsed notebook carries the stamp of `course build`."""
    return "built_from" in _stamp(notebook)


def is_untouched(notebook: Any, path: str) -> bool:
    """Return whether a parsed notebook is, at this path, just what `course build` once wrote."""
    stamp = _stamp(notebook)
    if stamp.get("path") != path or "sha256" not in stamp:
        return False
    bare = {name: value for name, value in stamp.items() if name != "sha256"}
    before = {**notebook, "metadata": {**notebook["metadata"], "course": bare}}
    return bool(stamp["sha256"] == _digest(before))


def _stamp(notebook: Any) -> dict[str, Any]:
    """Return the stamp of a parsed notebook; empty where it has none."""
    metadata = notebook.get("metadata") if isinstance(notebook, dict) else None
    stamp = metadata.get("course") if isinstance(metadata, dict) else None
    return stamp if isinstance(stamp, dict) else {}


def _digest(notebook: Notebook) -> str:
    """Return the SHA-256 of a notebook's file text."""
    return hashlib.sha256(dumps(notebook).encode("utf-8")).hexdigest()


def _opening(lesson: Lesson) -> str:
    """Return the first cell of a lesson."""
    text = f"# {lesson.title}\n\n{HOW_TO_START}"
    if lesson.objectives:
        goals = "\n".join(f"- {goal}" for goal in lesson.objectives.values())
        text += f"\n\n**After this lesson you can:**\n\n{goals}"
    return text


def _assignment_opening(
    course: Course, assignment: Assignment, items: Sequence[Item], prompts: Sequence[Prompt]
) -> str:
    """Return the first cell of an assignment."""
    points = sum(item.points for item in items) + sum(prompt.points for prompt in prompts)
    parts = [f"{len(items)} questions"]
    if prompts:
        parts.append(f"{len(prompts)} reflection{'s' if len(prompts) > 1 else ''}")
    what = f"{' and '.join(parts)}, {points:g} points. "
    if assignment.anchors:
        what = f"{parts[0]}. {STARTING_POINT}\n\n"
    return (
        f"# {assignment.title}\n\n{HOW_TO_START}\n\n"
        f"{what}There is no time limit. "
        "You can change an answer until you submit. "
        "The notebook records what you chose; it does not say whether it is right. "
        f"Your result comes with the feedback. Questions? Ask {course.contact}."
    )


def _notebook(cells: list[Cell], built_from: str) -> Notebook:
    """Return a stamped notebook."""
    return {
        "cells": cells,
        "metadata": {**METADATA, "course": {"built_from": built_from}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
