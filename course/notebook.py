"""The course model to notebooks: plain nbformat 4.5 dictionaries, the same bytes each time."""

import hashlib
import json
import re
from collections.abc import Sequence
from typing import Any

from course.lesson_text import BOXES
from course.model import Assignment, Box, Course, Item, Lesson, Prompt, Prose, Scenario, Slot
from course.setup_data import STUB, review_data, scenario_data, setup_data, writing_rule

Cell = dict[str, Any]
Notebook = dict[str, Any]

HOW_TO_START = (
    "**Start here:** in the menu at the top, choose **Run ▸ Run All Cells**. "
    "Your answers are saved in this notebook as you give them."
)
NO_CHOICES = "*No answer choices below? Choose **Run ▸ Run All Cells** in the menu at the top.*"
NO_BOX = "*No box to write in below? Choose **Run ▸ Run All Cells** in the menu at the top.*"

HAND_IN = (
    "## Hand it in\n\n"
    "1. Choose **Validate** at the top. It names every question that has no answer yet.\n"
    "2. Choose **File ▸ Save Notebook**.\n"
    "3. Choose **Nbgrader ▸ Assignment List**, then **Submit**. Or hand in the file the way you were told."
)

SIGNS = {
    "good": "✓",
    "bad": "✗",
    "scene": "▸",
    "argued": "❝",
    "research": "≡",
    "policy": "⚑",
    "key-points": "★",
}
"""The sign before a box's title, so that a good and a bad model differ without colour."""

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
LOCKED = {"deletable": False, "editable": False}
HIDDEN = {"jupyter": {"source_hidden": True}}


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
        _markdown("title", _opening(lesson)),
        _setup(lesson.slug, {**setup_data(course, lesson.slug, items, prompts, graded=False), **more}),
    ]
    names = _Names()
    number = 0
    for part in lesson.parts:
        if isinstance(part, Prose):
            cells.append(_markdown(names.take(part.text), part.text, LOCKED))
        elif isinstance(part, Box):
            if part.name != "instructor":
                cells.append(_markdown(names.take(f"{part.name} {part.title}"), _box(part), LOCKED))
        elif part.verb == "ask":
            number += 1
            cells.extend(_question(questions[part.target], f"Question {number}"))
        elif part.verb == "reflect":
            cells.extend(_reflection(questions[part.target], graded=False))
        elif part.verb == "scenario" and lesson.scenario:
            cells.extend(_scenario(lesson.scenario))
        elif part.verb == "review":
            cells.extend(_review(lesson))
    words = [term for term in course.glossary if term.lesson == lesson.slug]
    if words:
        listed = "\n".join(
            f"- **{term.term}**: {term.meaning}" for term in sorted(words, key=lambda t: t.term.lower())
        )
        cells.append(_markdown("words-to-know", f"## Words to know\n\n{listed}", LOCKED))
    return _notebook(cells, f"course/lessons/{lesson.slug}")


def assignment_notebook(course: Course, assignment: Assignment) -> Notebook:
    """Return the instructor's source notebook of an assignment, with keys in hidden tests."""
    items, prompts = course.assigned_items(assignment), course.assigned_prompts(assignment)
    cells = [
        _markdown("title", _assignment_opening(course, assignment, items, prompts)),
        _setup(assignment.id, setup_data(course, assignment.id, items, prompts, graded=True), graded=True),
    ]
    for number, item in enumerate(items, 1):
        cells.extend(_question(item, f"Question {number}"))
    for prompt in prompts:
        cells.extend(_reflection(prompt, graded=True))
    cells.append(
        _markdown(
            "for-the-grader",
            "## For grading\n\nYou have nothing to do here. When your work is graded, the cells folded away "
            "below count your points.",
            {**LOCKED, "jp-MarkdownHeadingCollapsed": True},
        )
    )
    cells.extend(_grade_cell(number, item) for number, item in enumerate(items, 1))
    cells.extend(_length_cell(prompt) for prompt in prompts if prompt.by_length)
    # Run All ends at the last cell and unfolds what it is in, so a cell of its own keeps the fold closed.
    cells.append(_markdown("hand-in", HAND_IN, LOCKED))
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
    return (
        f"# {assignment.title}\n\n{HOW_TO_START}\n\n"
        f"{' and '.join(parts)}, {points:g} points. There is no time limit. "
        "You can change an answer until you submit. "
        "The notebook records what you chose; it does not say whether it is right. "
        f"Your result comes with the feedback. Questions? Ask {course.contact}."
    )


def _box(box: Box) -> str:
    """Return a box as a quotation whose first line names it in words and sign.

    JupyterLab's coloured alerts fall short of 4.5:1 contrast in its dark theme; a quotation is fine in all.
    """
    name = BOXES[box.name]
    title = name if box.title == name else f"{name}: {box.title}"
    text = f"**{SIGNS[box.name]} {title}**\n\n{box.text}"
    return "\n".join(f"> {line}".rstrip() for line in text.split("\n"))


def _question(item: Any, heading: str) -> list[Cell]:
    """Return the stem cell and the quiz cell of an item."""
    source = f'from course import ask\nask("{item.id}", answer=None)'
    return [
        _markdown(
            f"stem-{item.id}",
            f"**{heading}**\n\n{item.question}\n\n{NO_CHOICES}",
            {**LOCKED, "course": {"stem": item.id}},
        ),
        _code(f"ask-{item.id}", source, {**LOCKED, **HIDDEN, "course": {"item": item.id}}),
    ]


def _reflection(prompt: Any, *, graded: bool) -> list[Cell]:
    """Return the prompt's text, its widget and the Markdown cell that holds the answer.

    nbgrader leaves every marked Markdown cell to a person, so one that earns by its length has no mark of
    nbgrader's: its points are in a grade cell.
    """
    answer: dict[str, Any] = {"course": {"prompt": prompt.id}, "deletable": False}
    if graded and not prompt.by_length:
        answer["nbgrader"] = _nbgrader(prompt.id, grade=True, solution=True, points=prompt.points)
    return [
        _markdown(
            f"prompt-{prompt.id}",
            f"**Your turn to write.** {writing_rule(prompt)}\n\n{prompt.text}\n\n{NO_BOX}",
            {**LOCKED, "course": {"ask": prompt.id}},
        ),
        _code(
            f"reflect-{prompt.id}",
            f'from course import reflect\nreflect("{prompt.id}")',
            {**LOCKED, **HIDDEN, "course": {"reflect": prompt.id}},
        ),
        _markdown(f"answer-{prompt.id}", STUB, answer),
    ]


def _scenario(scenario: Scenario) -> list[Cell]:
    """Return the title and the widget cell of a scenario."""
    return [
        _markdown(
            f"stem-{scenario.id}",
            f"### {scenario.title}\n\n{scenario.intro}\n\n{NO_CHOICES}",
            {**LOCKED, "course": {"stem": scenario.id}},
        ),
        _code(
            f"scenario-{scenario.id}",
            f'from course import scenario\nscenario("{scenario.id}", answer=None)',
            {**LOCKED, **HIDDEN, "course": {"scenario": scenario.id}},
        ),
    ]


def _review(lesson: Lesson) -> list[Cell]:
    """Return the line above the review and its widget cell."""
    id_ = f"{lesson.slug}-draw"
    return [
        _markdown(f"stem-{id_}", NO_CHOICES, {**LOCKED, "course": {"stem": id_}}),
        _code(
            f"review-{id_}",
            f'from course import review\nreview("{id_}", answer=None)',
            {**LOCKED, **HIDDEN, "course": {"review": id_}},
        ),
    ]


def _setup(name: str, data: dict[str, Any], *, graded: bool = False) -> Cell:
    """Return the collapsed, locked cell that holds the questions as data."""
    text = json.dumps(data, ensure_ascii=False, indent=1)
    metadata: dict[str, Any] = {**LOCKED, **HIDDEN, "course": {"setup": name}}
    if graded:
        metadata["nbgrader"] = _nbgrader("setup", locked=True)
    return _code("setup", f"from course import setup\n\nsetup({text})", metadata)


def _grade_cell(number: int, item: Item) -> Cell:
    """Return the locked nbgrader cell that carries an item's points; key and credit are hidden tests."""
    options, key = json.dumps([option.id for option in item.options]), json.dumps(list(item.key))
    points = _number(item.points)
    source = (
        f"# Question {number}: for grading, nothing to do here\n"
        f'from course import recorded\nanswer = recorded("{item.id}")\n'
        "### BEGIN HIDDEN TESTS\n"
        "from course.scoring import score\n"
        f'score("{item.credit}", points={points!r}, options={options}, key={key}, answer=answer)\n'
        "### END HIDDEN TESTS"
    )
    return _code(f"grade-{item.id}", source, _graded(item.id, item.points))


def _length_cell(prompt: Prompt) -> Cell:
    """Return the locked nbgrader cell that carries the points of a prompt whose length earns them."""
    points = _number(prompt.points)
    source = (
        "# Your text: for grading, nothing to do here\n"
        f'from course import written\nwords = written("{prompt.id}")\n'
        "### BEGIN HIDDEN TESTS\n"
        "from course.scoring import completion\n"
        f"completion(words, least={prompt.words[0]}, points={points!r})\n"
        "### END HIDDEN TESTS"
    )
    return _code(f"grade-{prompt.id}", source, _graded(f"{prompt.id}-written", prompt.points))


def _graded(grade_id: str, points: float) -> dict[str, Any]:
    """Return the metadata of a grade cell."""
    return {
        **LOCKED,
        **HIDDEN,
        "nbgrader": _nbgrader(grade_id, grade=True, locked=True, points=points),
        # An unanswered question raises while nbgrader runs the cells, and must not keep it from the others.
        "tags": ["raises-exception"],
    }


def _nbgrader(
    grade_id: str,
    *,
    grade: bool = False,
    solution: bool = False,
    locked: bool = False,
    points: float | None = None,
) -> dict[str, Any]:
    """Return nbgrader's cell metadata, schema 3."""
    metadata: dict[str, Any] = {
        "grade": grade,
        "grade_id": grade_id,
        "locked": locked,
        "schema_version": 3,
        "solution": solution,
        "task": False,
    }
    if points is not None:
        metadata["points"] = _number(points)
    return metadata


def _number(points: float) -> float:
    """Return whole points as an int, so that 2 is written as 2 and every other value in full."""
    return int(points) if points == int(points) else points


class _Names:
    """Gives prose cells ids from their first words, so that an edit elsewhere leaves them alone."""

    def __init__(self) -> None:
        self.used: set[str] = set()

    def take(self, text: str) -> str:
        first = next((line for line in text.splitlines() if line.strip()), "text")
        slug = "-".join(re.findall(r"[a-z0-9]+", first.lower()))[:40].strip("-") or "text"
        name, number = slug, 1
        while name in self.used:
            number += 1
            name = f"{slug}-{number}"
        self.used.add(name)
        return name


def _markdown(id_: str, source: str, metadata: dict[str, Any] | None = None) -> Cell:
    """Return a Markdown cell."""
    return {
        "cell_type": "markdown",
        "id": id_[:64],
        "metadata": dict(metadata or LOCKED),
        "source": _lines(source),
    }


def _code(id_: str, source: str, metadata: dict[str, Any]) -> Cell:
    """Return a code cell that has not been run."""
    return {
        "cell_type": "code",
        "execution_count": None,
        "id": id_[:64],
        "metadata": metadata,
        "outputs": [],
        "source": _lines(source),
    }


def _lines(source: str) -> list[str]:
    """Return the source as nbformat stores it: lines that keep their line ends."""
    return source.splitlines(keepends=True)


def _notebook(cells: list[Cell], built_from: str) -> Notebook:
    """Return a stamped notebook."""
    return {
        "cells": cells,
        "metadata": {**METADATA, "course": {"built_from": built_from}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
