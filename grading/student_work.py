"""One student's work: read, its answers found, without the gradebook.

Nothing here depends on another student or on earlier scores, so any process on any machine that sees the
submitted files can do it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from grading.gradedcopy import Template
from grading.handedin import HandedIn, handed_in_digest, read_handed_in
from grading.released import ReleasedNotebook
from grading.submission import Readings, read_answers


@dataclass(frozen=True)
class Job:
    """What is the same for all students of an assignment: the folder, the released notebooks, our copies."""

    submitted: Path
    assignment: str
    released: Mapping[str, ReleasedNotebook]
    templates: Mapping[str, Template]


@dataclass(frozen=True)
class Work:
    """What one student handed in, as read: nothing in it is trusted, and nothing of it was run.

    `readings` has the notebooks that could be read, `digest` changes as soon as the files do.
    """

    student: str
    digest: str
    found: HandedIn
    readings: Mapping[str, Readings] = field(default_factory=dict)


def read_work(job: Job, student: str) -> Work:
    """Return a student's work; never raises on anything a student can hand in."""
    parts = [student, job.assignment]
    digest = handed_in_digest(job.submitted, parts, list(job.released))
    found = read_handed_in(job.submitted, parts, list(job.released.values()))
    readings = {
        name: read_answers(notebook, job.released[name].questions, job.released[name].stubs)
        for name, notebook in found.notebooks.items()
    }
    return Work(student, digest, found, readings)
