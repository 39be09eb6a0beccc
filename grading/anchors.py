"""What is asked before the course: it counts for nothing, and tells no key before the final asks it again."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from grading import records, tables
from grading.records import AssignmentRecord
from grading.released import setup_data
from grading.reports import counted
from grading.untrusted import printable

MOST_NAMED = 5
"""No more students than this are named in one message."""


@dataclass(frozen=True)
class Again:
    """The assignment that asks the anchors a second time; empty where none is released yet.

    `open` holds the students of the class who have no grade there.
    """

    name: str = ""
    open: Collection[str] = ()


def asked_again(connection: sa.Connection, record: AssignmentRecord) -> Again:
    """Return where the anchors of `record` are asked again, which is the final, and who is not graded there.

    It is known by the items, which have the same ids; no course text is needed.
    """
    mine = _items(record)
    for name in records.assignment_names(connection):
        if name == record.name:
            continue
        other = records.assignment(connection, name)
        if other is not None and other.counts and mine and mine <= _items(other):
            people = records.students(connection)
            return Again(name, [student for student in people if student not in other.submissions])
    return Again()


def why_no_key(connection: sa.Connection, record: AssignmentRecord) -> str:
    """Return why the right answers may not be shown yet, and what to do; empty where they may."""
    if record.counts:
        return ""
    again = asked_again(connection, record)
    if not again.name:
        why = "the final asks these questions again and is not released yet"
    elif again.open:
        named = ", ".join(map(printable, list(again.open)[:MOST_NAMED]))
        more = " ..." if len(again.open) > MOST_NAMED else ""
        who = counted(len(again.open), "student has", "students have")
        why = f"{again.name} asks these questions again, and {who} no grade there yet: {named}{more}"
    else:
        return ""
    return f"{record.name}: {why} - leave out --show-key until then"


def uncounted(connection: Any) -> dict[str, str]:
    """Return the assignments that do not count, as row id -> name.

    Parameters
    ----------
    connection : anything that runs a query: ours, or the session of nbgrader's own gradebook.
    """
    sources = (
        sa.select(tables.assignment.c.id, tables.assignment.c.name, tables.source_cell.c.source)
        .join(tables.notebook, tables.notebook.c.assignment_id == tables.assignment.c.id)
        .join(tables.source_cell, tables.source_cell.c.notebook_id == tables.notebook.c.id)
        .where(tables.source_cell.c.locked, tables.source_cell.c.source.contains("anchors"))
    )
    return {
        row.id: row.name for row in connection.execute(sources) if setup_data([row.source]).get("anchors")
    }


def without_uncounted(book: Any, people: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return nbgrader's students, whose score and most points leave out what does not count.

    Parameters
    ----------
    book : nbgrader's open gradebook.
    people : dictionaries with ``id``, ``score`` and ``max_score``, both sums over all assignments.
    """
    left_out = uncounted(book.db)
    scores: dict[str, float] = {}
    most = 0.0
    for name in left_out.values():
        most += book.find_assignment(name).max_score
        for one in book.assignment_submissions(name):
            scores[one.student_id] = scores.get(one.student_id, 0.0) + one.score
    return [
        {
            **one,
            "score": max(0.0, one["score"] - scores.get(one["id"], 0.0)),
            "max_score": max(0.0, one["max_score"] - most),
        }
        for one in people
    ]


def _items(record: AssignmentRecord) -> set[str]:
    """Return the ids of all items of an assignment."""
    return {item.id for notebook in record.notebooks.values() for item in notebook.items}
