"""Whether a feedback page still says what the gradebook says: a digest that stands in the page's head."""

import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path

from grading.keys import key_digest
from grading.places import Places
from grading.records import AssignmentRecord, SubmissionRecord
from grading.released import ReleasedNotebook
from grading.reports import number

HEAD = 1024
"""Bytes of a page in which its digest stands; no more of it is read."""
_TAG = re.compile(rb'<meta name="gradebook" content="([0-9a-f]{64})"')


def page_digest(
    record: AssignmentRecord, submission: SubmissionRecord, released: ReleasedNotebook, *, show_key: bool
) -> str:
    """Return a text that is another one as soon as what a page shows of the gradebook is.

    That is scores, comments, what is still open, the penalty, the time of handing in, and the key where it
    is shown. Names are left out: a page is not wrong because a name was added. Scores of single questions
    are left out where the page does not tell them: the few ways there are could be tried one by one.
    """
    rows = submission.notebooks.get(released.name)
    silent = released.anchors and not show_key
    told = {
        "totals": [number(one) for one in (submission.score, record.points, submission.penalty)],
        "open": submission.needs_manual,
        "handed in": str(submission.timestamp),
        "minutes late": round(submission.late / 60),
        "cells": [
            [
                cell.name,
                "" if silent else number(cell.score),
                cell.needs_manual,
                cell.auto_comment,
                cell.manual_comment,
            ]
            for _, cell in sorted(rows.cells.items() if rows else ())
        ],
        "key": key_digest(released) if show_key else "",
    }
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode("utf-8")).hexdigest()


def shown_digest(page: Path) -> str | None:
    """Return the digest in a page's head; empty for a page without one, None where there is no page."""
    try:
        with page.open("rb") as file:
            found = _TAG.search(file.read(HEAD))
    except OSError:
        return None
    return found[1].decode("ascii") if found else ""


def is_outdated(places: Places, record: AssignmentRecord, submission: SubmissionRecord) -> bool:
    """Return whether a student has a page that says something else than the gradebook does now."""
    for released, page in pages_of(places, record, submission.student):
        shown = shown_digest(page)
        if shown is not None and shown not in (
            page_digest(record, submission, released, show_key=False),
            page_digest(record, submission, released, show_key=True),
        ):
            return True
    return False


def pages_of(
    places: Places, record: AssignmentRecord, student: str
) -> Iterator[tuple[ReleasedNotebook, Path]]:
    """Yield each notebook with the path of the student's page of it, whether it is there or not."""
    folder = places.path("feedback", student, record.name)
    for name, released in record.notebooks.items():
        yield released, folder / f"{name}.html"
