"""The cells of a notebook, as nbformat 4.5 dictionaries: prose, questions, texts, and what grades them."""

import json
import re
from typing import Any

from course.lesson_text import BOXES
from course.model import Box, Item, Lesson, Prompt, Scenario
from course.setup_data import STUB, writing_rule

Cell = dict[str, Any]

NO_CHOICES = "*No answer choices below? Choose **Run ▸ Run All Cells** in the menu at the top.*"
NO_BOX = "*No box to write in below? Choose **Run ▸ Run All Cells** in the menu at the top.*"

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

LOCKED = {"deletable": False, "editable": False}
HIDDEN = {"jupyter": {"source_hidden": True}}


def box_text(box: Box) -> str:
    """Return a box as a quotation whose first line names it in words and sign.

    JupyterLab's coloured alerts fall short of 4.5:1 contrast in its dark theme; a quotation is fine in all.
    """
    name = BOXES[box.name]
    title = name if box.title == name else f"{name}: {box.title}"
    text = f"**{SIGNS[box.name]} {title}**\n\n{box.text}"
    return "\n".join(f"> {line}".rstrip() for line in text.split("\n"))


def question_cells(item: Any, heading: str) -> list[Cell]:
    """Return the stem cell and the quiz cell of an item."""
    source = f'from course import ask\nask("{item.id}", answer=None)'
    return [
        markdown_cell(
            f"stem-{item.id}",
            f"**{heading}**\n\n{item.question}\n\n{NO_CHOICES}",
            {**LOCKED, "course": {"stem": item.id}},
        ),
        code_cell(f"ask-{item.id}", source, {**LOCKED, **HIDDEN, "course": {"item": item.id}}),
    ]


def reflection_cells(prompt: Any, *, graded: bool) -> list[Cell]:
    """Return the prompt's text, its widget and the Markdown cell that holds the answer.

    nbgrader leaves every marked Markdown cell to a person, so one that earns by its length has no mark of
    nbgrader's: its points are in a grade cell.
    """
    answer: dict[str, Any] = {"course": {"prompt": prompt.id}, "deletable": False}
    if graded and not prompt.by_length:
        answer["nbgrader"] = _nbgrader(prompt.id, grade=True, solution=True, points=prompt.points)
    return [
        markdown_cell(
            f"prompt-{prompt.id}",
            f"**Your turn to write.** {writing_rule(prompt)}\n\n{prompt.text}\n\n{NO_BOX}",
            {**LOCKED, "course": {"ask": prompt.id}},
        ),
        code_cell(
            f"reflect-{prompt.id}",
            f'from course import reflect\nreflect("{prompt.id}")',
            {**LOCKED, **HIDDEN, "course": {"reflect": prompt.id}},
        ),
        markdown_cell(f"answer-{prompt.id}", STUB, answer),
    ]


def scenario_cells(scenario: Scenario) -> list[Cell]:
    """Return the title and the widget cell of a scenario."""
    return [
        markdown_cell(
            f"stem-{scenario.id}",
            f"### {scenario.title}\n\n{scenario.intro}\n\n{NO_CHOICES}",
            {**LOCKED, "course": {"stem": scenario.id}},
        ),
        code_cell(
            f"scenario-{scenario.id}",
            f'from course import scenario\nscenario("{scenario.id}", answer=None)',
            {**LOCKED, **HIDDEN, "course": {"scenario": scenario.id}},
        ),
    ]


def review_cells(lesson: Lesson) -> list[Cell]:
    """Return the line above the review and its widget cell."""
    id_ = f"{lesson.slug}-draw"
    return [
        markdown_cell(f"stem-{id_}", NO_CHOICES, {**LOCKED, "course": {"stem": id_}}),
        code_cell(
            f"review-{id_}",
            f'from course import review\nreview("{id_}", answer=None)',
            {**LOCKED, **HIDDEN, "course": {"review": id_}},
        ),
    ]


def setup_cell(name: str, data: dict[str, Any], *, graded: bool = False) -> Cell:
    """Return the collapsed, locked cell that holds the questions as data."""
    text = json.dumps(data, ensure_ascii=False, indent=1)
    metadata: dict[str, Any] = {**LOCKED, **HIDDEN, "course": {"setup": name}}
    if graded:
        metadata["nbgrader"] = _nbgrader("setup", locked=True)
    return code_cell("setup", f"from course import setup\n\nsetup({text})", metadata)


def grade_cell(number: int, item: Item) -> Cell:
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
    return code_cell(f"grade-{item.id}", source, _graded(item.id, item.points))


def length_cell(prompt: Prompt) -> Cell:
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
    return code_cell(f"grade-{prompt.id}", source, _graded(f"{prompt.id}-written", prompt.points))


class CellIds:
    """Gives prose cells ids from their first words, so that an edit elsewhere leaves them alone."""

    def __init__(self) -> None:
        self.used: set[str] = set()

    def take(self, text: str) -> str:
        """Return an id that no earlier cell has."""
        first = next((line for line in text.splitlines() if line.strip()), "text")
        slug = "-".join(re.findall(r"[a-z0-9]+", first.lower()))[:40].strip("-") or "text"
        name, number = slug, 1
        while name in self.used:
            number += 1
            name = f"{slug}-{number}"
        self.used.add(name)
        return name


def markdown_cell(id_: str, source: str, metadata: dict[str, Any] | None = None) -> Cell:
    """Return a Markdown cell."""
    return {
        "cell_type": "markdown",
        "id": id_[:64],
        "metadata": dict(metadata or LOCKED),
        "source": _lines(source),
    }


def code_cell(id_: str, source: str, metadata: dict[str, Any]) -> Cell:
    """Return a code cell that has not been run."""
    return {
        "cell_type": "code",
        "execution_count": None,
        "id": id_[:64],
        "metadata": metadata,
        "outputs": [],
        "source": _lines(source),
    }


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


def _lines(source: str) -> list[str]:
    """Return the source as nbformat stores it: lines that keep their line ends."""
    return source.splitlines(keepends=True)
