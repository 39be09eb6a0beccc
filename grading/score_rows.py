"""The scores of single questions across a class, in one query and without the rest of a submission."""

from collections.abc import Collection, Mapping
from typing import Any

import sqlalchemy as sa

from grading.tables import (
    base_cell,
    grade,
    notebook,
    read_master,
    reading,
    submitted_assignment,
    submitted_notebook,
)

Scores = Mapping[str, Mapping[str, tuple[float | None, float | None]]]
"""Student -> cell -> automatic score and score given by hand, in points; None where there is none."""


def scores_by_cell(
    connection: sa.Connection,
    assignment: str,
    *,
    cells: Collection[str] | None = None,
    students: Collection[str] | None = None,
) -> Scores:
    """Return the scores of an assignment by student, of all cells or some, of all students or some."""
    with reading(connection):
        master = read_master(connection, assignment)
        query = _query(master.id if master else "")
        if cells is not None:
            query = query.where(base_cell.c.name.in_(cells))
        found: dict[str, dict[str, tuple[float | None, float | None]]] = {}
        for student, cell, automatic, by_hand in connection.execute(query):
            if students is None or student in students:
                found.setdefault(student, {})[cell] = (automatic, by_hand)
    return found


def _query(master: str) -> sa.Select[Any]:
    """Return the query for student, cell and both scores."""
    handed_in = (submitted_notebook.c.notebook_id == notebook.c.id) & (
        submitted_notebook.c.assignment_id == submitted_assignment.c.id
    )
    graded = (grade.c.cell_id == base_cell.c.id) & (grade.c.notebook_id == submitted_notebook.c.id)
    return (
        sa.select(
            submitted_assignment.c.student_id, base_cell.c.name, grade.c.auto_score, grade.c.manual_score
        )
        .select_from(submitted_assignment)
        .join(notebook, notebook.c.assignment_id == submitted_assignment.c.assignment_id)
        .join(submitted_notebook, handed_in)
        .join(base_cell, base_cell.c.notebook_id == notebook.c.id)
        .join(grade, graded)
        .where(submitted_assignment.c.assignment_id == master)
    )
