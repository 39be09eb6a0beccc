"""A small notebook with every kind of widget, as plain JSON."""

import json
import sys
from typing import Any

STUB = "(Your text appears here while you write in the box above.)"
SETUP = {
    "notebook": "sample",
    "seed": 11,
    "graded": 0,
    "items": [
        {
            "id": "sample-gate",
            "kind": "single",
            "vignette": "A visitor waits at the gate. It rains.",
            "stem": "What should you do **first**?",
            "rule": "Choose one answer.",
            "options": [
                ["a", "Greet the visitor."],
                ["b", "Ask for `ID` <b>now</b>."],
                ["c", "Wait in silence until the visitor speaks, and look at the list of people who are "
                      "expected at this entrance today before you say anything at all."],
            ],
            "key": ["a"],
            "rationales": {
                "a": "A greeting tells the visitor that you have seen them.",
                "b": "Asking for papers comes later.",
                "c": "Silence makes people uneasy.",
            },
        },
        {
            "id": "sample-signs",
            "kind": "multiple",
            "stem": "Which signs show that you listen?",
            "rule": "Choose all that apply.",
            "options": [["a", "You nod."], ["b", "You look away."], ["c", "You repeat the main point."]],
            "key": ["a", "c"],
            "rationales": {"a": "It shows attention.", "b": "It shows the reverse.", "c": "It proves it."},
        },
        {
            "id": "sample-graded",
            "kind": "single",
            "stem": "Who decides on entry?",
            "rule": "Choose one answer. 2 points.",
            "options": [["a", "The visitor"], ["b", "The site policy"], ["c", "The weather"]],
        },
    ],
    "prompts": [
        {"id": "sample-shift", "text": "Think of a busy shift. What would you do differently?",
         "words": [3, 6], "stub": STUB}
    ],
}  # fmt: skip

LOCKED = {"deletable": False, "editable": False, "jupyter": {"source_hidden": True}}


def code(cell_id: str, source: str, **metadata: Any) -> dict[str, Any]:
    """Return a code cell that has not run."""
    return {"cell_type": "code", "id": cell_id, "source": source, "metadata": metadata,
            "execution_count": None, "outputs": []}  # fmt: skip


def markdown(cell_id: str, source: str, **metadata: Any) -> dict[str, Any]:
    """Return a Markdown cell."""
    return {"cell_type": "markdown", "id": cell_id, "source": source, "metadata": metadata}


def question(item_id: str, answer: str = "None") -> dict[str, Any]:
    """Return the quiz cell of an item; the cell id is the item id."""
    source = f'from course import ask\n\nask("{item_id}", answer={answer})'
    return code(item_id, source, course={"item": item_id}, **LOCKED)


def sample_notebook(*extra: dict[str, Any]) -> dict[str, Any]:
    """Return the whole notebook; `extra` cells follow at its end."""
    data = json.dumps(SETUP, indent=1)
    items = SETUP["items"]
    cells = [
        markdown("title", "# Sample\n\nStart here: **Run > Run All Cells**."),
        code("setup", f"from course import setup\n\nsetup({data})", **LOCKED),
        markdown("stem-1", f"{items[0]['vignette']}\n\n{items[0]['stem']}", course={"stem": "sample-gate"}),
        question("sample-gate"),
        markdown("stem-2", items[1]["stem"], course={"stem": "sample-signs"}),
        question("sample-signs"),
        markdown("between", "No stem stands above the next question."),
        question("sample-graded"),
        markdown("ask-shift", SETUP["prompts"][0]["text"], course={"ask": "sample-shift"}),
        code("reflect-shift", 'from course import reflect\n\nreflect("sample-shift")',
             course={"reflect": "sample-shift"}, **LOCKED),
        markdown("answer-shift", STUB, course={"prompt": "sample-shift"},
                 nbgrader={"grade": True, "solution": True, "locked": False, "points": 3, "schema_version": 3,
                           "grade_id": "sample-shift", "task": False, "cell_type": "markdown"}),
        *extra,
    ]  # fmt: skip
    version = ".".join(map(str, sys.version_info[:3]))
    language = {"name": "python", "version": version, "mimetype": "text/x-python", "file_extension": ".py",
                "codemirror_mode": {"name": "ipython", "version": 3}, "pygments_lexer": "ipython3",
                "nbconvert_exporter": "python"}  # fmt: skip
    kernel = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
    return {"cells": cells, "metadata": {"kernelspec": kernel, "language_info": language},
            "nbformat": 4, "nbformat_minor": 5}  # fmt: skip
