"""One student's work: read, its answers found and the graded copy made, without the gradebook.

Nothing here depends on another student or on earlier scores, so any process on any machine that sees the
submitted files can do it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from grading.copy_record import Marks, marked
from grading.execution import Ran, Running, run_student
from grading.gradedcopy import Template, dumps, graded_copy, template
from grading.handedin import HandedIn, read_handed_in
from grading.keys import key_digest
from grading.released import ReleasedNotebook
from grading.submission import Readings, read_answers
from grading.untrusted import plain


@dataclass(frozen=True)
class Job:
    """What is the same for all students of an assignment.

    `submitted` is the folder with one folder per student; `templates` are our notebooks, to be filled;
    `running` is set where cells are to be run.
    """

    submitted: Path
    assignment: str
    released: Mapping[str, ReleasedNotebook]
    templates: Mapping[str, Template]
    running: Running | None = None


@dataclass(frozen=True)
class Work:
    """What one student handed in, as read; nothing in it is trusted.

    `readings` and `copies` (file texts) are those of the notebooks that could be read; `found` comes without
    the notebooks themselves.
    """

    student: str
    found: HandedIn
    readings: Mapping[str, Readings] = field(default_factory=dict)
    copies: Mapping[str, str] = field(default_factory=dict)
    ran: Ran | None = None


def read_work(job: Job, student: str) -> Work:
    """Return a student's work; never raises on anything a student can hand in."""
    parts = [student, job.assignment]
    found = read_handed_in(job.submitted, parts, list(job.released.values()))
    ran = None
    if job.running is not None and found.notebooks:
        frames = {name: made.frame for name, made in job.templates.items()}
        ran = run_student(job.running, job.assignment, student, found, job.released, frames)
    readings: dict[str, Readings] = {}
    copies: dict[str, str] = {}
    for name, notebook in found.notebooks.items():
        released = job.released[name]
        readings[name] = read_answers(notebook, released.questions, released.stubs)
        made = job.templates[name]
        if ran is not None and name in ran.notebooks:
            made = template(ran.notebooks[name], released)
        copies[name] = copy_text(graded_copy(made, readings[name]), released, found.digest)
    remarks = [*found.remarks, *_overlooked(found, readings)]
    return Work(student, replace(found, notebooks={}, remarks=remarks), readings, copies, ran)


def _overlooked(found: HandedIn, readings: Mapping[str, Readings]) -> list[str]:
    """Return a remark where nothing is answered and another notebook may hold the answers."""
    said = {one.state for read in readings.values() for one in read.items.values()}
    said |= {one.state for read in readings.values() for one in read.texts.values()}
    if not found.beside or said != {"unanswered"}:
        return []
    names = ", ".join(plain(name) for name in found.beside[:3])
    return [f"nothing is answered in it, but there is {names} beside it, which does not count"]


def copy_text(copy: Mapping[str, object], released: ReleasedNotebook, digest: str) -> str:
    """Return the file text of a graded copy, marked with what it was made from."""
    return dumps(marked(dict(copy), Marks(key_digest(released), digest)))
