"""Marks of gradebook rows: short values that are others as soon as a row is another."""

import hashlib
from typing import Any

import sqlalchemy as sa

from grading.tables import Master, comment, grade, source_cell, submitted_assignment, submitted_notebook

Mark = tuple[Any, ...]
"""Something that is another value as soon as what it was made from changes."""


def definition_mark(connection: sa.Connection, master: Master) -> Mark:
    """Return a mark of what was released: the stored cells with their keys, and the due date."""
    chosen = source_cell.c.notebook_id.in_([id_ for id_, _ in master.notebooks.values()])
    told = connection.execute(sa.select(source_cell).where(chosen).order_by(source_cell.c.id)).all()
    return master.due, hashlib.sha256(repr(told).encode("utf-8", "replace")).hexdigest()


def row_marks(connection: sa.Connection, master: Master) -> dict[str, Mark]:
    """Return student id -> a mark of all rows of their submission, in four queries that send little back."""
    one, two = submitted_assignment, submitted_notebook
    mine = one.c.assignment_id == master.id
    found: dict[str, Mark] = {
        row.id: (row.student_id, str(row.timestamp), str(row.extension))
        for row in connection.execute(sa.select(one).where(mine))
    }
    for columns, table in (
        ((two.c.flagged, two.c.late_submission_penalty), None),
        ((grade.c.auto_score, grade.c.manual_score, grade.c.extra_credit, grade.c.needs_manual_grade), grade),
        ((comment.c.auto_comment, comment.c.manual_comment), comment),
    ):
        text: Any = sa.literal("")
        for value in columns:
            text = text + sa.func.coalesce(sa.cast(value, sa.Text), "-") + "|"
        query = sa.select(two.c.assignment_id, sa.func.aggregate_strings(text, ";"))
        query = query.select_from(one).join(two, two.c.assignment_id == one.c.id)
        if table is not None:
            query = query.join(table, table.c.notebook_id == two.c.id)
        for id_, told in connection.execute(query.where(mine).group_by(two.c.assignment_id)):
            found[id_] += (told,)
    return {mark[0]: mark[1:] for mark in found.values()}
