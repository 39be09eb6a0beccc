"""A notebook beside the class report for who wants to look further: it reads a table and recomputes.

It runs from top to bottom as it is. Its text is the template ``class_notebook.j2``: Markdown, and code fenced
as ``python``.
"""

import json
from collections.abc import Iterator

from grading.reports import environment
from grading.reports.class_values import ClassReport
from grading.reports.class_words import beginning
from grading.student_report import FEWEST_STUDENTS

TABLE = "responses.csv"
"""One row for each answer, in the same folder as the notebook."""


def notebook(report: ClassReport) -> str:
    """Return the notebook as the text of its file; the same for the same report."""
    text = (
        environment()
        .get_template("class_notebook.j2")
        .render(
            title=beginning(report.title),
            table=TABLE,
            items=bool(report.items and report.summary.counted),
            fewest=FEWEST_STUDENTS,
            levels=any(part.criteria for part in report.prompts),
        )
    )
    made = {
        "cells": [_cell(number, kind, source) for number, (kind, source) in enumerate(_parts(text), 1)],
        "metadata": {
            "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(made, ensure_ascii=False, indent=1) + "\n"


def _parts(text: str) -> Iterator[tuple[str, str]]:
    """Yield the kind and the source of each cell."""
    for part in text.split("```python\n"):
        code, fence, words = part.rpartition("```\n")
        if fence:
            yield "code", code.strip("\n")
        if words.strip():
            yield "markdown", words.strip("\n")


def _cell(number: int, kind: str, source: str) -> dict[str, object]:
    """Return one cell."""
    made: dict[str, object] = {
        "cell_type": kind,
        "id": f"step-{number}",
        "metadata": {},
        "source": source.splitlines(keepends=True),
    }
    return made | ({"execution_count": None, "outputs": []} if kind == "code" else {})
